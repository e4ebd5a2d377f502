"""The sheet: one row per goods item with the columns that profiles ask for, and no others.

A declaration without goods items has one row too, so that its header can be judged. Only declarations have rows:
amendments, invalidations and presentations are judged by the declaration they concern, and what could not be read is
not judged at all.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import polars as pl

from landsea.declaration.stage import Assessed, Known
from landsea.units import MICRO

from .alignment import beside
from .indicator import COLUMNS, EXPERIENCE, HEADER_FACTS, ITEM_FACTS, STANDING, needed
from .law import RiskLaw


class Evidence(NamedTuple):
    """What a column may be drawn from besides the declaration's own row."""

    assessed: Assessed
    known: Known
    law: RiskLaw


def sheet_of(evidence: Evidence, names: frozenset[str]) -> pl.DataFrame:
    """Keys `d`, `i`, `item` (position within the declaration; null where there is none), `applicable_on` and `names`.

    Rows are those of the declarations addressed to the law's administration.
    """
    wanted = needed(names | {"applicable_on"})
    lot = evidence.assessed.lot
    judged = (pl.col("message") == "declaration") & (pl.col("administration") == evidence.law.administration)
    facts = [expression.alias(name) for name, (_, expression, _) in HEADER_FACTS.items() if name in wanted]
    header = lot["declarations"].select("d", judged.fill_null(value=False).alias("_judged"), *facts)
    header = _completed(header, _HEADER_SOURCES, wanted, evidence)
    own = [expression.alias(name) for name, (_, expression, _) in ITEM_FACTS.items() if name in wanted]
    items = lot["goods_items"].select("d", "i", pl.col("n").alias("item"), *own)
    # `d` is the row number of its declaration, so a gather does what a join would
    later = {need for c in COLUMNS.values() if c.name in wanted - set(header.columns) for need in c.needs}
    header = header.select(c for c in header.columns if c in {"d", "_judged", "applicable_on"} | names | later)
    sheet = pl.concat([header[items["d"]], items.drop("d")], how="horizontal")
    sheet = _completed(sheet, _ITEM_SOURCES, wanted, evidence)
    if items["d"].n_unique() < header.height:
        bare = header.filter(~pl.col("d").is_in(items["d"].unique().implode()))
        sheet = pl.concat([sheet, bare], how="diagonal")
    return sheet.drop("_judged") if sheet["_judged"].all() else sheet.filter("_judged").drop("_judged")


Source = Callable[[pl.DataFrame, Evidence], pl.DataFrame]


def _completed(
    rows: pl.DataFrame, sources: Mapping[tuple[str, ...], Source], wanted: frozenset[str], evidence: Evidence
) -> pl.DataFrame:
    """The rows with the wanted columns of these sources and every indicator that can now be computed from them."""
    for names, add in sources.items():
        if wanted.intersection(names):
            rows = add(rows, evidence)
    there, plan = set(rows.columns), rows.lazy()
    left = [c for c in COLUMNS.values() if c.of and c.name in wanted - there]
    while ready := [c for c in left if there.issuperset(c.needs)]:  # indicators of indicators come a round later
        plan = plan.with_columns(c.of().alias(c.name) for c in ready if c.of)
        there.update(c.name for c in ready)
        left = [c for c in left if c.name not in there]
    return plan.collect()


def _route(header: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    route = evidence.assessed.lot["itinerary"].group_by("d", maintain_order=True).agg(route=pl.col("country"))
    return beside(header, route, "d").with_columns(pl.col("route").fill_null(_NOTHING))


def _standing(header: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    standing = evidence.known.frame("standing", STANDING).select("operator", "grade", "since")
    return beside(header, standing.unique("operator", keep="first"), "operator")


def _documents(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    kind = pl.concat_str(pl.col("category").fill_null(""), pl.col("type").fill_null(""))
    papers = evidence.assessed.lot["documents"].select("d", "i", _kind=kind)
    header = papers.filter(pl.col("i").is_null()).group_by("d", maintain_order=True).agg(_header=pl.col("_kind"))
    own = papers.filter(pl.col("i").is_not_null()).group_by("i", maintain_order=True).agg(_own=pl.col("_kind"))
    both = pl.col("_header").fill_null(_NOTHING).list.concat(pl.col("_own").fill_null(_NOTHING))
    return beside(beside(sheet, header, "d"), own, "i").with_columns(documents=both).drop("_header", "_own")


def _amounts(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """`value`, the base of the tax that stands on the value alone, and `tax`, all that is payable if no quota helps."""
    nothing = pl.Series([None], dtype=pl.Int128).new_from_index(0, sheet.height)
    value, tax = nothing, nothing
    assessed = evidence.assessed.assessments
    for code in assessed["tax"].unique(maintain_order=True) if assessed.height else ():
        ungranted = ~pl.col("if_granted").fill_null(value=False)
        rows = assessed.filter((pl.col("tax") == code) & ungranted).select("i", "base", "amount")
        rows = beside(sheet.select("i"), rows, "i")
        value = value.zip_with(value.is_not_null(), rows["base"])
        tax = tax.fill_null(0) + rows["amount"].fill_null(0)
    return sheet.with_columns(value=value.cast(pl.Float64) / MICRO, tax=tax.cast(pl.Float64) / MICRO)


def _experience(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    if "experience" not in evidence.known.frames:  # no history was gathered: unknown, not new
        return sheet.with_columns(experienced=pl.lit(None, pl.Boolean))
    subheading = pl.col("commodity").str.slice(0, 6)
    earlier = evidence.known.frame("experience", EXPERIENCE).select("operator", _hs6=subheading).unique()
    joined = sheet.with_columns(_hs6=pl.col("hs").str.slice(0, 6)).join(
        earlier.with_columns(experienced=pl.lit(value=True)),
        on=["operator", "_hs6"],
        how="left",
        maintain_order="left",
    )
    return joined.drop("_hs6").with_columns(pl.col("experienced").fill_null(value=False))


def _commodity(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    law = evidence.law

    def reference(digits: int) -> pl.Expr:
        listed = {hs: value for hs, value in law.references.items() if len(hs) == digits}
        return pl.col("hs").str.slice(0, digits).replace_strict(listed, default=None, return_dtype=pl.Float64)

    codes = sheet.select("hs").unique().drop_nulls()
    facts = codes.select(
        reference=pl.coalesce(reference(6), reference(4)),
        sensitive=pl.col("hs").str.slice(0, 2).is_in(law.sensitive),
    )
    # worked out once for each code there is, then handed out
    places = sheet["hs"].cast(pl.Enum(codes["hs"])).to_physical()
    return pl.concat([sheet, facts.select(pl.all().gather(places))], how="horizontal")


_NOTHING: Final = pl.lit([], pl.List(pl.String))
_HEADER_SOURCES: Final[Mapping[tuple[str, ...], Source]] = {("route",): _route, ("grade", "since"): _standing}
_ITEM_SOURCES: Final[Mapping[tuple[str, ...], Source]] = {
    ("documents",): _documents,
    ("value", "tax"): _amounts,
    ("experienced",): _experience,
    ("reference", "sensitive"): _commodity,
}
