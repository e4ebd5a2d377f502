"""Cases: the goods items to assess, and the law that falls on them, found once per combination of what decides.

An item that claims a quota is two cases, granted and refused; which of them holds is known when the claim is granted.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.declaration.lot import Lot
from landsea.tariff import breach
from landsea.tariff.customs_value import exchange
from landsea.tariff.measure import STATED, Administration, Tariff, match

KEY: Final = (
    *("direction", "on", "commodity_code", "origin", "preferential_origin"),
    *("preference", "quota_order", "currency"),
)
_HERE: Final = (
    pl.col("d"),
    pl.col("applicable_on").alias("on"),
    pl.when(pl.col("direction") == "export").then(pl.lit("export")).otherwise(pl.lit("import")).alias("direction"),
)
_ITEM: Final = (
    *(pl.col(name) for name in ("d", "i", *KEY[2:-2], "item_amount", "procedure")),
    pl.col("n").alias("item"),
    pl.col("item_amount_currency").alias("currency"),
    pl.col("quota_order").alias("claimed"),
    pl.when(pl.col("quota_order").is_not_null()).then(pl.lit(value=False)).alias("if_granted"),
    pl.lit(None, dtype=pl.String).alias("quota_order"),
)


def cases_of(lot: Lot, administration: Administration) -> pl.DataFrame:
    """The items declared to the administration, with r, if_granted and the columns of KEY.

    `claimed` is the quota order claimed; `quota_order` is it only in the case that it is granted.
    """
    here = lot["declarations"].lazy().filter(*_ours(administration)).select(_HERE)
    cases = lot["goods_items"].lazy().select(_ITEM).join(here, on="d", maintain_order="left")
    if lot["goods_items"]["quota_order"].null_count() < lot["goods_items"].height:
        granted = cases.filter(pl.col("claimed").is_not_null())
        granted = granted.with_columns(quota_order="claimed", if_granted=pl.lit(value=True))
        cases = pl.concat([cases, granted])
    return cases.with_row_index("r").collect(optimizations=plainly(lot["goods_items"].height))


def keyed(cases: pl.DataFrame, tariff: Tariff, administration: Administration) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cases with `k`, and in row k its law: the rate of exchange, and for every tax what STATED says of it.

    The columns of a tax carry its code behind a colon, as `measure:A00`; a measure is null where none applies. Of a tax
    that falls on no case and need not, there are no columns.
    """
    decisive = [name for name in KEY if cases[name].null_count() < cases.height] or ["on"]
    keys = cases.select(decisive).unique(maintain_order=True).with_row_index("k")
    absent = [pl.lit(None, dtype=cases.schema[name]).alias(name) for name in KEY if name not in decisive]
    full = keys.with_columns(*absent, administration=pl.lit(administration.code))
    planned = plainly(full.height)
    found = match(full.lazy(), tariff).collect(optimizations=planned)
    falling = set(found["tax"].unique().to_list()) | {tax.code for tax in administration.taxes if tax.required}
    taxes = [tax.code for tax in administration.taxes if tax.code in falling]
    law = exchange(full.lazy(), tariff)
    for code in taxes:
        rows = found.lazy().filter(pl.col("tax") == code).select("k", *(pl.col(n).alias(f"{n}:{code}") for n in STATED))
        law = law.join(rows, on="k", how="left", maintain_order="left")
    law = law.with_columns(_claims(tuple(taxes), administration)).sort("k")
    return cases.join(keys, on=decisive, how="left", nulls_equal=True, maintain_order="left"), law.collect(
        optimizations=planned
    )


@lru_cache(maxsize=64)
def _claims(taxes: tuple[str, ...], administration: Administration) -> list[pl.Expr]:
    """Per key: whether a quota is open, whether a preference is claimed in vain, and the rate of exchange in words."""
    preferred, opened = (
        pl.any_horizontal(pl.lit(value=False), *(pl.col(f"{name}:{code}").is_not_null() for code in taxes))
        for name in ("preference", "quota_order")
    )
    # regimes 1.. are the general one: no preference is claimed
    claimed = ~pl.col("preference").str.starts_with("1").fill_null(value=True)
    exchanged = pl.concat_str(pl.lit(f"{administration.currency} for "), "fx_per", pl.lit(" "), "currency")
    return [opened.alias("opened"), (claimed & ~preferred).alias("groundless"), exchanged.alias("exchanged")]


def plainly(rows: int) -> pl.QueryOptFlags:
    """How a plan over so many rows is optimised: not at all where planning would cost more than it saves."""
    return pl.QueryOptFlags() if rows > 10_000 else pl.QueryOptFlags.none()


@lru_cache(maxsize=64)
def _ours(administration: Administration) -> tuple[pl.Expr, ...]:
    return pl.col("administration") == administration.code, pl.col("message") == "declaration"


def without_closed_quotas(cases: pl.DataFrame, law: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cases without those that claim a quota no measure opens, and the findings; such an item is assessed once."""
    if cases["if_granted"].null_count() == cases.height:
        return cases, []
    opened = pl.col("k").is_in(law.filter(pl.col("opened"))["k"].implode())
    closed = cases.filter(pl.col("if_granted") & ~opened)
    once = pl.col("i").is_in(closed["i"].implode())
    stays = cases.filter(~pl.col("if_granted").fill_null(value=False) | opened)
    return (
        stays.with_columns(if_granted=pl.when(~once).then("if_granted")).drop("r").with_row_index("r"),
        [breach.findings("TRF-007", closed, pl.col("claimed"))],
    )


def claims_without_ground(cases: pl.DataFrame, law: pl.DataFrame) -> list[pl.DataFrame]:
    """The findings of preferences claimed that no measure grants."""
    if not law["groundless"].any():
        return []
    lost = pl.col("k").is_in(law.filter("groundless")["k"].implode())
    once = ~pl.col("if_granted").fill_null(value=False)
    return [breach.findings("TRF-006", cases.filter(lost & once), pl.col("preference"))]
