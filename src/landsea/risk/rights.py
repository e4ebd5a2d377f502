"""Rights of others: goods items that may infringe a trademark or another right whose holder applied for protection.

An item is looked at where its commodity is one the application names and its description, or the marks on its packages,
contain one of the names to be protected, as whole words (in scripts that write none between words, anywhere). That is a
suspicion and nothing more: what follows is an ordinary control of documents, and officers read which right it was.
"""

import re
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, collected
from landsea.declaration.stage import Control
from landsea.units import MICRO

from .stops import RIGHT, STOPS

RIGHTS: Final[dict[str, pl.DataType]] = {
    "right": pl.String(),
    "mark": pl.String(),  # as `protected` writes it
    "hs": pl.String(),  # beginning of the commodity code; empty: all goods
}
_LATIN: Final = re.compile(r"[ -\u024f]*")
_NOTHING: Final = pl.DataFrame(schema=STOPS)


def _words(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return pl.concat_str(pl.lit(" "), plain, pl.lit(" "))


def protected(mark: str) -> str:
    """The mark as it is looked for; empty where there is nothing to look for."""
    words: str = pl.select(_words(pl.lit(mark, pl.String))).item()
    return words if _LATIN.fullmatch(words.strip()) and words.strip() else words.strip()


def suspected(lot: Lot, rights: pl.DataFrame) -> pl.DataFrame:
    """The goods items that may infringe one of the `RIGHTS`, as entries of `stops.STOPS`."""
    if rights.is_empty():
        return _NOTHING
    marks = lot["packages"].drop_nulls("i").group_by("i").agg(pl.col("marks").drop_nulls().str.join(" "))
    declared = lot["declarations"].filter(message="declaration")["d"]
    items = (
        lot["goods_items"]
        .filter(pl.col("d").is_in(declared.implode()))
        .select("d", "i", "n", "description", "commodity_code")
    )
    text = pl.concat_str("description", "marks", separator=" ", ignore_nulls=True)
    found = (
        items.lazy()
        .join(marks.lazy(), on="i", how="left")
        .with_columns(mark=_words(text).str.extract_many(rights["mark"].unique().implode(), overlapping=True))
        .filter(pl.col("mark").list.len() > 0)
        .explode("mark")
        .join(rights.lazy(), on="mark")
        .filter(pl.col("commodity_code").fill_null("").str.starts_with(pl.col("hs")))
        .select("d", "right", item="n", value=pl.col("mark").str.strip_chars())
        .unique()
    )
    asked = {"kind": pl.lit(RIGHT), "stop": pl.col("right"), "control": pl.lit(Control.DOCUMENTS.value)}
    rows = collected(found.with_columns(**asked).select(pl.col(name).cast(dtype) for name, dtype in STOPS.items()))
    return rows.sort(*STOPS)


def worth_it(met: pl.DataFrame, lot: Lot, edition: Edition) -> pl.DataFrame:
    """These entries without suspicions about consignments so small that the administration does not look at them
    (`de_minimis_kg` under `[border_measures]` of its administration.toml; TRIPS 60)."""
    laws = edition.named("administration")
    least = {code: law.get("border_measures", {}).get("de_minimis_kg", 0) * MICRO for code, law in laws.items()}
    if not any(least.values()) or not met["kind"].eq(RIGHT).any():
        return met
    limits = pl.DataFrame({"administration": list(least), "least": list(least.values())}, schema=_LIMITS)
    mass = pl.col("gross_mass")
    weighed = lot["goods_items"].group_by("d").agg(mass=pl.when(mass.is_not_null().all()).then(mass.sum()))
    small = (
        lot["declarations"]
        .join(limits, on="administration")
        .join(weighed, on="d")
        .filter(pl.col("mass") <= pl.col("least"))
    )
    return met.filter((pl.col("kind") != RIGHT) | ~pl.col("d").is_in(small["d"].implode()))


_LIMITS: Final = {"administration": pl.String, "least": pl.Int128}
