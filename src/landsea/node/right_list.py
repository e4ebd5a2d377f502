"""Rights of others as they stand at a node: which goods may infringe them, and suspensions made for their holders."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, bindparam, select, update

from landsea.clearance.act import Act, OfRight, Refused
from landsea.clearance.suspension import border_measures
from landsea.declaration.lot import Lot
from landsea.risk.rights import RIGHTS, suspected
from landsea.risk.stops import STOPS

from . import tables
from .store import Store

_RIGHTS, _SUSPENSIONS = tables.rights, tables.suspensions
_ANY: Final = "SELECT 1 FROM rights LIMIT 1"
_IN_FORCE: Final = "SELECT id, marks, hs FROM rights WHERE since <= ? AND until > ?"
_RIGHT = select(_RIGHTS).where(_RIGHTS.c.id == bindparam("right"))
_STATES: Final = {
    "suspension-extended": "extended",
    "proceedings-begun": "proceedings",
    "suspension-lifted": "ended",
    "infringing": "infringing",
}


def touched(store: Store, connection: Connection, lot: Lot) -> pl.DataFrame:
    """The goods of the lot that may infringe a right in force, as entries of the stop list."""
    if not store.rows(connection, _ANY) or not len(lot):
        return pl.DataFrame(schema=STOPS)
    now = int(lot["declarations"]["received_at"].dt.timestamp("us").max() or 0)  # type: ignore[arg-type]
    rows = [
        (right, mark, code)
        for right, marks, codes in store.rows(connection, _IN_FORCE, (now, now))
        for mark in marks.split("\n")
        for code in codes.split(" ")
    ]
    return suspected(lot, pl.DataFrame(rows, schema=RIGHTS, orient="row"))


def note(store: Store, connection: Connection, act: Act, on: tuple[int, date], law: Mapping[str, Any]) -> str | None:
    """What an act on a suspension means for it stands in the table; the holder of the right, who is to be told of it.
    The act is `on` record at a leaf, on a day.

    Raises Refused where release is to be suspended for a right that nobody applied for.
    """
    if not isinstance(act.content, OfRight):
        return None
    right, measures, (leaf, today) = act.content.right, border_measures(law), on
    own = (_SUSPENSIONS.c.mrn == act.mrn, _SUSPENSIONS.c.right == right)
    if act.kind == "suspended":
        row = connection.execute(_RIGHT, {"right": right}).one_or_none()
        if row is None:
            raise Refused("unknown-right", f"nobody applied for the protection of a right {right[:40]}")
        until = measures.until(today, extended=False)
        suspension = (act.mrn, right, row.holder, today.isoformat(), until.isoformat(), "suspended", leaf)
        store.insert(connection, _SUSPENSIONS, [suspension])
        return str(row.holder)
    found = connection.execute(select(_SUSPENSIONS).where(*own)).one()
    now: dict[str, Any] = {"state": _STATES[act.kind], "leaf": leaf}
    if act.kind == "suspension-extended":
        now["until"] = measures.until(date.fromisoformat(found.began), extended=True).isoformat()
    connection.execute(update(_SUSPENSIONS).where(*own).values(**now))
    return str(found.holder)
