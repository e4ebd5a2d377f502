"""What is declared beside the value and bears on an amount: quantities and deductions; and composite rates' slots."""

from dataclasses import replace

import polars as pl

from landsea.declaration.lot import Lot, collected
from landsea.tariff.amount import components, stated
from landsea.tariff.measure import Administration, Tariff
from landsea.tariff.tax import Levy

_KINDS = ("tariff_quantity", "net_mass", "gross_mass")


def parts_of(lot: Lot, cases: pl.DataFrame, tariff: Tariff, levies: tuple[Levy, ...]) -> pl.DataFrame | None:
    """The components of the composite rates that fall on the cases (`amount.components`); None where there are none."""
    rows = [
        cases.lazy().select(
            *("r", "d", "i", "item", "if_granted", "on", "commodity_code"),
            tax=pl.lit(levy.tax.code),
            measure=f"measure:{levy.tax.code}",
        )
        for levy in levies
        if levy.composite
    ]
    if not rows:
        return None
    columns = [name for kind in _KINDS for name in (kind, kind + "_unit")]
    specific = lot["taxes"].lazy().filter(pl.col("specific_base").is_not_null()).unique(["i", "type"], keep="first")
    found = (
        pl.concat(rows)
        .join(stated(tariff).lazy(), on="measure", maintain_order="left_right")
        .join(lot["goods_items"].lazy().select("i", *columns), on="i", how="left", maintain_order="left")
        .join(
            specific.select("i", "specific_base", "specific_base_unit", tax="type"),
            on=["i", "tax"],
            how="left",
            maintain_order="left",
        )
    )
    return components(collected(found.with_row_index("p")), tariff)


def with_slots(
    cases: pl.LazyFrame, levies: tuple[Levy, ...], parts: pl.DataFrame | None
) -> tuple[tuple[Levy, ...], pl.LazyFrame]:
    """The cases with the slots of their composite rates in columns, and the levies knowing which limits there are.

    Slot 0 is the base of the rate, 1 and up its limits. Of each, `percent` is the share of the customs value and
    `specific` the rest in SCALE, null where a component could not be reckoned; `slot` is null where there is none.
    """
    if parts is None:
        return levies, cases
    numbered = sorted(parts.select("tax", "slot").unique().iter_rows())
    known = tuple(replace(v, limits=tuple(n for tax, n in numbered if tax == v.tax.code and n)) for v in levies)
    columns = [column for tax, number in numbered for column in _slot(tax, number)]
    measured = [column for levy in levies if levy.composite for column in _measured(levy.tax.code)]
    found = parts.lazy().group_by("r").agg(*columns, *measured)
    return known, cases.join(found, on="r", how="left", maintain_order="left")


def _slot(tax: str, number: int) -> list[pl.Expr]:
    here = (pl.col("tax") == tax) & (pl.col("slot") == number)
    part = pl.col("part").filter(here)
    columns = {
        "slot": pl.col("slot").filter(here).first(),
        "limit": pl.col("limit").filter(here).first(),
        "percent": pl.col("percent").filter(here).sum(),
        "specific": pl.when(part.is_not_null().all()).then(part.sum()),
    }
    return [column.alias(f"{name}:{number}:{tax}") for name, column in columns.items()]


def _measured(tax: str) -> list[pl.Expr]:
    known = (pl.col("tax") == tax) & pl.col("quantity").is_not_null()
    columns = {"quantity": "quantity", "unit": "declared_unit"}
    return [pl.col(column).filter(known).first().alias(f"{name}:{tax}") for name, column in columns.items()]


def with_deductions(
    cases: pl.LazyFrame, levies: tuple[Levy, ...], lot: Lot, administration: Administration
) -> pl.LazyFrame:
    """The cases with the deductions declared for the levies that admit them."""
    for levy in levies:
        if levy.deducted:
            mine = lot["taxes"].filter((pl.col("type") == levy.tax.code) & admitted(administration))
            sums = mine.group_by("i").agg(pl.col("deduct").sum().alias(f"deduct:{levy.tax.code}"))
            cases = cases.join(sums.lazy(), on="i", how="left", maintain_order="left")
    return cases


def admitted(administration: Administration) -> pl.Expr:
    """Whether a declared deduction is one, and in the administration's own currency."""
    currency = pl.col("deduct_currency")
    return (pl.col("deduct") > 0) & (currency.is_null() | (currency == administration.currency))
