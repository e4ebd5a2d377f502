"""The life of a declaration, as one table.

Theory. A declaration is in one state at a time. What happens to it is an *event*: a message of the declarant, or an act
of customs. The table answers every event in every state, with the next state and the responses owed to the declarant,
or with a refusal that has a reason; an answer is never silence. The sources are the Revised Kyoto Convention, General
Annex, and the WTO Trade Facilitation Agreement:

* a declaration is checked on lodgement, and where it is rejected the reasons are given (3.16, 3.17);
* it may be lodged before the goods arrive (3.25, TFA 7.1): customs decides in advance, and the decision takes effect
  when the goods are presented, if nothing changed;
* the declarant may amend it before checking or examination begins (3.27); afterwards, or after release, an amendment is
  a request that customs grants or refuses (3.28);
* it may be withdrawn before release unless examination is under way (3.29, 3.30); after release only on request;
* goods are released once they need no examination, or the examination is done (3.40, 3.41), and what remains to be done
  after release is clearance (3.42; post-clearance audit, TFA 7.5).

`REJECTED`, `INVALIDATED`, `SEIZED` and `CLEARED` are final: only the reference may be used again after the first two,
and what was cleared can still be amended or invalidated on request. Responses carry the function codes of WCO response
messages (element 017) as declarants' systems know them.
"""

from collections.abc import Mapping
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
    RELEASED = "released"  # the goods are at the declarant's disposal; an audit is open
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
    EXAMINED_CONFORM = "examined-conform"
    EXAMINED_NOT_CONFORM = "examined-not-conform"
    RELEASE = "release"  # an officer is satisfied: documents came, a case was settled
    AUDITED = "audited"
    GRANT = "grant"  # a request of the declarant
    REFUSE = "refuse"


class Response(IntEnum):
    """The function codes of responses to the declarant."""

    ACCEPTED = 1
    RECEIVED = 2  # registered in advance
    REJECTED = 3
    CONTROL = 5
    DOCUMENTS = 6
    AMENDED = 7
    RELEASED = 8
    CLEARED = 9
    INVALIDATED = 10
    REQUEST = 11  # of the declarant: taken up, or answered
    TAX = 13


class Refusal(StrEnum):
    """Why an event is refused; fixed codes."""

    UNKNOWN_DECLARATION = "unknown-declaration"
    REFERENCE_IN_USE = "reference-in-use"
    IS_FINAL = "is-final"
    ALREADY_PRESENTED = "already-presented"
    REQUEST_PENDING = "request-pending"
    NOTHING_REQUESTED = "nothing-requested"
    UNDER_EXAMINATION = "under-examination"
    NOT_IN_THIS_STATE = "not-in-this-state"


class Move(NamedTuple):
    """An event accepted: the next state and the responses owed, in order."""

    to: State
    responses: tuple[Response, ...] = ()


S, E, R, No = State, Event, Response, Refusal
_ADVANCE: Final = (S.ADVANCE_RELEASE, S.ADVANCE_RELEASE_AUDIT, S.ADVANCE_HOLD, S.ADVANCE_EXAMINE)
_OPEN: Final = (*_ADVANCE, S.HELD, S.EXAMINATION, S.RELEASED, S.CLEARED)
_REQUESTED: Final = (S.AMENDMENT_REQUESTED, S.INVALIDATION_REQUESTED)
_NEVER: Final = (S.UNKNOWN, S.REJECTED, S.INVALIDATED)
_CLEARED: Final = (R.TAX, R.CLEARED)

