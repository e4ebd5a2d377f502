"""Units of measure: the common codes of UNECE Recommendation 20, and how customs writes them.

The published enumeration holds what is in use: codes the Recommendation withdrew (status X) or deprecated (status D)
are not in it, nor are those that only customs unions know (`ASV`, `KTC`). What converts into what is arithmetic and
stands in `landsea.units.measurement`; a unit can convert and yet be unlisted (`NPR`), or be listed and convert into
nothing.
"""

from functools import cache

import polars as pl

from landsea.units.measurement import base_code, conversions

from .membership import belongs
from .uncefact import unit_codes


@cache
def units() -> frozenset[str]:
    """The codes of Recommendation 20 alone, without the packages that stand behind an X."""
    return frozenset(code for code in unit_codes() if not (len(code) == 3 and code.startswith("X")))


def is_unit(code: pl.Expr) -> pl.Expr:
    """Whether each value, less its qualifier, is a unit or an X-prefixed package; null where the value is null."""
    return belongs(base_code(code), unit_codes())


@cache
def unit_name(code: str) -> str:
    """The English name of a unit that converts; the code itself for any other."""
    named = conversions().filter(pl.col("unit") == code)["name"]
    return str(named[0]) if named.len() else code
