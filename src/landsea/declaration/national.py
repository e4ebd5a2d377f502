"""What a national system beside this node decided: a value quoted from its files, never a decision of ours.

Where the national system (ASYCUDAWorld, VNACCS, MACCS …) stays the legal decider, its declarations arrive with what it
did on them: registered, assessed, paid, released. A `National` says that, with dates and amounts as they wrote them. It
is evidence of their act; nothing in this node turns it into an act of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from .stage import Control


class Status(StrEnum):
    """How far the national system says it has come. The values are stored and never reused."""

    STORED = "stored"  # kept by the declarant there, not yet registered
    REGISTERED = "registered"
    SELECTED = "selected"  # given a lane
    ASSESSED = "assessed"
    PAID = "paid"
    RELEASED = "released"
    LEFT = "left"  # the goods have left the office or the country
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the national system: its number there, its day, and the day as written where it cannot be read."""

    status: Status
    number: str | None = None
    on: date | None = None
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax the national system put on a goods item (position from 1); figures as it wrote them."""

    item: int
    tax: str | None = None
    base: str | None = None
    rate: str | None = None
    amount: str | None = None
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class National:
    """What the national system decided on one declaration.

    `number` is its registration there, null before; `reference` tells it from all others of that system: the number, or
    before there is one the declarant's own reference with who the declarant is. `stated` holds what else is said, by
    name: total_taxes, payment_mode, exit_office …
    """

    system: str
    reference: str
    number: str | None = None
    status: Status = Status.STORED
    acts: Sequence[Act] = ()
    lane: str | None = None
    control: Control | None = None  # what the lane means; null where nobody told this node
    currency: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)
    taxes: Sequence[Tax] = ()

    def act(self, status: Status) -> Act | None:
        """That act, if it took place."""
        return next((act for act in self.acts if act.status is status), None)

    def elapsed(self) -> list[tuple[Status, Status, int]]:
        """The whole days from each dated act to the next: all that a file without hours can tell."""
        dated = sorted((act.on, n, act.status) for n, act in enumerate(self.acts) if act.on)
        return [(a[2], b[2], (b[0] - a[0]).days) for a, b in pairwise(dated)]
