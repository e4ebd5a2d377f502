"""The answer: what one declaration's decision means, as plain values from which responses and pages are written.

Audience decides what is in it. A trader's answer is made from `told`, findings and assessments alone; what officers
hear besides is added under names that no trader's answer has.
"""

from typing import Any

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Finding, findings_of
from landsea.declaration.stage import Control, Decided, Outcome
from landsea.risk.reasons import Audience, reasons

from .records import AMOUNTS
from .state import Response
from .told import told

OFFICERS_ONLY = frozenset({"selected_by", "drawn", "inclusion_per_million", "hits", "decided_in_advance"})
"""Members of an answer that no trader's answer has."""


def answer(decided: Decided, d: int, audience: Audience, edition: Edition) -> dict[str, Any]:
    """The answer to declaration row `d`: outcome, control with ground, findings, duties, and the responses owed."""
    return answers(decided, [d], audience, edition)[0]


def answers(decided: Decided, rows: list[int], audience: Audience, edition: Edition) -> list[dict[str, Any]]:
    """The answers to these rows, in their order."""
    declarations, decisions = decided.lot["declarations"], decided.decisions
    shown = told(decided, edition)
    given = []
    for d in rows:
        row = shown.row(d, named=True)
        reply: dict[str, Any] = {
            "reference": declarations["lrn"][d],
            "mrn": declarations["mrn"][d],
            "message": declarations["message"][d],
            **{name: value for name, value in row.items() if name not in ("d", "responses")},
            "responses": [Response(code).name.lower() for code in row["responses"]],
            "findings": [_finding(f) for f in findings_of(decided.findings, d)],
            "duties": duties(decided, d),
        }
        if audience is not Audience.TRADER:
            reply |= {k: v for k, v in reasons(decided, d, audience, edition).items() if k in OFFICERS_ONLY}
            decision = decisions.row(d, named=True)
            reply["decided_in_advance"] = (
                None
                if decision["effective"]
                else {
                    "outcome": Outcome(decision["outcome"]).name.lower(),
                    "control": Control(decision["control"]).name.lower(),
                    "ground": decision["ground"],
                }
            )
        given.append(reply)
    return given


def duties(decided: Decided, d: int) -> list[dict[str, Any]]:
    """The lines of the tax notice: one per goods item and tax, amounts as decimal text."""
    if decided.assessments.is_empty():
        return []
    lines = decided.assessments.filter(pl.col("d") == d)
    return lines.drop("d", "i").with_columns(AMOUNTS).to_dicts()


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "version": finding.version,
        "severity": finding.severity.name.lower(),
        "pointer": finding.where,
        "wco_pointer": finding.pointer.wco if finding.pointer else None,
        "value": finding.value,
    }
