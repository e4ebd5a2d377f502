"""The life of a declaration, as one table.

Theory. A declaration is in one state at a time. What happens to it is an *event*: a message of the declarant, or an act
of customs, a carrier, the treasury. The table answers every event in every state, with the next state and the responses
owed to the declarant, or with a refusal that has a reason; an answer is never silence. The sources are the Revised
Kyoto Convention, General Annex, and the WTO Trade Facilitation Agreement:

* a declaration is checked on lodgement, and where it is rejected the reasons are given (3.16, 3.17);
* it may be lodged before the goods arrive (3.25, TFA 7.1): customs decides in advance, and the decision takes effect
  when the goods are presented, if nothing changed;
* the declarant may amend it before checking or examination begins (3.27); afterwards, or after release, an amendment is
  a request that customs grants or refuses (3.28);
* it may be withdrawn before release unless examination is under way (3.29, 3.30); after release only on request;
* what customs decided in favour of is `AWAITING`, for no time at all where no condition of 3.40 is open (`condition`);
  then it is cleared, or released where something remains: a security to be settled (TFA 7.3), an audit (TFA 7.5);
* a control that was ordered is waived or rerouted by officers, and what was decided is reviewed, by customs and then by
  a court (TFA 4).

So a favourable decision is one move and its fulfilment another; `course` takes both. After `REJECTED`, `INVALIDATED`,
`SEIZED` and `CLEARED` nothing is owed any more, and only what stands in `REOPENING` leads away from them. Responses
carry the function codes of WCO response messages (element 017) as declarants' systems know them. Every message of the
declarant is answered as received, a request once more when it is decided; duties are told with the acceptance and
again as they are covered, and `course` leaves `TAX` out where there are none. A new version is told as amended when it
takes effect: as the goods are released on it.
"""

from collections.abc import Collection, Mapping
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class State(StrEnum):
    """Where a declaration stands. The values are stored and never reused."""

    UNKNOWN = "unknown"  # nothing is lodged under the reference
    LODGED = "lodged"  # read and checked, not yet decided; exists only within a lot
    ADVANCE_RELEASE = "advance-release"  # decided before arrival, to take effect at presentation
    ADVANCE_RELEASE_AUDIT = "advance-release-audit"
    ADVANCE_HOLD = "advance-hold"
    ADVANCE_EXAMINE = "advance-examine"
    HELD = "held"  # documents or an answer are missing
    EXAMINATION = "examination"  # the goods are, or will be, examined
    AWAITING = "awaiting"  # decided in favour, a condition of release is open
    RELEASED = "released"  # the goods are at the declarant's disposal; an audit or the settlement is open
    CLEARED = "cleared"
    AMENDMENT_REQUESTED = "amendment-requested"  # after release
    INVALIDATION_REQUESTED = "invalidation-requested"  # after release
    REJECTED = "rejected"
    INVALIDATED = "invalidated"
    SEIZED = "seized"  # not conform; a case of law from here on


class Event(StrEnum):
    """What happens to a declaration."""

    LODGE = "lodge"
    AMEND = "amend"
    INVALIDATE = "invalidate"
    PRESENT = "present"
    DECIDE_REJECT = "decide-reject"
    DECIDE_HOLD = "decide-hold"
    DECIDE_EXAMINE = "decide-examine"
    DECIDE_RELEASE = "decide-release"
    DECIDE_RELEASE_AUDIT = "decide-release-audit"  # released, and audited later
    ADVANCE_HOLD = "advance-hold"
    ADVANCE_EXAMINE = "advance-examine"
    ADVANCE_RELEASE = "advance-release"
    ADVANCE_RELEASE_AUDIT = "advance-release-audit"
    AGENCY_HEARD = "agency-heard"  # or a second test asked of it
    EXAMINED_CONFORM = "examined-conform"
    EXAMINED_NOT_CONFORM = "examined-not-conform"
    RELEASE = "release"  # an officer is satisfied: documents came, a case was settled
    AUDITED = "audited"
    REASSESSED = "reassessed"  # an audit came to another claim
    GRANT = "grant"  # a request of the declarant
    REFUSE = "refuse"
    FULFILLED = "fulfilled"  # no condition of release is open, and nothing remains behind it
    FULFILLED_ON_TERMS = "fulfilled-on-terms"  # none is open; a security is to be settled, or an audit to be made
    PAID = "paid"  # what is due
    SECURED = "secured"
    SETTLED = "settled"  # paid after release against security
    REPAID = "repaid"
    QUERIED = "queried"
    ANSWERED = "answered"
    INTERCEPTED = "intercepted"  # by an officer, though nothing had selected it
    INTERCEPTED_DOCUMENTS = "intercepted-documents"
    WAIVED = "waived"  # a control that was ordered
    REROUTED_DOCUMENTS = "rerouted-documents"
    REROUTED_EXAMINE = "rerouted-examine"
    SUSPENDED = "suspended"  # on the application of the holder of a right
    SUSPENSION_ENDED = "suspension-ended"
    INFRINGING = "infringing"  # the goods infringe the right
    SUPPLEMENTED = "supplemented"  # by the second step of a declaration in two
    REMOVED = "removed"  # the goods have left the place where they were presented
    EXITED = "exited"  # the goods have left the territory
    REVIEW_REQUESTED = "review-requested"
    REVIEW_UPHELD = "review-upheld"  # what was decided stands
    REVIEW_ANNULLED = "review-annulled"


