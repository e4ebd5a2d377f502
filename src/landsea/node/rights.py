"""Rights: applications of those who hold rights, accepted by customs, and what their holders are told.

An application is a record. Goods that may infringe the right are controlled like any others (`risk.rights`); an
officer who suspends their release does it by an act (`clearance.suspension`). The holder is told that release was
suspended, for which right and until when, and nothing of who imports what; only where goods were found infringing the
officer's act says what more (TRIPS 57). What stood its term without proceedings lapses: `lapse` is what an operator
runs every day.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, delete, select, update

from landsea.clearance.act import NODE, Act, Name, OfRight, Refused, Text
from landsea.clearance.suspension import LAPSED, border_measures
from landsea.codes.administration import law_of, local_day, zone
from landsea.declaration.stage import Control
from landsea.risk.law import risk_laws
from landsea.risk.rights import protected

from . import records, tables
from .acting import Acting
from .on_record import Stepped, step
from .stop_list import midnight
from .stopping import Day, Step

Kind = Literal["trademark", "copyright", "patent", "design", "geographical-indication", "plant-variety"]
Prefix = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{2}){1,5}$(?!\n)")]
_RIGHTS, _SUSPENSIONS = tables.rights, tables.suspensions
_RUNNING: Final = ("suspended", "extended")
_SAID: Final = ("kind", "title", "goods", "marks", "hs", "contact", "valid_from", "valid_to", "actor")


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the holder of a right applied for, as the officer accepted it: party of the holder, the right, the goods,
    the names to look for, beginnings of HS codes (none: all goods), and from which day to which."""

    reference: Name
    holder: Name
    kind: Kind
    title: Text
    goods: Text
    marks: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=100)]
    contact: Text
    valid_from: Day
    valid_to: Day
    hs: Annotated[tuple[Prefix, ...], msgspec.Meta(max_length=200)] = ()


class Told(NamedTuple):
    """What the holder of a right is told of a suspension, and officers too; `mrn` is for officers."""

    right: str
    began: str
    until: str
    state: str
    told: str | None
    mrn: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What keeps the rights protected at a node of one administration."""

    acting: Acting
    administration: str

    def accept(self, officer: str, application: Application) -> Stepped:
        """The application is on record and takes effect. Raises Refused where it cannot, OtherAct where another step
        was made under the reference."""
        marks = [protected(one) for one in application.marks]
        if any(len(one.strip()) < 2 for one in marks):
            raise Refused("content", "a name to be protected has at least two letters or digits")
        since, until = self._span(application)
        law = risk_laws(self.acting.edition).get(self.administration)
        if not law or not law.random.get(Control.DOCUMENTS):
            raise Refused(
                "never-random", "documents are never asked for at random here; a trader would know of the right"
            )

        def change(connection: Connection, leaf: int, record: str) -> tuple[str, str]:
            codes, names = " ".join(application.hs), "\n".join(marks)
            row = (record, application.holder, codes, names, since, until, leaf)
            self.acting.ledger.store.insert(connection, _RIGHTS, [row])
            return record, "in-force"

        return step(self.acting, "right-accepted", officer, msgspec.to_builtins(application), change)

    def end(self, officer: str, right: str, said: Step) -> Stepped:
        """The right is protected here no longer; suspensions made for it stand. Raises Refused for an unknown one."""

        def change(connection: Connection, _leaf: int, _record: str) -> tuple[str, str]:
            if not connection.execute(delete(_RIGHTS).where(_RIGHTS.c.id == right)).rowcount:
                raise Refused("unknown-right", "no such right is protected here")
            return right, "ended"

        if said.reason is None:
            raise Refused("content", "say the reason why it ends")
        return step(self.acting, "right-ended", officer, {"id": right, **msgspec.to_builtins(said)}, change)

    def listed(self, holder: str | None = None) -> list[dict[str, Any]]:
        """The rights protected here, or those of this holder, as they were applied for; null where that was erased."""
        asked = select(_RIGHTS).order_by(_RIGHTS.c.record)
        ledger = self.acting.ledger
        with ledger.store.reading() as connection:
            rows = connection.execute(asked if holder is None else asked.where(_RIGHTS.c.holder == holder)).all()
            found = records.read(connection, ledger.keys, [row.record for row in rows]) if rows else {}
        names = _SAID if holder is None else _SAID[:-1]
        return [
            {"id": row.id, "holder": row.holder, **{name: said.get(name) for name in names}}
            for row, said in ((row, _inquiry(found[row.record])) for row in rows)
        ]

    def suspensions(self, holder: str | None = None) -> Sequence[Told]:
        """All suspensions, or those made for this holder, the last first."""
        asked = select(_SUSPENSIONS).order_by(_SUSPENSIONS.c.leaf.desc())
        ledger = self.acting.ledger
        with ledger.store.reading() as connection:
            rows = connection.execute(asked if holder is None else asked.where(_SUSPENSIONS.c.holder == holder)).all()
            leaves = [row.leaf for row in rows if row.state == "infringing"]
            found = records.read(connection, ledger.keys, leaves) if leaves else {}
        said = {leaf: _inquiry(one).get("told") for leaf, one in found.items()}
        return [
            Told(r.right, r.began, r.until, r.state, said.get(r.leaf), r.mrn if holder is None else "") for r in rows
        ]

    def lapse(self) -> int:
        """Suspensions whose term ended without proceedings are ended, and what waited for nothing else is released; how
        many there were."""
        today = self._today().isoformat()
        over = select(_SUSPENSIONS).where(_SUSPENSIONS.c.state.in_(_RUNNING), _SUSPENSIONS.c.until < today)
        store, done = self.acting.ledger.store, 0
        with store.reading() as connection:
            rows = connection.execute(over).all()
        for row in rows:
            reference = f"lapse/{row.mrn}/{row.right}"
            act = Act("suspension-lifted", NODE, "officer", reference, row.mrn, OfRight(row.right, LAPSED))
            with suppress(Refused):
                self.acting.act(act)
                done += 1
                continue
            own = (_SUSPENSIONS.c.mrn == row.mrn, _SUSPENSIONS.c.right == row.right)
            with store.writing() as connection:  # withdrawn or seized meanwhile
                connection.execute(update(_SUSPENSIONS).where(*own).values(state="ended"))
        return done

    def _today(self) -> date:
        return local_day(self.acting.clock.now(), self._law)

    @property
    def _zone(self) -> ZoneInfo:
        return zone(self._law)

    @property
    def _law(self) -> Any:
        return law_of(self.acting.edition, self.administration)

    def _span(self, application: Application) -> tuple[int, int]:
        border_measures(self._law)
        try:
            last = date.fromisoformat(application.valid_to) + timedelta(days=1)
            since, until = midnight(application.valid_from, self._zone), midnight(last.isoformat(), self._zone)
        except (ValueError, OverflowError):
            raise Refused("content", "valid_from and valid_to are days of the calendar, as 2026-11-22") from None
        if until <= since:
            raise Refused("content", "the application ends before it begins")
        return since, until


def _inquiry(stored: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(
        (msgspec.json.decode(one.data) for one in stored.blobs or () if one.group == "inquiry@1"), {}
    )
    return found
