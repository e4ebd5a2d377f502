"""Why amounts are unknown, and what was declared in vain: the findings of an assessment."""

import polars as pl

from landsea.declaration.element import GOODS_ITEM_PATH, element
from landsea.declaration.lot import Lot
from landsea.tariff.breach import findings
from landsea.tariff.measure import Administration
from landsea.tariff.quantity import admitted
from landsea.tariff.tax import Levy, applies, missing
from landsea.units import Range


def breaches(
    cases: pl.DataFrame, levies: tuple[Levy, ...], parts: pl.DataFrame | None, charges: pl.DataFrame | None
) -> list[pl.DataFrame]:
    """The findings of every amount that could not be reckoned; none where every amount is known."""
    found = []
    if cases["value"].null_count() and levies:
        falls = pl.any_horizontal(applies(levy) for levy in levies)
        plain = pl.col("doubted").is_null() if "doubted" in cases.columns else pl.lit(value=True)
        found += _without_value(cases.filter(pl.col("value").is_null() & falls & plain))
        found += _unknown_charges(cases, charges) if charges is not None else []
    for levy in levies:
        if cases[f"amount:{levy.tax.code}"].null_count():
            found += _without_amount(cases, levy)
    if parts is not None and parts["part"].null_count():
        found += _unknown_parts(parts.filter(pl.col("part").is_null()))
    return found


def declared_in_vain(
    lot: Lot, cases: pl.DataFrame, levies: tuple[Levy, ...], administration: Administration
) -> list[pl.DataFrame]:
    """The findings of deductions that are not admitted, and of rates of exchange that are not used."""
    found = []
    if lot["exchange_rates"].height:
        declared = lot["exchange_rates"].filter(pl.col("d").is_in(cases["d"].unique().implode()))
        found.append(findings("TRF-010", declared, pl.col("currency")))
    if lot["taxes"]["deduct"].count():
        taxes = [levy.tax.code for levy in levies if levy.tax.deductions]
        taken = pl.col("type").is_in(taxes) & admitted(administration)
        items = cases.select("i", "item").unique("i")
        refused = lot["taxes"].filter((pl.col("deduct") > 0) & ~taken).join(items, on="i", maintain_order="left")
        found.append(findings("TRF-009", refused))
    return found


def _without_value(lost: pl.DataFrame) -> list[pl.DataFrame]:
    amount, rate, worth = pl.col("item_amount"), pl.col("fx"), pl.col("invoiced")
    added = pl.col("additions").is_not_null() if "additions" in lost.columns else pl.lit(value=True)
    return [
        findings("TRF-001", lost.filter(amount.is_not_null() & rate.is_null()), pl.col("currency")),
        findings("TRF-002", lost.filter(amount.is_null())),
        findings("TRF-005", lost.filter(amount.is_not_null() & rate.is_not_null() & (worth.is_null() | added))),
    ]


def _unknown_charges(cases: pl.DataFrame, charges: pl.DataFrame) -> list[pl.DataFrame]:
    items = cases.select("i", "item").unique("i")
    placed = charges.join(items, on="i", how="left", maintain_order="left")
    untyped = placed.filter(pl.col("sign").is_null()).with_columns(at=_charge_at("ChargesTypeCode"))
    unrated = placed.filter(pl.col("sign").is_not_null() & pl.col("fx").is_null())
    unrated = unrated.with_columns(at=_charge_at("OtherChargeDeductionAmount"))
    return [
        findings("TRF-011", untyped, pl.col("type")),
        findings("TRF-001", unrated, pl.col("currency")),
    ]


def _charge_at(name: str) -> pl.Expr:
    """Where a charge is declared: of the item, of the shipment, or the freight."""
    shipment = "Declaration/GoodsShipment/CustomsValuation"
    of_item = element(f"{GOODS_ITEM_PATH}/CustomsValuation/ChargeDeduction/{name}").at
    of_shipment = element(f"{shipment}/ChargeDeduction/{name}").at
    freight = pl.col("type") == "freight"
    place = pl.when(freight).then(element(f"{shipment}/FreightChargeAmount").at)
    return place.when(pl.col("i").is_null()).then(of_shipment).otherwise(of_item)


def _without_amount(cases: pl.DataFrame, levy: Levy) -> list[pl.DataFrame]:
    amount, base, total = (pl.col(f"{name}:{levy.tax.code}") for name in ("amount", "base", "sum"))
    lawless, excessive = missing(levy), (base.abs() >= Range.AMOUNT) | total.is_not_null()
    lost = cases.filter(amount.is_null() & (lawless | excessive))  # a tax that does not fall on a case is not lost
    return [
        findings("TRF-003", lost.filter(lawless), pl.col("commodity_code")),
        findings("TRF-005", lost.filter(excessive)),
    ]


def _unknown_parts(lost: pl.DataFrame) -> list[pl.DataFrame]:
    reason = pl.col("lacking")
    return [
        findings("TRF-004", lost.filter(reason == "quantity"), pl.col("unit")),
        findings("TRF-001", lost.filter(reason == "exchange rate"), pl.col("priced_in")),
        findings("TRF-005", lost.filter(reason.is_null())),
        findings("TRF-008", lost.filter(reason == "recipe"), pl.col("commodity_code")),
    ]
