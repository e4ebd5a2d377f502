"""The sheet: one row per goods item with the columns that profiles ask for, and no others.

A declaration without goods items has one row too, so that its header can be judged. Only declarations have rows:
amendments, invalidations and presentations are judged by the declaration they concern, and what could not be read is
not judged at all.
"""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from landsea.declaration.lot import Lot
from landsea.declaration.stage import Assessed, Known
from landsea.units import MICRO

from .indicator import COLUMNS, EXPERIENCE, HEADER_FACTS, ITEM_FACTS, STANDING, needed
from .law import RiskLaw


def sheet_of(assessed: Assessed, known: Known, law: RiskLaw, names: frozenset[str]) -> pl.DataFrame:
    """Keys `d`, `i`, `item` (position within the declaration; null where there is none), `applicable_on` and `names`.

    Rows are those of the declarations addressed to the law's administration.
    """
    wanted = needed(names | {"applicable_on"})
    sheet = _facts(assessed.lot, law.administration, wanted)
    for name, add in _SOURCES.items():
        if name in wanted:
            sheet = add(sheet, assessed, known, law)
    left = [c for c in COLUMNS.values() if c.name in wanted and c.name not in sheet.columns]
    while left:  # indicators of indicators come a round later
        ready = [c for c in left if all(need in sheet.columns for need in c.needs)]
        sheet = sheet.with_columns(c.of().alias(c.name) for c in ready)
        left = [c for c in left if c not in ready]
    return sheet


def _facts(lot: Lot, administration: str, wanted: frozenset[str]) -> pl.DataFrame:
    headers = lot["declarations"]
    judged = (pl.col("message") == "declaration") & (pl.col("administration") == administration)
    facts = [expression.alias(name) for name, (_, expression, _) in HEADER_FACTS.items() if name in wanted]
    header = headers.select("d", judged.alias("_judged").fill_null(value=False), *facts)
    items = lot["goods_items"]
    own = [expression.alias(name) for name, (_, expression, _) in ITEM_FACTS.items() if name in wanted]
    sheet = items.select("i", pl.col("n").alias("item"), *own)
    # `d` is the row number of its declaration, so a gather does what a join would
    sheet = pl.concat([header[items["d"]], sheet], how="horizontal")
    if items["d"].n_unique() < headers.height:
        bare = header.filter(~pl.col("d").is_in(items["d"].unique().implode()))
        sheet = pl.concat([sheet, bare], how="diagonal")
    if not sheet["_judged"].all():
        sheet = sheet.filter("_judged")
    return sheet.drop("_judged")


Add = Callable[[pl.DataFrame, Assessed, Known, RiskLaw], pl.DataFrame]


def _route(sheet: pl.DataFrame, assessed: Assessed, _known: Known, _law: RiskLaw) -> pl.DataFrame:
    route = assessed.lot["itinerary"].group_by("d", maintain_order=True).agg(route=pl.col("country"))
    return _joined(sheet, route, "d").with_columns(pl.col("route").fill_null(pl.lit([], pl.List(pl.String))))


def _documents(sheet: pl.DataFrame, assessed: Assessed, _known: Known, _law: RiskLaw) -> pl.DataFrame:
    kind = pl.concat_str(pl.col("category").fill_null(""), pl.col("type").fill_null(""))
    papers = assessed.lot["documents"].select("d", "i", _kind=kind)
    header = papers.filter(pl.col("i").is_null()).group_by("d").agg(_header=pl.col("_kind"))
    own = papers.filter(pl.col("i").is_not_null()).group_by("i").agg(_own=pl.col("_kind"))
    nothing = pl.lit([], pl.List(pl.String))
    joined = _joined(_joined(sheet, header, "d"), own, "i")
    both = pl.col("_header").fill_null(nothing).list.concat(pl.col("_own").fill_null(nothing))
    return joined.with_columns(documents=both).drop("_header", "_own")


def _amounts(sheet: pl.DataFrame, assessed: Assessed, _known: Known, _law: RiskLaw) -> pl.DataFrame:
    if "customs_value" not in assessed.assessments.columns:  # nothing was assessed
        return sheet.with_columns(value=pl.lit(None, pl.Float64), tax=pl.lit(None, pl.Float64))
    amounts = assessed.assessments.group_by("i").agg(
        value=pl.col("customs_value").max().cast(pl.Float64) / MICRO,
        tax=pl.col("payable").sum().cast(pl.Float64) / MICRO,
    )
    return _joined(sheet, amounts, "i")


def _standing(sheet: pl.DataFrame, _assessed: Assessed, known: Known, _law: RiskLaw) -> pl.DataFrame:
    standing = known.frame("standing", STANDING).select("operator", "grade", "since").unique("operator", keep="first")
    return _joined(sheet, standing, "operator")


def _experience(sheet: pl.DataFrame, _assessed: Assessed, known: Known, _law: RiskLaw) -> pl.DataFrame:
    if "experience" not in known.frames:  # no history was gathered: unknown, not new
        return sheet.with_columns(experienced=pl.lit(None, pl.Boolean))
    earlier = known.frame("experience", EXPERIENCE).select(
        "operator", _hs6=pl.col("commodity").str.slice(0, 6), experienced=pl.lit(value=True)
    )
    keyed = sheet.with_columns(_hs6=pl.col("hs").str.slice(0, 6))
    joined = keyed.join(earlier.unique(), on=["operator", "_hs6"], how="left", maintain_order="left").drop("_hs6")
    return joined.with_columns(pl.col("experienced").fill_null(value=False))


def _reference(sheet: pl.DataFrame, _assessed: Assessed, _known: Known, law: RiskLaw) -> pl.DataFrame:
    def of(digits: int) -> pl.Expr:
        listed = {hs: value for hs, value in law.references.items() if len(hs) == digits}
        heading = pl.col("hs").str.slice(0, digits)
        return heading.replace_strict(listed, default=None, return_dtype=pl.Float64) if listed else pl.lit(None)

    return sheet.with_columns(pl.coalesce(of(6), of(4)).cast(pl.Float64).alias("reference"))


def _sensitive(sheet: pl.DataFrame, _assessed: Assessed, _known: Known, law: RiskLaw) -> pl.DataFrame:
    return sheet.with_columns(sensitive=pl.col("hs").str.slice(0, 2).is_in(list(law.sensitive)))


_SOURCES: Final[Mapping[str, Add]] = {
    "route": _route,
    "documents": _documents,
    "value": _amounts,
    "grade": _standing,
    "experienced": _experience,
    "reference": _reference,
    "sensitive": _sensitive,
}


def _joined(sheet: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
    return sheet.join(other, on=key, how="left", maintain_order="left")
