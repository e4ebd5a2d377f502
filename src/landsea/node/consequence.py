"""Consequences: what a lot's decisions mean beside themselves: what is claimed, and by what an arrival names the goods.

Duties are claimed in the books where the administration collects before it releases; elsewhere the books of others have
them. Names are kept of declarations that wait for their goods; and of all once carriers report or tell of arrivals.
"""

from collections import defaultdict
from typing import NamedTuple

import polars as pl

from landsea.clearance.collecting import collecting
from landsea.clearance.revenue import MOST
from landsea.clearance.state import ADVANCE, FREE, State
from landsea.codes.administration import coinage, law_of
from landsea.codes.edition import Edition
from landsea.declaration.lot import collected
from landsea.declaration.stage import Decided

from .asked import Count, counts
from .quota import Draw, draws_of

Claim = tuple[str, int]
Names = tuple[tuple[str, str], ...]
WAYBILLS = ("703", "704", "705", "710", "714", "720", "730", "740", "741", "785", "787")
"""Documents of carriage by their UN/EDIFACT 1001 numbers: waybills, consignment notes, bills of lading, manifests."""


class Consequence(NamedTuple):
    """What a decision means beside itself, as `recording.Place` keeps it."""

    claim: Claim | None  # from now on; None: as before
    aliases: Names
    asked: tuple[Count, ...]  # what agencies ask
    liable: str  # who owes its duties; empty: the sender
    draws: tuple[Draw, ...]  # on quotas


def consequences(decided: Decided, edition: Edition, *, named: bool = False) -> dict[int, Consequence]:
    """Declaration row → its consequences; rows without any are left out. Names are kept of what waits for its goods,
    or where `named` of all."""
    claims, names, asked = _claims(decided, edition), _names(decided, named=named), counts(decided)
    liable, draws = _liable(decided), draws_of(decided)
    rows = claims.keys() | names.keys() | asked.keys() | liable.keys() | draws.keys()
    return {
        d: Consequence(claims.get(d), names.get(d, ()), asked.get(d, ()), liable.get(d, ""), draws.get(d, ()))
        for d in rows
    }


def _liable(decided: Decided) -> dict[int, str]:
    """Declaration row → the principal that is represented directly: it owes, and nobody else (RKC GA 8.2)."""
    acted = decided.represented
    direct = acted.filter(pl.col("representation") == "direct") if acted.height else acted
    return dict(direct.select("d", "principal").iter_rows()) if direct.height else {}


def _claims(decided: Decided, edition: Edition) -> dict[int, Claim]:
    """Nothing is claimed of what is rejected or withdrawn; a quota is reckoned as not granted until it is."""
    coins = {issuer: coinage(law_of(edition, issuer)) for issuer in collecting(edition)}
    if not coins:
        return {}
    rows = decided.lot["declarations"].select("d", "administration", "message").hstack(decided.decisions[["state"]])
    asked = rows.filter(
        pl.col("administration").is_in(list(coins)),
        (pl.col("message") == "declaration") | (pl.col("state") == State.INVALIDATED.value),
    )
    sums = _owed(decided.assessments)
    return {
        d: (coins[issuer].currency, 0 if state in FREE else min(sums.get(d, 0) // coins[issuer].unit, MOST))
        for d, issuer, _, state in asked.iter_rows()
    }


def _owed(assessments: pl.DataFrame) -> dict[int, int]:
    """What is payable by declaration row; nothing where a lot was held before anything was assessed."""
    if assessments.is_empty():
        return {}
    due = assessments.lazy().filter(pl.col("state") == "payable", ~pl.col("if_granted").fill_null(value=False))
    return dict(collected(due.group_by("d").agg(pl.col("amount").sum())).iter_rows())


def _names(decided: Decided, *, named: bool) -> dict[int, Names]:
    waits = pl.col("state").is_in([state.value for state in ADVANCE])
    taken = ~pl.col("state").is_in([state.value for state in (*FREE, State.UNKNOWN)])
    early = decided.decisions.filter(taken if named else waits)["d"]
    if early.is_empty():
        return {}
    lot, found = decided.lot, defaultdict[int, set[tuple[str, str]]](set)
    bills = lot["documents"].filter(pl.col("type").is_in(WAYBILLS))
    frames = {"ucr": lot["declarations"].select("d", "ucr"), "container": lot["equipment"].select("d", "id")}
    for kind, frame in {**frames, "waybill": bills.select("d", "id")}.items():
        for d, value in frame.filter(pl.col("d").is_in(early.implode())).drop_nulls().iter_rows():
            found[d].add((kind, value))
    return {d: tuple(sorted(names)) for d, names in found.items()}
