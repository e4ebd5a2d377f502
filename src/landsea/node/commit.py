"""Hop 6: one transaction under the lock of the log's head, and nothing is promised before it is through.

In it, in this order: the references are reserved (the same body again gets its receipt again, byte for byte; another
one is told of the first), records are numbered and written with their sealed blobs, the log grows and its checkpoint is
signed, receipts are made and kept. Only then COMMIT, only after it does anybody hear of it. This is the one module that
makes a `Committed`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select, update

from landsea.clearance.committed import Committed, Recorded
from landsea.clearance.receipt import closed, disclosed, receipt
from landsea.clearance.records import DECISION
from landsea.clearance.relayed import Advised
from landsea.clearance.state import FREE
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Decided, Outcome
from landsea.dossier.commitment import tree
from landsea.dossier.entry import entry
from landsea.dossier.record import Sealed, Unsealed
from landsea.errors import BuildFault, Erased, LandseaError
from landsea.risk.reasons import Audience
from landsea.transparency import merkle, proof

from . import asked, claiming, clocks, counters, notice, quota, records, stop_list, tables
from .gather import AMONG, among
from .keys import Keys
from .log import Appended, Log
from .recording import Case, Name, Place
from .records import Boxed
from .store import Store

_NAMED = {one.value: one.name.lower() for one in (*Outcome, *Advised)}
"""What is counted, of decisions of our own and of advice beside another system's."""


class Conflict(LandseaError):
    """Another body was lodged under this reference before; the message names it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of one lodgement, as the sender gets it; `repeated` where it had been lodged before."""

    document: bytes
    repeated: bool = False


class Shown(NamedTuple):
    """What the receipts of a lot are made of: the decided lot, and the sealed records of each of its cases."""

    decided: Decided
    sealed: Sequence[Sequence[Sealed]]


