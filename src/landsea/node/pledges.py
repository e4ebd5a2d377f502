"""Pledges in the database: which instruments bear on a declaration, and which of their reservations are overdue."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from landsea.clearance.instrument import falls_due
from landsea.clearance.pledge import Pledge
from landsea.clearance.revenue import Kind
from landsea.codes.administration import local_day

from . import tables
from .clock import instant

_ROWS, _ACCOUNTS, _TRANSFERS, _ENTRIES = tables.instruments, tables.accounts, tables.transfers, tables.entries
_CAUSED = (_ENTRIES.c.kind == _TRANSFERS.c.entry_kind) & (_ENTRIES.c.reference == _TRANSFERS.c.entry_reference)
_PLEDGES = select(*(_ROWS.c[name] for name in ("name", "kind", "holder", "guarantor", "currency", "last_day")))
_BEARING = _PLEDGES.where(
    or_(_ROWS.c.holder == bindparam("holder"), _ROWS.c.name.in_(bindparam("names", expanding=True)))
)


class Reserved(NamedTuple):
    """What is reserved on an instrument for a declaration, and the last day to pay it."""

    instrument: str
    mrn: str
    amount: int
    falls_due: date


def pledge(row: Sequence[Any]) -> Pledge:
    """The instrument in a row of its table."""
    name, form, holder, guarantor, currency, last_day = row
    return Pledge(name, form, holder, guarantor, currency, date.fromisoformat(last_day))


def named(connection: Connection, name: str) -> Pledge | None:
    """The instrument of this name."""
    row = connection.execute(_PLEDGES.where(_ROWS.c.name == name)).one_or_none()
    return pledge(row) if row else None


def held_by(connection: Connection, holder: str | None) -> list[Pledge]:
    """The instruments of a holder, or (None) all, by name."""
    asked = _PLEDGES if holder is None else _PLEDGES.where(_ROWS.c.holder == holder)
    return [pledge(row) for row in connection.execute(asked.order_by(_ROWS.c.name))]


def pledges(connection: Connection, holder: str, reserved: Sequence[str]) -> dict[str, Pledge]:
    """The holder's instruments and these."""
    rows = connection.execute(_BEARING, {"holder": holder, "names": list(reserved)})
    return {row.name: pledge(row) for row in rows}


def overdue(connection: Connection, mrn: str, law: Mapping[str, Any], today: date) -> frozenset[str]:
    """The instruments whose reservation for this declaration had to be paid before today."""
    held = reservations(connection, law, _ACCOUNTS.c.holder == mrn)
    return frozenset(one.instrument for one in held if one.falls_due < today)


def reservations(connection: Connection, law: Mapping[str, Any], condition: Any = None) -> Iterator[Reserved]:
    """What is reserved now under this condition on accounts, what falls due first first.

    The days run from the last reservation on the same instrument for the same declaration.
    """
    terms = law.get("payment", {})
    found = []
    for row in connection.execute(_reserved(condition)):
        on = local_day(instant(row.since), law)
        found.append(Reserved(row.instrument, row.holder, row.balance, falls_due(row.kind, on, terms)))
    yield from sorted(found, key=lambda one: (one.falls_due, one.mrn, one.instrument))


def _reserved(condition: Any) -> Select[Any]:
    held = _ACCOUNTS.c
    asked = (held.kind == Kind.RESERVED.value) & (held.balance > 0)
    moved = _TRANSFERS.c
    since = (
        select(func.max(_ENTRIES.c.at))
        .join_from(_TRANSFERS, _ENTRIES, _CAUSED)
        .where(moved.target_kind == Kind.RESERVED.value)
        .where(moved.target_holder == held.holder, moved.target_instrument == held.instrument)
        .scalar_subquery()
    )
    return (
        select(held.instrument, held.holder, held.balance, _ROWS.c.kind, since.label("since"))
        .join_from(_ACCOUNTS, _ROWS, _ROWS.c.name == held.instrument)
        .where(asked if condition is None else asked & condition)
    )
