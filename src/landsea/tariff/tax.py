"""The taxes of an administration over its cases: base, total, amount, one after the other, as one plan of columns.

Columns of a tax carry its code behind a colon (`base:B00`). Every rate is reckoned alike, slot by slot
(`amount.slots`): base x percent + specific. What no case needs is left out of the plan.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from landsea.tariff import trace
from landsea.tariff.amount import limited, payable, percentage, with_itself
from landsea.tariff.measure import Administration, Tax


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax as a lot needs it: which limits its rates have, whether it is composite, partial, with deductions."""

    tax: Tax
    place: int
    partial: bool  # some cases have no measure of it
    composite: bool
    limits: tuple[int, ...]
    deducted: bool


def reckoned(cases: pl.LazyFrame, levies: tuple[Levy, ...], administration: Administration) -> pl.LazyFrame:
    """The cases with base, total, rounded and amount of every levy, in millionths (totals in SCALE).

    `due` is what the levy adds to the bases of later ones: zero where it does not fall on the case, null if unknown.
    """
    known = {levy.tax.code for levy in levies}
    for levy in levies:
        cases = _reckoned_one(cases, levy, administration, known)
    return cases


def _reckoned_one(cases: pl.LazyFrame, levy: Levy, administration: Administration, known: set[str]) -> pl.LazyFrame:
    of = _columns(levy)
    base = pl.col("value")
    for part in levy.tax.base:
        if part in known:
            base = base + pl.col(f"due:{part}")
    cases = cases.with_columns(base.alias(f"base:{levy.tax.code}"))
    total = percentage(of("base"), of("percent"))
    if levy.composite:
        # a slot row may be absent (a plain rate), present with null (unknown): only the latter makes it unknown
        total = pl.when(of("slot", 0).is_null()).then(total).otherwise(total + of("specific", 0))
        for slot in levy.limits:
            bound = percentage(of("base"), of("percent", slot)) + of("specific", slot)
            cases = cases.with_columns(
                total.alias(f"before:{slot}:{levy.tax.code}"), bound.alias(f"bound:{slot}:{levy.tax.code}")
            )
            total = limited(of("before", slot), of("limit", slot), of("bound", slot))
        # a rate with a part taken off never pays the declarant
        total = pl.when(total < 0).then(pl.lit(0, dtype=pl.Int128)).otherwise(total)
    cases = cases.with_columns(total.alias(f"sum:{levy.tax.code}"))
    if levy.tax.inclusive:
        cases = cases.with_columns(with_itself(of("sum"), of("percent")).alias(f"total:{levy.tax.code}"))
    whole = of("total") if levy.tax.inclusive else of("sum")
    rounded = payable(whole, administration.places, administration.rounding)
    cases = cases.with_columns(rounded.alias(f"rounded:{levy.tax.code}"))
    amount = of("rounded")
    if levy.deducted:
        less = pl.max_horizontal(amount - of("deduct"), pl.lit(0, dtype=pl.Int128))
        amount = pl.when(amount.is_null() | of("deduct").is_null()).then(amount).otherwise(less)
    nothing = pl.lit(0, dtype=pl.Int128)
    due = pl.when(applies(levy)).then(amount).otherwise(nothing) if levy.partial else amount
    return cases.with_columns(amount.alias(f"amount:{levy.tax.code}"), due.alias(f"due:{levy.tax.code}"))


def missing(levy: Levy) -> pl.Expr:
    """Whether the tax must fall on the case though no measure says how."""
    lacking = pl.col(f"measure:{levy.tax.code}").is_null()
    return lacking & (pl.col("direction") == "import") if levy.tax.required else pl.lit(value=False)


def applies(levy: Levy) -> pl.Expr:
    """Whether the tax falls on the case: a measure says how, or one must."""
    return pl.col(f"measure:{levy.tax.code}").is_not_null() | missing(levy)