class Reserved(NamedTuple):
    """A reservation as `reservations` finds it."""

    sender: str
    lrn: str
    function: str
    digest: bytes
    leaf: int
    records: int
    free: int
    receipt: bytes | None
    id: str
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where commits go: the store, the log in it, and the keys."""

    store: Store
    log: Log
    keys: Keys
    relays: bool = False  # a national system decides: no decision of ours enters the log

    def commit(
        self, cases: Sequence[Case], boxes: Sequence[Sequence[Boxed]], shown: "Shown | None" = None
    ) -> list[Receipt | Conflict | None]:
        """What each case came to, in order; None for one that was decided on what is no longer so.

        With `shown` receipts are made and kept at once, else when they are first asked for: the document is then
        empty. Raises EnvironmentFault where nothing was committed.
        """
        self.refuse_decisions(one for box in boxes for one in box)
        documents: list[bytes] = []
        with self.store.writing() as connection:
            at = self.log.time(connection)
            reserved = _reserved(self.store, connection, [case.name for case in cases])
            moved = _moved(connection, cases)
            moved |= stop_list.overlooked(self.store, connection, {case.d: case.known_at for case in cases})
            taken = [reserved.get(case.name.key) for case in cases]
            free = [_admits(row, case.name) for row, case in zip(taken, cases, strict=True)]
            new = [n for n, case in enumerate(cases) if free[n] and case.d not in moved]
            new = _drawn(self.store, connection, cases, new)
            if new:
                flat = [box for n in new for box in boxes[n]]
                appended = records.write(self.store, connection, self.log, flat, at)
                placed = list(_placed([cases[n] for n in new], [boxes[n] for n in new], appended.first))
                documents = self._receipts(shown, new, placed, appended) if shown else [b""] * len(new)
                self._promise(connection, placed, documents, reserved)
                _project(self.store, connection, placed, at)
                notice.owe(self.store, connection, _news(placed), at)
                decided = Counter(f'outcome="{_NAMED[cases[n].outcome]}"' for n in new)
                counters.count(self.store, connection, "decisions", decided)
        outcomes = [None if free[n] else self._known(taken[n], case.name) for n, case in enumerate(cases)]
        for n, document in zip(new, documents, strict=True):
            outcomes[n] = Receipt(document)
        return outcomes

    def refuse_decisions(self, made: "Iterable[Boxed | Unsealed]") -> None:
        """Nothing, unless one of these records is a decision and a national system decides. Raises BuildFault then."""
        if self.relays and (own := next((one.id for one in made if one.kind == DECISION), None)):
            raise BuildFault(f"record {own} is a decision, and this node relays those of the national system")

    def repeated(self, names: Sequence[Name]) -> list[Receipt | Conflict | None]:
        """What is known of these names already: the stored receipt, a conflict, or None."""
        with self.store.reading() as connection:
            reserved = _reserved(self.store, connection, names)
        rows = [reserved.get(name.key) for name in names]
        return [None if _admits(row, name) else self._known(row, name) for row, name in zip(rows, names, strict=True)]

    def _known(self, row: Any, name: Name) -> Receipt | Conflict:
        if row.digest == name.digest:
            return Receipt(self.document(row), repeated=True)
        return Conflict(
            f"another body was lodged under {name.lrn} before: record {row.id}; "
            "lodge this one under a reference of its own, or amend the first"
        )

    def document(self, row: Any) -> bytes:
        """The receipt of a reserved name: the stored bytes, or made now from the records and kept from now on."""
        if row.wrapped is None:
            raise Erased(f"the content of record {row.id} was erased, its receipt too; its header and its leaf stay")
        if row.receipt is not None:
            return records.open_receipt(self.keys, row.id, row.wrapped, row.receipt)
        with self.store.reading() as connection:
            committed = self._recommitted(connection, range(row.leaf, row.leaf + row.records))
        document = receipt(committed, 0, Audience.TRADER)
        box = records.seal_receipt(self.keys.unwrap(row.wrapped, row.id.encode()), row.id, document)
        table = tables.lodgements
        with self.store.writing() as connection:
            connection.execute(update(table).where(table.c.leaf == row.leaf).values(receipt=box))
        return document

    def shown(self, leaves: range, audience: Audience) -> bytes:
        """The receipt of these records for this audience, the same bytes whenever it is asked for.

        Raises Erased where the content of one was erased.
        """
        with self.store.reading() as connection:
            return receipt(self._recommitted(connection, leaves), 0, audience)

    def proof(self, leaf: int) -> bytes:
        """The receipt of this record for anyone: its header and its place in the log, nothing of its content."""
        with self.store.reading() as connection:
            return closed(self._recommitted(connection, range(leaf, leaf + 1)), 0)

    def disclosed(self, leaf: int, wanted: Set[tuple[str, int]]) -> bytes:
        """The receipt of this record with these groups of these items shown and nothing else. Raises Erased where its
        content was erased."""
        with self.store.reading() as connection:
            return disclosed(self._recommitted(connection, range(leaf, leaf + 1)), 0, wanted)

    def _recommitted(self, connection: Connection, leaves: range) -> Committed:
        """What was committed at these leaves, under the checkpoint that was signed with them."""
        notes = tables.checkpoints
        signed = select(notes).where(notes.c.size >= leaves.stop).order_by(notes.c.size).limit(1)
        size, note = connection.execute(signed).one()
        found = records.read(connection, self.keys, leaves)
        node = proof.nodes(self.log.published, size)
        recorded = []
        for leaf in leaves:
            stored = found[leaf]
            if stored.blobs is None:
                raise Erased(f"the content of record {stored.id} was erased; its header and its leaf stay")
            blobs, salts = tuple(stored.blobs), stored.salts or b""
            made, own = entry(stored.salt, stored.header), tree(stored.id, blobs, salts)
            sealed = Sealed(stored.id, stored.kind, stored.header, stored.salt, blobs, salts, made, own)
            recorded.append(Recorded(sealed, leaf, tuple(merkle.inclusion_proof(leaf, size, node))))
        nothing = Decided(Lot({}), no_findings())
        return Committed(nothing, {0: tuple(recorded)}, note, self.log.signer(note))

    def _receipts(
        self, shown: "Shown", new: Sequence[int], placed: Sequence["_Placed"], appended: Appended
    ) -> list[bytes]:
        places = enumerate(appended.growth.inclusion_proofs(), appended.first)
        found = {
            one.case.d: tuple(Recorded(sealed, *place) for sealed, place in zip(shown.sealed[n], places, strict=False))
            for n, one in zip(new, placed, strict=True)
        }
        committed = Committed(shown.decided, found, appended.checkpoint, self.log.key)
        return [receipt(committed, one.case.d, Audience.TRADER) for one in placed]

    def _promise(
        self,
        connection: Connection,
        placed: Sequence["_Placed"],
        documents: Sequence[bytes],
        reserved: Mapping[tuple[str, str, str], Reserved],
    ) -> None:
        rows, again = [], []
        for one, document in zip(placed, documents, strict=True):
            name, first = one.case.name, one.boxes[0]
            box = records.seal_receipt(first.secret, first.id, document) if document else None
            rows.append((*name.key, name.digest, one.leaf, len(one.boxes), int(one.case.free), box))
            if name.key in reserved:
                again.append(name.key)
        table = tables.lodgements
        for sender, lrn, function in again:  # free ones only: rejected or invalidated before
            own = (table.c.sender == sender, table.c.lrn == lrn, table.c.function == function)
            connection.execute(table.delete().where(*own))
        self.store.insert(connection, table, rows)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A case in the log: the leaf of its first record."""

    case: Case
    boxes: Sequence[Boxed]
    leaf: int


