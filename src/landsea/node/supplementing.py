"""Supplementing: which declarations a supplementary one completes, and what of that stands in the database.

What is owed has a row in `owed`, from the moment the simplified declaration is taken up. A supplementary declaration of
the same declarant that refers to it takes the row for itself; once it is decided in favour the first one is told, and
what they are claimed together is what the supplementary one is assessed at (`clearance.supplement`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import polars as pl
from sqlalchemy import BindParameter, Connection, bindparam, select, update

from landsea.clearance.condition import Condition
from landsea.clearance.revenue import Balance, Claim, Transfer
from landsea.clearance.state import State
from landsea.clearance.supplement import falls_due, referred, shared, unknown
from landsea.codes.administration import local_day
from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Decided, Known

from . import tables
from .clock import instant
from .retention import ERASED
from .store import Store

SUPPLEMENTS: Final = {
    "d": pl.UInt32(),
    "said": pl.String(),  # the number it refers to
    "mrn": pl.String(),  # of the declaration it completes; null where it completes none
    "document": pl.Int64(),
}
_OWED, _DECLARED, _CLOCKS = tables.owed, tables.declarations, tables.clocks
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_OPEN = (
    select(_OWED.c.mrn, _OWED.c.settled_by, _DECLARED.c.lrn, _DECLARED.c.document)
    .join(_DECLARED, _DECLARED.c.mrn == _OWED.c.mrn)
    .where(_OWED.c.sender == bindparam("sender"))
    .where(_OWED.c.mrn.in_(_NUMBERS) | _DECLARED.c.lrn.in_(_NUMBERS))
)
_OF = select(_OWED.c.mrn).where(_OWED.c.settled_by == bindparam("mrn")).order_by(_OWED.c.mrn)
_TAKE = update(_OWED).where(_OWED.c.mrn == bindparam("of"), _OWED.c.settled_by == "")
IN_FAVOUR: Final = frozenset({State.AWAITING.value, State.RELEASED.value, State.CLEARED.value})
_READY = (
    select(_OWED.c.mrn, _OWED.c.settled_by)
    .join(_DECLARED, _DECLARED.c.mrn == _OWED.c.settled_by)
    .where(_OWED.c.closed == 0, _DECLARED.c.state.in_(IN_FAVOUR))
    .order_by(_OWED.c.settled_by, _OWED.c.mrn)
)


class Step(NamedTuple):
    """Which of two steps a declaration is: its type where a supplementary one is owed for it; those it supplements."""

    owes: str = ""
    supplements: tuple[str, ...] = ()


class Owed(NamedTuple):
    """A supplementary declaration that is owed: for which declaration, of which type, of whom, until which day (None:
    the goods are not released yet)."""

    mrn: str
    sender: str
    type: str
    due: date | None


def known(connection: Connection, lot: Lot, earlier: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The frame `supplements` for the supplementary declarations of the lot; nothing where there is none."""
    pairs = referred(lot)
    if not pairs:
        return {}
    senders = dict(lot["declarations"].select("d", "sender").iter_rows())
    numbers = dict(earlier.select("d", "mrn").iter_rows())
    found: list[tuple[int, str, str | None, int | None]] = []
    for d in dict.fromkeys(d for d, _ in pairs):
        said = [number for row, number in pairs if row == d]
        rows = connection.execute(_OPEN, {"sender": senders[d], "numbers": said}).all()
        by_number = {name: row for row in rows for name in (row.lrn, row.mrn) if row.settled_by in ("", numbers.get(d))}
        named = ((number, by_number.get(number)) for number in said)
        found += [(d, number, row and row.mrn, row and row.document) for number, row in named]
    return {
        "supplements": pl.DataFrame(found, schema=SUPPLEMENTS, orient="row").unique(["d", "mrn"], maintain_order=True)
    }


def recalled(rows: Sequence[tuple[str, str | None, int | None]] | None) -> dict[str, pl.DataFrame]:
    """The frame again, from what was remembered of it for one declaration."""
    if rows is None:
        return {}
    return {"supplements": pl.DataFrame([(0, *row) for row in rows], schema=SUPPLEMENTS, orient="row")}


def remembered(known_: Known) -> Mapping[int, list[tuple[str, str | None, int | None]]]:
    """Declaration row → what is to be remembered of the frame."""
    kept: dict[int, list[tuple[str, str | None, int | None]]] = {}
    for d, *row in known_.frames.get("supplements", pl.DataFrame(schema=SUPPLEMENTS)).iter_rows():
        kept.setdefault(d, []).append((row[0], row[1], row[2]))
    return kept


