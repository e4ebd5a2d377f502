"""The value of identical or similar goods: a value accepted before, brought to their level and quantity.

Methods 2 and 3, WTO Valuation Agreement, Articles 2, 3 and 15.2 with their Interpretative Notes. Goods compared come
from the same country and were exported at or about the same time; those of the same producer stand before others; a
sale at the same level in substantially the same quantity stands before one that must be adjusted, which takes
demonstrated evidence: the seller's price list. Of several, the lowest value is taken.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from landsea.tariff.ground import KEYS, scaled, step
from landsea.tariff.transaction_value import ValueLaw
from landsea.units import MICRO

ACCEPTED: Final[dict[str, pl.DataType]] = {  # values accepted under Article 1
    "product": pl.String(),
    "kind": pl.String(),
    "producer": pl.String(),
    "origin": pl.String(),
    "exported_on": pl.Date(),
    "level": pl.String(),
    "quantity": pl.Int128(),
    "unit_value": pl.Int128(),  # for one unit of quantity, in the administration's currency
    "transport": pl.Int128(),  # costs of Article 8.2 in it, for one unit
    "designed_here": pl.Boolean(),  # engineering in the country of importation: not comparable, Article 15.2(c)
}
PRICE_LISTS: Final[dict[str, pl.DataType]] = {
    "product": pl.String(),
    "level": pl.String(),
    "from_quantity": pl.Int128(),
    "list_price": pl.Int128(),
}
_METHODS: Final = {"product": ("method 2", "2"), "kind": ("method 3", "3")}
_HUNDRED: Final = 10**8


def comparable_values(
    goods: pl.DataFrame, likeness: str, accepted: pl.DataFrame, lists: pl.DataFrame, law: ValueLaw
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The value of the goods by goods of the same `likeness` (product: identical, kind: similar), with the steps."""
    method, article = _METHODS[likeness]
    comparable = accepted.filter(~pl.col("designed_here").fill_null(value=False)).drop("designed_here")
    pairs = goods.join(comparable, on=[likeness, "origin"], suffix="_2", maintain_order="left")
    pairs = pairs.filter((pl.col("exported_on") - pl.col("exported_on_2")).abs() <= timedelta(law.about_days))
    best = _compared(pairs, likeness, lists, law).group_by(KEYS, maintain_order=True).first()
    valued = best.with_columns(value=scaled(pl.col("unit"), pl.col("quantity"), MICRO)).drop_nulls("value")
    changed = valued.filter("unlike")
    moved = valued.filter(pl.col("moved") != 0)
    sale = pl.concat_str(pl.col("exported_on_2").cast(pl.String), "producer_2", separator=", ", ignore_nulls=True)
    steps = [
        step(valued, "comparable", f"{article}.1(a)", pl.col("unit_value"), sale),
        step(changed, "adjusted", f"{article}.1(b)", pl.col("adjusted")),
        step(moved, "transport adjusted", f"{article}.2", pl.col("unit")),
        step(valued.filter(pl.col("several") > 1), "lowest", f"{article}.3", pl.col("unit")),
        step(valued, method, article, pl.col("value")),
    ]
    return valued.select(*KEYS, "value"), steps


def _compared(pairs: pl.DataFrame, likeness: str, lists: pl.DataFrame, law: ValueLaw) -> pl.DataFrame:
    """The pairs that may be used, the one to be used first in front, each with its adjusted `unit` value."""
    far = (pl.col("quantity") - pl.col("quantity_2")).abs()
    alike = (far <= scaled(pl.col("quantity"), pl.lit(law.alike, dtype=pl.Int128), _HUNDRED)).fill_null(value=False)
    same = alike & pl.col("level").eq_missing(pl.col("level_2"))
    of_sale = "product" if likeness == "product" else "product_2"
    listed = _listed(_listed(pairs, lists, of_sale, "", "here"), lists, of_sale, "_2", "there")
    by_list = scaled(pl.col("unit_value"), pl.col("here"), pl.col("there"))
    other = pl.coalesce(~pl.col("producer").eq_missing(pl.col("producer_2")), pl.lit(value=True))
    moved = (pl.col("transport") - pl.col("transport_2")).fill_null(0)
    return (
        listed.with_columns(unlike=~same, other=other, moved=moved if law.basis == "CIF" else pl.lit(0))
        .with_columns(adjusted=pl.when("unlike").then(by_list).otherwise("unit_value"))
        .with_columns(unit=pl.col("adjusted") + pl.col("moved"))
        .filter(pl.col("unit").is_not_null() & (pl.col("unit") >= 0))
        .sort("other", "unlike", "unit", maintain_order=True)
        .with_columns(several=pl.len().over(*KEYS, "other", "unlike"))
    )


def _listed(pairs: pl.DataFrame, lists: pl.DataFrame, product: str, of: str, name: str) -> pl.DataFrame:
    """The pairs with the list price, under `name`, for the level and quantity of the goods or of the sale (`_2`)."""
    prices = lists.filter(pl.col("list_price") > 0).sort("from_quantity").rename({"list_price": name})
    keyed = pairs.with_row_index("_row").sort(f"quantity{of}", maintain_order=True)
    found = keyed.join_asof(
        prices,
        left_on=f"quantity{of}",
        right_on="from_quantity",
        by_left=[product, f"level{of}"],
        by_right=["product", "level"],
        check_sortedness=False,
    )
    return found.sort("_row").select(*pairs.columns, name)
