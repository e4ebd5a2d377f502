"""Consequences: what a lot's decisions mean beside themselves: what is claimed, and by what an arrival names the goods.

Duties are claimed in the books where the administration collects before it releases; elsewhere the books of others have
them. Names are kept of declarations that wait for their goods, and of no other.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

from landsea.clearance.decide import collecting
from landsea.clearance.state import ADVANCE, FREE, State
from landsea.codes.edition import Edition
from landsea.declaration.stage import Decided
from landsea.units import coin

Claim = tuple[str, int]
Names = tuple[tuple[str, str], ...]
WAYBILLS = ("N703", "N704", "N705", "N710", "N714", "N720", "N730", "N740", "N741", "N785", "N787")
"""Documents of carriage by their UN/EDIFACT 1001 numbers: waybills, consignment notes, bills of lading, manifests."""


def consequences(decided: Decided, edition: Edition) -> dict[int, tuple[Claim | None, Names]]:
    """Declaration row → the claim on it from now on (None: as before) and its names; rows with neither are left out."""
    claims, names = _claims(decided, edition), _names(decided)
    return {d: (claims.get(d), names.get(d, ())) for d in claims.keys() | names.keys()}


def payable(law: Mapping[str, Any]) -> tuple[str, int]:
    """The currency an administration claims in (XXX: none is known), and its smallest payable unit in millionths."""
    return law.get("currency", "XXX"), coin(law.get("places", 2))


def _claims(decided: Decided, edition: Edition) -> dict[int, Claim]:
    """Nothing is claimed of what is rejected or withdrawn; a quota is reckoned as not granted until it is."""
    laws = {issuer: payable(edition.named("administration")[issuer]) for issuer in collecting(edition)}
    if not laws:
        return {}
    rows = decided.lot["declarations"].select("d", "administration", "message").hstack(decided.decisions[["state"]])
    asked = rows.filter(
        pl.col("administration").is_in(list(laws)),
        (pl.col("message") == "declaration") | (pl.col("state") == State.INVALIDATED.value),
    )
    due = decided.assessments.lazy().filter(pl.col("state") == "payable", ~pl.col("if_granted").fill_null(value=False))
    sums = dict(due.group_by("d").agg(pl.col("amount").sum()).collect().iter_rows())
    return {
        d: (laws[issuer][0], 0 if state in FREE else sums.get(d, 0) // laws[issuer][1])
        for d, issuer, _, state in asked.iter_rows()
    }


def _names(decided: Decided) -> dict[int, Names]:
    early = decided.decisions.filter(pl.col("state").is_in([state.value for state in ADVANCE]))["d"]
    if early.is_empty():
        return {}
    lot, found = decided.lot, defaultdict[int, set[tuple[str, str]]](set)
    bills = lot["documents"].filter(pl.col("type").is_in(WAYBILLS))
    named = {"ucr": lot["declarations"].select("d", "ucr"), "container": lot["equipment"].select("d", "id")}
    for kind, frame in {**named, "waybill": bills.select("d", "id")}.items():
        for d, value in frame.filter(pl.col("d").is_in(early.implode())).drop_nulls().iter_rows():
            found[d].add((kind, value))
    return {d: tuple(sorted(names)) for d, names in found.items()}
