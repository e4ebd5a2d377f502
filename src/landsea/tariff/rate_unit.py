"""The units in which tariffs state specific rates, under the spellings in use.

A unit is a count, a code and a qualifier: `100 kg/net eda` is (100, KGM, E). Codes are those of UNECE Recommendation 20
where it has one, else those of the TARIC measurement units (ASV, LPA, KMA …). Qualifiers narrow what is measured, such
as the drained weight; they are the one-letter TARIC qualifiers where the spelling is known, else the words as written.
"""

import re
from typing import NamedTuple


class RateUnit(NamedTuple):
    """What a specific rate is charged on: so many of a unit, narrowed by a qualifier that may be empty."""

    per: int
    code: str
    qualifier: str


# code: the spelling written back, then others; a code of several basic units stands under the basic unit below
_SPELLED = {
    "KGM": "kg|kilo|kilogram|kilogramme|kilograms|kgs|kg net",
    "GRM": "g|gram|gramme|grams",
    "TNE": "tonne|t|tonnes|ton|metric ton|metric tonne",
    "LTR": "l|litre|liter|litres|liters",
    "HLT": "hl|hectolitre|hectoliter|hectolitres",
    "MTR": "m|metre|meter|metres",
    "MTK": "m2|m²|sqm|square metre|square metres",
    "MTQ": "m3|m³|cbm|cubic metre|cubic metres",
    "CMQ": "cm3|cm³|cc|cubic centimetre",
    "NAR": "p/st|item|items|piece|pieces|unit|units|pcs|head|number|no.|stick|sticks",
    "NPR": "pa|pair|pairs",
    "KWH": "kWh",
    "TJO": "TJ|terajoule",
    "GJO": "GJ|gigajoule",
    "JOU": "J|joule",
    "BQL": "Bq",
    "ASV": "% vol|%vol|degree|% abv",
    "LPA": "l alc. 100%|l alc. 100 %|l pure alcohol|litre of pure alcohol|lpa|hl/ 100% vol",
    "CTM": "c/k|carat|carats",
    "CCT": "ct/l",
    "NCL": "ce/el",
    "GFI": "gi F/S|gi F / S",
    "GRT": "gross tonnage|gt",
    "KCC": "kg C5H14ClNO",
    "KMA": "kg met.am.|kg met. am.",
    "KMT": "kg met. amine",
    "KNI": "kg N",
    "KNS": "kg H2O2",
    "KPH": "kg KOH",
    "KPO": "kg K2O",
    "KPP": "kg P2O5",
    "KSD": "kg 90% sdt|kg 90 % sdt|kg/90% sdt",
    "KSH": "kg NaOH",
    "KUR": "kg U",
    "RET": "Retail Price|RSP|retail selling price",
    "BLL": "bbl|barrel|barrels",
    "LBR": "lb|pound",
    "GLI": "imperial gallon",
    "DPR": "dozen pairs",
    "DZN": "doz|dozen",
    "WTT": "W|watt",
    "KWT": "kW|kilowatt",
    "CTN": "carton|cartons",
    "BX": "box|boxes",
}
_MULTIPLES = {
    "DTN": (100, "KGM"),
    "CEN": (100, "NAR"),
    "MIL": (1000, "NAR"),
    "HMT": (100, "MTR"),
    "KLT": (1000, "LTR"),
    "KMQ": (1000, "MTQ"),
    "MTC": (1000, "MTQ"),
    "MWH": (1000, "KWH"),
    "GWH": (1_000_000, "KWH"),
    "MLT": (1, "MLT"),
    "C62": (1, "NAR"),
    "H87": (1, "NAR"),
    "PR": (1, "NPR"),
}
_QUALIFIED = {
    "A": "total alcohol|tot/alc",
    "B": "flat rate of alcohol",
    "C": "1 000",
    "E": "net eda|net drained|net drained wt|drained net weight|drained|eda",
    "F": "common wheat",
    "": "net|net weight",
    "G": "br|gross|gross weight",
    "I": "biodiesel|of biodiesel content",
    "J": "fuel content",
    "K": "bioethanol",
    "L": "live weight",
    "M": "net mas|net dry|net of dry matter|dry matter|mas",
    "P": "lactic matter|lactic|lactic mat.",
    "R": "std qual|std/qual|standard quality",
    "S": "raw sugar|raw/sug",
    "T": "dry lactic matter|dry lactic|lactic dry matter",
    "X": "hl",
    "Z": "sucrose|1% sacchar.|net/%sacchar.|per 1% by weight of sucrose|1% by weight of sucrose",
}


def _table(spelled: dict[str, str]) -> dict[str, str]:
    return {name.casefold(): code for code, names in spelled.items() for name in names.split("|")}


_CODES = _table(_SPELLED)
_QUALIFIERS = _table(_QUALIFIED)
_NAMES = {code: names.split("|")[0] for code, names in _SPELLED.items()}
_QUALIFIER_NAMES = {code: names.split("|")[0] for code, names in _QUALIFIED.items()}
_COUNT = re.compile(r"(\d{1,3}(?:[ ,]\d{3})+|\d+)\s*(?![\d.])")
_WORDS = re.compile(r"[^\W_][\w .%&()/²³'-]*")


def read_unit(text: str) -> RateUnit:
    """The unit in `text`: an optional count, a spelling or code, an optional qualifier.

    Raises ValueError, saying why, for a spelling no table knows.
    """
    rest = re.sub(r"\s*/\s*", "/", " ".join(text.split()))
    counted = _COUNT.match(rest)
    count = int(re.sub("[ ,]", "", counted[1])) if counted else 1
    rest = rest[counted.end() :] if counted else rest
    if not 0 < count <= 10**9:
        raise ValueError("counts its unit in nothing a rate can stand on")
    name, qualifier = _split(rest)
    times, code = _MULTIPLES.get(name, (1, name))
    return RateUnit(count * times, code, _QUALIFIERS.get(qualifier.casefold(), qualifier))


def unit_text(unit: RateUnit) -> str:
    """The unit as a tariff writes it; `read_unit` reads it back as the same."""
    count = f"{unit.per} " if unit.per != 1 else ""
    name = _NAMES.get(unit.code, unit.code)
    qualifier = _QUALIFIER_NAMES.get(unit.qualifier, unit.qualifier) if unit.qualifier else ""
    return f"{count}{name}/{qualifier}" if qualifier else count + name


def _split(text: str) -> tuple[str, str]:
    """The code and the qualifier's words in `text`: the longest spelling that begins it, and what is left."""
    for end in range(len(text), 0, -1):
        left = text[end:]
        if left and left[0] not in " /":
            continue
        code = _CODES.get(text[:end].casefold()) or _known_code(text[:end])
        if code and (not left[1:] or _WORDS.fullmatch(left[1:])):
            return code, left[1:].strip()
    joined = re.fullmatch(r"(ASV|TNE|KGM|DTN|HLT|NAR|LTR|KLT)([A-Z])", text)
    if joined:
        return joined[1], joined[2]
    raise ValueError("is no unit of measure known here" if text else "lacks a unit of measure")


def _known_code(text: str) -> str:
    return text if text in _SPELLED or text in _MULTIPLES else ""
