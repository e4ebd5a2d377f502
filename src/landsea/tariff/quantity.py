"""What is declared beside the value and bears on an amount: quantities and deductions; and composite rates' slots."""

from dataclasses import replace

import polars as pl

from landsea.declaration.lot import Lot
from landsea.tariff.amount import slots
from landsea.tariff.measure import Administration
from landsea.tariff.tax import Levy

_KINDS = ("tariff_quantity", "net_mass", "gross_mass")


def with_declared(rows: pl.DataFrame, lot: Lot) -> pl.DataFrame:
    """The rows (i, tax) with the quantities declared for the item, and for this tax of it."""
    columns = [name for kind in _KINDS for name in (kind, kind + "_unit")]
    specific = (
        lot["taxes"]
        .filter(pl.col("specific_base").is_not_null())
        .unique(["i", "type"], keep="first", maintain_order=True)
        .select("i", "specific_base", "specific_base_unit", tax="type")
    )
    declared = lot["goods_items"].select("i", *columns)
    return rows.join(declared, on="i", how="left", maintain_order="left").join(
        specific, on=["i", "tax"], how="left", maintain_order="left"
    )


def with_slots(
    cases: pl.LazyFrame, levies: tuple[Levy, ...], parts: pl.DataFrame | None
) -> tuple[tuple[Levy, ...], pl.LazyFrame]:
    """The cases with the slots of their composite rates in columns, and the levies knowing which limits there are."""
    if parts is None:
        return levies, cases
    rated = slots(parts)
    measured = parts.filter(pl.col("quantity").is_not_null()).unique(["r", "tax"], keep="first", maintain_order=True)
    known = []
    for levy in levies:
        code = levy.tax.code
        mine = rated.filter(pl.col("tax") == code)
        numbers = sorted(set(mine["slot"]))
        known.append(replace(levy, limits=tuple(n for n in numbers if n > 0)))
        for slot in numbers:
            columns = {f"{name}:{slot}:{code}": name for name in ("slot", "limit", "percent", "specific")}
            found = mine.filter(pl.col("slot") == slot).select("r", **columns)
            cases = cases.join(found.lazy(), on="r", how="left", maintain_order="left")
        if levy.composite:
            quantity = {f"quantity:{code}": "quantity", f"unit:{code}": "declared_unit"}
            found = measured.filter(pl.col("tax") == code).select("r", **quantity)
            cases = cases.join(found.lazy(), on="r", how="left", maintain_order="left")
    return tuple(known), cases


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
