"""The treasury's side of the node: instruments of security, and the lines of the bank.

Each is on record and in the books in one transaction, once for each reference, as acts are. A line of the bank pays the
declaration it names, or everything reserved on the deferment account it names, what falls due first first; one that
pays nothing is left to people and may be told again once its matter is settled.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, exists, select

from landsea.clearance.act import NODE, Act, Call, Money, Refused, Security
from landsea.clearance.change import written
from landsea.clearance.condition import Condition
from landsea.clearance.instrument import DEFERMENT, Amounted, Ending, Held, Registration, instituted
from landsea.clearance.pledge import Pledge
from landsea.clearance.revenue import Account, Kind, Transfer
from landsea.clearance.state import ADVANCE, CONTROLLED, State
from landsea.codes.administration import Coinage, coinage, law_of, local_day
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import Relays
from landsea.risk.reasons import Audience
from landsea.units import coin, micro

from . import book, tables
from .acting import Acting, Done, OtherAct
from .bank import BankLine, numbers_in
from .gather import AMONG, among
from .pledges import Reserved, held_by, named, reservations
from .recording import fresh_ids

BANK: Final = "the bank"
"""The actor of payments that came by a line of the bank, whoever brought it: each line counts once."""
_ACTS, _DECLARED, _INSTRUMENTS, _ACCOUNTS = tables.acts, tables.declarations, tables.instruments, tables.accounts
_MADE = select(_ACTS).where(_ACTS.c.actor == bindparam("actor"), _ACTS.c.reference == bindparam("reference"))
_DUE = (_ACCOUNTS.c.kind == Kind.DUE.value) & (_ACCOUNTS.c.holder == _DECLARED.c.mrn) & (_ACCOUNTS.c.balance > 0)
_REFERRED = (
    select(_DECLARED.c.mrn).join(_ACCOUNTS, _DUE).where(_DECLARED.c.lrn.in_(bindparam("numbers", expanding=True)))
)
_NUMBERED = select(_DECLARED.c.mrn).where(_DECLARED.c.mrn.in_(bindparam("numbers", expanding=True)))
_DEFERMENTS = select(_INSTRUMENTS.c.name).where(_INSTRUMENTS.c.kind == DEFERMENT)
_UNCOVERED = (
    select(_DECLARED.c.mrn, _DECLARED.c.sender, _DECLARED.c.liable, _DECLARED.c.version)
    .where(_DECLARED.c.awaits.contains(Condition.DUTIES.value))
    .where(
        exists().where(
            _INSTRUMENTS.c.kind == DEFERMENT, _INSTRUMENTS.c.holder.in_([_DECLARED.c.sender, _DECLARED.c.liable])
        )
    )
)
_UNPAID = frozenset({*ADVANCE, *CONTROLLED, State.AWAITING})


class Confirmed(NamedTuple):
    """What a line of the bank came to: `booked`, `repeated` or `unmatched` with a reason; and what it paid."""

    reference: str
    outcome: str
    reason: str = ""
    detail: str = ""
    paid: tuple[tuple[str, str], ...] = ()  # MRN and amount


class Secures(NamedTuple):
    """An instrument with what stands on it."""

    pledge: Pledge
    free: str
    reserved: str
    secures: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Treasury:
    """What keeps instruments and takes payments; `administration` is whose node this is."""

    acting: Acting
    administration: str

    @property
    def law(self) -> Mapping[str, Any]:
        """What the administration has laid down of itself."""
        return law_of(self.acting.edition, self.administration)

    @property
    def coins(self) -> Coinage:
        """What amounts are of here."""
        return coinage(self.law)

    def institute(self, actor: str, reference: str, kind: str, content: Registration | Amounted | Ending) -> Done:
        """The instrument is as said from now on. Raises Refused where it may not be, OtherAct where another thing was
        done under the reference, Relays where a national system decides."""
        self._deciding()
        said = msgspec.json.encode({"kind": kind, **msgspec.to_builtins(content)})
        digest = hashlib.sha256(said).digest()
        with self.acting.ledger.store.writing() as connection:
            leaf = self._repeated(connection, actor, reference, digest)
            repeated = leaf is not None
            if leaf is None:
                balance = book.balance(connection)
                held = Held(named(connection, content.instrument), balance, self.coins, self._today())
                pledge, transfers = instituted(kind, content, held)
                told = {"actor": actor, "role": "treasury", "reference": reference}
                row = (actor, reference, digest, "", f"instrument-{kind}", pledge.name, "", 0)
                leaf = self._recorded(connection, row, said, told)
                self._kept(connection, pledge, leaf)
                self._entered(connection, row, transfers, leaf)
        receipt = self.acting.ledger.shown(range(leaf, leaf + 1), Audience.TRADER)
        return Done(receipt, proposed=False, repeated=repeated)

    def instruments(self, holder: str | None) -> list[Secures]:
        """The instruments of a holder, or (None) of everybody, with what is free on them and what they secure."""
        places = self.coins.places
        with self.acting.ledger.store.reading() as connection:
            balance, found = book.balance(connection), []
            held = held_by(connection, holder)
            names = [one.name for one in held]
            secured: dict[str, list[Reserved]] = {name: [] for name in names}
            asked = None if holder is None else _ACCOUNTS.c.instrument.in_(names)
            for one in reservations(connection, self.law, asked):
                secured[one.instrument].append(one)
            for pledge in held:
                own = secured[pledge.name]
                listed = tuple(
                    {"mrn": r.mrn, "amount": written(r.amount, places), "falls_due": r.falls_due.isoformat()}
                    for r in own
                )
                free = balance(Account(Kind.FREE, pledge.currency, pledge.name))
                found.append(
                    Secures(pledge, written(free, places), written(sum(r.amount for r in own), places), listed)
                )
        return found

    def overdue(self) -> list[Reserved]:
        """What is reserved for released goods and had to be paid before today; the oldest first."""
        today = self._today()
        released = _ACCOUNTS.c.holder.in_(select(_DECLARED.c.mrn).where(_DECLARED.c.state == State.RELEASED.value))
        with self.acting.ledger.store.reading() as connection:
            return [one for one in reservations(connection, self.law, released) if one.falls_due < today]

    def amount(self, smallest: int) -> str:
        """An amount of the smallest unit with its currency, as people write it."""
        return f"{written(smallest, self.coins.places)} {self.coins.currency}"

    def call(self, one: Reserved) -> Done:
        """The guarantor of what is overdue paid it. Raises Refused where that may not be."""
        reference = f"called/{one.mrn}/{one.instrument}/{one.falls_due}"
        return self.acting.act(Act("called", BANK, "treasury", reference, one.mrn, Call(one.instrument)))

    def defer(self, waiting: Sequence[str] | None = None) -> None:
        """What is due on these declarations (None: on all) is secured by their debtors' deferment accounts, where they
        have one with enough left."""
        with self.acting.ledger.store.reading() as connection:
            if not connection.execute(_DEFERMENTS.limit(1)).first():
                return
            found = [self._deferral(connection, row) for row in self._deferrable(connection, waiting)]
        for act in found:
            if act:
                with suppress(Refused, OtherAct):  # another reservation was quicker
                    self.acting.act(act)

    def _deferrable(self, connection: Connection, waiting: Sequence[str] | None) -> Iterable[Any]:
        if waiting is None:
            return connection.execute(_UNCOVERED).all()
        return among(connection, _UNCOVERED.where(_DECLARED.c.mrn.in_(AMONG)), waiting)

    def _deferral(self, connection: Connection, row: Any) -> Act | None:
        """The reservation that covers what is due on this declaration, on the first account that can."""
        (currency, places), balance, today = self.coins, book.balance(connection), self._today()
        held = sum(
            balance(Account(Kind.RESERVED, currency, row.mrn, one))
            for one in book.instruments(connection, row.mrn, currency)
        )
        lacks = balance(Account(Kind.DUE, currency, row.mrn)) - held
        for pledge in held_by(connection, row.liable or row.sender):
            good = pledge.form == DEFERMENT and pledge.last_day >= today and pledge.currency == currency
            if good and 0 < lacks <= balance(Account(Kind.FREE, currency, pledge.name)):
                content = Security(written(lacks, places), currency, pledge.name)
                return Act("secured", NODE, "treasury", f"deferred/{row.mrn}/{row.version}", row.mrn, content)
        return None

    def settle(self, mrn: str) -> None:
        """A released declaration on which nothing is due, and nothing else is open, is cleared."""
        currency = self.coins.currency
        with self.acting.ledger.store.reading() as connection:
            if book.balance(connection)(Account(Kind.DUE, currency, mrn)):
                return
        with suppress(Refused, OtherAct):
            money = Money("0", currency)
            self.acting.act(Act("settled", NODE, "treasury", f"settled/{mrn}", mrn, money))

    def confirm(self, lines: Sequence[BankLine]) -> list[Confirmed]:
        """What each line came to, in order. Raises Relays where a national system decides."""
        self._deciding()
        return [self._confirmed(line) for line in lines]

    def _confirmed(self, line: BankLine) -> Confirmed:
        said = msgspec.json.encode(line)
        digest = hashlib.sha256(said).digest()
        try:
            with self.acting.ledger.store.writing() as connection:
                if self._repeated(connection, BANK, line.reference, digest) is not None:
                    return Confirmed(line.reference, "repeated")
                acts = list(self._payments(connection, line))
                row = (BANK, line.reference, digest, "", "bank-line", "", "", 0)
                self._recorded(connection, row, b'{"kind":"bank-line"}', msgspec.to_builtins(line))
                for act in acts:
                    self.acting.within(connection, act)
        except Refused as refused:
            return Confirmed(line.reference, "unmatched", refused.reason, str(refused))
        except OtherAct:
            detail = "another line of the bank came under this reference"
            return Confirmed(line.reference, "unmatched", "other-line", detail)
        paid = tuple((act.mrn, act.content.amount) for act in acts if isinstance(act.content, Money))
        return Confirmed(line.reference, "booked", paid=paid)

    def _payments(self, connection: Connection, line: BankLine) -> Iterator[Act]:
        """The payments this line makes. Raises Refused where it pays nothing."""
        coins = self.coins
        amount, rest = divmod(micro(line.amount), coin(coins.places))
        if line.currency != coins.currency or rest or not amount:
            raise Refused("currency", f"{line.amount} {line.currency[:10]} is no amount of {coins.currency}")
        numbers = numbers_in(line.about)
        found = connection.execute(_NUMBERED, {"numbers": numbers}).scalars().all()
        named = select(_INSTRUMENTS.c.name).where(_INSTRUMENTS.c.name.in_(numbers))
        accounts = [] if found else connection.execute(named).scalars().all()
        found = found or connection.execute(_REFERRED, {"numbers": numbers}).scalars().all()
        if len(found) + len(accounts) > 1 and found:  # a declarant is free to call a declaration as another's account
            raise Refused("several", f"{line.about[:70]!r} names {len(found) + len(accounts)} things to be paid")
        if found:
            yield self._payment(connection, line, found[0], amount)
            return
        reserved = list(reservations(connection, self.law, _ACCOUNTS.c.instrument.in_(accounts)))
        if not reserved:
            raise Refused("unknown", f"{line.about[:70]!r} names no declaration and no account with anything due")
        for n, one in enumerate(reserved, start=1):
            part = amount if n == len(reserved) else min(amount, one.amount)  # what is too much is credit
            if part:
                yield self._payment(connection, line, one.mrn, part)
            amount -= part

    def _payment(self, connection: Connection, line: BankLine, mrn: str, amount: int) -> Act:
        standing = self.acting.stands(connection, mrn).standing
        if not standing.balance(Account(Kind.DUE, standing.currency, mrn)):
            raise Refused("nothing-due", f"nothing is due on {mrn}")
        kind = "paid" if standing.state in _UNPAID else "settled"
        money = Money(written(amount, self.coins.places), self.coins.currency)
        return Act(kind, BANK, "treasury", f"{line.reference}/{mrn}", mrn, money)

    def _repeated(self, connection: Connection, actor: str, reference: str, digest: bytes) -> int | None:
        made = connection.execute(_MADE, {"actor": actor, "reference": reference}).one_or_none()
        if made is None:
            return None
        if bytes(made.digest) != digest:
            raise OtherAct(f"another act was made under {reference} before; use a reference of its own")
        return int(made.leaf)

    def _recorded(self, connection: Connection, row: tuple[Any, ...], said: bytes, told: Mapping[str, Any]) -> int:
        """The leaf of the record of something that is about no declaration; its row stands among the acts."""
        ledger = self.acting.ledger
        at = ledger.log.time(connection)
        (record,) = fresh_ids(at, 1)
        blobs = [Blob("act@1", 0, said), Blob("inquiry@1", 0, msgspec.json.encode(told))]
        made = Unsealed(row[4], record, self.acting.clock.now(), self.acting.edition.digest, blobs)
        leaf = self.acting.write(connection, [made], record, at)
        ledger.store.insert(connection, _ACTS, [(*row, leaf, 1, 0)])
        return leaf

    def _kept(self, connection: Connection, pledge: Pledge, leaf: int) -> None:
        said = (*pledge[:5], pledge.last_day.isoformat(), leaf)
        becomes = " ON CONFLICT (name) DO UPDATE SET last_day = excluded.last_day"
        self.acting.ledger.store.insert(connection, _INSTRUMENTS, [said], becomes)

    def _entered(self, connection: Connection, row: tuple[Any, ...], transfers: Sequence[Transfer], leaf: int) -> None:
        if transfers:
            store, at = self.acting.ledger.store, self.acting.ledger.log.time(connection)
            entry = book.Entry("pledge", f"{row[0]}/{row[1]}", row[2], leaf, at)
            book.enter(store, connection, entry, lambda _: transfers)

    def _today(self) -> date:
        return local_day(self.acting.clock.now(), self.law)

    def _deciding(self) -> None:
        if self.acting.ledger.relays:
            raise Relays("the national system keeps the accounts here; this node relays what it did")
