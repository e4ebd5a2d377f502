"""Arriving: goods arrive under the names a carrier knows them by, and declarations lodged early find them.

A carrier names what arrived by MRN, UCR, container or waybill. The arrival is on record under those names, whether or
not anybody has declared the goods; each declaration that waits for them is then ruled on by itself, as if the carrier
had said `arrived` of it alone. A declaration lodged later finds the arrival, for `WITHIN` after it: containers come
again. What a crash left half done is done at the next start.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, and_, select, union

from landsea.clearance.act import Act, Content, Interception, Money, Plain, Refused
from landsea.clearance.condition import Condition
from landsea.clearance.revenue import Cover, cover
from landsea.clearance.state import ADVANCE, State
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import Relays
from landsea.risk.reasons import Audience

from . import tables
from .acting import Acting, OtherAct
from .clock import micros
from .recording import fresh_ids

WITHIN: Final = 30 * 24 * 3600 * 1_000_000
"""For how long an arrival waits for its declaration, in microseconds."""
KINDS: Final = ("mrn", "ucr", "container", "waybill")
NODE: Final = "this node"
"""The actor of what follows by itself."""
_OF_CONTROL: Final = frozenset({"intercepted", "waived", "rerouted", "examined", "review-decided"})
_DECLARED, _ARRIVALS, _ALIASES, _ACTS = tables.declarations, tables.arrivals, tables.aliases, tables.acts
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

    def arrive(self, actor: str, reference: str, names: Sequence[tuple[str, str]]) -> Arrived:
        """The arrival of what has these names (of `KINDS`) is on record, and the declarations waiting for it are ruled
        on. Raises OtherAct where other names were given under the reference, Relays where a national system decides."""
        ledger = self.acting.ledger
        if ledger.relays:
            raise Relays("the national system decides here, tell it of arrivals; this node relays what it did")
        said = msgspec.json.encode(sorted(set(names)))
        digest = hashlib.sha256(said).digest()
        own = (_ACTS.c.actor == actor) & (_ACTS.c.reference == reference)
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
                rows = [(kind, value, actor, reference, at) for kind, value in sorted(set(names))]
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
        with self.acting.ledger.store.reading() as connection:
            anything = connection.execute(select(_ARRIVALS.c.kind).limit(1)).first()
        if anything:
            self._take_effect(None if waiting is None else _DECLARED.c.mrn.in_(waiting))

    def _take_effect(self, condition: ColumnElement[bool] | None) -> int:
        """Declarations for which the goods are there are presented; how many there were."""
        with self.acting.ledger.store.reading() as connection:
            matches = [_Match(*row) for row in connection.execute(_matching(condition, self._since()))]
        done = 0
        for actor, reference, mrn in matches:
            with suppress(Refused, OtherAct):  # another arrival was quicker
                self.acting.act(Act("arrived", actor, "carrier", f"{reference}/{mrn}", mrn, Plain()))
                done += 1
        return done

    def _since(self) -> int:
        return micros(self.acting.clock.now()) - WITHIN

    def _again(self, mrn: str) -> list[Act]:
        """What was done to an earlier version and holds for this one as well."""
        with self.acting.ledger.store.reading() as connection:
            row, standing, _ = self.acting.stands(connection, mrn)
            held = cover(standing.balance, mrn, standing.currency, standing.instruments)
        acts: list[tuple[str, str, Content]] = []
        ordered = [one for one in standing.acts if one.kind in _OF_CONTROL and not one.proposed]
        if ordered and ordered[-1].kind == "intercepted" and standing.state is not State.ADVANCE_EXAMINE:
            acts.append(("intercepted", "officer", Interception("intercepted before it was amended")))
        if held is Cover.PAID and Condition.DUTIES.value in standing.conditions:
            acts.append(("paid", "treasury", Money("0", standing.currency)))
        return [Act(kind, NODE, role, f"{kind}/{mrn}/{row.version}", mrn, content) for kind, role, content in acts]


def _matching(condition: ColumnElement[bool] | None, since: int) -> Select[Any]:
    """Waiting declarations and the arrivals that name them, oldest arrival first."""
    own = (_ARRIVALS.c.actor, _ARRIVALS.c.reference, _DECLARED.c.mrn, _ARRIVALS.c.at)
    asked = and_(_WAITING, _ARRIVALS.c.at >= since, *([] if condition is None else [condition]))
    by_number = select(*own).where(_ARRIVALS.c.kind == "mrn", _ARRIVALS.c.value == _DECLARED.c.mrn, asked)
    same = and_(_ARRIVALS.c.kind == _ALIASES.c.kind, _ARRIVALS.c.value == _ALIASES.c.value)
    by_name = (
        select(*own)
        .join_from(_ARRIVALS, _ALIASES, same)
        .join(_DECLARED, _DECLARED.c.mrn == _ALIASES.c.mrn)
        .where(asked)
    )
    found = union(by_number, by_name).subquery()
    return select(found.c.actor, found.c.reference, found.c.mrn).order_by(found.c.at, found.c.reference)