def _placed(cases: Iterable[Case], boxes: Iterable[Sequence[Boxed]], leaf: int) -> Iterator[_Placed]:
    for case, own in zip(cases, boxes, strict=True):
        yield _Placed(case, own, leaf)
        leaf += len(own)


def reservations() -> Select[Any]:
    """Every reservation, with what opens its receipt."""
    kept, heads, keys = tables.lodgements, tables.records, tables.record_keys
    joined = kept.join(heads, heads.c.leaf == kept.c.leaf).outerjoin(keys, keys.c.leaf == kept.c.leaf)
    return select(kept, heads.c.id, keys.c.wrapped).select_from(joined)


_STANDS = tables.declarations.c
_RESERVED = f"{reservations()} WHERE lodgements.sender = ? AND lodgements.lrn IN"
_STATES = select(_STANDS.mrn, _STANDS.state, _STANDS.version, _STANDS.awaits).where(_STANDS.mrn.in_(AMONG))


def _reserved(store: Store, connection: Connection, names: Sequence[Name]) -> dict[tuple[str, str, str], Reserved]:
    """The reservations there are of these names."""
    found = {}
    for sender in {name.sender for name in names}:
        lrns = list({name.lrn for name in names if name.sender == sender})
        for row in store.among(connection, _RESERVED, lrns, sender):
            found[row[:3]] = Reserved._make(row)
    return found


def _admits(row: Any, name: Name) -> bool:
    """Whether this body may be lodged under this name, given the reservation there is."""
    return row is None or bool(row.free and row.digest != name.digest)


def _moved(connection: Connection, cases: Sequence[Case]) -> set[int]:
    """The rows that were decided on a state, version or conditions which their declaration no longer has."""
    stood = {case.place.mrn: (case.d, case.place.before) for case in cases if case.place and case.place.before}
    now = {row.mrn: tuple(row)[1:] for row in among(connection, _STATES, stood)}
    return {d for mrn, (d, before) in stood.items() if now.get(mrn) != before}


def _drawn(store: Store, connection: Connection, cases: Sequence[Case], new: Sequence[int]) -> list[int]:
    """Those of the new cases whose grants of quotas hold, in order; what they draw is drawn, and what their versions
    before drew is given back."""
    places = [(n, cases[n].place) for n in new]
    drawings = {
        n: quota.Drawing(place.mrn, place.before is not None, place.draws)
        for n, place in places
        if place and (place.draws or _redrawn(place))
    }
    if not drawings:
        return list(new)
    stocks = quota.Stocks(store, connection, list(drawings.values()))
    held = [n for n in new if n not in drawings or stocks.take(drawings[n])]
    stocks.write()
    return held