def assessments(cases: pl.LazyFrame, levy: Levy, administration: Administration) -> pl.LazyFrame:
    """One row per case the levy falls on, with the columns of `assess.SCHEMA`."""
    of = _columns(levy)
    chosen = cases.filter(applies(levy)) if levy.partial else cases
    nothing: dict[str, Any] = {"quantity": pl.lit(None, dtype=pl.Int128), "unit": pl.lit(None, dtype=pl.String)}
    quantity = {"quantity": of("quantity"), "unit": of("unit")} if levy.composite else nothing
    return chosen.select(
        *("d", "i", "item"),
        tax=pl.lit(levy.tax.code),
        measure=of("id"),
        regime=of("preference"),
        if_granted="if_granted",
        quota_order=of("quota_order"),
        base=of("base"),
        **quantity,
        rate=of("rate"),
        amount=of("amount"),
        currency=pl.lit(administration.currency),
        state=pl.when(of("amount").is_null())
        .then(pl.lit("unassessed"))
        .when(pl.col("procedure").is_in(administration.suspending))
        .then(pl.lit("suspended"))
        .otherwise(pl.lit("payable")),
    )


def steps(cases: pl.LazyFrame, levy: Levy) -> list[pl.LazyFrame]:
    """The steps that led to the levy's amount, but for its specific components (`component_steps`)."""
    of = _columns(levy)
    chosen = cases.filter(applies(levy)) if levy.partial else cases
    code, place = pl.lit(levy.tax.code), 100 * levy.place
    share = percentage(of("base"), of("percent"))
    made = [
        trace.steps(chosen, "ad valorem", place + 1, tax=code, a=of("base"), b=of("percent"), result=share // 10**8),
        trace.steps(chosen, "rounded", place + 92, tax=code, a=of("sum") // 10**8, result=of("rounded")),
    ]
    if levy.tax.base != ("value",):
        others = of("base") - pl.col("value")
        made.append(trace.steps(chosen, "based", place, tax=code, a=pl.col("value"), b=others, result=of("base")))
    for slot in levy.limits:
        bound = {"a": of("before", slot) // 10**8, "b": of("bound", slot) // 10**8, "unit": of("limit", slot)}
        after = limited(of("before", slot), of("limit", slot), of("bound", slot)) // 10**8
        bounded = chosen.filter(of("limit", slot).is_not_null())
        made.append(trace.steps(bounded, "limited", place + 2 * slot + 2, tax=code, result=after, **bound))
    if levy.tax.inclusive:
        part = {"a": of("sum") // 10**8, "b": of("percent"), "result": of("total") // 10**8}
        made.append(trace.steps(chosen, "inclusive", place + 91, tax=code, **part))
        made[1] = trace.steps(chosen, "rounded", place + 92, tax=code, a=of("total") // 10**8, result=of("rounded"))
    if levy.deducted:
        taken = chosen.filter(of("deduct").is_not_null())
        less = {"a": of("rounded"), "b": of("deduct"), "result": of("amount")}
        made.append(trace.steps(taken, "deducted", place + 93, tax=code, **less))
    return made


def component_steps(parts: pl.DataFrame, levies: tuple[Levy, ...]) -> pl.LazyFrame:
    """A step for every component of a composite rate that is charged on a quantity or is fixed."""
    places = {levy.tax.code: 100 * levy.place for levy in levies}
    counted = pl.when(pl.col("per") == 1).then(pl.lit("")).otherwise(pl.concat_str("per", pl.lit(" ")))
    priced = pl.when(pl.col("kind") == "retail").then(pl.lit("%")).otherwise("priced_in")
    unit = pl.concat_str(priced, pl.lit(" / "), counted, pl.coalesce("unit", pl.lit("item")))
    step = pl.col("tax").replace_strict(places, return_dtype=pl.UInt32) + 2 * pl.col("slot") + 1
    charged = parts.lazy().filter(pl.col("kind") != "ad valorem")
    result = pl.col("part") // 10**8
    return trace.steps(
        charged, "specific", step, tax=pl.col("tax"), a=pl.col("quantity"), b=pl.col("rate"), result=result, unit=unit
    )


def _columns(levy: Levy) -> Any:
    """The column of the levy by that name, of that slot if one is given."""

    def of(name: str, slot: int | None = None) -> pl.Expr:
        return pl.col(f"{name}:{levy.tax.code}" if slot is None else f"{name}:{slot}:{levy.tax.code}")

    return of
