"""One tax over the items of one administration: the base it stands on, its amount, its trace, what is lacking."""

from dataclasses import dataclass

import polars as pl

from landsea.declaration.lot import Lot
from landsea.tariff import breach, trace
from landsea.tariff.amount import composite, payable, percentage, with_itself
from landsea.tariff.measure import Administration, Tariff, Tax
from landsea.units import Range

Law = tuple[Lot, Tariff, Administration, Tax, int]
"""The lot, the tariff, the administration, the tax and its place in the sequence."""


@dataclass(slots=True)
class Due:
    """What has been found so far: frames of assessments, of trace steps and of findings."""

    assessments: list[pl.DataFrame]
    traces: list[pl.DataFrame]
    findings: list[pl.DataFrame]


def due(cases: pl.DataFrame, before: dict[str, pl.Series], law: Law, result: Due) -> pl.Series:
    """What is due of this tax per case, in millionths, added to the result with its steps and findings.

    Zero where the tax does not apply, null where it could not be reckoned.
    """
    _, tariff, _, tax, place = law
    due_taxes = [before[part] for part in tax.base if part != "value"]
    on_taxes = sum(due_taxes[1:], due_taxes[0]) if due_taxes else None
    rows = cases.with_columns(base=pl.col("value") if on_taxes is None else pl.col("value") + on_taxes)
    if rows["measure"].null_count():
        rows = _applicable(rows, law, result)
    else:
        rows = rows.with_columns(missing=pl.lit(value=False))
    if on_taxes is not None:
        step = {"a": pl.col("value"), "b": pl.col("base") - pl.col("value"), "result": pl.col("base")}
        result.traces.append(trace.steps(rows, "based", 100 * place, tax=pl.lit(tax.code), **step))
    percents = tariff.measures["percent"]
    rows = rows.with_columns(percent=percents.gather(rows["measure"]))
    rows = rows.with_columns(total=percentage(pl.col("base"), pl.col("percent")))
    rows = _composite(rows, law, result)
    rows = _rounded(rows, law, result)
    rows = _deducted(rows, law, result)
    result.assessments.append(_assessments(rows, law))
    if rows.height == cases.height:
        return rows["amount"]
    nothing = pl.when(pl.col("r").is_in(rows["r"].implode())).then("amount").otherwise(0).cast(pl.Int128)
    return (
        cases.select("r")
        .join(rows.select("r", "amount"), on="r", how="left", maintain_order="left")
        .select(nothing)
        .to_series()
    )


def _applicable(rows: pl.DataFrame, law: Law, result: Due) -> pl.DataFrame:
    """The rows the tax falls on, and those it must fall on though no measure says how (`missing`)."""
    lacking = pl.col("measure").is_null()
    if not law[3].required:
        return rows.filter(~lacking).with_columns(missing=pl.lit(value=False))
    rows = rows.filter(~lacking | (pl.col("direction") == "import")).with_columns(missing=lacking)
    result.findings.append(breach.findings("TRF-003", rows.filter("missing"), pl.col("commodity_code")))
    return rows


