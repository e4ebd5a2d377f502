"""The national system beside this node: a folder it drops files into, and takes answers out of.

A file is taken when it has come to rest: its name does not say it is still being written (`.part`, `.tmp`, a dot in
front), its size does not change, and, if it is cut short, it has not been touched for a while. Those at rest are taken
in the order of their names. Each is committed, then answered, then moved with the answer to `done/` or `refused/`; what
somebody has to look at stands in `report.tsv` as well (`reporting`).

A crash at any moment repeats nothing: what was committed is reserved in the store, which knows the same body again, and
the answer is made from what stands in the store; the move only tidies.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from landsea.codes.administration import law_of
from landsea.codes.edition import Edition
from landsea.errors import EnvironmentFault, InputError, LandseaError
from landsea.wire import foreign_table, sad_xml
from landsea.wire.adapter import Line, System, Translated
from landsea.wire.foreign_table import Layout
from landsea.wire.limits import DEFAULT
from landsea.wire.reply import Reply
from landsea.wire.sniff import Unreadable

from . import counters, records
from .relay import Kept, Relay
from .reporting import REPORT, doubtful, replied, report_lines, reported, synced, written

DONE, REFUSED = "done", "refused"
SUFFIXES = frozenset({".xml", ".csv", ".jsonl"})
ANSWERS = (".answer.xml", ".answer.csv")  # somebody put back what this node wrote
STEP = 3_000  # records read with one query
_CUT_SHORT = frozenset({"WIR-001", "WIR-005", "WIR-009"})  # what half a file looks like


class Adapters(NamedTuple):
    """How the files of the national system are read: what it is, its own lines of the SAD, and its tables."""

    system: System
    sad: tuple[Line, ...] = ()
    layouts: tuple[Layout, ...] = ()

    def layout(self, name: str) -> Layout:
        """The layout of a table by its file's name. Raises InputError where none is for it."""
        for one in self.layouts:
            if any(fnmatch(name, pattern) for pattern in one.files):
                return one
        raise InputError(f"no table of legacy.toml is for a file named {name}")


