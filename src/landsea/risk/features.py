"""The sheet: one row per goods item with the columns that profiles ask for, and no others.

A declaration without goods items has one row too, so that its header can be judged. Only declarations have rows:
amendments, invalidations and presentations are judged by the declaration they concern, and what could not be read is
not judged at all.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import polars as pl

from landsea.declaration.lot import collected
from landsea.declaration.stage import Assessed, Known
from landsea.units import MICRO

from .alignment import beside, once_each
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
    wanted, of_header, of_item, rounds = _plan(names)
    lot = evidence.assessed.lot
    ours = pl.col("administration") == evidence.law.administration
    header = lot["declarations"].select(((pl.col("message") == "declaration") & ours).alias("_ours"), *of_header)
    header = _drawn(header, _HEADER_SOURCES, wanted, evidence)
    items, of = lot["goods_items"].select(*of_item), lot["goods_items"]["d"]
    # `d` is the row number of its declaration, so a gather does what a join would
    laid = header if header["d"].equals(of) else header[of]
    sheet = _drawn(laid.hstack(items.get_columns()), _ITEM_SOURCES, wanted, evidence)
    if of.n_unique() < header.height:
        bare = header.filter(~pl.col("d").is_in(of.implode()))
        sheet = pl.concat([sheet, bare], how="diagonal")
    plan = (sheet if sheet["_ours"].all(ignore_nulls=False) else sheet.filter("_ours")).lazy()
    for ready in rounds:
        plan = plan.with_columns(ready)
    return collected(plan)


class _Plan(NamedTuple):
    """What a sheet with certain columns takes: all columns there will be, facts, and indicators round by round."""

    wanted: frozenset[str]
    of_header: tuple[pl.Expr, ...]
    of_item: tuple[pl.Expr, ...]
    rounds: tuple[tuple[pl.Expr, ...], ...]  # indicators of indicators come a round later


@lru_cache(maxsize=64)
def _plan(names: frozenset[str]) -> _Plan:
    wanted = needed(names | {"applicable_on"})
    of_header = [expression.alias(name) for name, (_, expression, _) in HEADER_FACTS.items() if name in wanted]
    of_item = [expression.alias(name) for name, (_, expression, _) in ITEM_FACTS.items() if name in wanted]
    left = [c for c in COLUMNS.values() if c.of and c.name in wanted]
    there = wanted - {c.name for c in left}
    rounds = []
    while left:
        ready = [c for c in left if there.issuperset(c.needs)]
        rounds.append(tuple(c.of().alias(c.name) for c in ready if c.of))
        there |= {c.name for c in ready}
        left = [c for c in left if c.name not in there]
    keys = (pl.col("i"), pl.col("n").alias("item"))
    return _Plan(wanted, (pl.col("d"), *of_header), (*keys, *of_item), tuple(rounds))


Source = Callable[[pl.DataFrame, Evidence], pl.DataFrame]


def _drawn(
    rows: pl.DataFrame, sources: Mapping[tuple[str, ...], Source], wanted: frozenset[str], evidence: Evidence
) -> pl.DataFrame:
    """The rows with the wanted columns of these sources."""
    for names, add in sources.items():
        if wanted.intersection(names):
            rows = add(rows, evidence)
    return rows


def _route(header: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    itinerary = evidence.assessed.lot["itinerary"]
    if itinerary.is_empty():
        return header.hstack([_NO_ROUTE.new_from_index(0, header.height)])
    route = itinerary.group_by("d", maintain_order=True).agg(route=pl.col("country"))
    return beside(header, "d", route).with_columns(pl.col("route").fill_null(_NOTHING))


def _standing(header: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    standing = evidence.known.frame("standing", STANDING)
    if standing.is_empty():
        return beside(header, "operator", _NO_STANDING)
    return beside(header, "operator", standing.select(*STANDING).unique("operator", keep="first"))


def _documents(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    kind = pl.concat_str(pl.col("category").fill_null(""), pl.col("type").fill_null(""))
    papers = evidence.assessed.lot["documents"].select("d", "i", _kind=kind)
    header = papers.filter(pl.col("i").is_null()).group_by("d", maintain_order=True).agg(_header=pl.col("_kind"))
    own = papers.filter(pl.col("i").is_not_null()).group_by("i", maintain_order=True).agg(_own=pl.col("_kind"))
    both = pl.col("_header").fill_null(_NOTHING).list.concat(pl.col("_own").fill_null(_NOTHING))
    return beside(beside(sheet, "d", header), "i", own).with_columns(documents=both).drop("_header", "_own")


def _amounts(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """`value`, the base of the tax that stands on the value alone, and `tax`, all that is payable if no quota helps.

    Taxes are assessed one after the other, each in the order of the items, so that they can be laid side by side.
    """
    due = evidence.assessed.assessments
    if due["if_granted"].null_count() < due.height:
        due = due.filter(_UNGRANTED)
    if due.is_empty():
        return sheet.with_columns(_UNKNOWN)
    of, due = due["i"], due[["i", "tax", "base", "amount"]]
    starts = [0, *(of.slice(1) <= of.slice(0, len(of) - 1)).arg_true() + 1, len(of)]
    taxes = [due.slice(start, end - start) for start, end in pairwise(starts)]
    for n, tax in enumerate(taxes):
        tax.columns = ["i", f"tax:{n}", f"base:{n}", f"amount:{n}"]
    wide = beside(sheet[["i"]], "i", *taxes)
    return sheet.hstack(collected(wide.lazy().select(_value_and_tax(len(taxes)))).get_columns())


_UNKNOWN: Final = (pl.lit(None, pl.Float64).alias("value"), pl.lit(None, pl.Float64).alias("tax"))
_UNGRANTED: Final = pl.col("if_granted").is_null() | ~pl.col("if_granted")


@lru_cache(maxsize=64)
def _value_and_tax(taxes: int) -> tuple[pl.Expr, pl.Expr]:
    """Exact sums over the taxes, as numbers to compare; null where none falls on the item."""
    falls = pl.any_horizontal(pl.col(f"tax:{n}").is_not_null() for n in range(taxes))
    total = pl.when(falls).then(pl.sum_horizontal(f"amount:{n}" for n in range(taxes)))
    base = pl.coalesce(f"base:{n}" for n in range(taxes))
    return (base.cast(pl.Float64) / MICRO).alias("value"), (total.cast(pl.Float64) / MICRO).alias("tax")


def _experience(sheet: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    if "experience" not in evidence.known.frames:  # no history was gathered: unknown, not new
        return sheet.hstack([_NO_EXPERIENCE.new_from_index(0, sheet.height)])
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
    return sheet.hstack(once_each(sheet["hs"], _of_commodity(evidence.law)).get_columns())


@lru_cache(maxsize=16)
def _of_commodity(law: RiskLaw) -> tuple[pl.Expr, ...]:
    def reference(digits: int) -> pl.Expr:
        listed = {hs: value for hs, value in law.references.items() if len(hs) == digits}
        values = pl.lit(pl.Series(list(listed.values()), dtype=pl.Float64))
        return values.gather(pl.col("hs").str.head(digits).cast(pl.Enum(list(listed)), strict=False).to_physical())

    return (
        pl.coalesce(reference(6), reference(4)).alias("reference"),
        pl.col("hs").str.head(2).is_in(law.sensitive).alias("sensitive"),
    )


_NO_STANDING: Final = pl.DataFrame(schema=STANDING)
_NOTHING: Final = pl.lit([], pl.List(pl.String))
_NO_ROUTE: Final = pl.Series("route", [[]], pl.List(pl.String))
_NO_EXPERIENCE: Final = pl.Series("experienced", [None], pl.Boolean)
_HEADER_SOURCES: Final[Mapping[tuple[str, ...], Source]] = {("route",): _route, ("grade", "since"): _standing}
_ITEM_SOURCES: Final[Mapping[tuple[str, ...], Source]] = {
    ("documents",): _documents,
    ("value", "tax"): _amounts,
    ("experienced",): _experience,
    ("reference", "sensitive"): _commodity,
}
