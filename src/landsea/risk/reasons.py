"""Why a declaration was selected, told by audience.

A trader hears the control, its legal ground and what to do. Officers and auditors hear the rest. No byte that a trader
sees differs between a random and a profile selection.
"""

from enum import StrEnum
from typing import Any

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Control, Selected

from .law import risk_laws


class Audience(StrEnum):
    """Who is told."""

    TRADER = "trader"
    OFFICER = "officer"
    AUDITOR = "auditor"


def reasons(selected: Selected, d: int, audience: Audience, edition: Edition) -> dict[str, Any]:
    """The control of declaration `d` and its reasons, as far as the audience may know them."""
    row = selected.selections.row(by_predicate=pl.col("d") == d, named=True)
    administration = selected.lot["declarations"].row(by_predicate=pl.col("d") == d, named=True)["administration"]
    control = Control(row["control"])
    law = risk_laws(edition).get(administration)
    ground = law.grounds.get(control) if law else None
    told: dict[str, Any] = {
        "control": control.name.lower(),
        "ground": ground and ground.id,
        "law": ground and ground.law,
        "action": ground and ground.action,
    }
    if audience is Audience.TRADER:
        return told
    hits = selected.hits.filter(pl.col("d") == d).drop("d").to_dicts()
    by_name = {p.name: p for p in law.profiles} if law else {}
    for hit in hits:
        hit["control"] = Control(hit["control"]).name.lower()
        hit["reason"] = by_name[hit["profile"]].reason if hit["profile"] in by_name else "stop list"
    return told | {
        "selected_by": row["selected_by"],
        "drawn": Control(row["drawn"]).name.lower(),
        "inclusion_per_million": row["inclusion"],
        "hits": hits,
    }
