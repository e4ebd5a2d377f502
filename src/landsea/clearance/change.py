"""Changes: what each kind of act asks to change, from where the declaration stands.

`CHANGES` has one function for every kind of `act.ACTS`. It answers with a `Change` (an event, conditions opened and
closed, another control, transfers in the books), or raises `Refused` with a reason. Whether the change may be made, and
where it leads, is ruled apart (`ruling`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from landsea.declaration.stage import Control
from landsea.units import coin, decimal_text, micro

from . import revenue
from .act import (
    AgencyAnswer,
    Appeal,
    Audit,
    Call,
    Examined,
    Grant,
    Interception,
    Judgement,
    Money,
    Refused,
    Removal,
    Route,
    SecondTest,
    Security,
    Supplement,
)
from .condition import Condition
from .condition import agency as agency_condition
from .docket import Docket, Said
from .hearing import Answer, Unheard
from .pledge import Pledge
from .revenue import Account, Balance, Cover, Kind, Overdrawn, Transfer
from .state import ADVANCE, Event, Refusal, State, answer
from .told import REGISTERED


class Earlier(NamedTuple):
    """An act that was made on the declaration before: what it was about (a control, an instance), and at which place;
    `proposed` where it still wanted a second officer."""

    kind: str
    actor: str
    about: str
    place: str
    proposed: bool


class Arrival(NamedTuple):
    """What an arrival that others told of means: whether the declarant hears it as received, as if they had told of it
    themselves, and whether it amends the declaration, whose place and time it completes."""

    received: bool = True
    amends: bool = False


USUAL: Final = Arrival()


class Coins(Protocol):
    """The currency that is claimed in, and with how many decimals it is paid."""

    @property
    def currency(self) -> str:
        """Its ISO code."""

    @property
    def places(self) -> int:
        """How many decimals its smallest payable unit has."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a declaration stands, as far as it bears on an act. Amounts are of `currency`, with so many `places`.

    `pledges` are the declarant's own instruments and those reserved on, `overdue` those of which the guarantor may be
    called; `determined` is what the amended document asked for leads to, in the smallest unit; `supplement` the
    supplementary declaration that came.
    """

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
    pledges: Mapping[str, Pledge] = field(default_factory=dict)
    today: date = date.min
    overdue: frozenset[str] = frozenset()
    determined: int | None = None
    supplement: str = ""
    docket: Docket | None = None  # what agencies asked of the version in force
    actor: str = ""  # who makes the act that is ruled on
    beside: Sequence[str] = ()  # declarations on the same cargo line that are not released
    liable: str = ""  # who owes the duties; empty: the declarant
    arrival: Arrival = USUAL

    @property
    def debtor(self) -> str:
        """Whose account the duties are on: the principal's where it is represented directly, else the declarant's."""
        return self.liable or self.declarant

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
    stands = REGISTERED if standing.state in ADVANCE else standing.state  # before arrival nobody hears what was decided
    return Refused(refusal, f"{standing.mrn} is {stands}, so this cannot be done: {refusal.replace('-', ' ')}")


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


def units(text: str, currency: str, standing: Coins) -> int:
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


DIFFERS: Final = "differs-from-cargo-report"
"""Why a declaration goes to an officer whose goods the carrier reported otherwise."""


def _arrived(_: object, standing: Standing) -> Change:
    """A release decided in advance takes effect; what was presented before is only noted."""
    return Change(Event.PRESENT if standing.state in ADVANCE else None, about=_stopped(standing))


def _presented(_: object, standing: Standing) -> Change:
    return Change(Event.PRESENT, about=_stopped(standing))


def _stopped(standing: Standing) -> str:
    """Why an officer has to look at it, where that was the cargo report and nothing was ordered since."""
    ordered = [one for one in standing.acts if one.kind in _OF_CONTROL and not one.proposed]
    own = ordered and ordered[-1].kind == "differed" and ordered[-1].place.endswith(f"@{standing.version}")
    return DIFFERS if own else ""


def _removed(content: Removal, standing: Standing) -> Change:
    if any(one.kind == "removed" for one in standing.acts):
        raise Refused("already-removed", "these goods were removed before")
    if standing.beside:
        raise Refused("others-not-released", f"goods on the same cargo line are not released: {standing.beside[0]}")
    return Change(Event.EXITED if content.exit else Event.REMOVED)


def _examined(content: Examined, standing: Standing) -> Change:
    if content.second == standing.actor:
        raise Refused("content", "the second officer is another one")
    if content.conform:
        return Change(Event.EXAMINED_CONFORM)
    return Change(Event.EXAMINED_NOT_CONFORM, about=NOT_CONFORM)


def _answered(_: object, standing: Standing) -> Change:
    if Condition.ANSWER.value not in standing.conditions:
        raise Refused("nothing-asked", "no query to the declarant is open")
    return Change(Event.ANSWERED, closes=_ANSWER)


def _intercepted(content: Interception, _: Standing) -> Change:
    control = Control[content.control.upper()]
    event = Event.INTERCEPTED_DOCUMENTS if control is Control.DOCUMENTS else Event.INTERCEPTED
    return Change(event, control=control, about=content.control)


def _rerouted(content: Route, standing: Standing) -> Change:
    control = Control[content.control.upper()]
    if control is standing.control:
        raise Refused("same-control", f"{content.control} is the control that was ordered")
    event = Event.REROUTED_DOCUMENTS if control is Control.DOCUMENTS else Event.REROUTED_EXAMINE
    return Change(event, control=control, about=content.control)


def _granted(content: Grant, standing: Standing) -> Change:
    claim = "0" if standing.state is State.INVALIDATION_REQUESTED else content.claim
    if claim is None and standing.determined is not None:
        claim = written(standing.determined, standing.places)
    return Change(Event.GRANT, control=Control.AUDIT, transfers=_claimed(claim, standing))


def _audited(content: Audit, standing: Standing) -> Change:
    event = Event.AUDITED if content.claim is None else Event.REASSESSED
    return Change(event, control=Control.NONE, transfers=_claimed(content.claim, standing))


def _paying(event: Event) -> "Changing":
    """Money came in for this declaration: what is due is paid from it, the rest is credit. An amount of nought pays
    from credit. The event happens once nothing is due any more."""

    def paid(content: Money, standing: Standing) -> Change:
        _possible(event, standing)
        operator, mrn, currency = standing.debtor, standing.mrn, standing.currency
        due = standing.balance(Account(Kind.DUE, currency, mrn))
        amount = units(content.amount, content.currency, standing)
        open_ = standing.conditions or standing.control is Control.AUDIT
        if not due and Condition.DUTIES.value not in standing.conditions and (amount or open_):
            raise Refused("nothing-due", f"nothing is due on {mrn}")
        credit = standing.balance(Account(Kind.CREDIT, currency, operator))
        part = min(due, amount or credit)
        made = [*revenue.received(operator, currency, amount), *revenue.paid(mrn, currency, part, operator)]
        left = after(standing, made)
        made += revenue.freed(left, mrn, currency, standing.instruments)
        about = LATE if standing.overdue else ""
        return Change(event if part == due else None, closes=_DUTIES, transfers=made, about=about)

    return paid


def _secured(content: Security, standing: Standing) -> Change:
    """On an instrument of the declarant's own, while it is good; an amount of nought takes what is reserved already."""
    _possible(Event.SECURED, standing)
    pledge = standing.pledges.get(content.instrument)
    if pledge is None or pledge.holder != standing.debtor:
        raise Refused("unknown-instrument", f"{standing.debtor} holds no instrument {content.instrument}")
    amount = units(content.amount, content.currency, standing)
    if amount and standing.today > pledge.last_day:
        raise Refused("expired", f"the last day of {pledge.name} was {pledge.last_day}")
    made = revenue.secured(standing.mrn, standing.currency, amount, content.instrument)
    cover = covered(standing, after(standing, made))
    open_ = not made and cover is Cover.OPEN
    if open_ or not standing.balance(Account(Kind.DUE, standing.currency, standing.mrn)):
        raise Refused("nothing-due", f"nothing is due on {standing.mrn}, or nothing was offered")
    return Change(None if cover is Cover.OPEN else Event.SECURED, closes=_DUTIES, transfers=made)


