"""Arriving: goods arrive under the names a carrier knows them by, and declarations lodged early find them.

A carrier names what arrived by MRN, UCR, container or waybill, or by a cargo report: everything on board. The arrival
is on record under those names, whether or not anybody has declared the goods; each declaration that waits for them is
then ruled on by itself, as if the carrier had said `arrived` of it alone. A declaration lodged later finds the arrival,
for `WITHIN` after it: containers come again. What a crash left half done is done at the next start.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, select, union, update

from landsea.clearance.act import NODE, Act, Content, Money, Plain, Refused, Security, act_of
from landsea.clearance.condition import Condition
from landsea.clearance.revenue import Cover, cover
from landsea.clearance.state import ADVANCE, State
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import Relays
from landsea.risk.reasons import Audience

from . import tables
from .acting import Acting, OtherAct
from .cargo import Cargo
from .clock import micros
from .recording import fresh_ids

WITHIN: Final = 30 * 24 * 3600 * 1_000_000
"""For how long an arrival waits for its declaration, in microseconds."""
REPORT: Final = "cargo-report"
"""The kind of name that stands for all names of the lines of a cargo report."""
_OF_CONTROL: Final = frozenset({"intercepted", "waived", "rerouted", "examined", "review-decided"})
_DECLARED, _ARRIVALS, _ALIASES, _ACTS = tables.declarations, tables.arrivals, tables.aliases, tables.acts
_BEFORE_RELEASE: Final = [state.value for state in (*ADVANCE, State.HELD, State.AWAITING)]
_WAITING: Final = _DECLARED.c.state.in_([state.value for state in ADVANCE])


class Arrived(NamedTuple):
    """What an arrival came to: its receipt, how many waiting declarations were found by it now, and whether the
    arrival had been told before."""

    receipt: bytes
    found: int
    repeated: bool


class _Match(NamedTuple):
    actor: str
    reference: str
    mrn: str


@dataclass(frozen=True, slots=True)
class Arriving:
    """What matches arrivals and declarations."""

    acting: Acting
    cargo: Cargo

    def arrive(self, actor: str, reference: str, names: Sequence[tuple[str, str]]) -> Arrived:
        """The arrival of what has these names (of `cargo.KINDS`, or `REPORT`) is on record, and the declarations
        waiting for it are ruled on. Raises OtherAct where other names were given under the reference, Refused for an
        unknown report, Relays where a national system decides."""
        ledger = self.acting.ledger
        if ledger.relays:
            raise Relays("the national system decides here, tell it of arrivals; this node relays what it did")
        said = msgspec.json.encode(sorted(set(names)))
        digest = hashlib.sha256(said).digest()
        own = (_ACTS.c.actor == actor) & (_ACTS.c.reference == reference)
        carried = {name for kind, value in names if kind == REPORT for name in self.cargo.named(actor, value)}
        with ledger.store.writing() as connection:
            made = connection.execute(select(_ACTS.c.digest, _ACTS.c.leaf).where(own)).one_or_none()
            if made and bytes(made.digest) != digest:
                raise OtherAct(f"another act was made under {reference} before; use a reference of its own")
            leaf = made.leaf if made else 0
            if made is None:
                at = ledger.log.time(connection)
                (record,) = fresh_ids(at, 1)
                blobs = [Blob("act@1", 0, b'{"kind":"arrival","names":%s}' % said)]
                now, law = self.acting.clock.now(), self.acting.edition.digest
                leaf = self.acting.write(connection, [Unsealed("arrival", record, now, law, blobs)], record, at)
                row = (actor, reference, digest, "", "arrival", "", "", 0, leaf, 1, 0)
                ledger.store.insert(connection, _ACTS, [row])
                rows = [(*name, actor, reference, at) for name in sorted({*names, *carried})]
                ledger.store.insert(connection, _ARRIVALS, rows)
        same = (_ARRIVALS.c.actor == actor) & (_ARRIVALS.c.reference == reference)
        found = self._take_effect(same)
        return Arrived(ledger.shown(range(leaf, leaf + 1), Audience.TRADER), found, made is not None)

    def follow(self, waiting: Sequence[str] | None = None, amended: Sequence[str] = ()) -> None:
        """What these declarations (None: all) wait for and has happened already is taken into account; of those of
        them that were amended: earlier payments, and an interception, which no amendment washes off."""
        for mrn in amended:  # before an arrival can release anything
            with suppress(Refused):
                for act in self._again(mrn):
                    self.acting.act(act)
        if waiting:
            self.cargo.compare({("mrn", mrn) for mrn in waiting})
        with self.acting.ledger.store.reading() as connection:
            anything = connection.execute(select(_ARRIVALS.c.kind).limit(1)).first()
        if anything:
            self._stamp(waiting)
            self._take_effect(None if waiting is None else _DECLARED.c.mrn.in_(waiting))

    def unfollowed(self) -> list[str]:
        """Declarations whose amendment may not have been followed up yet: they wait for duties, or were intercepted."""
        intercepted = exists().where(_ACTS.c.mrn == _DECLARED.c.mrn, _ACTS.c.kind == "intercepted")
        waits = _DECLARED.c.awaits.contains(Condition.DUTIES.value) | intercepted
        asked = select(_DECLARED.c.mrn).where(_DECLARED.c.version > 1, _DECLARED.c.state.in_(_BEFORE_RELEASE), waits)
        with self.acting.ledger.store.reading() as connection:
            return list(connection.execute(asked).scalars())

    def _take_effect(self, condition: ColumnElement[bool] | None) -> int:
        """Declarations for which the goods are there are presented; how many there were."""
        with self.acting.ledger.store.reading() as connection:
            matches = [_Match(*row) for row in connection.execute(_matching(condition, self._since()))]
        self.cargo.compare({("mrn", one.mrn) for one in matches})  # before anything takes effect
        done = 0
        for actor, reference, mrn in matches:
            with suppress(Refused, OtherAct):  # another arrival was quicker
                self.acting.act(Act("arrived", actor, "carrier", f"{reference}/{mrn}", mrn, Plain()))
                done += 1
        return done

    def _stamp(self, mrns: Sequence[str] | None) -> None:
        """The clocks of declarations lodged after their goods arrived know since when these are here."""
        store = self.acting.ledger.store
        recent = select(_ALIASES.c.mrn).join_from(_ARRIVALS, _ALIASES, _SAME).where(_ARRIVALS.c.at >= self._since())
        own = (_CLOCKS.c.mrn.in_(recent if mrns is None else mrns), _CLOCKS.c.arrived.is_(None), _BEFORE.is_not(None))
        with store.reading() as connection:
            late = connection.execute(select(_CLOCKS.c.mrn).where(*own).limit(1)).first()
        if late:
            with store.writing() as connection:
                connection.execute(update(_CLOCKS).where(*own).values(arrived=_BEFORE))

    def _since(self) -> int:
        return micros(self.acting.clock.now()) - WITHIN

    def _again(self, mrn: str) -> list[Act]:
        """What was done to an earlier version and holds for this one as well."""
        with self.acting.ledger.store.reading() as connection:
            row, standing = self.acting.stands(connection, mrn)[:2]
            held = cover(standing.balance, mrn, standing.currency, standing.instruments)
        acts: list[tuple[str, str, Content]] = []
        ordered = [one for one in standing.acts if one.kind in _OF_CONTROL and not one.proposed]
        if ordered and ordered[-1].kind == "intercepted" and standing.state is not State.ADVANCE_EXAMINE:
            again = {"reason": "intercepted before it was amended", "control": ordered[-1].about, "stop": "as before"}
            acts.append(("intercepted", "officer", act_of("intercepted", again, "officer")))
        if held is Cover.PAID and Condition.DUTIES.value in standing.conditions:
            acts.append(("paid", "treasury", Money("0", standing.currency)))
        if held is Cover.SECURED and Condition.DUTIES.value in standing.conditions:
            acts.append(("secured", "treasury", Security("0", standing.currency, standing.instruments[0])))
        return [Act(kind, NODE, role, f"{kind}/{mrn}/{row.version}", mrn, content) for kind, role, content in acts]


_CLOCKS = tables.clocks
_SAME: Final = and_(_ARRIVALS.c.kind == _ALIASES.c.kind, _ARRIVALS.c.value == _ALIASES.c.value)
_BEFORE: Final = (
    select(func.max(_ARRIVALS.c.at))
    .join_from(_ARRIVALS, _ALIASES, _SAME)
    .where(_ALIASES.c.mrn == _CLOCKS.c.mrn)
    .where(_ARRIVALS.c.at <= _CLOCKS.c.lodged, _ARRIVALS.c.at >= _CLOCKS.c.lodged - WITHIN)
    .scalar_subquery()
)
"""The last arrival, before a declaration was lodged, of what has one of its names."""


def _matching(condition: ColumnElement[bool] | None, since: int) -> Select[Any]:
    """Waiting declarations and the arrivals that name them, oldest arrival first."""
    own = (_ARRIVALS.c.actor, _ARRIVALS.c.reference, _DECLARED.c.mrn, _ARRIVALS.c.at)
    asked = and_(_WAITING, _ARRIVALS.c.at >= since, *([] if condition is None else [condition]))
    by_number = select(*own).where(_ARRIVALS.c.kind == "mrn", _ARRIVALS.c.value == _DECLARED.c.mrn, asked)
    by_name = (
        select(*own)
        .join_from(_ARRIVALS, _ALIASES, _SAME)
        .join(_DECLARED, _DECLARED.c.mrn == _ALIASES.c.mrn)
        .where(asked)
    )
    found = union(by_number, by_name).subquery()
    return select(found.c.actor, found.c.reference, found.c.mrn).order_by(found.c.at, found.c.reference)
