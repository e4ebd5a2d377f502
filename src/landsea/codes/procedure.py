"""Customs procedures: the two-digit codes of the procedure requested and of the one before it.

The Revised Kyoto Convention names the procedures (home use, warehousing, inward processing …); the codes are those of
the Single Administrative Document, which ASYCUDA and the Union's data annex share. The table `procedures` of the
edition says of each its kind, whether it serves import, export or both, and which administration has it where not all
have.
"""

from functools import lru_cache

import polars as pl

from .edition import Edition

KINDS = (
    *("home-use", "warehousing", "free-zone", "inward-processing", "outward-processing", "temporary-admission"),
    *("end-use", "export", "temporary-export", "re-export", "re-importation", "transit", "none"),
)


@lru_cache(maxsize=8)
def procedure_codes(edition: Edition, administration: str = "") -> frozenset[str]:
    """The codes that all administrations have, with those that this one has besides."""
    table = edition.table("procedures")
    return frozenset(table.filter(pl.col("administration").fill_null(administration) == administration)["code"])


def kind(edition: Edition, code: pl.Expr) -> pl.Expr:
    """The kind of the procedure, one of `KINDS`; null where the code is none."""
    table = edition.table("procedures")
    return code.replace_strict(table["code"], table["kind"], default=None, return_dtype=pl.String)


def serves(edition: Edition, code: pl.Expr) -> pl.Expr:
    """What the procedure can be requested for: import, export or both; null where it cannot be requested or is none."""
    table = edition.table("procedures")
    return code.replace_strict(table["code"], table["direction"], default=None, return_dtype=pl.String)


def procedure_name(edition: Edition, code: str) -> str:
    """The English name of the procedure; the code itself where there is none."""
    named = edition.table("procedures").filter(pl.col("code") == code)["name"]
    return str(named[0]) if named.len() else code