def _called(content: Call, standing: Standing) -> Change:
    """The guarantor paid what is overdue, as far as the instrument secures it."""
    _possible(Event.SETTLED, standing)
    if content.instrument not in standing.overdue:
        raise Refused("not-overdue", f"nothing that {content.instrument} secures is overdue on {standing.mrn}")
    mrn, currency = standing.mrn, standing.currency
    due = standing.balance(Account(Kind.DUE, currency, mrn))
    amount = min(due, standing.balance(Account(Kind.RESERVED, currency, mrn, content.instrument)))
    guarantor = standing.pledges[content.instrument].guarantor
    made = revenue.called(mrn, currency, amount, content.instrument, guarantor)
    made += revenue.freed(after(standing, made), mrn, currency, standing.instruments)
    return Change(Event.SETTLED if amount == due else None, transfers=made, about=content.instrument)


def _repaid(content: Money, standing: Standing) -> Change:
    amount = units(content.amount, content.currency, standing)
    if not amount:
        raise Refused("nothing-due", "nothing is to be sent back")
    return Change(Event.REPAID, transfers=revenue.repaid(standing.debtor, standing.currency, amount))


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
    event = Event.REVIEW_ANNULLED if content.annulled else Event.REVIEW_UPHELD
    return Change(event, transfers=_claimed(content.claim, standing), about=content.instance)


