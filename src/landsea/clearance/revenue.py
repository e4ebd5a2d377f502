"""Revenue: what is claimed, secured, paid and repaid, as transfers between accounts, so that the books always balance.

Theory. Customs claims duties and taxes on a declaration; goods are released once they are paid or their payment is
secured (Revised Kyoto Convention, General Annex 3.40, chapters 4 and 5; TFA 7.2 and 7.3); what was paid and not owed
is repaid (4.18). Each of these is one or two *transfers* of an amount from one account to another of its book:

* claims    `ASSESSED` → `DUE` of a declaration, and back when the claim is satisfied or reduced
* money     `BANK` → `CREDIT` of an operator → `COLLECTED` on a declaration, and back when it is repaid
* security  `PLEDGED` → `FREE` of an instrument → `RESERVED` of it for a declaration, and back

The first account of each book stands for the world outside and may be overdrawn; no other ever is. So the balances of
a book sum to nought at any time, and an error shows as a refusal and not as a wrong number. Deferred payment is an
instrument too: its limit is pledged, and what is reserved on it is due on its statement's day.

Amounts are whole numbers of the smallest payable unit of the currency (fen, dong, kip): 64 bits hold 9 x 10^18.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from landsea.errors import LandseaError


class Kind(StrEnum):
    """Kinds of accounts. The values are stored and never reused."""

    ASSESSED = "assessed"
    DUE = "due"
    BANK = "bank"
    CREDIT = "credit"
    COLLECTED = "collected"
    PLEDGED = "pledged"
    FREE = "free"
    RESERVED = "reserved"


OUTSIDE: Final = frozenset({Kind.ASSESSED, Kind.BANK, Kind.PLEDGED})
"""The accounts that stand for the world outside the books; these may be overdrawn."""
MOST: Final = 10**14
"""The largest claim on one declaration, in the smallest unit: what is more can no more be paid than that, and tens of
thousands of such claims still leave the books room for those of others."""
_FULL: Final = 1 << 63


class Account(NamedTuple):
    """An account of one book in one currency. `holder` is an MRN, an operator or an instrument; outside it is empty;
    a reservation has both, `instrument` and `holder`.
    """

    kind: Kind
    currency: str
    holder: str = ""
    instrument: str = ""


class Transfer(NamedTuple):
    """An amount that goes from one account to another."""

    origin: Account
    target: Account
    amount: int


Balance = Callable[[Account], int]
"""Tells what stands on an account; nought where nothing ever did."""


class Overdrawn(LandseaError):
    """A transfer asks more than an account holds; the message says which account, what it holds and what lacks."""


class Cover(StrEnum):
    """How far the duties of a declaration are covered."""

    PAID = "paid"  # nothing is due
    SECURED = "secured"  # what is due is reserved on instruments
    OPEN = "open"


def assessed(balance: Balance, mrn: str, currency: str, amount: int, operator: str) -> list[Transfer]:
    """The claim on this declaration is `amount` from now on, whatever it was.

    A larger one is due. A smaller one reduces what is due; what was paid beyond it is the operator's credit again.
    """
    due, collected = Account(Kind.DUE, currency, mrn), Account(Kind.COLLECTED, currency, mrn)
    more = amount - balance(due) - balance(collected)
    if more >= 0:
        return _some(Transfer(Account(Kind.ASSESSED, currency), due, more))
    waived = min(balance(due), -more)
    return _some(
        Transfer(due, Account(Kind.ASSESSED, currency), waived),
        Transfer(collected, Account(Kind.CREDIT, currency, operator), -more - waived),
    )


class Claim(NamedTuple):
    """A claim on a declaration, whose declarant is the operator."""

    mrn: str
    currency: str
    operator: str


def claimed(balance: Balance, claim: Claim, amount: int, instruments: Iterable[str]) -> list[Transfer]:
    """The claim is `amount` from now on, as in `assessed`, and what was reserved beyond it is free again."""
    made = assessed(balance, claim.mrn, claim.currency, amount, claim.operator)
    after = moved(balance, made)
    held = lambda account: after[account] if account in after else balance(account)  # noqa: E731
    return [*made, *freed(held, claim.mrn, claim.currency, instruments)]


def received(operator: str, currency: str, amount: int) -> list[Transfer]:
    """Money that came in for this operator is its credit."""
    return _some(Transfer(Account(Kind.BANK, currency), Account(Kind.CREDIT, currency, operator), amount))


def paid(mrn: str, currency: str, amount: int, operator: str) -> list[Transfer]:
    """That much of what is due on the declaration is paid from the operator's credit."""
    return _some(
        Transfer(Account(Kind.CREDIT, currency, operator), Account(Kind.COLLECTED, currency, mrn), amount),
        Transfer(Account(Kind.DUE, currency, mrn), Account(Kind.ASSESSED, currency), amount),
    )


