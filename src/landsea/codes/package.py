"""Packages: the codes of UNECE Recommendation 21, as UN/CEFACT publishes them.

The enumeration carries no names; the table `package_names` of the edition names those that the corridor's goods
travel in.
"""

import polars as pl

from .edition import Edition
from .membership import belongs
from .uncefact import code_list


def packages() -> frozenset[str]:
    """The two-character codes of packages."""
    return code_list("PackageTypeCode")


def is_package(code: pl.Expr) -> pl.Expr:
    """Whether each value is a package code; null where the value is null."""
    return belongs(code, packages())


def package_name(edition: Edition, code: str) -> str:
    """The English name of the package; the code itself where the edition does not name it."""
    named = edition.table("package_names").filter(pl.col("code") == code)["name"]
    return str(named[0]) if named.len() else code