def _supplemented(content: Supplement, standing: Standing) -> Change:
    if Condition.SUPPLEMENT.value not in standing.conditions or content.declaration != standing.supplement:
        raise Refused(
            "no-supplement", f"no declaration {content.declaration} that supplements {standing.mrn} was lodged"
        )
    return Change(Event.SUPPLEMENTED, closes=_SUPPLEMENT, about=content.declaration)


def _agency_answered(content: AgencyAnswer, standing: Standing) -> Change:
    parts = (content.items, content.rule, content.laboratory)
    return _said(standing, standing.actor, content.answer, *parts)


def _second_test_requested(content: SecondTest, standing: Standing) -> Change:
    if standing.docket is None or content.agency not in standing.docket.asks["agency"]:
        raise Refused(Unheard.NOT_ASKED, f"{content.agency} asks nothing of these goods")
    return _said(standing, content.agency, Answer.ASK_SECOND_TEST, (), content.rule, None)


def _said(standing: Standing, agency: str, answer: str, *about: Any) -> Change:
    """What an answer to an agency's asks opens or closes. To an agency that asks nothing here, nothing is known of."""
    docket = standing.docket
    if docket is None or agency not in docket.asks["agency"]:
        raise Refused(Refusal.UNKNOWN_DECLARATION, f"there is no declaration {standing.mrn[:70]} that you may act on")
    said = Said(agency, answer, docket.instant(), *about)
    why, waits = docket.heard(said)
    if why:
        raise Refused(why, f"{answer} changes nothing: {why.replace('-', ' ')}")
    condition = frozenset({agency_condition(agency)})
    opens, closes = (condition, frozenset[str]()) if waits else (frozenset[str](), condition)
    return Change(Event.AGENCY_HEARD, opens, closes, about=msgspec.json.encode(said).decode())


def _possible(event: Event, standing: Standing) -> None:
    """Nothing, if the event may happen now: part of a payment is refused where all of it would be."""
    if isinstance(refusal := answer(standing.state, event), Refusal):
        raise impossible(refusal, standing)


def _claimed(amount: str | None, standing: Standing) -> list[Transfer]:
    """What makes this the claim from now on; without an amount it is as it was."""
    if amount is None:
        return []
    claim = revenue.Claim(standing.mrn, standing.currency, standing.debtor)
    smallest = units(amount, standing.currency, standing)
    return revenue.claimed(standing.balance, claim, smallest, standing.instruments)


LATE: Final = "late"
"""What a payment is about that came after its day."""
NOT_CONFORM: Final = "not-conform"
"""What an examination is about that found so."""
_ANSWER: Final = frozenset({Condition.ANSWER.value})
_DUTIES: Final = frozenset({Condition.DUTIES.value})
_SUPPLEMENT: Final = frozenset({Condition.SUPPLEMENT.value})
_REVIEWS: Final = ("review-requested", "review-decided")
_OF_CONTROL: Final = ("differed", "intercepted", "waived", "rerouted")
Changing = Callable[[Any, Standing], Change]
CHANGES: Final[Mapping[str, Changing]] = {
    "arrived": _arrived,
    "presented": _presented,
    "removed": _removed,
    "examined": _examined,
    "released": lambda *_: Change(Event.RELEASE, closes=_ANSWER),  # satisfied, whether or not it was answered
    "queried": lambda *_: Change(Event.QUERIED, opens=_ANSWER),
    "answered": _answered,
    "intercepted": _intercepted,
    "differed": lambda *_: Change(Event.INTERCEPTED_DOCUMENTS, control=Control.DOCUMENTS, about=DIFFERS),
    "waived": lambda *_: Change(Event.WAIVED, control=Control.NONE),
    "rerouted": _rerouted,
    "granted": _granted,
    "refused": lambda *_: Change(Event.REFUSE, control=Control.AUDIT),
    "paid": _paying(Event.PAID),
    "secured": _secured,
    "settled": _paying(Event.SETTLED),
    "called": _called,
    "repaid": _repaid,
    "review-requested": _review_requested,
    "review-decided": _review_decided,
    "audited": _audited,
    "supplemented": _supplemented,
    "agency-answered": _agency_answered,
    "second-test-requested": _second_test_requested,
}