def repaid(operator: str, currency: str, amount: int) -> list[Transfer]:
    """That much of the operator's credit was sent back."""
    return _some(Transfer(Account(Kind.CREDIT, currency, operator), Account(Kind.BANK, currency), amount))


def pledged(instrument: str, currency: str, amount: int) -> list[Transfer]:
    """The instrument secures that much more; a negative amount: less, of what is free."""
    outside, free = Account(Kind.PLEDGED, currency), Account(Kind.FREE, currency, instrument)
    return _some(Transfer(outside, free, amount) if amount >= 0 else Transfer(free, outside, -amount))


def secured(mrn: str, currency: str, amount: int, instrument: str) -> list[Transfer]:
    """That much of the instrument is reserved for the declaration."""
    reserved = Account(Kind.RESERVED, currency, mrn, instrument)
    return _some(Transfer(Account(Kind.FREE, currency, instrument), reserved, amount))


def freed(balance: Balance, mrn: str, currency: str, instruments: Iterable[str]) -> list[Transfer]:
    """What is reserved for the declaration beyond what is still due is free again, the last instrument's first."""
    held = [(one, balance(Account(Kind.RESERVED, currency, mrn, one))) for one in instruments]
    beyond = sum(amount for _, amount in held) - balance(Account(Kind.DUE, currency, mrn))
    moved = []
    for one, amount in reversed(held):
        part = max(0, min(amount, beyond))
        reserved = Account(Kind.RESERVED, currency, mrn, one)
        moved.append(Transfer(reserved, Account(Kind.FREE, currency, one), part))
        beyond -= part
    return _some(*moved)


def called(mrn: str, currency: str, amount: int, instrument: str, guarantor: str) -> list[Transfer]:
    """The guarantor paid that much of what the instrument secures; the instrument is worth so much less."""
    reserved = Account(Kind.RESERVED, currency, mrn, instrument)
    return [
        *_some(Transfer(reserved, Account(Kind.PLEDGED, currency), amount)),
        *received(guarantor, currency, amount),
        *paid(mrn, currency, amount, guarantor),
    ]


def cover(balance: Balance, mrn: str, currency: str, instruments: Iterable[str]) -> Cover:
    """How far the duties of the declaration are covered by payment or by these instruments."""
    due = balance(Account(Kind.DUE, currency, mrn))
    if not due:
        return Cover.PAID
    reserved = sum(balance(Account(Kind.RESERVED, currency, mrn, one)) for one in instruments)
    return Cover.SECURED if reserved >= due else Cover.OPEN


def moved(balance: Balance, transfers: Iterable[Transfer]) -> Mapping[Account, int]:
    """What stands afterwards on every account that the transfers touch, in the order they are made.

    Raises Overdrawn where one asks more than there is at its turn: then none of them is made. Raises ValueError for an
    amount below one or a transfer between currencies, which no function of this module makes.
    """
    after: dict[Account, int] = defaultdict(int)
    for origin, target, amount in transfers:
        if amount < 1 or origin.currency != target.currency:
            raise ValueError(f"a transfer of {amount} {origin.currency} to {target.currency} cannot be made")
        for account in (origin, target):
            if account not in after:
                after[account] = balance(account)
        if origin.kind not in OUTSIDE and after[origin] < amount:
            raise Overdrawn(
                f"the account {origin.kind.value} of {origin.instrument or origin.holder} holds {after[origin]} "
                f"{origin.currency} in the smallest unit, {amount} are asked of it"
            )
        after[origin] -= amount
        after[target] += amount
        if max(-after[origin], after[target]) >= _FULL:
            raise Overdrawn(f"the books hold no {amount} {origin.currency} more in the smallest unit")
    return dict(after)


def _some(*transfers: Transfer) -> list[Transfer]:
    """Those that move anything. Raises ValueError for a negative amount."""
    if any(one.amount < 0 for one in transfers):
        raise ValueError("an amount is not negative")
    return [one for one in transfers if one.amount]