class Response(IntEnum):
    """The function codes of responses to the declarant."""

    ACCEPTED = 1
    RECEIVED = 2  # registered in advance
    REJECTED = 3
    CONTROL = 5
    DOCUMENTS = 6
    AMENDED = 7  # the new version took effect
    RELEASED = 8
    CLEARED = 9
    INVALIDATED = 10
    REQUEST = 11  # of the declarant: decided
    TAX = 13
    EXIT = 16
    QUERY = 51


class Refusal(StrEnum):
    """Why an event is refused; fixed codes."""

    UNKNOWN_DECLARATION = "unknown-declaration"
    REFERENCE_IN_USE = "reference-in-use"
    IS_FINAL = "is-final"
    ALREADY_PRESENTED = "already-presented"
    REQUEST_PENDING = "request-pending"
    NOTHING_REQUESTED = "nothing-requested"
    UNDER_EXAMINATION = "under-examination"
    ALREADY_RELEASED = "already-released"
    NOT_RELEASED = "not-released"
    NOT_IN_THIS_STATE = "not-in-this-state"


class Move(NamedTuple):
    """An event accepted: the next state and the responses owed, in order."""

    to: State
    responses: tuple[Response, ...] = ()


S, E, R, No = State, Event, Response, Refusal
ADVANCE: Final = (S.ADVANCE_RELEASE, S.ADVANCE_RELEASE_AUDIT, S.ADVANCE_HOLD, S.ADVANCE_EXAMINE)
"""Decided before arrival, to take effect when the goods are presented; the declarant hears of none which it is."""
CONTROLLED: Final = (S.HELD, S.EXAMINATION)
_BEFORE_RELEASE: Final = (*ADVANCE, *CONTROLLED, S.AWAITING)
_AFTER_RELEASE: Final = (S.RELEASED, S.CLEARED)
_OPEN: Final = (*_BEFORE_RELEASE, *_AFTER_RELEASE)
_REQUESTED: Final = (S.AMENDMENT_REQUESTED, S.INVALIDATION_REQUESTED)
FREE: Final = frozenset({S.REJECTED, S.INVALIDATED})
"""States after which the reference may be used again."""
_NEVER: Final = (S.UNKNOWN, *FREE)
_AMENDABLE: Final = (*ADVANCE, S.HELD, S.AWAITING)
_REVIEWED: Final = (*CONTROLLED, S.AWAITING, *_AFTER_RELEASE, S.REJECTED, S.SEIZED)
_ARRIVED: Final = (R.RECEIVED, R.ACCEPTED, R.TAX)


def _stays(states: Collection[State], event: Event, *owed: Response) -> dict[tuple[State, Event], Move]:
    return {(state, event): Move(state, owed) for state in states}


def _moves(states: Collection[State], event: Event, to: State, *owed: Response) -> dict[tuple[State, Event], Move]:
    return {(state, event): Move(to, owed) for state in states}


