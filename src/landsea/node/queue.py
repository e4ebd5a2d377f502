"""The queue of a node: what waits for its officers now, read from where declarations and acts stand.

All that waits is ordered before a page of it is taken, so that pages never disagree on what comes first. To order is to
look at a few columns of everything; the rest is read of one page only.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import polars as pl
from sqlalchemy import Connection, select

from landsea.clearance import queue
from landsea.clearance.condition import Condition
from landsea.clearance.target import TARGETS
from landsea.declaration.stage import Control

from . import tables
from .clocks import Clocks, Seen, seen, stand

_PROPOSED: Final = (
    "SELECT acts.mrn FROM acts JOIN declarations ON declarations.mrn = acts.mrn WHERE proposed = 1"
    " AND acts.place = declarations.state || '@' || declarations.version"
    " AND NOT EXISTS (SELECT 1 FROM acts AS later WHERE later.mrn = acts.mrn AND later.kind = acts.kind"
    " AND later.proposed = 0 AND later.leaf > acts.leaf)"
)
_CONTESTED: Final = (
    "SELECT mrn FROM acts WHERE kind IN ('review-requested', 'review-decided') GROUP BY mrn"
    " HAVING MAX(CASE WHEN kind = 'review-requested' THEN leaf ELSE -1 END)"
    " > MAX(CASE WHEN kind = 'review-decided' THEN leaf ELSE -1 END)"
)
_BESIDE: Final = f"declarations.mrn IN ({_PROPOSED} UNION {_CONTESTED}) AND NOT ({tables.WAITING})"
_OF_OFFICE: Final = " AND clocks.office = ?"
_SHOWN: Final = ("mrn", "lrn", "sender", "office", "mode", "commodity", "state", "control", "ground", "awaits")
_PAGE: Final = select(
    *((tables.declarations if name in tables.declarations.c else tables.clocks).c[name] for name in _SHOWN)
).select_from(tables.declarations.outerjoin(tables.clocks, tables.clocks.c.mrn == tables.declarations.c.mrn))


class Page(NamedTuple):
    """Some of the queue: its entries, and how many there are in all."""

    entries: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for the officers of a node."""

    clocks: Clocks

    def page(self, limit: int, page: int = 1, office: str = "") -> Page:
        """That page of the queue, so many entries a page; of one office, where one is named."""
        store, declared = self.clocks.store, tables.declarations
        more, values = (_OF_OFFICE, [office]) if office else ("", [])
        with store.reading() as connection:
            work = self._work(connection, more, values)
            part = work[(page - 1) * limit : page * limit]
            rows = connection.execute(_PAGE.where(declared.c.mrn.in_(part["reference"].to_list())))
            shown = {row.mrn: row._asdict() for row in rows}
        entries = [self._entry(shown[one["reference"]], one) for one in part.iter_rows(named=True)]
        return Page(entries, work.height)

    def _work(self, connection: Connection, more: str, values: list[str]) -> pl.DataFrame:
        """All that waits, in order."""
        store = self.clocks.store
        parts = [seen(store, connection, f"{where}{more}", values) for where in (str(tables.WAITING), _BESIDE)]
        known = Seen(pl.concat([one.rows for one in parts]), pl.concat([one.asked for one in parts]))
        told = stand(known, self.clocks.edition, self.clocks.clock.now())
        marks = ([row[0] for row in store.rows(connection, one)] for one in (_PROPOSED, _CONTESTED))
        return queue.ordered(told.hstack(_stands(known, *marks)))

    def _entry(self, row: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
        control = Control(row["control"])
        clock = {name: one[name] for name in TARGETS}
        return {
            "place": one["place"],
            "task": one["task"],
            "action": queue.SENTENCES[queue.Task(one["task"])],
            **{name: row[name] for name in _SHOWN if name != "state"},
            "stands": row["state"],
            "control": None if control is Control.NONE else control.name.lower(),
            "awaits": row["awaits"].split(),
            "clock": clock | {"timezone": self.clocks.zone(one["administration"])},
        }


def _stands(known: Seen, proposed: list[str], contested: list[str]) -> pl.DataFrame:
    """What of each declaration says what is to be done with it."""
    said = known.asked.group_by("mrn", maintain_order=True).agg(pl.col("kind").last())
    rows = known.rows.join(said, on="mrn", how="left", maintain_order="left")
    return rows.select(
        "administration",
        reference="mrn",
        stands="state",
        proposed=pl.col("mrn").is_in(proposed),
        contested=pl.col("mrn").is_in(contested),
        asked=pl.col("awaits").str.contains(Condition.ANSWER.value, literal=True),
        answered=(pl.col("kind") == "answered").fill_null(value=False),
    )
