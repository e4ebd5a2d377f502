"""Statements: what an operator and customs owe each other, line by line, to the smallest unit.

The account of an operator is its credit less what is due on its declarations. Every entry of the books that changes
that is a line; what moves money within the account (a payment from credit) is none. So the opening balance and the
lines make the closing balance, and the closing balance is what the books hold.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, Subquery, case, func, select, union_all

from landsea.clearance.change import written
from landsea.clearance.revenue import Kind
from landsea.codes.administration import coinage, zone

from . import tables
from .clock import instant, micros

_TRANSFERS, _ENTRIES, _DECLARED = tables.transfers.c, tables.entries.c, tables.declarations.c
_FAR = 1 << 62
Period = tuple[date | None, date | None]
"""First and last day; None: without end on that side."""


class Line(NamedTuple):
    """One entry: when, what it was, under which reference, about which declaration; what it added to the balance
    (negative: took from it), and the balance then."""

    at: datetime
    kind: str
    reference: str
    mrn: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An operator's account over a period, whose last day is within it; amounts are in the smallest unit."""

    operator: str
    currency: str
    places: int
    first: date | None
    last: date | None
    opening: int
    lines: tuple[Line, ...]

    @property
    def closing(self) -> int:
        """The balance at the end of the period."""
        return self.lines[-1].balance if self.lines else self.opening

    def document(self) -> dict[str, Any]:
        """The statement as JSON says it."""
        return {
            "operator": self.operator,
            "currency": self.currency,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "opening": _signed(self.opening, self.places),
            "lines": [dict(zip(COLUMNS, row, strict=True)) for row in self._rows()],
            "closing": _signed(self.closing, self.places),
        }

    def table(self) -> str:
        """The statement as CSV, its opening and closing balance as first and last line."""
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerow(("", "opening", "", "", "", _signed(self.opening, self.places)))
        out.writerows(self._rows())
        out.writerow(("", "closing", "", "", "", _signed(self.closing, self.places)))
        return text.getvalue()

    def _rows(self) -> Iterable[tuple[str, ...]]:
        for one in self.lines:
            amounts = (_signed(one.amount, self.places), _signed(one.balance, self.places))
            yield (one.at.isoformat(), one.kind, one.reference, one.mrn, *amounts)


COLUMNS = ("at", "kind", "reference", "mrn", "amount", "balance")


def statement(
    connection: Connection, operator: str, law: Mapping[str, Any], period: Period = (None, None)
) -> Statement:
    """The operator's account from the first to the last day, in the administration's zone; without them, all of it."""
    first, last = period
    (currency, places), here = coinage(law), zone(law)
    since = 0 if first is None else _midnight(first, here)
    until = _FAR if last in (None, date.max) else _midnight(last + timedelta(days=1), here)
    moves = _moves(operator, currency)
    before = select(func.sum(moves.c.amount)).where(moves.c.at < since)
    balance = opening = int(connection.execute(before).scalar_one() or 0) if since else 0
    lines = []
    for row in connection.execute(_entries(moves, since, until)):
        balance += int(row.amount)
        lines.append(Line(instant(row.at), row.kind, row.reference, row.mrn or "", int(row.amount), balance))
    return Statement(operator, currency, places, first, last, opening, tuple(lines))


def _midnight(day: date, here: ZoneInfo) -> int:
    return micros(datetime(day.year, day.month, day.day, tzinfo=here))


def _moves(operator: str, currency: str) -> Subquery:
    """What each transfer adds to the operator's account: to credit, and (turned round) to what is due."""
    entered = (_ENTRIES.kind == _TRANSFERS.entry_kind) & (_ENTRIES.reference == _TRANSFERS.entry_reference)
    alone = (_DECLARED.liable == "") & (_DECLARED.sender == operator)
    own = select(_DECLARED.mrn).where(alone | (_DECLARED.liable == operator))
    parts = []
    for side, other, sign in (("origin", "target", -1), ("target", "origin", 1)):
        kind, holder = _TRANSFERS[f"{side}_kind"], _TRANSFERS[f"{side}_holder"]
        same = _TRANSFERS[f"{side}_currency"] == currency
        collected = _TRANSFERS[f"{other}_kind"] == Kind.COLLECTED.value
        about = case((collected, _TRANSFERS[f"{other}_holder"]))
        for account, its, turned, mrn in (
            (Kind.CREDIT, holder == operator, 1, about),
            (Kind.DUE, holder.in_(own), -1, holder),
        ):
            amount = (_TRANSFERS.amount * (sign * turned)).label("amount")
            asked = select(_ENTRIES.kind, _ENTRIES.reference, _ENTRIES.at, _ENTRIES.leaf, amount, mrn.label("mrn"))
            joined = asked.join_from(tables.transfers, tables.entries, entered)
            parts.append(joined.where(kind == account.value, its, same))
    return union_all(*parts).subquery()


def _entries(moves: Subquery, since: int, until: int) -> Select[Any]:
    it = moves.c
    amount = func.sum(it.amount)
    return (
        select(it.kind, it.reference, it.at, func.max(it.mrn).label("mrn"), amount.label("amount"))
        .where(it.at >= since, it.at < until)
        .group_by(it.kind, it.reference, it.at, it.leaf)
        .having(amount != 0)
        .order_by(it.leaf, it.kind, it.reference)
    )


def _signed(amount: int, places: int) -> str:
    return f"-{written(-amount, places)}" if amount < 0 else written(amount, places)
