"""Reckoning: everything one administration asks for the goods of a lot, in columns.

Items are matched with measures and rates of exchange once per distinct combination of what decides (`case`), then every
amount is reckoned (`tax`), tax by tax in the administration's sequence. What is due and how it came about are two ways
to read the outcome: `assess` and `trace`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, collected
from landsea.tariff.case import cases_of, claims_without_ground, with_law, without_closed_quotas
from landsea.tariff.customs_value import charges_of, value, with_additions
from landsea.tariff.measure import Tariff, tariffs_of
from landsea.tariff.quantity import parts_of, with_deductions, with_slots
from landsea.tariff.shortfall import breaches, declared_in_vain
from landsea.tariff.tax import Levy, reckoned
from landsea.tariff.valuation import Evidence
from landsea.tariff.value_claim import Doubts, doubts_of

NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The cases of one administration with every number reckoned, and what was found on the way."""

    tariff: Tariff
    levies: tuple[Levy, ...]  # the taxes that fall on these cases, in sequence
    cases: pl.DataFrame
    charged: bool  # whether charges are declared
    parts: pl.DataFrame | None  # the components of composite rates, if there are any
    findings: list[pl.DataFrame]
    doubts: Doubts | None  # of items that are not at a plain price


def reckonings(lot: Lot, edition: Edition, evidence: Evidence = NO_EVIDENCE) -> Iterator[Reckoning]:
    """A reckoning for every administration addressed that has a schedule, in the order of their codes."""
    addressed = lot["declarations"]["administration"]
    found = ((code, tariff) for code, tariff in tariffs_of(edition).items() if (addressed == code).any())
    return (_reckoning(lot, tariff, evidence, edition) for _, tariff in found)


def _reckoning(lot: Lot, tariff: Tariff, evidence: Evidence, edition: Edition) -> Reckoning:
    administration = tariff.administration
    cases, findings = without_closed_quotas(with_law(cases_of(lot, administration), tariff), tariff)
    levies = _levies(lot, cases, tariff)
    parts = parts_of(lot, cases, tariff, levies)
    charges = charges_of(lot, cases, tariff)
    if charges is not None:
        cases = with_additions(cases, charges)
    valued = cases.lazy().with_columns(value(administration, charged=charges is not None))
    if doubts := doubts_of(lot, cases, evidence, tariff, edition):
        valued = valued.join(doubts.values.lazy(), on="i", how="left", maintain_order="left")
        valued = valued.with_columns(value=pl.when("doubted").then("other").otherwise("value"))
        findings.append(doubts.findings)
    levies, wide = with_slots(valued, levies, parts)
    wide = with_deductions(wide, levies, lot, administration)
    done = collected(reckoned(wide, levies, administration))
    findings += claims_without_ground(cases, tariff)
    findings += breaches(done, levies, parts, charges)
    findings += declared_in_vain(lot, done, levies, administration)
    return Reckoning(tariff, levies, done, charges is not None, parts, findings, doubts)


def _levies(lot: Lot, cases: pl.DataFrame, tariff: Tariff) -> tuple[Levy, ...]:
    """The taxes that may fall on these cases, in the administration's sequence."""
    deductions = lot["taxes"]
    deducted = set(deductions.filter(pl.col("deduct") > 0)["type"]) if deductions["deduct"].count() else set()
    levies = []
    for place, tax in enumerate(tariff.administration.taxes, start=1):
        lacking = cases[f"measure:{tax.code}"].null_count()
        if tax.required or lacking < cases.height:
            composite = not cases[f"simple:{tax.code}"].all()
            levies.append(Levy(tax, place, lacking > 0, composite, (), tax.deductions and tax.code in deducted))
    return tuple(levies)
