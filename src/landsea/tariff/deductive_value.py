"""The deductive value: what the goods fetch in the country of importation, less what is earned and paid there.

Method 4, WTO Valuation Agreement, Article 5 with its Interpretative Note. The price is the one at which the greatest
aggregate quantity is sold to buyers who are neither related nor supply assists; about the time of importation, or else
on the first day after it, within ninety days. Sales after further processing count only at the importer's request
(Article 5.2), less the value the processing added.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from landsea.tariff.ground import KEYS, scaled, step
from landsea.tariff.transaction_value import ValueLaw
from landsea.units import MICRO

SALES: Final[dict[str, pl.DataType]] = {
    "product": pl.String(),
    "kind": pl.String(),
    "origin": pl.String(),
    "sold_on": pl.Date(),
    "unit_price": pl.Int128(),
    "quantity": pl.Int128(),
    "related": pl.Boolean(),
    "assisting": pl.Boolean(),  # the buyer supplies assists, Note to Article 5, paragraph 5
    "processed": pl.Boolean(),
}
RESALE: Final[dict[str, pl.DataType]] = {  # what is usual for goods of the class or kind
    "kind": pl.String(),
    "margin": pl.Int128(),  # commissions, or profit and general expenses, per cent of the price, Article 5.1(a)(i)
    "inland": pl.Int128(),  # transport and insurance within the country, for one unit, (ii)
    "carriage": pl.Int128(),  # costs of Article 8.2, for one unit, (iii)
    "duties": pl.Int128(),  # duties and taxes by reason of import or sale, per cent of the customs value, (iv)
    "processing": pl.Int128(),  # value added by further processing, for one unit, Article 5.2
}
_DAYS: Final = timedelta(90)
_HUNDRED: Final = 10**8
_RANKS: Final = ("further", "similar", "late", "first")  # the lesser first


def deductive_values(
    goods: pl.DataFrame, sales: pl.DataFrame, resale: pl.DataFrame, law: ValueLaw
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The value of the goods by what they are sold at here, with the steps."""
    priced = _greatest(_usable(goods, sales, law)).join(
        resale.unique("kind", keep="first", maintain_order=True), on="kind", maintain_order="left"
    )
    deducted = pl.sum_horizontal(
        pl.col("inland").fill_null(0),
        pl.col("carriage").fill_null(0) if law.basis == "FOB" else pl.lit(0, dtype=pl.Int128),
    )
    processing = pl.when("further").then(pl.col("processing")).otherwise(0)
    worked = ~pl.col("further") | pl.col("processing").is_not_null()
    valued = (
        priced.filter(worked & pl.col("margin").is_not_null() & pl.col("duties").is_not_null())
        .with_columns(earned=scaled(pl.col("unit_price"), pl.col("margin"), _HUNDRED), deducted=deducted)
        .with_columns(net=pl.col("unit_price") - pl.col("earned") - pl.col("deducted") - processing)
        .with_columns(
            worth=scaled(
                scaled(pl.col("net"), pl.col("quantity"), MICRO),
                pl.lit(_HUNDRED, dtype=pl.Int128),
                _HUNDRED + pl.col("duties"),
            )
        )
        .filter(pl.col("worth") > 0)
    )
    further, sold = valued.filter("further"), (pl.col("sold_quantity") // MICRO).cast(pl.String)
    steps = [
        step(valued, "resale price", "5.1(a)", pl.col("unit_price"), sold),
        step(valued.filter("late"), "within ninety days", "5.1(b)", detail=pl.col("sold_on").cast(pl.String)),
        step(further, "further processed", "5.2", pl.col("processing")),
        step(valued, "margin out", "5.1(a)(i)", pl.col("earned")),
        step(valued.filter(pl.col("deducted") != 0), "costs out", "5.1(a)(ii)", pl.col("deducted")),
        step(valued.filter(pl.col("duties") != 0), "duties out", "5.1(a)(iv)", pl.col("duties")),
        step(valued, "method 4", "5", pl.col("worth")),
    ]
    return valued.select(*KEYS, value="worth"), steps


def _usable(goods: pl.DataFrame, sales: pl.DataFrame, law: ValueLaw) -> pl.DataFrame:
    """The sales of the goods or of like ones that may be used, with what ranks them: `_RANKS`."""
    unbound = ~pl.col("related").fill_null(value=False) & ~pl.col("assisting").fill_null(value=False)
    usable = sales.filter(unbound).select(
        *("kind", "origin", "sold_on", "unit_price"),
        *(pl.col("quantity").alias("units"), pl.col("product").alias("sold_product")),
        further=pl.col("processed").fill_null(value=False),
    )
    after = pl.col("sold_on") - pl.col("imported_on")
    about = after.abs() <= timedelta(law.about_days)
    return (
        goods.join(usable, on=["kind", "origin"], maintain_order="left")
        .filter(about | ((after > timedelta(0)) & (after <= _DAYS)))
        .filter(~pl.col("further") | pl.col("processed").fill_null(value=False))
        .with_columns(
            similar=(pl.col("sold_product") != pl.col("product")).fill_null(value=True),
            late=~about,
            first=pl.when(about).then(0).otherwise(after.dt.total_days()),
        )
    )


def _greatest(sales: pl.DataFrame) -> pl.DataFrame:
    """Of the nearest sales of each item the price at which most was sold; of two such prices the lower."""
    ordered = sales.sort(_RANKS, maintain_order=True)
    nearest = ordered.filter(pl.col(name) == pl.col(name).first().over(KEYS) for name in _RANKS)
    prices = nearest.with_columns(sold_quantity=pl.col("units").sum().over(*KEYS, "unit_price"))
    ranked = prices.sort("sold_quantity", "unit_price", descending=[True, False], maintain_order=True)
    return ranked.group_by(KEYS, maintain_order=True).first()
