"""The books in the database: entries of transfers between accounts (`clearance.revenue`), exactly once each.

An entry is made inside a transaction that holds the lock of the log's head, together with the record that says why; so
entries are ordered, nobody reads a balance that another is about to change, and a crash leaves all of an entry or none.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select

from landsea.clearance.revenue import Account, Balance, Kind, Transfer, moved
from landsea.errors import LandseaError

from . import tables
from .store import Store


class Entry(NamedTuple):
    """Why transfers are made: a kind (payment, security …), the reference under which it is made once, and what it is
    about. `digest` tells two contents of one reference apart; `leaf` is that of the record.
    """

    kind: str
    reference: str
    digest: bytes
    leaf: int
    at: int


class OtherEntry(LandseaError):
    """Another entry was made under this reference before."""


_ACCOUNTS, _ENTRIES, _TRANSFERS = tables.accounts, tables.entries, tables.transfers
_KEY = ("kind", "currency", "holder", "instrument")
_BALANCE = select(_ACCOUNTS.c.balance).where(*(_ACCOUNTS.c[name] == bindparam(name) for name in _KEY))
_DIGEST = select(_ENTRIES.c.digest).where(
    _ENTRIES.c.kind == bindparam("kind"), _ENTRIES.c.reference == bindparam("reference")
)
_INSTRUMENTS = (
    select(_ACCOUNTS.c.instrument)
    .where(_ACCOUNTS.c.kind == Kind.RESERVED.value, _ACCOUNTS.c.holder == bindparam("holder"))
    .where(_ACCOUNTS.c.currency == bindparam("currency"), _ACCOUNTS.c.balance > 0)
    .order_by(_ACCOUNTS.c.instrument)
)
_BECOMES = " ON CONFLICT (kind, currency, holder, instrument) DO UPDATE SET balance = excluded.balance"
_STATEMENT = select(_TRANSFERS, _ENTRIES.c.kind, _ENTRIES.c.reference, _ENTRIES.c.at).join_from(
    _TRANSFERS,
    _ENTRIES,
    (_ENTRIES.c.kind == _TRANSFERS.c.entry_kind) & (_ENTRIES.c.reference == _TRANSFERS.c.entry_reference),
)


def balance(connection: Connection) -> Balance:
    """Tells what stands on an account in this transaction."""

    def of(account: Account) -> int:
        return connection.execute(_BALANCE, account._asdict()).scalar_one_or_none() or 0

    return of


def enter(
    store: Store, connection: Connection, entry: Entry, transfers: Callable[[Balance], Iterable[Transfer]]
) -> bool:
    """The entry stands in the books once the transaction is committed; False where it stood there already.

    `transfers` is asked with the balances of now. Raises OtherEntry where another content was entered under the
    reference, Overdrawn where an account lacks what is asked: then nothing is entered.
    """
    said = {"kind": entry.kind, "reference": entry.reference}
    if before := connection.execute(_DIGEST, said).scalar_one_or_none():
        if bytes(before) == entry.digest:
            return False
        raise OtherEntry(f"another {entry.kind} was entered under {entry.reference}; use a reference of its own")
    held = balance(connection)
    made = list(transfers(held))
    after = moved(held, made)
    store.insert(connection, _ENTRIES, [tuple(entry)])
    rows = [
        (entry.kind, entry.reference, n, *one.origin, *one.target, one.amount) for n, one in enumerate(made, start=1)
    ]
    store.insert(connection, _TRANSFERS, rows)
    store.insert(connection, _ACCOUNTS, [(*account, stands) for account, stands in after.items()], _BECOMES)
    return True


def opened(store: Store, connection: Connection, entries: Iterable[tuple[Entry, Transfer]]) -> None:
    """These entries stand in the books once the transaction is committed, all written at once; a transfer of nothing
    moves nothing.

    Each is the first under its reference, from outside to an account on which nothing ever stood: the first claims on
    the declarations of a lot.
    """
    made = list(entries)
    held = balance(connection)
    after = {account: held(account) for account in dict.fromkeys(one.origin for _, one in made if one.amount)}
    for _, one in made:
        if one.amount:
            after[one.origin] -= one.amount
            after[one.target] = one.amount
    store.insert(connection, _ENTRIES, [tuple(entry) for entry, _ in made])
    rows = [(entry.kind, entry.reference, 1, *one.origin, *one.target, one.amount) for entry, one in made if one.amount]
    store.insert(connection, _TRANSFERS, rows)
    store.insert(connection, _ACCOUNTS, [(*account, stands) for account, stands in after.items()], _BECOMES)


def instruments(connection: Connection, mrn: str, currency: str) -> Sequence[str]:
    """The instruments on which something is reserved for this declaration."""
    return connection.execute(_INSTRUMENTS, {"holder": mrn, "currency": currency}).scalars().all()


class Line(NamedTuple):
    """A line of a statement: what was entered, and what it added to the account (negative: took from it)."""

    at: int
    kind: str
    reference: str
    amount: int
    other: Account


def statement(connection: Connection, account: Account, since: int = 0, until: int = 1 << 62) -> list[Line]:
    """Everything that touched the account from `since` to before `until` (microseconds), in order."""
    touched = _STATEMENT.where(
        _touches("origin", account) | _touches("target", account), _ENTRIES.c.at >= since, _ENTRIES.c.at < until
    ).order_by(_ENTRIES.c.leaf, _TRANSFERS.c.number)
    return [_line(account, row) for row in connection.execute(touched)]


def _touches(side: str, account: Account) -> ColumnElement[bool]:
    return and_(*(_TRANSFERS.c[f"{side}_{name}"] == value for name, value in account._asdict().items()))


def _line(account: Account, row: Any) -> Line:
    origin = Account(*(row._mapping[f"origin_{name}"] for name in _KEY))  # noqa: SLF001 - SQLAlchemy's public name
    target = Account(*(row._mapping[f"target_{name}"] for name in _KEY))  # noqa: SLF001
    left = origin == account
    return Line(row.at, row.kind, row.reference, -row.amount if left else row.amount, target if left else origin)
