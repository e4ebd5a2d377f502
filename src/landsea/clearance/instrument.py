"""Instruments of security: what ensures that duties will be paid, whose it is, who answers for it, and for how long.

A trader chooses among the forms of security that customs accepts, and a general security serves many declarations
(Revised Kyoto Convention, General Annex, 5.4 and 5.5; TFA 7.3). A deferment account is such an instrument too: its
limit is what may be deferred, and what is reserved on it falls due on the day of its statement. An instrument secures
what its holder owes and nobody else; what is reserved stays good after its last day, until the duties are paid.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from . import revenue
from .act import Amount, Content, Name, Refused, Text
from .change import Coins, units
from .pledge import Pledge
from .revenue import Balance, Overdrawn, Transfer

Form = Literal["comprehensive", "cash", "bank", "deferment"]
DEFERMENT: Final = "deferment"


class Registration(Content, frozen=True):
    """An instrument that customs accepts from now on. Without a guarantor its holder answers for it."""

    instrument: Name
    form: Form
    holder: Name
    amount: Amount
    currency: Name
    last_day: date
    guarantor: Annotated[str, msgspec.Meta(max_length=70, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")] = ""


class Amounted(Content, frozen=True):
    """By how much an instrument is worth more, or less."""

    instrument: Name
    amount: Amount
    currency: Name


class Ending(Content, frozen=True):
    """Why nothing more may be reserved on an instrument."""

    instrument: Name
    reason: Text


CONTENTS: Final[Mapping[str, type[Registration | Amounted | Ending]]] = {
    "registered": Registration,
    "raised": Amounted,
    "lowered": Amounted,
    "expired": Ending,
}
"""What the treasury does to instruments, and what it says with it."""


class Held(NamedTuple):
    """What is known when something is done to an instrument: the instrument (None: there is none of the name), what
    stands on accounts, the coins it is reckoned in, and the day."""

    pledge: Pledge | None
    balance: Balance
    coins: Coins
    today: date


def content_of(kind: str, said: Mapping[str, Any]) -> Registration | Amounted | Ending:
    """What is said of an instrument. Raises Refused where nothing of this kind is done, or it says something else."""
    if kind not in CONTENTS:
        raise Refused("unknown-kind", f"nothing {kind[:40]!r} is done to an instrument; it is {', '.join(CONTENTS)}")
    try:
        return msgspec.convert(said, CONTENTS[kind])
    except msgspec.ValidationError as error:
        raise Refused("content", f"the content of {kind} does not fit: {error}") from None


def instituted(kind: str, content: Registration | Amounted | Ending, held: Held) -> tuple[Pledge, list[Transfer]]:
    """The instrument as it is from now on, and the transfers that make it so. Raises Refused where it may not be."""
    if isinstance(content, Registration):
        return _registered(content, held)
    pledge = held.pledge
    if pledge is None:
        raise Refused("unknown-instrument", f"no instrument {content.instrument} is registered")
    if isinstance(content, Ending):
        if pledge.last_day < held.today:
            raise Refused("expired", f"the last day of {pledge.name} was {pledge.last_day}")
        return pledge._replace(last_day=held.today - timedelta(days=1)), []
    amount = units(content.amount, content.currency, held.coins)
    if not amount:
        raise Refused("nothing-due", f"{pledge.name} is worth what it was")
    more = amount if kind == "raised" else -amount
    made = revenue.pledged(pledge.name, pledge.currency, more)
    try:
        revenue.moved(held.balance, made)
    except Overdrawn as overdrawn:
        raise Refused("overdrawn", str(overdrawn)) from None
    return pledge, made


def _registered(content: Registration, held: Held) -> tuple[Pledge, list[Transfer]]:
    if held.pledge is not None:
        raise Refused("instrument-known", f"an instrument {content.instrument} is registered; raise or lower it")
    if content.last_day < held.today:
        raise Refused("expired", f"{content.last_day} is past; an instrument is registered while it is good")
    amount = units(content.amount, content.currency, held.coins)
    holder, guarantor = content.holder, content.guarantor or content.holder
    pledge = Pledge(content.instrument, content.form, holder, guarantor, content.currency, content.last_day)
    return pledge, revenue.pledged(pledge.name, pledge.currency, amount)


def falls_due(form: str, reserved_on: date, terms: Mapping[str, Any]) -> date:
    """The last day to pay what was reserved on that day: for a deferment account the day of the next month's statement,
    for every other so many days later. `terms` is `[payment]` of the administration's law."""
    if form != DEFERMENT:
        return reserved_on + timedelta(days=int(terms.get("secured_days", 30)))
    month = reserved_on.replace(day=monthrange(reserved_on.year, reserved_on.month)[1]) + timedelta(days=1)
    last = monthrange(month.year, month.month)[1]
    return month.replace(day=min(int(terms.get("statement_day", 15)), last))
