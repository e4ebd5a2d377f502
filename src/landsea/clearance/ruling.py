"""Rulings: what an act leads to, from where the declaration stands.

Theory. `rule` weighs an act against a `Standing` and answers with a `Ruling` (the next state, the conditions still
open, the responses owed, the transfers in the books) or with `Refused` and a reason. There is no third answer, and
nothing here is stored or promised; one transaction of the node does that.

An ordered control is waived or rerouted by two officers (four eyes): the first only proposes, another one who says the
same confirms, as long as the declaration stands where it stood. What fulfils the last condition of release lets the
goods go by itself, for `state.course` goes on to the fulfilment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from landsea.declaration.stage import Control
from landsea.units import coin, decimal_text, micro

from . import revenue
from .act import (
    ACTS,
    Act,
    Appeal,
    Findings,
    Grant,
    Interception,
    Judgement,
    Money,
    Refused,
    Removal,
    Route,
    Security,
    Supplement,
)
from .condition import Condition, ordered
from .revenue import Account, Balance, Cover, Kind, Overdrawn, Transfer
from .state import ADVANCE, CONTROLLED, Event, Refusal, Response, State, answer, course


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


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an act leads to. `responses` are owed to the declarant, in order; `decides` tells whether there is a
    decision to be recorded. `about` is what later acts have to know of this one."""

    state: State
    conditions: tuple[str, ...]
    control: Control
    cover: Cover
    event: Event | None = None
    responses: tuple[Response, ...] = ()
    transfers: Sequence[Transfer] = ()
    about: str = ""
    proposed: bool = False
    decides: bool = False


def rule(act: Act, standing: Standing) -> Ruling:
    """What the act leads to, from where the declaration stands. Raises Refused where it may not be made there."""
    row = ACTS[act.kind]
    if act.role == "trader" and act.actor != standing.declarant:
        raise Refused(Refusal.UNKNOWN_DECLARATION, f"there is no declaration {act.mrn} that you may act on")
    if isinstance(act.content, Security):
        standing = replace(standing, instruments=sorted({*standing.instruments, act.content.instrument}))
    change = _RULES[act.kind](act.content, standing)
    if row.eyes == 4 and not _confirmed(act, change, standing):
        _moved(change, standing)  # nothing is proposed that could not be done
        return _unmoved(standing, change, proposed=True)
    return _moved(change, standing)


def _confirmed(act: Act, change: Change, standing: Standing) -> bool:
    """Whether another officer proposed the same since the declaration stands here."""
    same = [one.actor for one in _proposals(standing) if (one.kind, one.about) == (act.kind, change.about)]
    if act.actor in same:
        raise Refused("second-officer-needed", f"{act.actor} proposed this before; another officer confirms it")
    return bool(same)


def _proposals(standing: Standing) -> Iterator[Earlier]:
    """The proposals that are still open: what was confirmed, and what moved the declaration, ends those before it."""
    for one in reversed(standing.acts):
        if one.place != standing.place or (ACTS[one.kind].eyes == 4 and not one.proposed):
            return
        if one.proposed:
            yield one


def _unmoved(standing: Standing, change: Change, *, proposed: bool = False) -> Ruling:
    after = _after(standing, change.transfers)
    stays = (standing.state, tuple(standing.conditions), standing.control)
    return Ruling(*stays, _cover(standing, after), transfers=change.transfers, about=change.about, proposed=proposed)


def _moved(change: Change, standing: Standing) -> Ruling:
    if change.event is None:
        return _unmoved(standing, change)
    after = _after(standing, change.transfers)
    covered = _cover(standing, after)
    control = standing.control if change.control is None else change.control
    derived = {Condition.CONTROL.value, Condition.ARRIVAL.value}  # these follow from the state
    open_ = (set(standing.conditions) - derived - change.closes) | change.opens
    remains = control is Control.AUDIT or covered is not Cover.PAID
    move = course(standing.state, change.event, open_, remains=remains, dutiable=standing.dutiable)
    if isinstance(move, Refusal):
        raise _refused(move, standing)
    conditions = ordered(_standing(move.to, open_))
    decides = (move.to, conditions) != (standing.state, tuple(standing.conditions)) or bool(move.responses)
    return Ruling(
        *(move.to, conditions, control, covered, change.event, move.responses, change.transfers, change.about),
        decides=decides,
    )


def _refused(refusal: Refusal, standing: Standing) -> Refused:
    return Refused(refusal, f"{standing.mrn} is {standing.state}, so this cannot be done: {refusal.replace('-', ' ')}")


def _standing(state: State, open_: set[str]) -> set[str]:
    """The conditions open in this state: none where nothing is waited for any more."""
    if state in ADVANCE:
        return open_ | {Condition.ARRIVAL.value}
    if state in CONTROLLED:
        return open_ | {Condition.CONTROL.value}
    return open_ if state in (State.AWAITING, State.RELEASED) else set()


def _after(standing: Standing, transfers: Sequence[Transfer]) -> Balance:
    """What stands on accounts once these transfers are made. Raises Refused where one asks too much."""
    try:
        made = revenue.moved(standing.balance, transfers)
    except Overdrawn as overdrawn:
        raise Refused("overdrawn", str(overdrawn)) from None
    return lambda account: made[account] if account in made else standing.balance(account)


def _cover(standing: Standing, after: Balance) -> Cover:
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


def _plainly(event: Event) -> "Rule":
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


def _paying(event: Event) -> "Rule":
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
        after = _after(standing, made)
        made += revenue.freed(after, mrn, currency, standing.instruments)
        return Change(event if part == due else None, closes=_DUTIES, transfers=made)

    return paid


def _secured(content: Security, standing: Standing) -> Change:
    _possible(Event.SECURED, standing)
    amount = units(content.amount, content.currency, standing)
    made = revenue.secured(standing.mrn, standing.currency, amount, content.instrument)
    covered = _cover(standing, _after(standing, made))
    if not made or not standing.balance(Account(Kind.DUE, standing.currency, standing.mrn)):
        raise Refused("nothing-due", f"nothing is due on {standing.mrn}, or nothing was offered")
    return Change(None if covered is Cover.OPEN else Event.SECURED, closes=_DUTIES, transfers=made)


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
        raise _refused(refusal, standing)


def _claimed(amount: str, standing: Standing) -> list[Transfer]:
    claim = revenue.Claim(standing.mrn, standing.currency, standing.declarant)
    smallest = units(amount, standing.currency, standing)
    return revenue.claimed(standing.balance, claim, smallest, standing.instruments)


_ANSWER: Final = frozenset({Condition.ANSWER.value})
_DUTIES: Final = frozenset({Condition.DUTIES.value})
_REVIEWS: Final = ("review-requested", "review-decided")
Rule = Callable[[Any, Standing], Change]
_RULES: Final[Mapping[str, Rule]] = {
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
