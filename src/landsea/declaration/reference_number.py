"""Reference numbers: whether an LRN, MRN, UCR or DUCR has the shape its standard asks for, in columns, and new MRNs.

An MRN is 18 characters: two of the year, two of the country, thirteen of the office's own and a check character
(Commission Implementing Regulation (EU) 2015/2447, annex B; NCTS and CDS alike). The check character follows the
letter values of ISO 6346: digits count themselves, letters from A = 10 upward leaving out the multiples of 11, each
times two to the power of its position from 0; the sum modulo 11, ten counting as nought.
"""

from functools import lru_cache
from operator import mul
from typing import Final

import polars as pl

from landsea.errors import InputError

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS: Final = [value for value in range(10, 39) if value % 11]
LETTER_VALUES: Final = dict(zip(_ALPHABET, [*range(10), *_LETTERS], strict=True))
"""Value of each character under ISO 6346: A is 10, B 12 … Z 38."""

_MRN = r"^\d{2}[A-Z]{2}[A-Z0-9]{13}\d$"
_LRN = r"^[\x21-\x7e](?:[\x20-\x7e]{0,20}[\x21-\x7e])?$"
_UCR = r"^\d[A-Z]{2}[A-Z0-9\-/()]{1,31}$"
_DUCR = r"^\d[A-Z]{2}\d{12}-[A-Z0-9\-/()]{1,19}$"


def check_character(text: str) -> str:
    """The ISO 6346 check digit of a text of digits and capital letters. Raises KeyError for any other character."""
    return str(sum(map(mul, map(LETTER_VALUES.__getitem__, text), _weights(len(text)))) % 11 % 10)


@lru_cache
def _weights(length: int) -> tuple[int, ...]:
    return tuple(1 << position for position in range(length))


def is_lrn(number: pl.Expr) -> pl.Expr:
    """Whether a local reference number is at most 22 printable characters (WCO D026; EU DE 2/5: an..22)."""
    return number.str.contains(_LRN)


def is_mrn(number: pl.Expr) -> pl.Expr:
    """Whether a movement reference number has its shape, the check character aside."""
    return number.str.contains(_MRN)


def mrn_checks(number: pl.Expr) -> pl.Expr:
    """Whether the check character of an MRN is right; false where it has not the shape of one."""
    value = {position: number.str.slice(position, 1).replace_strict(LETTER_VALUES, default=0) for position in range(17)}
    total = pl.sum_horizontal(*(values * (1 << position) for position, values in value.items()))
    given = number.str.slice(17, 1).cast(pl.Int64, strict=False)
    return is_mrn(number) & (total % 11 % 10 == given).fill_null(value=False)


def is_ucr(number: pl.Expr) -> pl.Expr:
    """Whether a unique consignment reference has year, country and a reference, 35 characters in all (WCO 016)."""
    return number.str.contains(_UCR)


def is_ducr(number: pl.Expr) -> pl.Expr:
    """Whether a declaration UCR names year, country, a trader's twelve digits and a reference (WCO 016, UK use)."""
    return number.str.contains(_DUCR)


def mrn(year: int, country: str, serial: int, office: str = "") -> str:
    """A new MRN of this node: year, country, the office's letters, the serial number, check character.

    Raises InputError where they do not fit: a country of two capitals, thirteen places for office and serial.
    """
    digits = 13 - len(office)
    fits = len(country) == 2 and country.isalpha() and LETTER_VALUES.keys() >= {*country, *office}
    if not fits or digits < 1 or not 0 <= serial < 36**digits:
        raise InputError(f"no MRN of office {office!r} in {country!r} has room for serial number {serial}")
    number = f"{year % 100:02d}{country}{office}{_base36(serial).rjust(digits, '0')[-digits:]}"
    return number + check_character(number)


def _base36(value: int) -> str:
    above, below = divmod(value, 36**4)
    return (_base36(above) if above else "") + _four(below)


@lru_cache(maxsize=4096)  # numbers given one after another share most of their digits
def _four(value: int) -> str:
    return "".join(_ALPHABET[value // 36**place % 36] for place in (3, 2, 1, 0))
