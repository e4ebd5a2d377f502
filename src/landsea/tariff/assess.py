"""Assessment of duties and taxes: what is due on each goods item, with its trace.

Items are matched with measures and rates of exchange once per distinct combination of what decides (`case`), then every
amount is reckoned in columns (`tax`), tax by tax in the administration's sequence. Where an item claims a quota, it is
assessed twice, as granted and as refused; which of the two holds is known only when the claim is granted.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Assessed, Checked, Known
from landsea.tariff import trace
from landsea.tariff.amount import components
from landsea.tariff.case import KEY, cases_of, claims_without_ground, keyed, plainly, without_closed_quotas
from landsea.tariff.customs_value import charges_of, invoiced, value, with_additions
from landsea.tariff.measure import Administration, Tariff, tariff_of
from landsea.tariff.quantity import with_declared, with_deductions, with_slots
from landsea.tariff.shortfall import breaches, declared_in_vain
from landsea.tariff.tax import Levy, assessments, component_steps, reckoned
from landsea.tariff.tax import steps as tax_steps

SCHEMA: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item within its declaration, from 1
    "tax": pl.String(),
    "measure": pl.String(),  # its id in the schedule; null where none applies though one must
    "regime": pl.String(),  # the preference it was charged under; null: the general rate
    "if_granted": pl.Boolean(),  # null: no quota is claimed; true and false: the two outcomes of the claim
    "quota_order": pl.String(),
    "base": pl.Int128(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "rate": pl.String(),
    "amount": pl.Int128(),  # rounded as the administration names it; null where it could not be reckoned
    "currency": pl.String(),
    "state": pl.String(),  # payable, suspended (by the procedure), unassessed
}


_NO_ROWS: Final = pl.DataFrame(schema=SCHEMA)


def assess(checked: Checked, known: Known, edition: Edition) -> Assessed:
    """Duties and taxes of every declaration to an administration with a schedule; others have none, as checking says.

    Nothing that bears on a first assessment is `known`: quotas are claimed here and granted at commit.
    """
    del known
    tariff = tariff_of(edition)
    addressed = checked.lot["declarations"]["administration"].unique().sort().to_list()
    parts = [
        _assess_one(checked.lot, tariff, tariff.administrations[a]) for a in addressed if a in tariff.administrations
    ]
    before = {field.name: getattr(checked, field.name) for field in fields(Checked)}
    before["findings"] = pl.concat([checked.findings, *(f for part in parts for f in part.findings)])
    return Assessed(
        **before,
        assessments=pl.concat([_NO_ROWS, *(part.assessments for part in parts)]),
        traces=pl.concat([trace.NO_STEPS, *(part.traces for part in parts)]),
    )


def claims(assessed: pl.DataFrame) -> pl.DataFrame:
    """What the assessments draw on quotas if granted: one row per item and quota, with the quantity or else the value.

    Columns d, i, item, quota_order, quantity, unit, base.
    """
    granted = assessed.filter(pl.col("if_granted") & pl.col("quota_order").is_not_null())
    return granted.unique(["i", "quota_order"], keep="first", maintain_order=True).select(
        "d", "i", "item", "quota_order", "quantity", "unit", "base"
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for one administration."""

    assessments: pl.DataFrame
    traces: pl.DataFrame
    findings: list[pl.DataFrame]


def _assess_one(lot: Lot, tariff: Tariff, administration: Administration) -> _Found:
    cases, law = keyed(cases_of(lot, administration), tariff, administration)
    cases, findings = without_closed_quotas(cases, law)
    valued, charges = _valued(lot, cases, law, tariff, administration)
    levies = _levies(lot, law, administration)
    parts = _parts(lot, cases, law, tariff, levies)
    levies, wide = with_slots(valued, levies, parts)
    wide = with_deductions(wide, levies, lot, administration)
    planned = plainly(cases.height)
    done = reckoned(wide, levies, administration).collect(optimizations=planned)
    plan = done.lazy()
    rows = [assessments(plan, levy, administration) for levy in levies]
    steps = _value_steps(plan, law, administration, charged=charges is not None)
    steps += [step for levy in levies for step in tax_steps(plan, levy)]
    steps += [component_steps(parts, levies)] if parts is not None else []
    findings += claims_without_ground(cases, law)
    findings += breaches(done, levies, parts, charges)
    findings += declared_in_vain(lot, done, levies, administration)
    assessed, traced = pl.collect_all([pl.concat([_NO_ROWS.lazy(), *rows]), pl.concat(steps)], optimizations=planned)
    return _Found(assessed, traced, findings)


def _valued(
    lot: Lot, cases: pl.DataFrame, law: pl.DataFrame, tariff: Tariff, administration: Administration
) -> tuple[pl.LazyFrame, pl.DataFrame | None]:
    """The cases with their law and their customs value, and the charges declared."""
    of_key = law.drop("k", *KEY, "opened", "groundless")
    valued = cases.hstack(of_key[cases["k"]]).lazy().with_columns(invoiced=invoiced())
    charges = charges_of(lot, cases, tariff, administration)
    if charges is not None:
        valued = with_additions(valued.collect(), charges).lazy()
    return valued.with_columns(value=value(administration, charged=charges is not None)), charges


def _levies(lot: Lot, law: pl.DataFrame, administration: Administration) -> tuple[Levy, ...]:
    """The taxes that may fall on these cases, in the administration's sequence."""
    deducted = (
        set(lot["taxes"].filter(pl.col("deduct") > 0)["type"].to_list()) if lot["taxes"]["deduct"].count() else set()
    )
    levies = []
    for place, tax in enumerate(administration.taxes, start=1):
        if f"measure:{tax.code}" in law.columns:
            lacking = law[f"measure:{tax.code}"].null_count()
            composite = not law[f"simple:{tax.code}"].all()
            levies.append(Levy(tax, place, lacking > 0, composite, (), tax.deductions and tax.code in deducted))
    return tuple(levies)


def _parts(
    lot: Lot, cases: pl.DataFrame, law: pl.DataFrame, tariff: Tariff, levies: tuple[Levy, ...]
) -> pl.DataFrame | None:
    """The components of the composite rates that fall on the cases; None where no rate is composite."""
    rows = []
    for code in [levy.tax.code for levy in levies if levy.composite]:
        composite = law.filter(~pl.col(f"simple:{code}")).select("k", "administration", measure=f"measure:{code}")
        rows.append(cases.join(composite, on="k", maintain_order="left").with_columns(tax=pl.lit(code)))
    return components(with_declared(pl.concat(rows), lot), tariff) if rows else None


def _value_steps(
    cases: pl.LazyFrame, law: pl.DataFrame, administration: Administration, *, charged: bool
) -> list[pl.LazyFrame]:
    converted, valued = _value_columns(charged=charged)
    foreign = cases.filter(pl.col("currency") != administration.currency).select(converted)
    return (
        [foreign, cases.select(valued)]
        if (law["currency"] != administration.currency).any()
        else [cases.select(valued)]
    )


@cache
def _value_columns(*, charged: bool) -> tuple[tuple[pl.Expr, ...], ...]:
    rate = {"a": pl.col("item_amount"), "b": pl.col("fx"), "result": pl.col("invoiced"), "unit": pl.col("exchanged")}
    made = {"a": pl.col("invoiced"), "b": pl.col("additions") if charged else pl.lit(0), "result": pl.col("value")}
    return trace.step("converted", 1, **rate), trace.step("charged", 2, **made)
