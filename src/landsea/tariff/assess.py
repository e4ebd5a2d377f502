"""Assessment of duties and taxes: what is due on each goods item.

Where an item claims a quota, it is assessed twice, as granted and as refused; which of the two holds is known only when
the claim is granted. How an amount came about is told by `trace`.
"""

from dataclasses import fields
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Assessed, Checked, Known
from landsea.tariff.first_proof import drawn_by
from landsea.tariff.origin_claim import claimed
from landsea.tariff.reckoning import NO_EVIDENCE, reckonings
from landsea.tariff.relief_claim import relieved
from landsea.tariff.tax import assessments
from landsea.tariff.valuation import Evidence
from landsea.tariff.value_claim import evidence_in

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
    "state": pl.String(),  # payable, suspended (by the procedure), relieved, unassessed
}
_NO_ROWS: Final = pl.DataFrame(schema=SCHEMA)


def assess(checked: Checked, known: Known, edition: Edition) -> Assessed:
    """Duties and taxes of every declaration to an administration with a schedule; others have none, as checking says.

    A preference is charged where its proof of origin is good, and what a relief lifts is not payable. Of what is known
    evidence of value and what is left of first proofs bear on it: quotas are claimed here and granted in hop 5.
    """
    claims = claimed(checked.lot, edition, known)
    due, found = charged(claims.lot, edition, evidence_in(known))
    after = relieved(checked.lot, due, edition)
    before = {field.name: getattr(checked, field.name) for field in fields(Checked)}
    if found := [some for some in (claims.findings, *found, after.findings) if some.height]:
        before["findings"] = pl.concat([checked.findings, *found])
    return Assessed(**before, assessments=after.assessments, proofs=drawn_by(claims.proofs, after.assessments))


def charged(lot: Lot, edition: Edition, evidence: Evidence = NO_EVIDENCE) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """What is due on the lot (`SCHEMA`) if every preference claimed rests on a good proof, without relief; findings."""
    done = list(reckonings(lot, edition, evidence))
    rows = [assessments(each.cases, each.levies, each.tariff) for each in done if each.levies]
    return pl.concat(rows) if rows else _NO_ROWS, [some for each in done for some in each.findings]