MOVES: Final[Mapping[tuple[State, Event], Move]] = {
    **_moves(_NEVER, E.LODGE, S.LODGED),
    (S.LODGED, E.DECIDE_REJECT): Move(S.REJECTED, (R.REJECTED,)),
    (S.LODGED, E.DECIDE_HOLD): Move(S.HELD, (R.ACCEPTED, R.TAX, R.DOCUMENTS)),
    (S.LODGED, E.DECIDE_EXAMINE): Move(S.EXAMINATION, (R.ACCEPTED, R.TAX, R.CONTROL)),
    (S.LODGED, E.DECIDE_RELEASE): Move(S.AWAITING, (R.ACCEPTED, R.TAX)),
    (S.LODGED, E.DECIDE_RELEASE_AUDIT): Move(S.AWAITING, (R.ACCEPTED, R.TAX)),
    # before arrival the declarant hears nothing of a control, which would only tell whom it is for
    (S.LODGED, E.ADVANCE_HOLD): Move(S.ADVANCE_HOLD, (R.RECEIVED, R.TAX)),
    (S.LODGED, E.ADVANCE_EXAMINE): Move(S.ADVANCE_EXAMINE, (R.RECEIVED, R.TAX)),
    (S.LODGED, E.ADVANCE_RELEASE): Move(S.ADVANCE_RELEASE, (R.RECEIVED, R.TAX)),
    (S.LODGED, E.ADVANCE_RELEASE_AUDIT): Move(S.ADVANCE_RELEASE_AUDIT, (R.RECEIVED, R.TAX)),
    (S.ADVANCE_HOLD, E.PRESENT): Move(S.HELD, (*_ARRIVED, R.DOCUMENTS)),
    (S.ADVANCE_EXAMINE, E.PRESENT): Move(S.EXAMINATION, (*_ARRIVED, R.CONTROL)),
    (S.ADVANCE_RELEASE, E.PRESENT): Move(S.AWAITING, _ARRIVED),
    (S.ADVANCE_RELEASE_AUDIT, E.PRESENT): Move(S.AWAITING, _ARRIVED),
    # in favour, and fulfilled: at once, or when the last condition is
    (S.AWAITING, E.FULFILLED): Move(S.CLEARED, (R.CLEARED,)),
    (S.AWAITING, E.FULFILLED_ON_TERMS): Move(S.RELEASED, (R.RELEASED,)),
    (S.RELEASED, E.FULFILLED): Move(S.CLEARED, (R.CLEARED,)),
    # an amendment taken up leads to a new version, which is decided anew from LODGED and told once it takes effect
    **_moves(_AMENDABLE, E.AMEND, S.LODGED, R.RECEIVED, R.REQUEST),
    **_moves(_AFTER_RELEASE, E.AMEND, S.AMENDMENT_REQUESTED, R.RECEIVED),
    # a request after release, granted or refused, leaves the books open to audit
    (S.AMENDMENT_REQUESTED, E.GRANT): Move(S.RELEASED, (R.REQUEST, R.TAX, R.AMENDED)),
    (S.AMENDMENT_REQUESTED, E.REFUSE): Move(S.RELEASED, (R.REQUEST,)),
    **_moves(_AMENDABLE, E.INVALIDATE, S.INVALIDATED, R.RECEIVED, R.REQUEST, R.INVALIDATED),
    **_moves(_AFTER_RELEASE, E.INVALIDATE, S.INVALIDATION_REQUESTED, R.RECEIVED),
    (S.INVALIDATION_REQUESTED, E.GRANT): Move(S.INVALIDATED, (R.REQUEST, R.INVALIDATED)),
    (S.INVALIDATION_REQUESTED, E.REFUSE): Move(S.RELEASED, (R.REQUEST,)),
    # control: what officers find, and what they may change of what was ordered; duties were told before, so what ends
    # a control is told by the release that follows
    (S.HELD, E.DECIDE_EXAMINE): Move(S.EXAMINATION, (R.CONTROL,)),
    (S.HELD, E.DECIDE_REJECT): Move(S.REJECTED, (R.REJECTED,)),
    (S.HELD, E.RELEASE): Move(S.AWAITING),
    (S.EXAMINATION, E.EXAMINED_CONFORM): Move(S.AWAITING),
    (S.EXAMINATION, E.EXAMINED_NOT_CONFORM): Move(S.HELD, (R.DOCUMENTS,)),
    (S.HELD, E.EXAMINED_NOT_CONFORM): Move(S.SEIZED, (R.REJECTED,)),
    **_moves(ADVANCE, E.INTERCEPTED, S.ADVANCE_EXAMINE),
    **_moves((S.HELD, S.AWAITING), E.INTERCEPTED, S.EXAMINATION, R.CONTROL),
    **_moves(ADVANCE[:3], E.INTERCEPTED_DOCUMENTS, S.ADVANCE_HOLD),
    **_moves((S.HELD, S.AWAITING), E.INTERCEPTED_DOCUMENTS, S.HELD, R.DOCUMENTS),
    **_moves((S.ADVANCE_HOLD, S.ADVANCE_EXAMINE), E.WAIVED, S.ADVANCE_RELEASE),
    **_moves(CONTROLLED, E.WAIVED, S.AWAITING),
    **_moves((S.ADVANCE_HOLD, S.ADVANCE_EXAMINE), E.REROUTED_DOCUMENTS, S.ADVANCE_HOLD),
    **_moves((S.ADVANCE_HOLD, S.ADVANCE_EXAMINE), E.REROUTED_EXAMINE, S.ADVANCE_EXAMINE),
    **_moves(CONTROLLED, E.REROUTED_DOCUMENTS, S.HELD, R.DOCUMENTS),
    **_moves(CONTROLLED, E.REROUTED_EXAMINE, S.EXAMINATION, R.CONTROL),
    # an audit comes after release, and may come after clearance (TFA 7.5); another claim is to be settled
    **_stays(_AFTER_RELEASE, E.AUDITED),
    **_moves(_AFTER_RELEASE, E.REASSESSED, S.RELEASED, R.TAX),
    # rights of others (TRIPS 51 to 60): who suspends has seen the papers; `condition` says what is waited for
    (S.HELD, E.SUSPENDED): Move(S.AWAITING, (R.CONTROL,)),
    **_stays((S.EXAMINATION, S.AWAITING), E.SUSPENDED, R.CONTROL),
    **_stays((*CONTROLLED, S.AWAITING), E.SUSPENSION_ENDED),
    **_moves((*CONTROLLED, S.AWAITING), E.INFRINGING, S.SEIZED, R.REJECTED),
    # money
    **_stays(_BEFORE_RELEASE, E.PAID, R.TAX),
    **_stays(_BEFORE_RELEASE, E.SECURED, R.TAX),
    (S.RELEASED, E.SETTLED): Move(S.RELEASED, (R.TAX,)),
    **_stays((*_AFTER_RELEASE, S.INVALIDATED), E.REPAID, R.TAX),
    # questions; an officer reads the answer before anything is released on it
    **_moves(ADVANCE[:3], E.QUERIED, S.ADVANCE_HOLD, R.QUERY),
    **_stays((S.ADVANCE_EXAMINE, S.EXAMINATION, S.RELEASED), E.QUERIED, R.QUERY),
    **_moves((S.HELD, S.AWAITING), E.QUERIED, S.HELD, R.QUERY),
    **_stays((*ADVANCE, *CONTROLLED, S.RELEASED), E.ANSWERED, R.RECEIVED),
    (S.AWAITING, E.ANSWERED): Move(S.HELD, (R.RECEIVED,)),
    # agencies: which of them release still waits for, `condition` says
    **_stays(_BEFORE_RELEASE, E.AGENCY_HEARD, R.REQUEST),
    # after release
    (S.RELEASED, E.SUPPLEMENTED): Move(S.RELEASED, (R.ACCEPTED,)),
    **_stays(_AFTER_RELEASE, E.REMOVED),
    **_stays(_AFTER_RELEASE, E.EXITED, R.EXIT),
    # review, by customs and then by a court: what is annulled is for an officer to decide again
    **_stays(_REVIEWED, E.REVIEW_REQUESTED, R.RECEIVED),
    **_stays(_REVIEWED, E.REVIEW_UPHELD, R.REQUEST),
    **_moves((*CONTROLLED, S.AWAITING, S.REJECTED, S.SEIZED), E.REVIEW_ANNULLED, S.HELD, R.REQUEST),
    **_moves(_AFTER_RELEASE, E.REVIEW_ANNULLED, S.RELEASED, R.REQUEST),
}
"""Every move there is. What is not here is refused, with a reason from `REFUSALS`."""

