"""Quotas in the database: how much of each stock is drawn, by whom, and whether what was granted still holds.

Grants were reckoned from the balances known (`tariff.claim`). Here, under the lock of the log's head, they are applied
in the order of the log: a claim granted in full holds while the stock has that much left; one granted in part, or not
for want of more, holds only if the stock has exactly what was known. What does not hold is decided anew. Nothing is
ever drawn beyond the opening, and what a declaration drew is given back when it is amended, invalidated or rejected.
First proofs of origin, on which back-to-back proofs draw whole or not at all, are such stocks too.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Connection

from landsea.declaration.lot import Lot
from landsea.declaration.stage import Decided, Outcome
from landsea.tariff.claim import BALANCES, RETURNED

from . import tables
from .store import Store


class Draw(NamedTuple):
    """What one declaration was granted of one stock, in millionths of its unit."""

    administration: str
    stock: str
    opening: int
    before: int  # what was left when it was this claim's turn
    granted: int
    short: bool  # more was wanted


_STOCKS, _DRAWS = tables.quota_stocks, tables.quota_draws
_DRAWN = "SELECT administration, stock, drawn FROM quota_stocks WHERE stock IN"
_OF_ORDER = "SELECT administration, stock, drawn FROM quota_stocks WHERE quota_order IN"
_OWN = "SELECT mrn, administration, stock, amount FROM quota_draws WHERE mrn IN"
_BECOMES = " ON CONFLICT (administration, stock) DO UPDATE SET drawn = excluded.drawn"
_Stock = tuple[str, str]


def known(
    store: Store, connection: Connection, lot: Lot, earlier: pl.DataFrame, firsts: Sequence[str]
) -> Mapping[str, pl.DataFrame]:
    """The frames of what is known of the quotas that the lot claims and of the stocks of first proofs of origin that it
    names (`tariff.first_proof`); none where there is neither.
    """
    claimed = lot["goods_items"]["quota_order"]
    if claimed.null_count() == len(claimed) and not firsts:
        return {}
    drawn = list(store.among(connection, _OF_ORDER, claimed.drop_nulls().unique().to_list()))
    drawn += store.among(connection, _DRAWN, firsts)
    of = {mrn: d for d, mrn in earlier.select("d", "mrn").iter_rows()}
    returned = [(of[mrn], *rest) for mrn, *rest in store.among(connection, _OWN, list(of))]
    return balances(sorted(drawn), sorted(returned))


def balances(drawn: Sequence[tuple[str, str, int]], returned: Sequence[Any] = ()) -> dict[str, pl.DataFrame]:
    """The frames of what is known: what is drawn of each stock (administration, stock, amount), and what of it is given
    back when a declaration's turn comes (d before these).
    """
    return {
        "stocks": pl.DataFrame(drawn, schema=BALANCES, orient="row"),
        "returned": pl.DataFrame(returned, schema=RETURNED, orient="row"),
    }


def at_their_turn(decided: Decided) -> Mapping[int, list[tuple[str, str, int]]]:
    """Declaration row → what was drawn of each stock it asks for when it was its turn: enough to decide it alone."""
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for d, draws in _draws(decided.claims, decided.proofs).items():
        first = {(one.administration, one.stock): one.opening - one.before for one in reversed(draws)}
        found[d] = [(*key, drawn) for key, drawn in sorted(first.items())]
    return found


def draws_of(decided: Decided) -> Mapping[int, tuple[Draw, ...]]:
    """Declaration row → what it was granted of each stock, in the order of its claims; nothing where there is no
    stock. Who is rejected draws on no first proof, nor do goods that are not charged by it."""
    proofs = decided.proofs
    if proofs.height:
        fallen = decided.decisions.filter(pl.col("outcome") == Outcome.REJECTED.value)["d"]
        proofs = proofs.filter("charged", ~pl.col("d").is_in(fallen.implode()))
    return _draws(decided.claims, proofs)


def _draws(*claims: pl.DataFrame) -> Mapping[int, tuple[Draw, ...]]:
    found: dict[int, list[Draw]] = defaultdict(list)
    columns = ("d", "administration", "stock", "opening", "before", "granted", "wanted")
    for rows in (each.drop_nulls("stock").select(columns) for each in claims if each.height):
        for d, administration, stock, opening, before, granted, wanted in rows.iter_rows():
            found[d].append(Draw(administration, stock, opening, before, granted, granted < wanted))
    return {d: tuple(draws) for d, draws in found.items()}


class Drawing(NamedTuple):
    """A declaration whose draws change: those of its version before are given back."""

    mrn: str
    again: bool  # it stood before, and may have drawn
    draws: Sequence[Draw]


class Stocks:
    """What is drawn of the stocks that some drawings touch, as it stands in this transaction."""

    def __init__(self, store: Store, connection: Connection, drawings: Sequence[Drawing]) -> None:
        self._store, self._connection = store, connection
        self._own: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        for mrn, *rest in store.among(connection, _OWN, [one.mrn for one in drawings if one.again]):
            self._own[mrn].append((rest[0], rest[1], rest[2]))
        stocks = {draw.stock for one in drawings for draw in one.draws}
        stocks |= {stock for own in self._own.values() for _, stock, _ in own}
        drawn = store.among(connection, _DRAWN, sorted(stocks))
        self._drawn: dict[_Stock, int] = {(administration, stock): amount for administration, stock, amount in drawn}
        self._touched: set[_Stock] = set()
        self._left: set[str] = set()
        self._made: list[tuple[str, str, str, int]] = []

    def take(self, drawing: Drawing) -> bool:
        """Whether these draws hold; then they are made, and those of the version before given back."""
        drawn = dict(self._drawn)
        for administration, stock, amount in self._own[drawing.mrn]:
            drawn[administration, stock] -= amount
        for one in drawing.draws:
            key = one.administration, one.stock
            left = max(one.opening - drawn.get(key, 0), 0)
            if left < one.granted or (one.short and left != one.before):
                return False
            drawn[key] = drawn.get(key, 0) + one.granted
        self._touched |= {key for key in drawn if drawn[key] != self._drawn.get(key)}
        self._drawn.update(drawn)
        if self._own[drawing.mrn]:
            self._left.add(drawing.mrn)
        sums: dict[_Stock, int] = defaultdict(int)
        for one in drawing.draws:
            sums[one.administration, one.stock] += one.granted
        self._made += [(drawing.mrn, *key, amount) for key, amount in sums.items() if amount]
        return True

    def write(self) -> None:
        """What was taken and given back stands in the database."""
        self._store.run(self._connection, "DELETE FROM quota_draws WHERE mrn = ?", [(mrn,) for mrn in self._left])
        self._store.insert(self._connection, _DRAWS, self._made)
        rows = [(*key, key[1].partition(" ")[0], self._drawn[key]) for key in sorted(self._touched)]
        self._store.insert(self._connection, _STOCKS, rows, _BECOMES)


def give_back(store: Store, connection: Connection, mrn: str) -> None:
    """What this declaration drew is there for others again."""
    drawing = Drawing(mrn, again=True, draws=())
    stocks = Stocks(store, connection, [drawing])
    stocks.take(drawing)
    stocks.write()