def _composite(rows: pl.DataFrame, law: Law, result: Due) -> pl.DataFrame:
    """The rows with the totals of composite rates, and the quantity the first of their components was charged on."""
    lot, tariff, _, tax, place = law
    simple = tariff.measures["simple"].gather(rows["measure"])
    none = {"quantity": pl.lit(None, dtype=pl.Int128), "declared_unit": pl.lit(None, dtype=pl.String)}
    code = pl.lit(tax.code)
    plain = rows if simple.all() else rows.filter(simple | simple.is_null())
    step = {"a": pl.col("base"), "b": pl.col("percent"), "result": pl.col("total") // 10**8}
    result.traces.append(trace.steps(plain, "ad valorem", 100 * place + 1, tax=code, **step))
    if plain.height == rows.height:
        return rows.with_columns(**none)
    some = _with_declared(rows.filter(~simple), lot, tax.code)
    totals, parts = composite(some, tariff)
    result.traces += _part_steps(parts, totals, tax.code, place)
    result.findings += _lacking(parts)
    first = parts.filter(pl.col("quantity").is_not_null()).unique("r", keep="first", maintain_order=True)
    totals = totals.join(first.select("r", "quantity", "declared_unit"), on="r", how="left", maintain_order="left")
    joined = rows.join(totals, on="r", how="left", maintain_order="left", suffix="_composite")
    composed = pl.col("r").is_in(totals["r"].implode())
    return joined.with_columns(total=pl.when(composed).then("total_composite").otherwise("total"))


def _with_declared(rows: pl.DataFrame, lot: Lot, tax: str) -> pl.DataFrame:
    """The rows with the quantities declared for the item, and for this tax of it."""
    kinds = ("tariff_quantity", "net_mass", "gross_mass")
    columns = [name for kind in kinds for name in (kind, kind + "_unit")]
    specific = (
        lot["taxes"]
        .filter((pl.col("type") == tax) & pl.col("specific_base").is_not_null())
        .unique("i", keep="first", maintain_order=True)
        .select("i", "specific_base", "specific_base_unit")
    )
    declared = lot["goods_items"].select("i", *columns)
    return rows.join(declared, on="i", how="left", maintain_order="left").join(
        specific, on="i", how="left", maintain_order="left"
    )


def _part_steps(parts: pl.DataFrame, totals: pl.DataFrame, tax: str, place: int) -> list[pl.DataFrame]:
    """A step per component, in order, and one for what the limits leave."""
    percent = parts.filter(pl.col("kind").is_in(["ad valorem", "retail"]))
    other = parts.filter(~pl.col("kind").is_in(["ad valorem", "retail"]))
    code, rate, part = pl.lit(tax), pl.col("rate"), pl.col("part") // 10**8
    on = pl.when(pl.col("kind") == "retail").then("quantity").otherwise("base")
    counted = pl.when(pl.col("per") == 1).then(pl.lit("")).otherwise(pl.concat_str("per", pl.lit(" ")))
    unit = pl.concat_str("priced_in", pl.lit(" / "), counted, pl.coalesce("unit", pl.lit("item")))
    step = 100 * place + 1 + pl.col("slot") * 2
    limited = parts.filter(pl.col("slot") > 0).unique("r", keep="first", maintain_order=True)
    before = parts.filter(pl.col("slot") == 0).group_by("r").agg(before=pl.col("part").sum() // 10**8)
    limits = parts.filter(pl.col("slot") > 0).group_by("r").agg(bound=pl.col("part").sum() // 10**8)
    ends = limited.join(before, on="r", how="left").join(limits, on="r", how="left").join(totals, on="r", how="left")
    end = {"a": pl.col("before"), "b": pl.col("bound"), "result": pl.col("total") // 10**8, "unit": pl.col("limit")}
    return [
        trace.steps(percent, "ad valorem", step, tax=code, a=on, b=rate, result=part),
        trace.steps(other, "specific", step, tax=code, a=pl.col("quantity"), b=rate, result=part, unit=unit),
        trace.steps(ends, "limited", 100 * place + 90, tax=code, **end),
    ]


def _lacking(parts: pl.DataFrame) -> list[pl.DataFrame]:
    lost = parts.filter(pl.col("part").is_null())
    if lost.is_empty():
        return []
    reason = pl.col("lacking")
    reached = lost.filter(reason.is_null() & pl.col("base").is_not_null())
    return [
        breach.findings("TRF-004", lost.filter(reason == "quantity"), pl.col("unit")),
        breach.findings("TRF-001", lost.filter(reason == "exchange rate"), pl.col("priced_in")),
        breach.findings("TRF-008", lost.filter(reason == "recipe"), pl.col("commodity_code")),
        breach.findings("TRF-005", reached),
    ]


def _rounded(rows: pl.DataFrame, law: Law, result: Due) -> pl.DataFrame:
    _, _, administration, tax, place = law
    code = pl.lit(tax.code)
    if tax.inclusive:
        whole = {"a": pl.col("total") // 10**8, "b": pl.col("percent"), "result": pl.col("inclusive") // 10**8}
        rows = rows.with_columns(inclusive=with_itself(pl.col("total"), pl.col("percent")))
        result.traces.append(trace.steps(rows, "inclusive", 100 * place + 91, tax=code, **whole))
        rows = rows.with_columns(total="inclusive").drop("inclusive")
    rows = rows.with_columns(amount=payable(pl.col("total"), administration.places, administration.rounding))
    step = {"a": pl.col("total") // 10**8, "result": pl.col("amount")}
    result.traces.append(trace.steps(rows, "rounded", 100 * place + 92, tax=code, **step))
    if rows["amount"].null_count():
        far = rows.filter(
            pl.col("amount").is_null() & (pl.col("total").is_not_null() | (pl.col("base").abs() >= Range.AMOUNT))
        )
        result.findings.append(breach.findings("TRF-005", far))
    return rows


def _deducted(rows: pl.DataFrame, law: Law, result: Due) -> pl.DataFrame:
    """The rows with declared deductions taken off, never below nothing; those not admitted are findings."""
    lot, _, administration, tax, place = law
    declared = lot["taxes"].filter((pl.col("type") == tax.code) & (pl.col("deduct") > 0))
    if declared.is_empty():
        return rows
    currency = pl.col("deduct_currency")
    admitted = pl.lit(tax.deductions) & (currency.is_null() | (currency == administration.currency))
    items = rows.select("i", "item").unique("i")
    refused = declared.filter(~admitted).join(items, on="i", maintain_order="left")
    result.findings.append(breach.findings("TRF-009", refused))
    sums = declared.filter(admitted).group_by("i").agg(pl.col("deduct").sum())
    rows = rows.join(sums, on="i", how="left", maintain_order="left")
    less = pl.max_horizontal(pl.col("amount") - pl.col("deduct"), pl.lit(0, dtype=pl.Int128))
    left = pl.when(pl.col("amount").is_null() | pl.col("deduct").is_null()).then("amount").otherwise(less)
    rows = rows.with_columns(left=left)
    steps = {"a": pl.col("amount"), "b": pl.col("deduct"), "result": pl.col("left")}
    taken = rows.filter(pl.col("deduct").is_not_null())
    result.traces.append(trace.steps(taken, "deducted", 100 * place + 93, tax=pl.lit(tax.code), **steps))
    return rows.with_columns(amount="left")


def _assessments(rows: pl.DataFrame, law: Law) -> pl.DataFrame:
    _, tariff, administration, tax, _ = law
    chosen = rows["measure"]
    stated = {name: tariff.measures[name].gather(chosen) for name in ("id", "preference", "quota_order", "rate")}
    suspended = pl.col("procedure").is_in(administration.suspending)
    state = pl.when(suspended).then(pl.lit("suspended")).otherwise(pl.lit("payable"))
    if rows["amount"].null_count():
        state = pl.when(pl.col("amount").is_null()).then(pl.lit("unassessed")).otherwise(state)
    return rows.select(
        *("d", "i", "item"),
        tax=pl.lit(tax.code),
        measure=stated["id"],
        regime=stated["preference"],
        if_granted="if_granted",
        quota_order=stated["quota_order"],
        base="base",
        quantity="quantity",
        unit="declared_unit",
        rate=stated["rate"],
        amount="amount",
        currency=pl.lit(administration.currency),
        state=state,
    )
