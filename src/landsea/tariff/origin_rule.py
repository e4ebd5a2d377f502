"""Product-specific rules of origin: their small text form, and the same as rows.

    rule         alternative { or alternative }
    alternative  requirement { and requirement }
    requirement  WO | PE | CC | CTH | CTSH | RVC40 | CR | process:NAME | ( rule )
    CC, CTH, CTSH may go on: except from 08.01 to 08.04, 08.06, chapter 9

The words are those of the annexes (RCEP Annex 3A, ATIGA Annex 3, ACFTA Attachment B): WO wholly obtained, PE produced
exclusively from originating materials, CC, CTH and CTSH a change of chapter, heading or subheading of every
non-originating material, RVC40 a regional value content of at least 40 per cent, CR a chemical reaction.
A rule is held as alternatives of requirements; brackets are multiplied out.
"""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final, NamedTuple

import polars as pl

from landsea.errors import InputError
from landsea.units import decimal_text, micro

RULES: Final[dict[str, pl.DataType]] = {
    "rule": pl.String(),
    "alternative": pl.UInt32(),  # from 0
    "q": pl.UInt32(),  # the requirement's number over all rules
    "kind": pl.String(),  # WO, PE, CTC, RVC, process
    "digits": pl.UInt32(),  # CTC: of the Harmonized System
    "percent": pl.Int128(),  # RVC: millionths
    "process": pl.String(),
    "text": pl.String(),  # the requirement, and
    "criterion": pl.String(),  # its alternative, as written
}
EXCEPTIONS: Final[dict[str, pl.DataType]] = {"q": pl.UInt32(), "low": pl.String(), "high": pl.String()}
_DIGITS: Final = {"CC": 2, "CTH": 4, "CTSH": 6}
_NAMES: Final = {digits: name for name, digits in _DIGITS.items()}
_TOKEN: Final = re.compile(r"\s*(?:([(),])|(process:[a-z][a-z-]*)|([A-Za-z]+)(\d[\d.]*)?|(\d[\d.]*))", re.ASCII)


class Requirement(NamedTuple):
    """One requirement of a rule."""

    kind: str
    digits: int = 0
    percent: int = 0
    excepted: tuple[tuple[str, str], ...] = ()
    process: str = ""


Rule = tuple[tuple[Requirement, ...], ...]


def parse(text: str) -> Rule:
    """The rule that the text states. Raises InputError, naming the place, where it states none."""
    tokens = _tokens(text)
    rule, rest = _alternatives(tokens, text)
    if rest:
        raise InputError(f"rule of origin {text!r}: nothing more is expected before {rest[0]!r}")
    return rule


def rule_text(rule: Rule) -> str:
    """The rule as it is written; brackets are gone."""
    return " or ".join(_criterion(alternative) for alternative in rule)


def rules_table(texts: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The requirements of these rules (`RULES`) and the codes they except (`EXCEPTIONS`)."""
    rows: list[tuple[str | int, ...]] = []
    exceptions: list[tuple[int, str, str]] = []
    for text in dict.fromkeys(texts):
        for number, alternative in enumerate(parse(text)):
            criterion = _criterion(alternative)
            for one in alternative:
                q = len(rows)
                exceptions += [(q, low, high) for low, high in one.excepted]
                figures = (one.kind, one.digits, one.percent, one.process)
                rows.append((text, number, q, *figures, _written(one), criterion))
    return (
        pl.DataFrame(rows, schema=RULES, orient="row"),
        pl.DataFrame(exceptions, schema=EXCEPTIONS, orient="row"),
    )


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise InputError(f"rule of origin {text!r}: {text[at:].strip()!r} is not understood")
        tokens += [part for part in match.groups() if part]
        at = match.end()
    return tokens


def _alternatives(tokens: list[str], text: str) -> tuple[Rule, list[str]]:
    found, rest = _requirements(tokens, text)
    while rest[:1] == ["or"]:
        more, rest = _requirements(rest[1:], text)
        found += more
    return found, rest


def _requirements(tokens: list[str], text: str) -> tuple[Rule, list[str]]:
    found, rest = _requirement(tokens, text)
    while rest[:1] == ["and"]:
        more, rest = _requirement(rest[1:], text)
        found = tuple((*one, *other) for one, other in product(found, more))
    return found, rest


def _requirement(tokens: list[str], text: str) -> tuple[Rule, list[str]]:
    word, rest = (tokens[0], tokens[1:]) if tokens else ("its end", [])
    if word == "(":
        inner, rest = _alternatives(rest, text)
        if rest[:1] != [")"]:
            raise InputError(f"rule of origin {text!r}: a bracket is not closed")
        return inner, rest[1:]
    if word in _DIGITS:
        excepted, rest = _exceptions(rest, text)
        return ((Requirement("CTC", _DIGITS[word], excepted=excepted),),), rest
    if word in ("WO", "PE"):
        return ((Requirement(word),),), rest
    if word == "CR" or word.startswith("process:"):
        return ((Requirement("process", process=word.removeprefix("process:")),),), rest
    if word == "RVC" and rest and re.fullmatch(r"\d{1,2}(\.\d{1,6})?|100", rest[0]):
        return ((Requirement("RVC", percent=micro(rest[0])),),), rest[1:]
    raise InputError(f"rule of origin {text!r}: a requirement is expected, not {word!r}")


def _exceptions(tokens: list[str], text: str) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    if tokens[:2] != ["except", "from"]:
        return (), tokens
    found, rest = [], [",", *tokens[2:]]
    while rest[:1] == [","]:
        low, rest = _code(rest[1:], text)
        high = low
        if rest[:1] == ["to"]:
            high, rest = _code(rest[1:], text)
        if len(low) != len(high) or low > high:
            raise InputError(f"rule of origin {text!r}: {low} to {high} is no range of codes of one length")
        found.append((low, high))
    return tuple(found), rest


def _code(tokens: list[str], text: str) -> tuple[str, list[str]]:
    of_chapter = tokens[:1] == ["chapter"]
    rest = tokens[of_chapter:]
    if not rest or not re.fullmatch(r"\d\d?" if of_chapter else r"\d\d\.?\d\d|\d{4}\.?\d\d", rest[0]):
        raise InputError(f"rule of origin {text!r}: a chapter, heading or subheading is expected after except from")
    return rest[0].replace(".", "").zfill(2), rest[1:]


def _criterion(alternative: tuple[Requirement, ...]) -> str:
    return " and ".join(_written(one) for one in alternative)


def _written(one: Requirement) -> str:
    if one.kind == "RVC":
        return f"RVC{decimal_text(one.percent)}"
    if one.kind == "process":
        return one.process if one.process == "CR" else f"process:{one.process}"
    if one.kind != "CTC":
        return one.kind
    ranges = [_shown(low) + (f" to {_shown(high)}" if high != low else "") for low, high in one.excepted]
    return _NAMES[one.digits] + (f" except from {', '.join(ranges)}" if ranges else "")


def _shown(code: str) -> str:
    return {2: f"chapter {code}", 4: f"{code[:2]}.{code[2:]}", 6: f"{code[:4]}.{code[4:]}"}[len(code)]