MOVES: Final[Mapping[tuple[State, Event], Move]] = {
    **{(state, E.LODGE): Move(S.LODGED) for state in _NEVER},
    (S.LODGED, E.DECIDE_REJECT): Move(S.REJECTED, (R.REJECTED,)),
    (S.LODGED, E.DECIDE_HOLD): Move(S.HELD, (R.ACCEPTED, R.DOCUMENTS)),
    (S.LODGED, E.DECIDE_EXAMINE): Move(S.EXAMINATION, (R.ACCEPTED, R.CONTROL)),
    (S.LODGED, E.DECIDE_RELEASE): Move(S.CLEARED, (R.ACCEPTED, *_CLEARED)),
    (S.LODGED, E.DECIDE_RELEASE_AUDIT): Move(S.RELEASED, (R.ACCEPTED, R.TAX, R.RELEASED)),
    # before arrival the declarant hears nothing of a control, which would only tell whom it is for
    (S.LODGED, E.ADVANCE_HOLD): Move(S.ADVANCE_HOLD, (R.RECEIVED,)),
    (S.LODGED, E.ADVANCE_EXAMINE): Move(S.ADVANCE_EXAMINE, (R.RECEIVED,)),
    (S.LODGED, E.ADVANCE_RELEASE): Move(S.ADVANCE_RELEASE, (R.RECEIVED,)),
    (S.LODGED, E.ADVANCE_RELEASE_AUDIT): Move(S.ADVANCE_RELEASE_AUDIT, (R.RECEIVED,)),
    (S.ADVANCE_HOLD, E.PRESENT): Move(S.HELD, (R.ACCEPTED, R.DOCUMENTS)),
    (S.ADVANCE_EXAMINE, E.PRESENT): Move(S.EXAMINATION, (R.ACCEPTED, R.CONTROL)),
    (S.ADVANCE_RELEASE, E.PRESENT): Move(S.CLEARED, (R.ACCEPTED, *_CLEARED)),
    (S.ADVANCE_RELEASE_AUDIT, E.PRESENT): Move(S.RELEASED, (R.ACCEPTED, R.TAX, R.RELEASED)),
    # an amendment taken up leads to a new version, which is decided anew from LODGED
    **{(state, E.AMEND): Move(S.LODGED, (R.AMENDED,)) for state in (*_ADVANCE, S.HELD)},
    (S.RELEASED, E.AMEND): Move(S.AMENDMENT_REQUESTED, (R.REQUEST,)),
    (S.CLEARED, E.AMEND): Move(S.AMENDMENT_REQUESTED, (R.REQUEST,)),
    # a request after release, granted or refused, leaves the books open to audit
    (S.AMENDMENT_REQUESTED, E.GRANT): Move(S.RELEASED, (R.AMENDED, R.TAX)),
    (S.AMENDMENT_REQUESTED, E.REFUSE): Move(S.RELEASED, (R.REQUEST,)),
    **{(state, E.INVALIDATE): Move(S.INVALIDATED, (R.INVALIDATED,)) for state in (*_ADVANCE, S.HELD)},
    **{(state, E.INVALIDATE): Move(S.INVALIDATION_REQUESTED, (R.REQUEST,)) for state in (S.RELEASED, S.CLEARED)},
    (S.INVALIDATION_REQUESTED, E.GRANT): Move(S.INVALIDATED, (R.INVALIDATED,)),
    (S.INVALIDATION_REQUESTED, E.REFUSE): Move(S.RELEASED, (R.REQUEST,)),
    (S.HELD, E.DECIDE_EXAMINE): Move(S.EXAMINATION, (R.CONTROL,)),
    (S.HELD, E.DECIDE_REJECT): Move(S.REJECTED, (R.REJECTED,)),
    (S.HELD, E.RELEASE): Move(S.CLEARED, _CLEARED),
    (S.EXAMINATION, E.EXAMINED_CONFORM): Move(S.CLEARED, _CLEARED),
    (S.EXAMINATION, E.EXAMINED_NOT_CONFORM): Move(S.HELD, (R.DOCUMENTS,)),
    (S.HELD, E.EXAMINED_NOT_CONFORM): Move(S.SEIZED, (R.REJECTED,)),
    (S.RELEASED, E.AUDITED): Move(S.CLEARED, (R.CLEARED,)),
}
"""Every move there is. What is not here is refused, with a reason from `REFUSALS`."""

_REQUEST_EVENTS: Final = (E.GRANT, E.REFUSE)
REFUSALS: Final[Mapping[tuple[State, Event], Refusal]] = {
    **{(state, event): No.UNKNOWN_DECLARATION for state in (S.UNKNOWN,) for event in E},
    **{(state, event): No.IS_FINAL for state in (S.REJECTED, S.INVALIDATED, S.SEIZED) for event in E},
    **{(state, E.LODGE): No.REFERENCE_IN_USE for state in (*_OPEN, *_REQUESTED, S.LODGED, S.SEIZED)},
    **{(state, E.PRESENT): No.ALREADY_PRESENTED for state in _OPEN if state not in _ADVANCE},
    **{(state, event): No.NOTHING_REQUESTED for state in (*_OPEN, S.LODGED) for event in _REQUEST_EVENTS},
    **{(state, event): No.REQUEST_PENDING for state in _REQUESTED for event in (E.AMEND, E.INVALIDATE, E.PRESENT)},
    **{(S.EXAMINATION, event): No.UNDER_EXAMINATION for event in (E.AMEND, E.INVALIDATE)},
}


def answer(state: State, event: Event) -> Move | Refusal:
    """The move an event makes in a state, or why it is refused. Every state answers every event."""
    move = MOVES.get((state, event))
    return REFUSALS.get((state, event), Refusal.NOT_IN_THIS_STATE) if move is None else move


FINAL: Final = frozenset({State.REJECTED, State.INVALIDATED, State.SEIZED, State.CLEARED})
"""States in which nothing is owed any more."""