def adapters(edition: Edition, administration: str) -> Adapters:
    """What `legacy.toml` of the administration says; without one, ASYCUDAWorld as it comes.

    Raises InputError, naming the place, for what leads nowhere.
    """
    stated = edition.named("legacy").get(administration, {})
    own = law_of(edition, administration)
    said = stated.get("system", {})
    try:
        system = System(
            said.get("name", "ASYCUDAWorld"),
            administration,
            own.get("currency", ""),
            said.get("days", "mdy"),
            dict(stated.get("lanes", {})),
            dict(stated.get("statuses", {})),
        )
        layouts = tuple(foreign_table.layout(name, one) for name, one in stated.get("table", {}).items())
        return Adapters(system, tuple(foreign_table.line_of("sad", row) for row in stated.get("sad", ())), layouts)
    except InputError as error:
        raise InputError(f"{administration}/legacy.toml: {error}") from error


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that has come to rest: its name and bytes."""

    name: str
    body: bytes
    age: float  # seconds since it was last written

    @property
    def form(self) -> str:
        """xml, csv or jsonl, by its name."""
        return Path(self.name).suffix.lower().lstrip(".")


@dataclass(slots=True)
class DropFolder:
    """The folder watched. `settle` and `patience` are the seconds a whole, and a cut-short, file must lie untouched."""

    folder: Path
    relay: Relay
    adapters: Adapters
    settle: float = 1.0
    patience: float = 60.0
    seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            there = "is no folder" if self.folder.exists() else "does not exist"
            raise EnvironmentFault(
                f"{self.folder} cannot be used as a drop folder: it {there}; make it, or mend its name"
            )
        try:
            for folder in (self.folder / DONE, self.folder / REFUSED):
                folder.mkdir(exist_ok=True)
                for half in folder.glob(".*.tmp"):  # of a process that was killed; one that lives is long done with it
                    if time.time() - half.stat().st_mtime > self.patience:
                        half.unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentFault(f"{self.folder} cannot be used as a drop folder: {error.strerror}") from error

    def waiting(self) -> list[str]:
        """The names of the files that are to be taken, in order, at rest or not."""
        with os.scandir(self.folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if Path(entry.name).suffix.lower() in SUFFIXES
                and entry.name[0] != "."
                and not entry.name.lower().endswith(ANSWERS)
                and entry.is_file(follow_symlinks=False)
            )

    def once(self, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
        """All files at rest are taken, a lot at a time, until `stop` says so.

        Counted are files `done`, `refused` and `left` to be looked at again, `declarations` recorded, those `repeated`,
        recorded before, those `declined` in a file that holds others, and those `doubtful`, which say what cannot be
        right.

        Raises EnvironmentFault where the disk or the database refuses; what was committed is known when it is back.
        """
        told, passed = Counter[str](), set[str]()
        while not stop() and (batch := self._batch(passed)):
            told += self._taken(batch)
        told["left"] = len(self.waiting())
        if told.total() > told["left"]:
            self._counted(told)
        return told

    def _counted(self, told: Counter[str]) -> None:
        store = self.relay.ledger.store
        with store.writing() as connection:
            counters.count(store, connection, "relay_passes", {"": 1})
            counters.count(
                store, connection, "relayed_files", {f'outcome="{one}"': told[one] for one in (DONE, REFUSED)}
            )

    def _batch(self, passed: set[str]) -> list[Dropped]:
        """The next files at rest that were not looked at in this pass; they are looked at now."""
        found: list[Dropped] = []
        size = 0
        for name in self.waiting():
            if name in passed:
                continue
            if len(found) == self.relay.lot or size > DEFAULT.unpacked:
                break
            passed.add(name)
            if dropped := self._at_rest(name):
                found.append(dropped)
                size += len(dropped.body)
        self.seen = {name: what for name, what in self.seen.items() if name in passed}
        return found

    def _at_rest(self, name: str) -> Dropped | None:
        try:
            found = (self.folder / name).stat()
            age = time.time() - found.st_mtime
            before = self.seen.get(name)
            if before is None or before[:2] != (found.st_size, found.st_mtime_ns):
                self.seen[name] = before = (found.st_size, found.st_mtime_ns, time.monotonic())
            if age < self.settle and time.monotonic() - before[2] < self.settle:
                return None
            with (self.folder / name).open("rb") as opened:
                body = opened.read(DEFAULT.unpacked + 1)
        except FileNotFoundError:
            return None  # another process that watches the folder was faster
        except OSError as error:
            raise EnvironmentFault(f"{self.folder / name} cannot be read: {error.strerror}") from error
        return Dropped(name, body, age) if len(body) >= found.st_size else None

    def _taken(self, batch: Sequence[Dropped]) -> Counter[str]:
        """The files are committed, then answered on the disk, then moved beside their answers."""
        told, moves, lines = Counter[str](), [], list[str]()
        parts = [self._translated(one) for one in batch]
        whole = [n for n, one in enumerate(batch) if one.age >= self.patience or not any(map(_cut_short, parts[n]))]
        placed = iter(self.relay.answers([p for n in whole for p in parts[n] if isinstance(p, Translated)]))
        answers = [[(p, next(placed) if isinstance(p, Translated) else p) for p in parts[n]] for n in whole]
        stored = self._stored([place for own in answers for _, place in own if isinstance(place, Kept)])
        for n, own in zip(whole, answers, strict=True):
            replies = [replied(part, place, stored) for part, place in own]
            where = DONE if any(not one.refused for one in replies) else REFUSED
            moves.append((batch[n].name, self._answered(batch[n], where, replies)))
            known = [place.repeated for _, place in own if isinstance(place, Kept)]
            told += Counter({where: 1, "declarations": known.count(False), "repeated": known.count(True)})
            told["declined"] += sum(bool(one.refused) for one in replies) if where == DONE else 0
            told["doubtful"] += sum(map(doubtful, replies))
            lines += report_lines(batch[n].name, replies, self.relay.clock.now())
        reported(self.folder / REPORT, lines)
        self._move(moves)
        return told

    def _translated(self, one: Dropped) -> list[Translated | LandseaError | Unreadable]:
        try:
            if one.form == "xml":
                return [sad_xml.translated(one.body, self.adapters.system, self.adapters.sad)]
            by = self.adapters.layout(one.name)
            return [*foreign_table.translated(one.body, one.form, by, self.adapters.system)] or [Unreadable("WIR-001")]
        except (Unreadable, InputError) as refusal:
            return [refusal]

    def _stored(self, places: Sequence[Kept]) -> dict[int, records.Stored]:
        leaves, found = [leaf for one in places for leaf in one.leaves], dict[int, records.Stored]()
        with self.relay.ledger.store.reading() as connection:
            for at in range(0, len(leaves), STEP):
                found |= records.read(connection, self.relay.ledger.keys, leaves[at : at + STEP])
        return found

    def _answered(self, one: Dropped, where: str, replies: Sequence[Reply]) -> Path:
        """The answer is written; where the file goes, so as to stand beside it."""
        form = "xml" if one.form == "xml" else "csv"
        by = next((b for b in self.adapters.layouts if any(fnmatch(one.name, p) for p in b.files)), None)
        text = sad_xml.answer(replies, self.adapters.sad) if form == "xml" else foreign_table.answer(replies, by)
        target = _free(self.folder / where, one)
        written(target.with_name(f"{target.name}.answer.{form}"), text)
        return target

    def _move(self, moves: Sequence[tuple[str, Path]]) -> None:
        for folder in {target.parent for _, target in moves}:
            synced(folder)  # the answers of the whole lot are on the disk before any of its files goes
        for name, target in moves:
            try:
                (self.folder / name).replace(target)
            except FileNotFoundError:
                continue  # moved by another process that watches the folder; its answer is the same
            except OSError as error:
                raise EnvironmentFault(
                    f"{name} cannot be moved to {target}: {error.strerror}; nothing is lost"
                ) from error


def _cut_short(part: Any) -> bool:
    return isinstance(part, Unreadable) and part.rule in _CUT_SHORT


def _free(folder: Path, one: Dropped) -> Path:
    """Where the file goes: under its own name, or with a number behind it where another file has that already."""
    name, n = Path(one.name), 1
    target = folder / name
    while target.exists() and target.read_bytes() != one.body:
        n += 1
        target = folder / f"{name.stem}~{n}{name.suffix}"
    return target
