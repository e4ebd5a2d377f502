"""Schemes: the agreements and unilateral systems that grant preferences, as the edition's tables have them.

Tables `schemes` (general rule, tolerances, terms of proof), `scheme_members` (from when, with a rule of their own where
they have one), `scheme_proofs` (kinds of proof, from when), `scheme_articles` (which article speaks of which subject)
and `minimal_operations`. Percentages and amounts are in millionths.
"""

import polars as pl

from landsea.codes.edition import Edition
from landsea.units.validity import in_force


def with_articles(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The rows, by their `scheme`, with the article it has on each subject; `at` names them."""
    articles = edition.table("scheme_articles").pivot("subject", index="scheme", values="article", sort_columns=True)
    named = articles.rename({name: f"at:{name}" for name in articles.columns if name != "scheme"})
    return rows.join(named, on="scheme", how="left", maintain_order="left")


def at(subject: str) -> pl.Expr:
    """The article on the subject; null where the scheme has none or is not known."""
    return pl.col(f"at:{subject}")


def with_membership(rows: pl.DataFrame, edition: Edition, country: str, on: str, name: str) -> pl.DataFrame:
    """The rows with `name`: whether the `country` is a member of their `scheme` on the day `on`; never null."""
    members = edition.table("scheme_members").select("scheme", "valid_from", "valid_to", _country="country")
    asked = rows.select("scheme", _country=country, _on=on).with_row_index("_row")
    inside = asked.join(members, on=["scheme", "_country"]).filter(in_force(pl.col("_on")))
    return rows.with_columns(asked["_row"].is_in(inside["_row"].implode()).alias(name))
