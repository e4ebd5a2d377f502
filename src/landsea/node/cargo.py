"""Cargo reports of carriers: on record, amended by version, compared with what is declared, asked at the gate.

How lines stand against declarations is computed when it is asked; nothing of it is stored that could grow stale. One
thing is done by the node itself: a release that waits for its goods, or for its duties, and whose goods the carrier
reported otherwise, goes to an officer.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, select

from landsea.clearance import cargo
from landsea.clearance.act import NODE, Act, Differing, Measured, Refused
from landsea.clearance.cargo import Declared, Difference, Gate, Line, Name, Together
from landsea.clearance.cargo_report import Report, checked
from landsea.clearance.state import State
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import Relays
from landsea.risk.reasons import Audience

from . import cargo_lines, tables
from .acting import Acting, OtherAct
from .clock import micros
from .gather import AMONG, among
from .recording import fresh_ids

RECORD: Final = "cargo-report-lodged"
GROUP: Final = "cargo@1"
_REPORTS, _LINES, _NAMES = tables.cargo_reports, tables.cargo_lines, tables.cargo_names
_ARRIVALS: Final = tables.arrivals
_STOPPED: Final = frozenset({State.ADVANCE_RELEASE, State.ADVANCE_RELEASE_AUDIT, State.AWAITING})
"""Decided in favour and not released: what would still release itself."""


class Kept(NamedTuple):
    """A report on record: its receipt, its version, whether it had been lodged before."""

    receipt: bytes
    version: int
    repeated: bool


class Standing(NamedTuple):
    """A line: its key and names, whether its goods arrived, what is declared of them, and how that compares."""

    line: Line
    arrived: bool
    mrns: tuple[str, ...]
    result: cargo.Result
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Cargo:
    """What keeps cargo reports and compares them."""

    acting: Acting
    administration: str

    def lodge(self, actor: str, report: Report) -> Kept:
        """The report is on record and compared. Raises OtherAct where another one was lodged under its reference and
        version, Refused where a later version is there already, Relays where a national system decides."""
        ledger, body = self.acting.ledger, msgspec.json.encode(checked(report))
        if ledger.relays:
            raise Relays("the national system decides here, lodge with it; this node relays what it did")
        digest = hashlib.sha256(body).digest()
        own = (_REPORTS.c.actor == actor, _REPORTS.c.reference == report.reference)
        with ledger.store.writing() as connection:
            before = connection.execute(select(_REPORTS).where(*own)).one_or_none()
            if before and before.version > report.version:
                raise Refused("later-version", f"version {before.version} of {report.reference} is here already")
            same = before if before and before.version == report.version else None
            if same and bytes(same.digest) != digest:
                raise OtherAct(f"another report was lodged as {report.reference} version {report.version}; count it up")
            leaf = same.leaf if same else self._kept(connection, actor, report, (body, digest, before))
        self.compare(name for line in report.lines for name in line.names())  # again too: it may have been cut short
        return Kept(ledger.shown(range(leaf, leaf + 1), Audience.TRADER), report.version, same is not None)

    def _kept(self, connection: Connection, actor: str, report: Report, said: tuple[bytes, bytes, Any]) -> int:
        body, digest, before = said
        store, at = self.acting.ledger.store, self.acting.ledger.log.time(connection)
        (record,) = fresh_ids(at, 1)
        dossier = before.dossier if before else record
        now, law = self.acting.clock.now(), self.acting.edition.digest
        aliases = [("cargo-report", report.reference)]
        leaf = self.acting.write(
            connection, [Unsealed(RECORD, record, now, law, [Blob(GROUP, 0, body)], aliases)], dossier, at
        )
        key, means, place = (actor, report.reference), report.means, report.place
        for table in (_REPORTS, _LINES, _NAMES):
            connection.execute(delete(table).where(table.c.actor == actor, table.c.reference == report.reference))
        expected = None if place.arrives is None else micros(place.arrives)
        where = (means.mode, means.id, means.journey or "", place.id, expected)
        store.insert(connection, _REPORTS, [(*key, report.version, digest, *where, leaf, at, dossier)])
        lines = list(enumerate(report.lines, start=1))
        store.insert(connection, _LINES, [(*key, number, line.packages, line.mass()) for number, line in lines])
        names = [(*name, *key, number) for number, line in lines for name in sorted(set(line.names()))]
        store.insert(connection, _NAMES, names)
        return leaf

    def named(self, actor: str, said: str) -> list[Name]:
        """The names of all lines of a report: of the actor's own reference, or `CARRIER/REFERENCE`. Raises Refused for
        an unknown one."""
        carrier, _, reference = said.rpartition("/")
        own = (_NAMES.c.actor == (carrier or actor), _NAMES.c.reference == reference)
        with self.acting.ledger.store.reading() as connection:
            rows = connection.execute(select(_NAMES.c.kind, _NAMES.c.value).where(*own).distinct())
            found = [(kind, value) for kind, value in rows]
        if not found:
            raise Refused("unknown-report", f"there is no cargo report {said[:70]} of yours")
        return found

    def standing(self, actor: str, reference: str) -> list[Standing] | None:
        """How each line of this report stands, in order; None where there is none such."""
        with self.acting.ledger.store.reading() as connection:
            own = (_NAMES.c.actor == actor, _NAMES.c.reference == reference)
            names = {
                (kind, value) for kind, value in connection.execute(select(_NAMES.c.kind, _NAMES.c.value).where(*own))
            }
            found = self._compared(connection, names)
        mine = [one for one in found if one.line.key[:2] == (actor, reference)]
        return sorted(mine, key=lambda one: one.line.key) or None

    def of(self, mrn: str) -> list[Standing]:
        """The lines that report the goods of this declaration."""
        with self.acting.ledger.store.reading() as connection:
            found = self._compared(connection, cargo_lines.names_of(connection, mrn))
        return sorted((one for one in found if mrn in one.mrns), key=lambda one: one.line.key)

    def undeclared(self, limit: int, page: int = 1) -> tuple[list[Standing], int]:
        """That page of the lines nobody declared, those whose goods arrived first, then the oldest; how many in all."""
        since = self._since(cargo.NEAR)
        with self.acting.ledger.store.reading() as connection:
            recent = _NAMES.join(
                _REPORTS, (_REPORTS.c.actor == _NAMES.c.actor) & (_REPORTS.c.reference == _NAMES.c.reference)
            )
            query = select(_NAMES.c.kind, _NAMES.c.value).select_from(recent).where(_REPORTS.c.at >= since).distinct()
            found = self._compared(connection, {(kind, value) for kind, value in connection.execute(query)})
        open_ = [one for one in found if one.result is cargo.Result.NOT_DECLARED and one.line.at >= since]
        open_.sort(key=lambda one: (not one.arrived, one.line.at, one.line.key))
        return open_[(page - 1) * limit : page * limit], len(open_)

    def gate(self, kind: str, value: str) -> Gate:
        """Whether what has this name may leave, with everything that is on its lines."""
        name = (kind, value)
        with self.acting.ledger.store.reading() as connection:
            lines, declared = self._around(connection, {name})
            groups = cargo.together(lines, declared)
        asked = [one for one in groups if any(name in row.names for row in one.named())]
        on_lines = {row.mrn for one in groups for row in one.declared}
        loose = [row for row in declared if name in row.names and row.mrn not in on_lines]
        return cargo.gate(asked, loose, [one for some in asked for one in self._differences(some)])

    def compare(self, names: Iterable[Name]) -> None:
        """Releases decided on goods with these names, or names that lead to such, which the carrier reported otherwise,
        go to an officer."""
        with self.acting.ledger.store.reading() as connection:
            if connection.execute(select(_NAMES.c.kind).limit(1)).first() is None:
                return
            groups = cargo.together(*self._around(connection, set(names)))
        for one in groups:
            if found := self._differences(one):
                for row in one.declared:
                    if row.state in _STOPPED:
                        self._differs(row, one, found)

    def _differs(self, row: Declared, of: Together, found: Sequence[Difference]) -> None:
        told = tuple(Measured(one.measure, *one.written()) for one in found)
        # of the same difference an officer hears once; of another, or of another version of the declaration, anew
        said = msgspec.json.encode(
            (row.version, [(line.key, line.packages, line.gross_mass) for line in of.lines], told)
        )
        reference = f"differs/{row.mrn}/{hashlib.sha256(said).hexdigest()[:24]}"
        with suppress(Refused, OtherAct):  # it moved meanwhile
            self.acting.act(Act("differed", NODE, "node", reference, row.mrn, Differing(told)))

    def _compared(self, connection: Connection, names: Collection[Name]) -> list[Standing]:
        groups = cargo.together(*self._around(connection, names))
        arrived = self._arrived(connection, {name for one in groups for line in one.lines for name in line.names})
        found = []
        for one in groups:
            differing = self._differences(one)
            of = (tuple(sorted(row.mrn for row in one.declared)), cargo.result(one, differing), tuple(differing))
            found += [Standing(line, bool(arrived & line.names), *of) for line in one.lines]
        return found

    def _arrived(self, connection: Connection, names: Collection[Name]) -> set[Name]:
        """Those of the names under which something arrived lately."""
        by_kind = {kind: [v for k, v in names if k == kind] for kind in cargo.KINDS}
        query = select(_ARRIVALS.c.value).where(_ARRIVALS.c.at >= self._since(cargo.NEAR))
        asked = (
            (kind, among(connection, query.where(_ARRIVALS.c.kind == kind, _WITHIN), values))
            for kind, values in by_kind.items()
        )
        return {(kind, value) for kind, rows in asked for (value,) in rows}

    def _around(self, connection: Connection, names: Collection[Name]) -> tuple[list[Line], list[Declared]]:
        return cargo_lines.around(connection, names, self._since(cargo_lines.RECENT))

    def _differences(self, one: Together) -> list[Difference]:
        return cargo.differences(one, cargo.tolerances(self.acting.edition, self.administration))

    def _since(self, before: int) -> int:
        return micros(self.acting.clock.now()) - before


_WITHIN: Final = _ARRIVALS.c.value.in_(AMONG)
