"""Company and trader ids: whether a number can be one that its country gives out.

A rule is a shape, and where the country publishes how its check digit is made, that too. python-stdnum has the rules of
CN, VN, TH, SG, MY, ID; those of the rest of the corridor are ours, each with its source:

* CN: the unified social credit code (18 characters, longer than the data model's an..17) or the ten characters of the
  customs registration: four digits of the place, the kinds of area and of enterprise, four digits in sequence.
* KZ: BIN and IIN, 12 digits; law 223-III of 12 January 2007 on national registers, and government decree 565 of 11 June
  2003: weights 1 to 11 modulo 11; if ten remains, weights 3 to 11, 1, 2; if ten again, the number is never given out.
* LA: TIN, decree 354/PM of 5 October 2007, article 4: eight digits in sequence, one check digit whose making is not
  published, then the kind of taxpayer and the branch in three digits that are often left out: 9 to 12 digits.
* KH: TIN of the General Department of Taxation: L, K or E (large, medium, small taxpayer), three digits, nine or ten
  digits; no check digit published.
* MM: company registration number of the companies registry (DICA, MyCO) and TIN of the revenue department: nine digits;
  none published.
* BN: registration number of the Registry of Companies: P (business), RC (company) or RFC (branch of a foreign company)
  and eight digits, as given to the OECD in August 2018; none published.
* PH: TIN, nine digits and a branch code of three to five; revenue memorandum order 34-98. The ninth is a check digit
  whose making is not published.
* MY: company number of the Companies Commission: twelve digits that begin with the year and a kind 01 to 06 (its
  circular of 2019), or up to seven digits and a letter; and the identity card number by python-stdnum.

An EORI (regulation (EU) 952/2013, article 9; data annex, EORI number an..17) is two letters and up to 15 characters.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

import polars as pl


class Verdict(StrEnum):
    """What can be said of a number without asking the country that gave it out."""

    VALID = "valid"  # the shape holds and so does the check digit
    PLAUSIBLE = "plausible"  # the shape holds; no check digit is published
    SHAPE = "shape"  # no number of that country looks so
    CHECK_DIGIT = "check-digit"  # the shape holds, the check digit does not
    NO_RULE = "no-rule"  # we know no rule for that country


def verdict(country: str, number: str) -> Verdict:
    """What can be said of a company's number in that country. Spaces, dots and hyphens in it do not count."""
    rule = _RULES.get(country)
    return rule(re.sub(r"[ .\-]", "", number).upper()) if rule else Verdict.NO_RULE


def verdicts(country: pl.Expr, number: pl.Expr) -> pl.Expr:
    """The verdict on each row's number in its country, as text; null where either is null."""

    def judge(rows: pl.Series) -> pl.Series:
        pairs = rows.struct.unnest()
        distinct = pairs.unique()
        judged = [None if None in pair else _remembered(*pair).value for pair in distinct.iter_rows()]
        told = distinct.with_columns(pl.Series("verdict", judged, dtype=pl.String))
        return pairs.join(told, on=pairs.columns, how="left", nulls_equal=True, maintain_order="left")["verdict"]

    pair = pl.struct(country.alias("country"), number.alias("number"))
    return pair.map_batches(judge, return_dtype=pl.String, is_elementwise=True)


def is_eori(number: pl.Expr) -> pl.Expr:
    """Whether a number has the form of an EORI: two letters of a country, then 1 to 15 letters and digits."""
    return number.str.contains(r"^[A-Z]{2}[A-Z0-9]{1,15}$")


@lru_cache(maxsize=65536)
def _remembered(country: str, number: str) -> Verdict:
    return verdict(country, number)


def _kz_check_digit_holds(number: str) -> bool:
    digits = [int(digit) for digit in number]
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        rest = sum(w * d for w, d in zip(weights, digits, strict=False)) % 11
        if rest < 10:
            return rest == digits[11]
    return False


# BIN: year and month of registration, kind of person 4 to 6, kind of unit 0 to 3; IIN: date of birth, century 0 to 6
_KZ = r"\d\d(0[1-9]|1[0-2])([4-6][0-3]\d|(0[1-9]|[12]\d|3[01])[0-6])\d{5}"


def _shaped(*shapes: str, holds: Callable[[str], bool] | None = None) -> Callable[[str], Verdict]:
    form = re.compile("|".join(shapes), re.ASCII)

    def rule(number: str) -> Verdict:
        if not form.fullmatch(number):
            return Verdict.SHAPE
        if holds is None:
            return Verdict.PLAUSIBLE
        return Verdict.VALID if holds(number) else Verdict.CHECK_DIGIT

    return rule


def _standard(name: str) -> Callable[[str], Verdict]:
    def rule(number: str) -> Verdict:
        from importlib import import_module

        from stdnum.exceptions import InvalidChecksum, ValidationError

        try:
            import_module(f"stdnum.{name}").validate(number)
        except InvalidChecksum:
            return Verdict.CHECK_DIGIT
        except ValidationError:
            return Verdict.SHAPE
        return Verdict.VALID

    return rule


def _either(*rules: Callable[[str], Verdict]) -> Callable[[str], Verdict]:
    best = (Verdict.VALID, Verdict.PLAUSIBLE, Verdict.CHECK_DIGIT, Verdict.SHAPE)
    return lambda number: min((rule(number) for rule in rules), key=best.index)


_RULES: dict[str, Callable[[str], Verdict]] = {
    "CN": _either(_standard("cn.uscc"), _shaped(r"\d{4}[0-9A-Z]{2}\d{4}")),
    "VN": _standard("vn.mst"),
    "TH": _standard("th.tin"),
    "SG": _standard("sg.uen"),
    "ID": _standard("id.npwp"),
    "MY": _either(_shaped(r"(19|20)\d\d0[1-6]\d{6}", r"\d{1,7}[A-Z]"), _standard("my.nric")),
    "KZ": _shaped(_KZ, holds=_kz_check_digit_holds),
    "LA": _shaped(r"\d{9,12}"),
    "KH": _shaped(r"[LKE]\d{3}\d{9,10}"),
    "MM": _shaped(r"\d{9}"),
    "BN": _shaped(r"(P|RC|RFC)\d{8}"),
    "PH": _shaped(r"\d{9}(\d{3,5})?"),
}

COUNTRIES = frozenset(_RULES)
"""The countries whose company ids can be judged."""