def unmatched(known_: Known, edition: Edition, lot: Lot) -> pl.DataFrame | None:
    """Findings on supplementary declarations that complete none, where one may be owed; None where there is none."""
    frame = known_.frames.get("supplements")
    if frame is None:
        return None
    laws = edition.named("administration")
    owing = [issuer for issuer, law in laws.items() if "supplementary" in law]
    rows = lot["declarations"].filter(pl.col("administration").is_in(owing), ~pl.col("type").str.ends_with("Z"))
    lost = frame.group_by("d", maintain_order=True).agg(
        pl.col("mrn").is_null().all(), value=pl.col("said").str.join(" ").replace("", "no previous document")
    )
    return unknown(lost.filter("mrn", pl.col("d").is_in(rows["d"].implode())))


def steps(decided: Decided, known_: Known) -> dict[int, Step]:
    """Declaration row → which step it is, of those that are one of two."""
    states, owed = decided.decisions["state"], decided.decisions["awaits"]
    types, found = decided.lot["declarations"]["type"], dict[int, Step]()
    waits = owed.list.contains(Condition.SUPPLEMENT.value).fill_null(value=False)
    for d in waits.arg_true().to_list():
        found[d] = Step(owes=types[d] or "")
    for d, mrn in known_.frames.get("supplements", _NONE).select("d", "mrn").drop_nulls().iter_rows():
        if states[d] != State.REJECTED.value:
            found[d] = Step(supplements=(*found.get(d, Step()).supplements, mrn))
    return found


_NONE: Final = pl.DataFrame(schema=SUPPLEMENTS)


def took_up(store: Store, connection: Connection, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """A supplementary declaration is owed for each of these declarations: MRN, sender, administration, type."""
    store.insert_new(connection, _OWED, [(*row, "", 0) for row in rows])


def taken(connection: Connection, mrn: str, firsts: Iterable[str]) -> None:
    """These declarations are supplemented by the one with this MRN."""
    for one in firsts:
        connection.execute(_TAKE.values(settled_by=mrn), {"of": one})


def lost(connection: Connection, mrn: str) -> None:
    """What this declaration would have supplemented, and was not told of it, is owed again; nothing is owed for it."""
    own = (_OWED.c.settled_by == mrn) & (_OWED.c.closed == 0)
    connection.execute(update(_OWED).where(own).values(settled_by=""))
    connection.execute(_OWED.delete().where(_OWED.c.mrn == mrn))


def closed(connection: Connection, mrn: str) -> None:
    """This declaration was told that it is supplemented."""
    connection.execute(update(_OWED).where(_OWED.c.mrn == mrn).values(closed=1))


def firsts(connection: Connection, mrn: str) -> Sequence[str]:
    """The declarations that this one supplements."""
    return connection.execute(_OF, {"mrn": mrn}).scalars().all()


def claimed_together(
    balance: Balance, claim: Claim, total: int, first: Sequence[str], *, favourable: bool
) -> list[Transfer]:
    """The transfers that make `total` the claims on these declarations together; before it is decided in favour a
    supplementary declaration takes nothing off the first ones."""
    others = [Claim(mrn, claim.currency, claim.operator) for mrn in first]
    made = shared(balance, claim, total, others)
    if favourable:
        return made
    own = {claim.mrn}
    return [one for one in made if {one.origin.holder, one.target.holder} & own]


def ready(connection: Connection, mrn: str | None = None) -> list[tuple[str, str]]:
    """What can be told: first declaration and the one that supplements it, where this is one of them, or (None) all."""
    asked = _READY if mrn is None else _READY.where((_OWED.c.settled_by == mrn) | (_OWED.c.mrn == mrn))
    return [(row.mrn, row.settled_by) for row in connection.execute(asked)]


def owed(connection: Connection, edition: Edition, sender: str | None, before: date | None) -> Iterator[Owed]:
    """What is owed by this sender (None: by all) and had to be lodged before that day (None: whenever); the most
    urgent first, last what is not released yet."""
    laws = edition.named("administration")
    asked = (
        select(_OWED.c.mrn, _OWED.c.sender, _OWED.c.administration, _OWED.c.type, _CLOCKS.c.released)
        .join(_DECLARED, _DECLARED.c.mrn == _OWED.c.mrn)
        .outerjoin(_CLOCKS, _CLOCKS.c.mrn == _OWED.c.mrn)
        .where(_OWED.c.settled_by == "", _DECLARED.c.state != ERASED)
        .where(_DECLARED.c.awaits.contains(Condition.SUPPLEMENT.value))
    )
    rows = connection.execute(asked if sender is None else asked.where(_OWED.c.sender == sender))
    found = [_owed(row, laws.get(row.administration, {})) for row in rows]
    late = [one for one in found if before is None or (one.due and one.due < before)]
    yield from sorted(late, key=lambda one: (one.due or date.max, one.mrn))


def _owed(row: Any, law: Mapping[str, Any]) -> Owed:
    due = row.released and falls_due(row.type, local_day(instant(row.released), law), law)
    return Owed(row.mrn, row.sender, row.type, due or None)
