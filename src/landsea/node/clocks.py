"""Clocks: what a node keeps of every declaration to tell how long its release takes, and how its target stands now.

A row of `clocks` is written with the declaration and stamped as it arrives and is released; queries and answers are
read from the acts. The law of it is `clearance.target`; here is only where its frames come from. Goods declared at
arrival were there when they were declared, unless an arrival on record says since when.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import polars as pl
from sqlalchemy import Connection, Update, bindparam, update

from landsea.clearance.state import ADVANCE, FREE, State
from landsea.clearance.supplement import is_supplementary, letters
from landsea.clearance.target import DECLARATIONS, targets
from landsea.codes.administration import law_of, zone
from landsea.codes.edition import Edition
from landsea.declaration.lot import UTC
from landsea.declaration.stage import Decided

from . import tables
from .clock import Clock
from .store import Store


class Facts(NamedTuple):
    """What of a declaration bears on its time, and on the cargo reported: as its version in force declares it."""

    office: str | None
    mode: str | None  # of transport at the border
    direction: str | None
    express: int
    exported_from: str | None
    commodity: str | None  # the first perishable one, else the first
    packages: int | None
    gross_mass: int | None  # millionths of a kilogram


_CLOCKS = tables.clocks
_LARGEST: Final = 2**63 - 1
_KILOGRAMS: Final = {None: 1, "KGM": 1, "TNE": 1000}
_CLOSED: Final = {
    State.REJECTED.value: "rejected",
    State.INVALIDATED.value: "invalidated",
    State.SEIZED.value: "seized",
}
_EARLY: Final = [state.value for state in ADVANCE]
_GONE: Final = frozenset(state.value for state in FREE)
_LET_GO: Final = frozenset({State.RELEASED.value, State.CLEARED.value})
_COLUMNS: Final = ("declaration_office", "presentation_office", "border_means_mode", "direction", "export_country")
_TOTALS: Final = ("total_packages", "total_gross_mass", "total_gross_mass_unit")


def facts(decided: Decided, edition: Edition) -> list[Facts | None]:
    """The facts of every declaration row of the lot, in order; none of a supplementary one, whose goods were released
    before: it has no clock, and opens no gate."""
    lot = decided.lot
    simple = letters(lot["declarations"]["type"]).isdisjoint("XYZ")  # nearly always
    gone = frozenset[int]() if simple else {*lot["declarations"].filter(is_supplementary())["d"]}
    goods = _goods(lot["goods_items"], edition)
    express = set(_express(decided, edition))
    declared = lot["declarations"]
    rows = zip(*(declared[name].to_list() for name in (*_COLUMNS, *_TOTALS)), strict=True)
    found: list[Facts | None] = []
    for d, (office, presented, mode, direction, country, packages, mass, unit) in enumerate(rows):
        code, of_items = goods.get(d, (None, None))
        gross = of_items if mass is None else _kilograms(mass, unit)
        known = (office or presented, mode, direction, int(d in express), country, code, packages)
        held = Facts(*known, gross if gross is None or gross <= _LARGEST else None)
        found.append(None if d in gone else held)
    return found


def _goods(items: pl.DataFrame, edition: Edition) -> dict[int, tuple[str | None, int | None]]:
    """Declaration row → the commodity that tells, and the gross mass of all items; None where one has none."""
    prefixes, found = _perishable(edition), dict[int, tuple[str | None, int | None]]()
    columns = (items[name].to_list() for name in ("d", "commodity_code", "gross_mass", "gross_mass_unit"))
    for d, code, mass, unit in zip(*columns, strict=True):
        gross = None if mass is None else _kilograms(mass, unit)
        if d not in found:
            found[d] = (code, gross)
            continue
        first, total = found[d]
        told = code if code and code.startswith(prefixes) and not (first or "").startswith(prefixes) else first
        found[d] = (told, None if total is None or gross is None else total + gross)
    return found


def _kilograms(mass: int, unit: str | None) -> int | None:
    return mass * _KILOGRAMS[unit] if unit in _KILOGRAMS else None


@lru_cache(maxsize=4)
def _perishable(edition: Edition) -> tuple[str, ...]:
    return tuple(edition.table("perishables")["prefix"])


def _express(decided: Decided, edition: Edition) -> Iterator[int]:
    """The rows that say by a procedure or a document that they are express consignments."""
    for frame, column in (("procedures", "current"), ("documents", "type")):
        marks = _marks(edition, frame)
        if marks and decided.lot[frame].height:
            rows = zip(decided.lot[frame]["d"].to_list(), decided.lot[frame][column].to_list(), strict=True)
            yield from (d for d, value in rows if value in marks)


@lru_cache(maxsize=8)
def _marks(edition: Edition, frame: str) -> frozenset[str]:
    return frozenset(edition.table("express_marks").filter(pl.col("frame") == frame)["value"])


def began(mrn: str, known: Facts, state: str, at: int) -> tuple[Any, ...]:
    """The row of a declaration that now stands for the first time."""
    return (mrn, *known, at, None, at if state in _LET_GO else None)


_STAMP: Final = (
    "UPDATE clocks SET arrived = COALESCE(arrived, CAST(? AS BIGINT)), released = COALESCE(released, CAST(? AS BIGINT))"
    " WHERE mrn = ?"
)
_CHANGED: Final[Update] = update(_CLOCKS).where(_CLOCKS.c.mrn == bindparam("of"))


def stamp(store: Store, connection: Connection, mrn: str, moved: tuple[str, str], at: int) -> None:
    """What the move from one state to another tells is on the clock: that the goods arrived, that they are released."""
    before, now = moved
    arrived = before in _EARLY and now not in _EARLY and now not in _GONE
    if arrived or now in _LET_GO:
        store.run(connection, _STAMP, [(at if arrived else None, at if now in _LET_GO else None, mrn)])


def changed(connection: Connection, mrn: str, known: Facts) -> None:
    """The clock has the facts of a new version."""
    connection.execute(_CHANGED.values(**known._asdict()), {"of": mrn})


STANDS: Final[dict[str, pl.DataType]] = {
    "mrn": pl.String(),
    "administration": pl.String(),
    "state": pl.String(),
    "awaits": pl.String(),
    "at": pl.Int64(),
    "direction": pl.String(),
    "express": pl.Int64(),
    "exported_from": pl.String(),
    "commodity": pl.String(),
    "lodged": pl.Int64(),
    "arrived": pl.Int64(),
    "released": pl.Int64(),
}
"""What of a declaration its clock is reckoned from; instants in microseconds since 1970."""
ASKED: Final[dict[str, pl.DataType]] = {"mrn": pl.String(), "kind": pl.String(), "at": pl.Int64()}
_NAMES: Final = ", ".join(f"{'declarations' if name in tables.declarations.c else 'clocks'}.{name}" for name in STANDS)
_ROWS: Final = f"SELECT {_NAMES} FROM declarations LEFT JOIN clocks ON clocks.mrn = declarations.mrn WHERE "  # noqa: S608
_QUESTIONS: Final = (
    "SELECT acts.mrn, acts.kind, records.at FROM declarations LEFT JOIN clocks ON clocks.mrn = declarations.mrn"
    " JOIN acts ON acts.mrn = declarations.mrn"
    " JOIN records ON records.leaf = acts.leaf WHERE acts.kind IN ('queried', 'answered', 'released') AND "
)


class Seen(NamedTuple):
    """Declarations (`STANDS`), and the queries to declarants and their ends (`ASKED`), in the order they came."""

    rows: pl.DataFrame
    asked: pl.DataFrame


def seen(store: Store, connection: Connection, condition: str, values: Sequence[str] = ()) -> Seen:
    """The declarations of which this is true: SQL over `declarations` and `clocks`, a `?` for each value."""
    found = store.rows(connection, _ROWS + condition, values)
    asked = store.rows(connection, f"{_QUESTIONS}{condition} ORDER BY acts.leaf", values)
    frames = ((found, STANDS), (asked, ASKED))
    return Seen(*(pl.DataFrame(rows, schema=schema, orient="row") for rows, schema in frames))


def stand(known: Seen, edition: Edition, now: datetime) -> pl.DataFrame:
    """The target of each declaration and how its clock stands now (`target.TARGETS`), in their order."""
    rows = known.rows.with_row_index("d")
    declared = rows.select(*(name for name in DECLARATIONS if name != "express"), pl.col("express") == 1)
    goods = rows.select("d", commodity_code="commodity")
    return targets(declared, goods, _events(rows, known.asked), edition, now)


_LODGED: Final = pl.col("lodged").fill_null(pl.col("at"))
_HAPPENED: Final = {
    "lodged": _LODGED,
    "arrived": pl.col("arrived").fill_null(pl.when(~pl.col("state").is_in(_EARLY)).then(_LODGED)),
    "released": pl.col("released"),
    **{kind: pl.when(pl.col("state") == state).then("at") for state, kind in _CLOSED.items()},
}
"""Kind of event → when it happened to a declaration, or null."""


def _events(rows: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    parts = [
        rows.select("d", kind=pl.lit(kind), at=at, query=pl.lit(None, pl.String)).drop_nulls("at")
        for kind, at in _HAPPENED.items()
    ]
    # an answer, and an officer who is satisfied without one, end whatever was open: all of that is one question
    ends = pl.col("kind") != "queried"
    number = (ends.cast(pl.Int64).cum_sum() - ends.cast(pl.Int64)).over("mrn")
    questions = asked.with_columns(
        kind=pl.when(ends).then(pl.lit("answered")).otherwise("kind"), query=number.cast(pl.String)
    )
    parts.append(questions.join(rows.select("d", "mrn"), on="mrn").select("d", "kind", "at", "query"))
    return pl.concat(parts).with_columns(pl.col("at").cast(UTC))


@dataclass(frozen=True, slots=True)
class Clocks:
    """How the clocks of a node's declarations stand."""

    store: Store
    edition: Edition
    clock: Clock

    def of(self, mrn: str) -> dict[str, Any] | None:
        """The clock of this declaration (`target.TARGETS`, and the `timezone`); None where there is none such."""
        with self.store.reading() as connection:
            known = seen(self.store, connection, "declarations.mrn = ?", [mrn])
        if known.rows.is_empty():
            return None
        told = stand(known, self.edition, self.clock.now()).row(0, named=True)
        return told | {"timezone": self.zone(known.rows["administration"][0])}

    def zone(self, administration: str) -> str:
        """The administration's time zone; UTC where it is not known."""
        return zone(law_of(self.edition, administration)).key