_REQUEST_EVENTS: Final = (E.GRANT, E.REFUSE)
_LATER: Final = (E.SETTLED, E.REPAID, E.REMOVED, E.EXITED, E.SUPPLEMENTED, E.AUDITED, E.REASSESSED)
_SOONER: Final = (
    *(E.PAID, E.SECURED, E.INTERCEPTED, E.INTERCEPTED_DOCUMENTS, E.WAIVED),
    *(E.REROUTED_DOCUMENTS, E.REROUTED_EXAMINE, E.RELEASE),
    *(E.AGENCY_HEARD, E.SUSPENDED, E.SUSPENSION_ENDED, E.INFRINGING),
)
_FINAL: Final = (S.REJECTED, S.INVALIDATED, S.SEIZED)
REFUSALS: Final[Mapping[tuple[State, Event], Refusal]] = {
    **{(state, event): No.UNKNOWN_DECLARATION for state in (S.UNKNOWN,) for event in E},
    **{(state, event): No.IS_FINAL for state in _FINAL for event in E},
    **{(state, E.LODGE): No.REFERENCE_IN_USE for state in (*_OPEN, *_REQUESTED, S.LODGED, S.SEIZED)},
    **{(state, E.PRESENT): No.ALREADY_PRESENTED for state in _OPEN if state not in ADVANCE},
    **{(state, event): No.NOTHING_REQUESTED for state in (*_OPEN, S.LODGED) for event in _REQUEST_EVENTS},
    **{(state, event): No.REQUEST_PENDING for state in _REQUESTED for event in (E.AMEND, E.INVALIDATE, E.PRESENT)},
    **{(S.EXAMINATION, event): No.UNDER_EXAMINATION for event in (E.AMEND, E.INVALIDATE)},
    **{(state, event): No.NOT_RELEASED for state in _BEFORE_RELEASE for event in _LATER},
    **{(state, event): No.ALREADY_RELEASED for state in (*_AFTER_RELEASE, *_REQUESTED) for event in _SOONER},
}


