"""Changes: what each kind of act asks to change, from where the declaration stands.

`CHANGES` has one function for every kind of `act.ACTS`. It answers with a `Change` (an event, conditions opened and
closed, another control, transfers in the books), or raises `Refused` with a reason. Whether the change may be made, and
where it leads, is ruled apart (`ruling`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from landsea.declaration.stage import Control
from landsea.units import coin, decimal_text, micro

from . import revenue
from .act import Appeal, Findings, Grant, Interception, Judgement, Money, Refused, Removal, Route, Security, Supplement
from .condition import Condition
from .revenue import Account, Balance, Cover, Kind, Overdrawn, Transfer
from .state import ADVANCE, Event, Refusal, State, answer


class Earlier(NamedTuple):
    """An act that was made on the declaration before: what it was about (a control, an instance), and at which place;
    `proposed` where it still wanted a second officer."""

    kind: str
    actor: str
    about: str
    place: str
    proposed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a declaration stands, as far as it bears on an act. Amounts are of `currency`, with so many `places`."""

    mrn: str
    declarant: str
    state: State
    conditions: Sequence[str]
    control: Control
    currency: str
    places: int
    balance: Balance
    instruments: Sequence[str] = ()
    acts: Sequence[Earlier] = ()
    dutiable: bool = True
    version: int = 1

    @property
    def place(self) -> str:
        """State and version in one word, as acts remember where the declaration stood before them."""
        return f"{self.state.value}@{self.version}"


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule makes of an act: an event, the conditions it opens and closes, another control, transfers."""

    event: Event | None = None
    opens: frozenset[str] = frozenset()
    closes: frozenset[str] = frozenset()
    control: Control | None = None
    transfers: Sequence[Transfer] = ()
    about: str = ""


def impossible(refusal: Refusal, standing: Standing) -> Refused:
    """The refusal of an event that the table of life has no move for."""
    return Refused(refusal, f"{standing.mrn} is {standing.state}, so this cannot be done: {refusal.replace('-', ' ')}")


def after(standing: Standing, transfers: Sequence[Transfer]) -> Balance:
    """What stands on accounts once these transfers are made. Raises Refused where one asks too much."""
    try:
        made = revenue.moved(standing.balance, transfers)
    except Overdrawn as overdrawn:
        raise Refused("overdrawn", str(overdrawn)) from None
    return lambda account: made[account] if account in made else standing.balance(account)


def covered(standing: Standing, after: Balance) -> Cover:
    """How what is claimed on the declaration is covered, with these balances."""
    return revenue.cover(after, standing.mrn, standing.currency, standing.instruments)


def units(text: str, currency: str, standing: Standing) -> int:
    """The amount in the smallest payable unit. Raises Refused for another currency or a fraction of that unit."""
    if currency != standing.currency:
        raise Refused("currency", f"amounts here are of {standing.currency}, not of {currency[:10]}")
    amount, rest = divmod(micro(text), coin(standing.places))
    if rest:
        raise Refused("fraction", f"{standing.currency} is paid with {standing.places} decimals, not {text}")
    return amount


def written(amount: int, places: int) -> str:
    """An amount of the smallest payable unit as decimal text."""
    return decimal_text(amount * coin(places), places)


def _plainly(event: Event) -> "Changing":
    return lambda *_: Change(event)


def _arrived(_: object, standing: Standing) -> Change:
    """A release decided in advance takes effect; what was presented before is only noted."""
    return Change(Event.PRESENT if standing.state in ADVANCE else None)


def _removed(content: Removal, standing: Standing) -> Change:
    if any(one.kind == "removed" for one in standing.acts):
        raise Refused("already-removed", "these goods were removed before")
    return Change(Event.EXITED if content.exit else Event.REMOVED)


def _examined(content: Findings, _: Standing) -> Change:
    return Change(Event.EXAMINED_CONFORM if content.conform else Event.EXAMINED_NOT_CONFORM)


def _answered(_: object, standing: Standing) -> Change:
    if Condition.ANSWER.value not in standing.conditions:
        raise Refused("nothing-asked", "no query to the declarant is open")
    return Change(Event.ANSWERED, closes=_ANSWER)


def _intercepted(content: Interception, _: Standing) -> Change:
    return Change(Event.INTERCEPTED, control=Control[content.control.upper()], about=content.control)


def _rerouted(content: Route, standing: Standing) -> Change:
    control = Control[content.control.upper()]
    if control is standing.control:
        raise Refused("same-control", f"{content.control} is the control that was ordered")
    event = Event.REROUTED_DOCUMENTS if control is Control.DOCUMENTS else Event.REROUTED_EXAMINE
    return Change(event, control=control, about=content.control)


def _granted(content: Grant, standing: Standing) -> Change:
    claim = "0" if standing.state is State.INVALIDATION_REQUESTED else content.claim
    transfers = [] if claim is None else _claimed(claim, standing)
    return Change(Event.GRANT, control=Control.AUDIT, transfers=transfers)


def _paying(event: Event) -> "Changing":
    """Money came in for this declaration: what is due is paid from it, the rest is credit. An amount of nought pays
    from credit. The event happens once nothing is due any more."""

    def paid(content: Money, standing: Standing) -> Change:
        _possible(event, standing)
        operator, mrn, currency = standing.declarant, standing.mrn, standing.currency
        due = standing.balance(Account(Kind.DUE, currency, mrn))
        if not due and Condition.DUTIES.value not in standing.conditions:
            raise Refused("nothing-due", f"nothing is due on {mrn}")
        amount = units(content.amount, content.currency, standing)
        credit = standing.balance(Account(Kind.CREDIT, currency, operator))
        part = min(due, amount or credit)
        made = [*revenue.received(operator, currency, amount), *revenue.paid(mrn, currency, part, operator)]
        left = after(standing, made)
        made += revenue.freed(left, mrn, currency, standing.instruments)
        return Change(event if part == due else None, closes=_DUTIES, transfers=made)

    return paid


def _secured(content: Security, standing: Standing) -> Change:
    _possible(Event.SECURED, standing)
    amount = units(content.amount, content.currency, standing)
    made = revenue.secured(standing.mrn, standing.currency, amount, content.instrument)
    cover = covered(standing, after(standing, made))
    if not made or not standing.balance(Account(Kind.DUE, standing.currency, standing.mrn)):
        raise Refused("nothing-due", f"nothing is due on {standing.mrn}, or nothing was offered")
    return Change(None if cover is Cover.OPEN else Event.SECURED, closes=_DUTIES, transfers=made)


def _repaid(content: Money, standing: Standing) -> Change:
    amount = units(content.amount, content.currency, standing)
    if not amount:
        raise Refused("nothing-due", "nothing is to be sent back")
    return Change(Event.REPAID, transfers=revenue.repaid(standing.declarant, standing.currency, amount))


def _review_requested(content: Appeal, standing: Standing) -> Change:
    """Before customs first, before a court only once customs has decided (TFA 4.1)."""
    before = [one for one in standing.acts if one.kind in _REVIEWS]
    if before and before[-1].kind == "review-requested":
        raise Refused("review-open", f"the {before[-1].about} review is not decided yet")
    if content.instance == "judicial" and not any(one.about == "administrative" for one in before):
        raise Refused("review-first", "an administrative review comes before a judicial one")
    return Change(Event.REVIEW_REQUESTED, about=content.instance)


def _review_decided(content: Judgement, standing: Standing) -> Change:
    before = [one for one in standing.acts if one.kind in _REVIEWS]
    if not before or before[-1][:3:2] != ("review-requested", content.instance):
        raise Refused("no-review", f"no {content.instance} review is open")
    return Change(Event.REVIEW_ANNULLED if content.annulled else Event.REVIEW_UPHELD, about=content.instance)


def _supplemented(content: Supplement, _: Standing) -> Change:
    return Change(Event.SUPPLEMENTED, about=content.declaration)


def _possible(event: Event, standing: Standing) -> None:
    """Nothing, if the event may happen now: part of a payment is refused where all of it would be."""
    if isinstance(refusal := answer(standing.state, event), Refusal):
        raise impossible(refusal, standing)


def _claimed(amount: str, standing: Standing) -> list[Transfer]:
    claim = revenue.Claim(standing.mrn, standing.currency, standing.declarant)
    smallest = units(amount, standing.currency, standing)
    return revenue.claimed(standing.balance, claim, smallest, standing.instruments)


_ANSWER: Final = frozenset({Condition.ANSWER.value})
_DUTIES: Final = frozenset({Condition.DUTIES.value})
_REVIEWS: Final = ("review-requested", "review-decided")
Changing = Callable[[Any, Standing], Change]
CHANGES: Final[Mapping[str, Changing]] = {
    "arrived": _arrived,
    "presented": _plainly(Event.PRESENT),
    "removed": _removed,
    "examined": _examined,
    "released": lambda *_: Change(Event.RELEASE, closes=_ANSWER),  # satisfied, whether or not it was answered
    "queried": lambda *_: Change(Event.QUERIED, opens=_ANSWER),
    "answered": _answered,
    "intercepted": _intercepted,
    "waived": lambda *_: Change(Event.WAIVED, control=Control.NONE),
    "rerouted": _rerouted,
    "granted": _granted,
    "refused": lambda *_: Change(Event.REFUSE, control=Control.AUDIT),
    "paid": _paying(Event.PAID),
    "secured": _secured,
    "settled": _paying(Event.SETTLED),
    "repaid": _repaid,
    "review-requested": _review_requested,
    "review-decided": _review_decided,
    "audited": lambda *_: Change(Event.AUDITED, control=Control.NONE),
    "supplemented": _supplemented,
}
