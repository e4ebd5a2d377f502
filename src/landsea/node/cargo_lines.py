"""Cargo lines and declarations as the node holds them, found by the names they share.

What hangs together is found by following names from one side to the other until nothing new turns up; a container is
used again and again, so only reports of `RECENT` are followed, and no further than `STEPS`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, select, tuple_

from landsea.clearance.cargo import KINDS, LET_GO, Declared, Line, Name, Together, together
from landsea.clearance.state import FREE

from . import tables
from .clock import micros
from .gather import AMONG, among
from .retention import ERASED
from .store import Store

RECENT: Final = 180 * 24 * 3600 * 1_000_000
"""How old, in microseconds, a report may be to be compared at all."""
STEPS: Final = 4
Key = tuple[str, str, int]
_NAMES, _LINES, _REPORTS = tables.cargo_names, tables.cargo_lines, tables.cargo_reports
_ALIASES, _DECLARED, _CLOCKS = tables.aliases, tables.declarations, tables.clocks
_GONE: Final = {*(state.value for state in FREE), ERASED}
_ANY: Final = "SELECT 1 WHERE EXISTS (SELECT 1 FROM cargo_names) OR EXISTS (SELECT 1 FROM arrivals)"
_KEY: Final = (_NAMES.c.actor, _NAMES.c.reference, _NAMES.c.number)


def named(store: Store, connection: Connection) -> bool:
    """Whether this node knows goods by names at all: of cargo reports, or of arrivals."""
    return bool(store.rows(connection, _ANY))


def around(connection: Connection, names: Collection[Name], since: int) -> tuple[list[Line], list[Declared]]:
    """The lines of reports since then, and the declarations, that have one of these names or share one with such."""
    lines: dict[Key, Line] = {}
    declared: dict[str, Declared] = {}
    asked, new = set[Name](), set(names)
    for _ in range(STEPS):
        asked |= new
        keys = _found(connection, select(*_KEY, _NAMES.c.kind, _NAMES.c.value), _NAMES, new)
        fresh = {(row[0], row[1], row[2]) for row in keys} - lines.keys()
        lines |= _lines(connection, fresh, since)
        numbers = {value for kind, value in new if kind == "mrn"}
        numbers |= {mrn for mrn, *_ in _found(connection, select(_ALIASES.c.mrn), _ALIASES, new)}
        more = _declared(connection, numbers - declared.keys())
        declared |= more
        found = [*(lines[key].names for key in fresh if key in lines), *(one.names for one in more.values())]
        new = {name for some in found for name in some} - asked
        if not new:
            break
    return list(lines.values()), list(declared.values())


def whole(connection: Connection, names: Collection[Name], since: int) -> list[Together]:
    """What hangs together around these names, lines with their declarations."""
    return together(*around(connection, names, since))


def names_of(connection: Connection, mrn: str) -> set[Name]:
    """The names of a declaration."""
    rows = connection.execute(select(_ALIASES.c.kind, _ALIASES.c.value).where(_ALIASES.c.mrn == mrn))
    return {("mrn", mrn), *((row.kind, row.value) for row in rows)}


def beside(connection: Connection, mrn: str, now: datetime) -> list[str]:
    """The declarations whose goods are on the same lines as these and are not released."""
    if connection.execute(select(_NAMES.c.kind).limit(1)).first() is None:
        return []
    groups = whole(connection, names_of(connection, mrn), micros(now) - RECENT)
    own = [one for one in groups if any(row.mrn == mrn for row in one.declared)]
    return sorted(row.mrn for one in own for row in one.declared if row.mrn != mrn and row.state not in LET_GO)


def _found(connection: Connection, query: Select[Any], table: Any, names: Iterable[Name]) -> list[Any]:
    """The rows of the query with one of these names."""
    by_kind: Mapping[str, list[str]] = {kind: [v for k, v in names if k == kind] for kind in KINDS}
    return [
        row
        for kind, values in by_kind.items()
        for row in among(connection, query.where(table.c.kind == kind, table.c.value.in_(AMONG)), values)
    ]


def _lines(connection: Connection, keys: Collection[Key], since: int) -> dict[Key, Line]:
    """These lines, as far as they were reported since then."""
    found: dict[Key, Line] = {}
    reports = {key[:2] for key in keys}
    for actor, reference in reports:
        own = (_REPORTS.c.actor == actor, _REPORTS.c.reference == reference, _REPORTS.c.at >= since)
        joined = _LINES.join(
            _REPORTS, tuple_(*_LINES.c["actor", "reference"]) == tuple_(*_REPORTS.c["actor", "reference"])
        )
        query = select(_LINES.c.number, _REPORTS.c.at, _LINES.c.packages, _LINES.c.gross_mass).select_from(joined)
        names: dict[int, set[Name]] = {}
        said = select(_NAMES.c.number, _NAMES.c.kind, _NAMES.c.value)
        for number, *name in connection.execute(said.where(_NAMES.c.actor == actor, _NAMES.c.reference == reference)):
            names.setdefault(number, set()).add(tuple(name))
        for number, *rest in connection.execute(query.where(*own)):
            key = (actor, reference, number)
            if key in keys:
                found[key] = Line(key, frozenset(names.get(number, ())), *rest)
    return found


def _declared(connection: Connection, numbers: Collection[str]) -> dict[str, Declared]:
    """These declarations, without those that are rejected, withdrawn or erased."""
    names: dict[str, set[Name]] = {mrn: {("mrn", mrn)} for mrn in numbers}
    for mrn, *name in among(connection, _ALSO, numbers):
        names[mrn].add(tuple(name))
    rows = among(connection, _STANDING, numbers)
    return {row.mrn: Declared(row.mrn, frozenset(names[row.mrn]), *row[1:]) for row in rows if row.state not in _GONE}


_ALSO: Final = select(_ALIASES.c.mrn, _ALIASES.c.kind, _ALIASES.c.value).where(_ALIASES.c.mrn.in_(AMONG))
_STANDING: Final = (
    select(_DECLARED.c.mrn, _CLOCKS.c.lodged, _CLOCKS.c.packages, _CLOCKS.c.gross_mass)
    .add_columns(_DECLARED.c.state, _DECLARED.c.awaits, _DECLARED.c.version)
    .select_from(_DECLARED.join(_CLOCKS, _CLOCKS.c.mrn == _DECLARED.c.mrn))
    .where(_DECLARED.c.mrn.in_(AMONG))
)