def answer(state: State, event: Event) -> Move | Refusal:
    """The move an event makes in a state, or why it is refused. Every state answers every event."""
    move = MOVES.get((state, event))
    return REFUSALS.get((state, event), Refusal.NOT_IN_THIS_STATE) if move is None else move


class Bearing(NamedTuple):
    """What of a declaration, besides its state, bears on where an event leads and on what is told of it."""

    remains: bool = False  # something is left to do after release: a security to settle, an audit, a supplement
    dutiable: bool = True
    amended: bool = False  # it is not any more what was lodged


PLAIN: Final = Bearing()


def course(state: State, event: Event, conditions: Collection[str], bearing: Bearing = PLAIN) -> Move | Refusal:
    """Where an event leads in the end, with all responses owed, or why it is refused.

    `conditions` are open after the event, besides what the new state itself means. Without duties none are told; what
    was amended since it was lodged is told so as it is released.
    """
    move = answer(state, event)
    if isinstance(move, Refusal):
        return move
    owed = move.responses
    if (then := _fulfilment(move.to, conditions, remains=bearing.remains)) and isinstance(
        last := answer(move.to, then), Move
    ):
        new = (Response.AMENDED,) if bearing.amended and move.to is State.AWAITING else ()
        move, owed = last, (*owed, *new, *last.responses)
    return Move(move.to, owed if bearing.dutiable else tuple(one for one in owed if one is not Response.TAX))


def _fulfilment(state: State, conditions: Collection[str], *, remains: bool) -> Event | None:
    if conditions or state not in (State.AWAITING, State.RELEASED):
        return None
    if remains:
        return Event.FULFILLED_ON_TERMS if state is State.AWAITING else None
    return Event.FULFILLED


FINAL: Final = frozenset({State.REJECTED, State.INVALIDATED, State.SEIZED, State.CLEARED})
"""States in which nothing is owed any more."""
REOPENING: Final = frozenset({Event.LODGE, Event.AMEND, Event.INVALIDATE, Event.REVIEW_ANNULLED, Event.REASSESSED})
"""All that leads away from a final state: the reference used again, a request after release, a review, an audit."""
