"""Stopping: officers put entries on the stop list and take them off, two of them for each change.

One officer asks, another confirms; each step is a record whose content only officers read. What is confirmed takes
effect on all that is lodged from then on, and at once on what is lodged already and not yet released: this node
intercepts it, by an act like an officer's. An entry whose lifting is confirmed leaves the list; its records stay.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, select, update

from landsea.clearance.act import NODE, Act, Interception, Name, Refused, Text
from landsea.clearance.state import ADVANCE, CONTROLLED, State
from landsea.codes.administration import law_of, zone
from landsea.declaration.stage import Control, Lodgement
from landsea.dossier.blob import Blob
from landsea.dossier.group import BODY
from landsea.errors import InputError
from landsea.risk.law import risk_laws
from landsea.risk.profile import RANK
from landsea.risk.stops import marked
from landsea.wire import read

from . import records, tables
from .acting import Acting, OtherAct
from .clock import micros
from .on_record import Changing, step
from .stop_list import midnight, touched

Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
_OPEN: Final = tuple(state.value for state in (*ADVANCE, *CONTROLLED, State.AWAITING))
_STOPS, _DECLARED = tables.stops, tables.declarations
_CONTROLLED: Final = frozenset({*CONTROLLED, State.ADVANCE_HOLD, State.ADVANCE_EXAMINE})
_STEP: Final = 256


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an officer asks to stop, how it is controlled, why, and from which day to which, both included."""

    reference: Name
    kind: str
    value: Name
    reason: Text
    basis: Text  # the legal one
    valid_from: Day
    valid_to: Day | None = None
    control: Literal["documents", "physical"] = "physical"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an officer says to confirm, or to lift an entry; who lifts says why."""

    reference: Name
    reason: Text | None = None


class Stopped(NamedTuple):
    """What a step came to: the entry and its state, the officer's receipt, how many declarations it intercepted, how
    many open ones hold no document to look at, and whether the step had been made before."""

    id: str
    state: str
    receipt: bytes
    intercepted: int = 0
    unread: int = 0
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Stopping:
    """What keeps the stop list of a node of one administration."""

    acting: Acting
    administration: str

    def ask(self, officer: str, entry: Entry) -> Stopped:
        """The entry is on record, to be confirmed by another officer. Raises Refused where it cannot take effect,
        OtherAct where another one was made under the reference."""
        since, until = self._span(entry)
        self._refuse_telling(entry.control)
        try:
            value = marked(entry.kind, entry.value)
        except InputError as wrong:
            raise Refused("content", str(wrong)) from None
        said = msgspec.to_builtins(entry)

        def change(connection: Connection, leaf: int, record: str) -> tuple[str, str]:
            control = int(Control[entry.control.upper()])
            row = (record, entry.kind, value, control, since, until, "proposed", officer, leaf, leaf)
            self._store.insert(connection, _STOPS, [row])
            return record, "proposed"

        return self._step("stop-set", officer, said, change)

    def confirm(self, officer: str, stop: str, said: Step) -> Stopped:
        """What another officer asked for takes effect: the entry is in force, or gone. Raises Refused otherwise."""

        def change(connection: Connection, leaf: int, _: str) -> tuple[str, str]:
            row = self._row(connection, stop)
            if row.state == "in-force":
                raise Refused("nothing-proposed", "nothing of this entry is to be confirmed")
            if row.officer == officer:
                raise Refused("second-officer-needed", f"{officer} asked for this; another officer confirms it")
            own = _STOPS.c.id == stop
            if row.state == "lifting":
                connection.execute(delete(_STOPS).where(own))
                return stop, "lifted"
            connection.execute(update(_STOPS).where(own).values(state="in-force", changed=leaf))
            return stop, "in-force"

        done = self._step("stop-confirmed", officer, {"id": stop, **msgspec.to_builtins(said)}, change)
        if done.state != "in-force":
            return done
        intercepted, unread = self.intercept(stop)
        return done._replace(intercepted=intercepted, unread=unread)

    def lift(self, officer: str, stop: str, said: Step) -> Stopped:
        """That it is to be lifted is on record; until another officer confirms that, it is in force."""

        def change(connection: Connection, leaf: int, _: str) -> tuple[str, str]:
            row = self._row(connection, stop)
            if row.state == "lifting":
                raise Refused("already-proposed", f"{row.officer} asked for this before; confirm it")
            if row.state == "proposed":  # nothing was in force yet, so nothing is let through
                connection.execute(delete(_STOPS).where(_STOPS.c.id == stop))
                return stop, "lifted"
            now = {"state": "lifting", "officer": officer, "changed": leaf}
            connection.execute(update(_STOPS).where(_STOPS.c.id == stop).values(**now))
            return stop, "lifting"

        if said.reason is None:
            raise Refused("content", "say the reason why it is lifted")
        return self._step("stop-lifting", officer, {"id": stop, **msgspec.to_builtins(said)}, change)

    def listed(self) -> list[dict[str, Any]]:
        """The entries on the list with all that was said of them; null where the record was erased."""
        with self._store.reading() as connection:
            rows = connection.execute(select(_STOPS).order_by(_STOPS.c.record)).all()
            found = records.read(connection, self.acting.ledger.keys, [row.record for row in rows]) if rows else {}
        return [_told(row, found[row.record].blobs) for row in rows]

    def intercept(self, stop: str | None = None) -> tuple[int, int]:
        """Declarations open before release that this entry (None: any) touches now are intercepted; how many those are,
        and how many hold no document to look at."""
        at = micros(self.acting.clock.now())
        if self.acting.ledger.relays:  # the national system stops what it wants stopped; here are hits only
            return 0, 0
        done = unread = 0
        for rows in self._open():
            lodgements, numbers, without = self._documents(rows)
            unread += without
            if not lodgements:
                continue
            lot = read(lodgements, self.acting.edition).lot
            with self._store.reading() as connection:
                met = touched(self._store, connection, lot, at)
            for d, one, control in met.select("d", "stop", "control").unique(maintain_order=True).iter_rows():
                if stop in (None, one) and _more(numbers[d], Control(control)):
                    done += self._intercepted(numbers[d], one, Control(control))
        return done, unread

    def _intercepted(self, row: Any, stop: str, control: Control) -> bool:
        said: Any = control.name.lower()
        reference = f"stop/{stop}/{row.mrn}/{row.version}"
        act = Act("intercepted", NODE, "officer", reference, row.mrn, Interception("stop list", said, stop))
        with suppress(Refused, OtherAct):  # under examination already, or released meanwhile
            return not self.acting.act(act).repeated
        return False

    def _open(self) -> Iterator[Sequence[Any]]:
        asked = select(_DECLARED).where(_DECLARED.c.state.in_(_OPEN)).order_by(_DECLARED.c.mrn).limit(_STEP)
        last = ""
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(asked.where(_DECLARED.c.mrn > last)).all()
            if not rows:
                return
            yield rows
            last = rows[-1].mrn

    def _documents(self, rows: Sequence[Any]) -> tuple[list[Lodgement], list[Any], int]:
        with self._store.reading() as connection:
            found = records.read(connection, self.acting.ledger.keys, [row.document for row in rows])
        now, lodgements, numbers = self.acting.clock.now(), [], []
        for row in rows:
            body = next((one.data for one in found[row.document].blobs or () if one.group == BODY), None)
            if body is not None:
                lodgements.append(Lodgement(body, row.sender, now))
                numbers.append(row)
        return lodgements, numbers, len(rows) - len(lodgements)

    @property
    def _store(self) -> Any:
        return self.acting.ledger.store

    def _step(self, kind: str, officer: str, said: Mapping[str, Any], change: Changing) -> Stopped:
        done = step(self.acting, kind, officer, said, change)
        return Stopped(done.id, done.state, done.receipt, repeated=done.repeated)

    def _row(self, connection: Connection, stop: str) -> Any:
        row = connection.execute(select(_STOPS).where(_STOPS.c.id == stop)).one_or_none()
        if row is None:
            raise Refused("unknown-stop", "there is no such entry on the stop list")
        return row

    def _span(self, entry: Entry) -> tuple[int, int | None]:
        here = zone(law_of(self.acting.edition, self.administration))
        try:
            since = midnight(entry.valid_from, here)
            last = entry.valid_to and date.fromisoformat(entry.valid_to) + timedelta(days=1)
            until = midnight(last.isoformat(), here) if last else None
        except (ValueError, OverflowError):
            raise Refused("content", "valid_from and valid_to are days of the calendar, as 2026-11-22") from None
        if until is not None and until <= since:
            raise Refused("content", "the entry ends before it begins")
        return since, until

    def _refuse_telling(self, control: str) -> None:
        """Nothing, if this control is also drawn at random; else whoever is stopped would know why."""
        law = risk_laws(self.acting.edition).get(self.administration)
        if not law or not law.random.get(Control[control.upper()]):
            raise Refused("never-random", f"{control} is never drawn at random here; a trader would know of the stop")


def _more(row: Any, control: Control) -> bool:
    """Whether that is more than what is ordered for the declaration already."""
    ordered = row.state in _CONTROLLED
    return not ordered or RANK[control] > RANK[Control(row.control)]


def _told(row: Any, blobs: Sequence[Blob] | None) -> dict[str, Any]:
    said: dict[str, Any] = next((msgspec.json.decode(one.data) for one in blobs or () if one.group == "inquiry@1"), {})
    names = ("kind", "value", "control", "reason", "basis", "valid_from", "valid_to", "actor")
    return {"id": row.id, "state": row.state, "asked_by": row.officer, **{name: said.get(name) for name in names}}
