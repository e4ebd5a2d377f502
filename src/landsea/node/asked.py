"""Asked: what agencies ask of each declaration, counted, as the node remembers it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from landsea.clearance.agency import asked_counts
from landsea.declaration.stage import Decided

from . import tables
from .store import Store

Count = tuple[str, int, int, int, int]
"""Agency; documents asked for this consignment, of these declared, asked but good for a period, examinations."""


def counts(decided: Decided) -> dict[int, tuple[Count, ...]]:
    """Declaration row → what each agency asks of it; rows nobody asks about are left out."""
    found: dict[int, tuple[Count, ...]] = {}
    for d, *count in asked_counts(decided.asks).iter_rows() if decided.asks.height else ():
        found[d] = (*found.get(d, ()), (count[0], *count[1:]))
    return found


def remember(store: Store, connection: Connection, asked: Sequence[tuple[str, Sequence[Count]]]) -> None:
    """What agencies ask of these declarations is known."""
    store.insert(connection, tables.asked, [(agency, mrn, *count) for mrn, own in asked for agency, *count in own])


def forget(connection: Connection, mrn: str) -> None:
    """What was asked of an earlier version of this declaration is known no more."""
    connection.execute(tables.asked.delete().where(tables.asked.c.mrn == mrn))
