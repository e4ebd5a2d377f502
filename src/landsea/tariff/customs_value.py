"""The customs value: what ad valorem taxes stand on.

Transaction value first (WTO Valuation Agreement, article 1): the item's invoice amount, converted at the
administration's rate in force on the day (article 9), plus the declared charges of article 8 and less those of the
note to article 1.
Charges for the whole consignment fall on its items in proportion to their invoice amounts, to the last millionth.

First form, and its limits: methods 2 to 6 are not derived (a value the declarant found by them stands in the item's
amount); rates of exchange the declarant states are not used; the declared freight is added only under the terms of
delivery which the schedule names as excluding it.
"""

import polars as pl

from landsea.declaration.lot import Lot
from landsea.tariff.measure import Administration, Tariff
from landsea.units import MICRO, Range, divide, to_places
from landsea.units.validity import in_force

_WEIGHTS = 10**15  # shares of a charge are taken to this resolution, so that charge x weight stays within 128 bits


def exchange(keys: pl.DataFrame, tariff: Tariff, currency: str = "currency") -> pl.DataFrame:
    """The keys with the administration's own currency for one unit of theirs: `fx` millionths for `fx_per` units.

    Null where the administration publishes no rate for the day. Keys have administration, on and `currency`.
    """
    own = {code: a.currency for code, a in tariff.administrations.items()}
    domestic = pl.col(currency) == pl.col("administration").replace_strict(own, default=None, return_dtype=pl.String)
    published = tariff.exchange_rates.rename({"issuer": "administration"})
    rates = (
        keys.select("administration", "on", currency)
        .unique()
        .join(published, left_on=["administration", currency], right_on=["administration", "currency"])
        .filter(in_force(pl.col("on")))
        .select("administration", "on", currency, fx="rate", fx_per=pl.col("per").cast(pl.Int128))
    )
    one = pl.lit(1, dtype=pl.Int128)
    return keys.join(rates, on=["administration", "on", currency], how="left", maintain_order="left").with_columns(
        fx=pl.when(domestic).then(one * MICRO).otherwise("fx"), fx_per=pl.when(domestic).then(one).otherwise("fx_per")
    )


def converted(amount: pl.Expr) -> pl.Expr:
    """The amount in the administration's own currency, cut to a millionth; null beyond the checked range."""
    product = pl.when(amount.abs() < Range.AMOUNT, pl.col("fx") <= Range.FACTOR).then(amount) * pl.col("fx")
    value = divide(product, pl.col("fx_per") * MICRO, "truncate")
    return pl.when(value.abs() < Range.AMOUNT).then(value)


def customs_value(items: pl.DataFrame, charges: pl.DataFrame, administration: Administration) -> pl.DataFrame:
    """The items with `invoiced` (converted), `additions` and `value`, rounded to the administration's places.

    Items: i, item_amount, fx, fx_per. Charges: i, additions – see `charges_of`.
    """
    if (items["fx"] == MICRO).all() and (items["fx_per"] == 1).all():
        items = items.with_columns(invoiced=pl.col("item_amount"))
    else:
        items = items.with_columns(invoiced=converted(pl.col("item_amount")))
    if charges.is_empty():
        items = items.with_columns(additions=pl.lit(0, dtype=pl.Int128))
        total = pl.col("invoiced")
    else:
        items = items.join(charges, on="i", how="left", maintain_order="left")
        uncharged = ~pl.col("i").is_in(charges["i"].implode())
        items = items.with_columns(additions=pl.when(uncharged).then(0).otherwise("additions").cast(pl.Int128))
        total = pl.col("invoiced") + pl.col("additions")
    value = to_places(
        pl.when(total.abs() < Range.AMOUNT).then(total), administration.places, administration.value_rounding
    )
    return items.with_columns(value=value)


def charges_of(lot: Lot, items: pl.DataFrame, tariff: Tariff, administration: Administration) -> pl.DataFrame:
    """What is added to (or taken from) the invoice amount of each item, as i, additions; null where it is unknown.

    Unknown: a charge of a type the schedule does not list, or in a currency it publishes no rate for.
    """
    declared = _declared(lot, items, tariff, administration)
    if declared.is_empty():
        return pl.DataFrame(schema={"i": pl.UInt32, "additions": pl.Int128})
    amounts = exchange(declared, tariff).with_columns(amount=converted(pl.col("amount")) * pl.col("sign"))
    own = amounts.filter(pl.col("i").is_not_null()).select("i", "amount")
    shared = amounts.filter(pl.col("i").is_null()).group_by("d").agg(_sum_or_null("amount"))
    parts = pl.concat([own, _shares(shared, items)])
    return parts.group_by("i", maintain_order=True).agg(_sum_or_null("amount").alias("additions"))


def unknown_charges(lot: Lot, items: pl.DataFrame, tariff: Tariff, administration: Administration) -> pl.DataFrame:
    """The declared charges that cannot be reckoned: their rows, with `fx` null or `sign` null saying why."""
    declared = _declared(lot, items, tariff, administration)
    return exchange(declared, tariff).filter(pl.col("fx").is_null() | pl.col("sign").is_null())


def _declared(lot: Lot, items: pl.DataFrame, tariff: Tariff, administration: Administration) -> pl.DataFrame:
    """Charges and, where the terms exclude it, freight, with sign: +1 added, -1 taken off, null not known."""
    signs = tariff.charges.filter(pl.col("issuer") == administration.code).select("type", "sign")
    days = items.select("d", "administration", "on").unique(maintain_order=True)
    charges = (
        lot["charges"]
        .filter(pl.col("amount").is_not_null())
        .join(signs, on="type", how="left", maintain_order="left")
        .select("d", "i", "n", "at", "type", "amount", "sign", currency=pl.col("amount_currency"))
    )
    freight = lot["declarations"].filter(
        pl.col("freight_charge").is_not_null() & pl.col("incoterm").is_in(administration.value_terms)
    )
    freight = freight.select(
        "d",
        **{c: pl.lit(None, dtype=charges.schema[c]) for c in ("i", "n", "at")},
        type=pl.lit("freight"),
        amount=pl.col("freight_charge"),
        sign=pl.lit(1, dtype=pl.Int64),
        currency=pl.col("freight_charge_currency"),
    )
    return pl.concat([charges, freight]).join(days, on="d", maintain_order="left")


def _shares(shared: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Each declaration's amount laid on its items: cumulative shares are cut, so that their sum is the whole."""
    if shared.is_empty():
        return pl.DataFrame(schema={"i": pl.UInt32, "amount": pl.Int128})
    part, whole = pl.col("item_amount").fill_null(0).cum_sum().over("d"), pl.col("item_amount").sum().over("d")
    step = whole // _WEIGHTS + 1
    one_currency = pl.col("currency").n_unique().over("d") == 1
    cut = divide(pl.col("amount") * pl.col("part"), pl.col("whole"), "truncate")
    return (
        items.unique("i", maintain_order=True)
        .join(shared, on="d", maintain_order="left")
        .with_columns(part=part // step, whole=whole // step)
        # without a common measure of the items no share can be told
        .with_columns(upto=pl.when(one_currency & (pl.col("whole") > 0)).then(cut))
        .select("i", amount=pl.col("upto") - pl.col("upto").shift(1, fill_value=0).over("d"))
    )


def _sum_or_null(column: str) -> pl.Expr:
    return (
        pl.when(pl.col(column).is_null().any()).then(None).otherwise(pl.col(column).sum()).cast(pl.Int128).alias(column)
    )
