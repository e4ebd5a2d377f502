"""Cases: the goods items to assess, with the law that falls on them, found once per combination of what decides.

An item that claims a quota is two cases, granted and refused; which of them holds is known when the claim is granted.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.declaration.lot import Lot, collected
from landsea.tariff import breach
from landsea.tariff.customs_value import exchange, invoiced
from landsea.tariff.measure import Administration, Tariff, match

_KEY: Final = (
    *("direction", "on", "commodity_code", "origin", "preferential_origin"),
    *("preference", "quota_order", "currency"),
)
_ITEM: Final = (
    *(pl.col(name) for name in ("d", "i", *_KEY[2:-2], "item_amount", "procedure")),
    pl.col("n").alias("item"),
    pl.col("item_amount_currency").alias("currency"),
    pl.col("quota_order").alias("claimed"),
    pl.when(pl.col("quota_order").is_not_null()).then(pl.lit(value=False)).alias("if_granted"),
    pl.lit(None, dtype=pl.String).alias("quota_order"),
)


def cases_of(lot: Lot, administration: Administration) -> pl.DataFrame:
    """The items declared to the administration on which duties may arise: r, their number, if_granted, columns of _KEY.

    `claimed` is the quota order claimed; `quota_order` is it only in the case that it is granted.
    """
    here = lot["declarations"].select(_of_declaration(administration))
    placed = [pl.lit(column).gather(pl.col("d")) for column in here.get_columns()]
    cases = lot["goods_items"].lazy().select(*_ITEM, *placed).filter("ours").drop("ours")
    if administration.untaxed:
        free = lot["procedures"].filter(pl.col("current").is_in(administration.untaxed))["i"]
        cases = cases.filter(~pl.col("i").is_in(free.implode()))
    if lot["goods_items"]["quota_order"].null_count() < lot["goods_items"].height:
        granted = cases.filter(pl.col("claimed").is_not_null())
        granted = granted.with_columns(quota_order="claimed", if_granted=pl.lit(value=True))
        cases = pl.concat([cases, granted])
    return collected(cases.with_row_index("r"))


@lru_cache(maxsize=64)
def _of_declaration(administration: Administration) -> list[pl.Expr]:
    """Of each declaration: whether it is made to the administration, the day its law is drawn by, and the direction."""
    ours = (pl.col("administration") == administration.code) & (pl.col("message") == "declaration")
    direction = pl.when(pl.col("direction") == "export").then(pl.lit("export")).otherwise(pl.lit("import"))
    return [ours.alias("ours"), pl.col("applicable_on").alias("on"), direction.alias("direction")]


_MANY: Final = 200
"""Cases from which on it pays to look for equal keys first."""


def with_law(cases: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """The cases with the measures that fall on them (`measure.match`), the rate of exchange, and what they `invoiced`.

    Cases with one key k fall under one law, which is looked up once where there are many.
    """
    if cases.height < _MANY:
        plan = _law(cases.lazy().with_columns(k="r"), tariff).sort("r")
    else:
        stated = {column.name for column in cases.get_columns() if column.null_count() < cases.height}
        decisive = [name for name in _KEY if name in stated] or ["on"]
        absent = [pl.lit(None, dtype=cases.schema[name]).alias(name) for name in _KEY if name not in decisive]
        keys = cases.lazy().select(decisive).unique(maintain_order=True).with_row_index("k").with_columns(absent)
        law = _law(collected(keys).lazy(), tariff).drop(set(_KEY) - set(decisive))
        plan = cases.lazy().join(law, on=decisive, how="left", nulls_equal=True, maintain_order="left")
    return collected(plan.with_columns(invoiced()))


def _law(keys: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    return exchange(match(keys, tariff), tariff)


def without_closed_quotas(cases: pl.DataFrame, tariff: Tariff) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cases without those that claim a quota no measure opens, and the findings; such an item is assessed once."""
    if cases["if_granted"].null_count() == cases.height:
        return cases, []
    opened = _grants(tariff, "quota_order")
    closed = cases.filter(pl.col("if_granted") & ~opened)
    once = pl.col("i").is_in(closed["i"].implode())
    stays = cases.filter(~pl.col("if_granted").fill_null(value=False) | opened)
    return (
        stays.with_columns(if_granted=pl.when(~once).then("if_granted")),
        [breach.findings("TRF-007", closed, pl.col("claimed"))],
    )


def claims_without_ground(cases: pl.DataFrame, tariff: Tariff) -> list[pl.DataFrame]:
    """The findings of preferences claimed that no measure grants; regimes 1.., the general ones, are no claim."""
    if cases["preference"].null_count() == cases.height:
        return []
    claimed = ~pl.col("preference").str.starts_with("1")
    once = ~pl.col("if_granted").fill_null(value=False)
    lost = cases.filter(claimed & once & ~_grants(tariff, "preference"))
    return [breach.findings("TRF-006", lost, pl.col("preference"))]


def _grants(tariff: Tariff, column: str) -> pl.Expr:
    """Whether a measure that falls on the case is for what is claimed in this column."""
    taxes = tariff.administration.taxes
    return pl.any_horizontal(tariff.of_measure(column, tax.code).is_not_null() for tax in taxes)