def _redrawn(place: Place) -> bool:
    """Whether what the declaration drew before is no longer what it draws: it has a new version, or has fallen."""
    return place.before is not None and (place.document is not None or place.state in FREE)


def _project(store: Store, connection: Connection, placed: Sequence[_Placed], at: int) -> None:
    """The declarations stand where they were decided to stand, and the draws made for them are kept."""
    new, changed = [], []
    for one in placed:
        place = one.case.place
        if place is None:
            continue
        decided = one.leaf + len(one.boxes) - 1
        if place.before is None:
            new.append(
                (
                    *(place.mrn, place.sender, place.lrn, place.administration, one.case.dossier, place.state),
                    *(place.outcome, place.control, place.ground, place.version, one.leaf, decided, at, place.awaits),
                    place.liable,
                )
            )
        else:
            document = {} if place.document is None else {"document": one.leaf + place.document}
            changed.append((place, {"decided": decided, "at": at, **document}))
    store.insert(connection, tables.declarations, new)
    first = (one.case.place for one in placed if one.case.place and one.case.place.before is None)
    store.insert(connection, tables.clocks, [clocks.began(p.mrn, p.facts, p.state, at) for p in first if p.facts])
    for place, leaves in changed:
        _change(store, connection, place, leaves)
    for place in (one.case.place for one in placed if one.case.place):
        claiming.stepped(store, connection, place)
    store.insert_new(connection, tables.draws, [(*one.case.draw, at) for one in placed if one.case.draw])
    places = [one.case.place for one in placed if one.case.place]
    asked.remember(store, connection, [(place.mrn, place.asked) for place in places if place.asked])
    named = [(*name, place.mrn) for place in places for name in place.aliases]
    store.insert_new(connection, tables.aliases, named)
    claimed = ((one.case.place, one.leaf) for one in placed if one.case.place and one.case.place.claim)
    claiming.claims(store, connection, claimed, at)


def _change(store: Store, connection: Connection, place: Place, leaves: Mapping[str, int]) -> None:
    """A declaration that stood elsewhere stands here now; `leaves` has those of its records, and the instant."""
    table = tables.declarations
    now = {name: getattr(place, name) for name in ("state", "outcome", "control", "ground", "awaits")}
    if place.document is not None:
        asked.forget(connection, place.mrn)
        now["liable"] = place.liable
    own = table.c.mrn == bindparam("of", place.mrn)
    connection.execute(update(table).where(own).values(version=place.version, **now, **leaves))
    if place.state in FREE:
        freed_reference(connection, place.mrn)
    if place.before and place.facts:
        clocks.changed(connection, place.mrn, place.facts)
    if place.before:
        clocks.stamp(store, connection, place.mrn, (place.before[0], place.state), leaves["at"])


def granted(store: Store, connection: Connection, case: Case) -> bool:
    """What a new version asks of agencies and draws on quotas stands in the place of what the one before did; False
    where a quota no longer holds what was reckoned with."""
    place = case.place
    if place is None or not _drawn(store, connection, [case], [0]):
        return False
    asked.forget(connection, place.mrn)
    asked.remember(store, connection, [(place.mrn, place.asked)] if place.asked else [])
    return True


def _news(placed: Iterable[_Placed]) -> Iterator[notice.News]:
    for one in placed:
        if place := one.case.place:
            last = one.leaf + len(one.boxes) - 1
            yield notice.News(place.mrn, place.sender, place.state, place.awaits, last, len(one.boxes))


def freed_reference(connection: Connection, mrn: str) -> None:
    """The reference of this declaration may be used again."""
    table, kept = tables.declarations, tables.lodgements
    first = connection.execute(select(table.c.sender, table.c.lrn).where(table.c.mrn == mrn)).one()
    same = (kept.c.sender == first.sender, kept.c.lrn == first.lrn)
    connection.execute(update(kept).where(*same).values(free=1))
