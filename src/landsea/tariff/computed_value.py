"""The computed value, and the value found by reasonable means where nothing else gives one.

Method 5, WTO Valuation Agreement, Article 6: what it cost to make the goods, with the profit and general expenses usual
in the class or kind, taken as a whole, and transport where the national basis has it. Method 6, Article 7: the methods
before it, applied with flexibility; a basis that Article 7.2 prohibits is refused by its letter.
"""

from typing import Final

import polars as pl

from landsea.tariff.ground import KEYS, scaled, step
from landsea.tariff.transaction_value import ValueLaw
from landsea.units import MICRO

COSTS: Final[dict[str, pl.DataType]] = {  # for one unit of quantity, from the producer's accounts
    "product": pl.String(),
    "materials": pl.Int128(),
    "fabrication": pl.Int128(),
    "packing": pl.Int128(),  # containers and packing, Article 8.1(a)(ii) and (iii)
    "assists": pl.Int128(),  # Article 8.1(b)
    "profit_and_general": pl.Int128(),
    "carriage": pl.Int128(),  # costs of Article 8.2
}
OTHERS: Final[dict[str, pl.DataType]] = {
    "product": pl.String(),
    "basis": pl.String(),  # of table value_bases
    "unit_value": pl.Int128(),
}
_MADE_OF: Final = {  # each with its article, and whether the value is unknown without it
    "materials": ("6.1(a)", True),
    "fabrication": ("6.1(a)", True),
    "packing": ("Note to 6, 3", False),
    "assists": ("Note to 6, 4", False),
    "profit_and_general": ("6.1(b)", True),
    "carriage": ("6.1(c)", False),
}


def computed_values(goods: pl.DataFrame, costs: pl.DataFrame, law: ValueLaw) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The value of the goods by what it cost to make them, with the steps."""
    parts = [name for name in _MADE_OF if name != "carriage" or law.basis == "CIF"]
    needed = [name for name in parts if _MADE_OF[name][1]]
    unit = pl.sum_horizontal(pl.col(name).fill_null(0) for name in parts)
    first = costs.unique("product", keep="first", maintain_order=True)
    valued = (
        goods.select(*KEYS, "product", "quantity")
        .join(first, on="product", maintain_order="left")
        .drop_nulls(needed)
        .with_columns(value=scaled(unit, pl.col("quantity"), MICRO))
        .drop_nulls("value")
    )
    steps = [
        step(valued.drop_nulls(name), "cost", _MADE_OF[name][0], pl.col(name), pl.lit(name.replace("_", " ")))
        for name in parts
    ]
    return valued.select(*KEYS, "value"), [*steps, step(valued, "method 5", "6", pl.col("value"))]


def reasonable_values(
    goods: pl.DataFrame, others: pl.DataFrame, law: ValueLaw
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The value of the goods on the first basis that is not prohibited, with the steps, refusals among them."""
    ranked = law.bases.with_row_index("rank")
    offered = (
        goods.select(*KEYS, "product", "quantity")
        .join(others, on="product", maintain_order="left")
        .join(ranked, on="basis", how="left", maintain_order="left")
        .with_columns(allowed=pl.col("allowed").fill_null(value=False), article=pl.col("article").fill_null("7.2(g)"))
        .sort("rank", nulls_last=True, maintain_order=True)
    )
    possible = offered.filter("allowed").with_columns(value=scaled(pl.col("unit_value"), pl.col("quantity"), MICRO))
    valued = possible.drop_nulls("value").group_by(KEYS, maintain_order=True).first()
    steps = [
        step(offered.filter(~pl.col("allowed")), "prohibited", pl.col("article"), detail=pl.col("basis")),
        step(valued, "flexible", pl.col("article"), pl.col("unit_value"), pl.col("basis")),
        step(valued, "method 6", "7", pl.col("value")),
    ]
    return valued.select(*KEYS, "value"), steps
