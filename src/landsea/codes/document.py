"""Documents: the types of UN/EDIFACT 1001 and the letters under which customs sorts documents.

A declaration names a document by a category and a type. Under N the type is a code of UN/EDIFACT 1001 (N 935, the
invoice on which the value is declared); under the other letters it is one the customs union gave out, and under a
digit one of the administration's own, so that only the first can be checked against a list that all share. Previous
documents have three letters of their own. The table `document_categories` of the edition names the letters.
"""

import polars as pl

from .edition import Edition
from .membership import asked
from .uncefact import code_list

SHARED_CATEGORY = "N"


def document_types() -> frozenset[str]:
    """The codes of UN/EDIFACT 1001, document name code: `380` commercial invoice, `705` bill of lading."""
    return code_list("DocumentNameCode")


def is_document_type(category: pl.Expr, code: pl.Expr) -> pl.Expr:
    """Whether a type under the category N is one of UN/EDIFACT 1001; null under any other category."""
    types = document_types()
    return asked(pl.when(category == SHARED_CATEGORY).then(code), lambda stated: stated.lstrip("0") in types)


def categories(edition: Edition, of: str) -> frozenset[str]:
    """The letters and digits a document can be sorted under, `of` being `additional` or `previous`."""
    table = edition.table("document_categories")
    return frozenset(table.filter(pl.col("document") == of)["code"])


def category_name(edition: Edition, of: str, code: str) -> str:
    """The English name of the category; the code itself where there is none."""
    table = edition.table("document_categories")
    named = table.filter((pl.col("document") == of) & (pl.col("code") == code))["name"]
    return str(named[0]) if named.len() else code
