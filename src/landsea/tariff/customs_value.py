"""The customs value: what ad valorem taxes stand on.

Transaction value first (WTO Valuation Agreement, article 1): the item's invoice amount, converted at the
administration's rate in force on the day (article 9), plus the declared charges of article 8 and less those of the
note to article 1.
Charges for the whole consignment fall on its items in proportion to their invoice amounts, to the last millionth.

First form, and its limits: methods 2 to 6 are not derived (a value the declarant found by them stands in the item's
amount); rates of exchange the declarant states are not used; the declared freight is added only under the terms of
delivery which the schedule names as excluding it.
"""

from functools import cache

import polars as pl

from landsea.declaration.lot import Lot, collected
from landsea.tariff.measure import FX_UNIT, Administration, Tariff
from landsea.units import Range, divide, to_places

_WEIGHTS = 10**15  # shares of a charge are taken to this resolution, so that charge x weight stays within 128 bits


def exchange(keys: pl.LazyFrame, tariff: Tariff, currency: str = "currency") -> pl.LazyFrame:
    """The keys, sorted by day, with what the administration's own currency costs: `fx` millionths for `fx_per` units of
    theirs, and `fx_unit` for one unit (`FX_UNIT`), to be used on amounts up to `fx_limit`.

    Null where the administration publishes no rate for the day. Keys have on and `currency`.
    """
    return keys.sort("on", maintain_order=True).join_asof(
        tariff.exchange_rates.lazy(),
        left_on="on",
        right_on="valid_from",
        by_left=currency,
        by_right="currency",
        coalesce=True,
        check_sortedness=False,
    )


def converted(amount: pl.Expr) -> pl.Expr:
    """The amount in the administration's own currency, cut to a millionth; null beyond the checked range."""
    worth = divide(amount * pl.col("fx_unit"), FX_UNIT, "truncate")
    return pl.when(amount.abs() <= pl.col("fx_limit")).then(worth)


@cache
def invoiced() -> pl.Expr:
    """What was `invoiced`: the amount in the administration's own currency."""
    return converted(pl.col("item_amount")).alias("invoiced")


@cache
def value(administration: Administration, *, charged: bool) -> pl.Expr:
    """The customs `value`: what was `invoiced`, with `additions` where there are any, rounded to payable places."""
    total = pl.col("invoiced") + pl.col("additions") if charged else pl.col("invoiced")
    rounded = to_places(total, administration.places, administration.value_rounding)
    return pl.when(total.abs() < Range.AMOUNT).then(rounded).alias("value")


def charges_of(lot: Lot, cases: pl.DataFrame, tariff: Tariff) -> pl.DataFrame | None:
    """The declared charges, one row each, or None where there are none.

    Columns d, i (null: for all items), n, at, type, amount, currency, on, sign (+1 added, -1 taken off, null: a type
    the schedule does not list), and the rate of exchange (null: none published).
    """
    declarations = lot["declarations"]
    without_freight = declarations["freight_charge"].null_count() == declarations.height
    if lot["charges"].is_empty() and without_freight:
        return None
    charges = (
        lot["charges"]
        .filter(pl.col("amount").is_not_null())
        .join(tariff.charges.select("type", "sign"), on="type", how="left", maintain_order="left")
        .select("d", "i", "n", "at", "type", "amount", "sign", currency=pl.col("amount_currency"))
    )
    left_to_buyer = pl.col("incoterm").is_in(tariff.administration.value_terms)
    freight = declarations.filter(pl.col("freight_charge").is_not_null() & left_to_buyer).select(
        "d",
        **{c: pl.lit(None, dtype=charges.schema[c]) for c in ("i", "n", "at")},
        type=pl.lit("freight"),
        amount=pl.col("freight_charge"),
        sign=pl.lit(1, dtype=pl.Int64),
        currency=pl.col("freight_charge_currency"),
    )
    days = cases.select("d", "on").unique(maintain_order=True)
    declared = pl.concat([charges, freight]).join(days, on="d", maintain_order="left")
    return None if declared.is_empty() else collected(exchange(declared.lazy(), tariff))


def with_additions(cases: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """The cases with `additions`: the charges that fall on each, null where one of them is unknown."""
    amounts = charges.with_columns(amount=converted(pl.col("amount")) * pl.col("sign"))
    own = amounts.filter(pl.col("i").is_not_null()).select("i", "amount")
    shared = amounts.filter(pl.col("i").is_null()).group_by("d").agg(_sum_or_null("amount"))
    parts = pl.concat([own, _shares(shared, cases)]).group_by("i").agg(_sum_or_null("amount").alias("additions"))
    joined = cases.join(parts, on="i", how="left", maintain_order="left")
    charged = pl.col("i").is_in(parts["i"].implode())
    return joined.with_columns(additions=pl.when(charged).then("additions").otherwise(0).cast(pl.Int128))


def _shares(shared: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Each declaration's amount laid on its items by their value: cumulative shares are cut, so that they sum to it."""
    worth = pl.col("invoiced")
    weight = pl.when((worth.sum().over("d") > 0) | worth.is_null().any().over("d")).then(worth).otherwise(1)
    items = cases.unique("i", maintain_order=True).select("d", "i", weight=weight.cast(pl.Int128))
    part, whole = pl.col("weight").cum_sum().over("d"), pl.col("weight").sum().over("d")
    # a share cannot be told while the value of one item of the declaration is unknown
    known = ~pl.col("weight").is_null().any().over("d")
    step = whole // _WEIGHTS + 1
    cut = divide(pl.col("amount") * pl.col("part"), pl.col("whole"), "truncate")
    return (
        items.with_columns(part=pl.when(known).then(part // step), whole=whole // step)
        .join(shared, on="d", maintain_order="left")
        .with_columns(upto=cut)
        .select("i", amount=pl.col("upto") - pl.col("upto").shift(1, fill_value=0).over("d"))
    )


def _sum_or_null(column: str) -> pl.Expr:
    total = pl.when(~pl.col(column).is_null().any()).then(pl.col(column).sum())
    return total.cast(pl.Int128).alias(column)
