"""The life of a declaration, every state and every event of it."""

from itertools import product

import pytest

from landsea.clearance.state import (
    ADVANCE,
    FINAL,
    MOVES,
    REFUSALS,
    REOPENING,
    Bearing,
    Event,
    Move,
    Refusal,
    Response,
    State,
    answer,
    course,
)

S, E, R = State, Event, Response
CONTROLS = {E.INTERCEPTED, E.INTERCEPTED_DOCUMENTS, E.REROUTED_DOCUMENTS, E.REROUTED_EXAMINE}
ENDS_OF_CONTROL = {E.RELEASE, E.EXAMINED_CONFORM, E.WAIVED, E.SUSPENSION_ENDED}
SILENT = {E.LODGE, E.AUDITED, E.REMOVED} | CONTROLS | ENDS_OF_CONTROL
BY_THE_DECLARANT = {E.AMEND, E.INVALIDATE, E.ANSWERED, E.REVIEW_REQUESTED}
REVIEW = {E.REVIEW_REQUESTED, E.REVIEW_UPHELD, E.REVIEW_ANNULLED}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_is_answered_in_every_state(state, event):
    assert isinstance(answer(state, event), Move | Refusal)


def test_nothing_is_both_a_move_and_a_refusal():
    refused_for_good = {
        key for key, reason in REFUSALS.items() if reason not in (Refusal.IS_FINAL, Refusal.UNKNOWN_DECLARATION)
    }
    assert not set(MOVES) & refused_for_good
    assert {event for state, event in MOVES if state is S.UNKNOWN} == {E.LODGE}
    assert {event for state, event in MOVES if state is S.REJECTED} == {E.LODGE, *REVIEW}
    assert {event for state, event in MOVES if state is S.INVALIDATED} == {E.LODGE, E.REPAID}


def test_every_state_can_be_reached_from_nothing():
    reached, border = {S.UNKNOWN}, [S.UNKNOWN]
    while border:
        state = border.pop()
        for (before, _), move in MOVES.items():
            if before is state and move.to not in reached:
                reached.add(move.to)
                border.append(move.to)
    assert reached == set(State)


def test_no_state_is_a_dead_end_but_the_final_ones():
    for state in State:
        on = {move.to for (before, _), move in MOVES.items() if before is state}
        assert on - {state} or state in FINAL, state
        seen, border = set(), {state}
        while border - seen:
            seen |= border
            border = {move.to for (before, _), move in MOVES.items() if before in seen}
        assert seen & FINAL, state


def test_every_event_and_every_reason_occurs():
    assert {event for _, event in MOVES} == set(Event)
    assert {answer(s, e) for s, e in product(State, Event)} >= set(Refusal)


def test_nothing_but_a_request_or_a_review_leads_away_from_a_final_state():
    left = {event for (state, event), move in MOVES.items() if state in FINAL and move.to is not state}
    assert left == REOPENING
    assert {move.to for (state, _), move in MOVES.items() if state is S.SEIZED} == {S.SEIZED, S.HELD}


def test_every_refusal_is_said_for_every_pair_without_a_move():
    for state, event in set(product(State, Event)) - set(MOVES):
        assert answer(state, event) in set(Refusal)


def test_every_move_owes_the_declarant_a_response_but_what_is_not_yet_theirs_to_know():
    for (state, event), move in MOVES.items():
        assert move.responses or event in SILENT, (state, event)
        if event in CONTROLS:
            assert bool(move.responses) == (state not in ADVANCE), "before arrival no control is told"
    assert {code for move in MOVES.values() for code in move.responses} == set(Response)


@pytest.mark.parametrize(
    ("state", "event", "answered"),
    [
        (S.UNKNOWN, E.AMEND, Refusal.UNKNOWN_DECLARATION),
        (S.HELD, E.LODGE, Refusal.REFERENCE_IN_USE),
        (S.REJECTED, E.LODGE, Move(S.LODGED)),
        (S.HELD, E.INVALIDATE, Move(S.INVALIDATED, (R.RECEIVED, R.REQUEST, R.INVALIDATED))),
        (S.EXAMINATION, E.AMEND, Refusal.UNDER_EXAMINATION),
        (S.EXAMINATION, E.INVALIDATE, Refusal.UNDER_EXAMINATION),
        (S.CLEARED, E.INVALIDATE, Move(S.INVALIDATION_REQUESTED, (R.RECEIVED,))),
        (S.INVALIDATION_REQUESTED, E.GRANT, Move(S.INVALIDATED, (R.REQUEST, R.INVALIDATED))),
        (S.AMENDMENT_REQUESTED, E.REFUSE, Move(S.RELEASED, (R.REQUEST,))),
        (S.CLEARED, E.PRESENT, Refusal.ALREADY_PRESENTED),
        (S.INVALIDATED, E.AMEND, Refusal.IS_FINAL),
        (S.AMENDMENT_REQUESTED, E.AMEND, Refusal.REQUEST_PENDING),
        (S.CLEARED, E.GRANT, Refusal.NOTHING_REQUESTED),
        (S.CLEARED, E.DECIDE_HOLD, Refusal.NOT_IN_THIS_STATE),
        (S.CLEARED, E.INTERCEPTED, Refusal.ALREADY_RELEASED),
        (S.AWAITING, E.SETTLED, Refusal.NOT_RELEASED),
        (S.AWAITING, E.INTERCEPTED, Move(S.EXAMINATION, (Response.CONTROL,))),
        (S.AWAITING, E.ANSWERED, Move(S.HELD, (Response.RECEIVED,))),
        (S.SEIZED, E.REVIEW_ANNULLED, Move(S.HELD, (Response.REQUEST,))),
    ],
)
def test_what_the_convention_says_of_it(state, event, answered):
    assert answer(state, event) == answered


def test_after_release_nothing_changes_without_a_request_granted():
    for state in (S.RELEASED, S.CLEARED):
        moved = {event: move.to for (before, event), move in MOVES.items() if before is state and move.to is not state}
        moved.pop(E.FULFILLED, None)
        moved.pop(E.REVIEW_ANNULLED, None)
        moved.pop(E.REASSESSED, None)
        assert set(moved.values()) == {S.AMENDMENT_REQUESTED, S.INVALIDATION_REQUESTED}


def told(*steps, dutiable=True):
    """The responses along these steps from nothing: event, conditions open after it, what remains."""
    state, owed = S.LODGED, []
    for event, open_, remains in steps:
        move = course(state, event, open_, Bearing(remains, dutiable))
        state, owed = move.to, [*owed, *(one.name for one in move.responses)]
    return state, owed


DUTIES, NOTHING = ("duties",), ()


@pytest.mark.parametrize(
    ("steps", "dutiable", "state", "responses"),
    [
        ([(E.DECIDE_RELEASE, NOTHING, False)], False, S.CLEARED, "ACCEPTED CLEARED"),
        (
            [(E.DECIDE_RELEASE, DUTIES, False), (E.PAID, NOTHING, False)],
            *(True, S.CLEARED, "ACCEPTED TAX TAX CLEARED"),
        ),
        (
            [(E.DECIDE_RELEASE, DUTIES, False), (E.SECURED, NOTHING, True), (E.SETTLED, NOTHING, False)],
            *(True, S.CLEARED, "ACCEPTED TAX TAX RELEASED TAX CLEARED"),
        ),
        (
            [(E.ADVANCE_RELEASE, DUTIES, False), (E.PRESENT, DUTIES, False), (E.PAID, NOTHING, False)],
            *(True, S.CLEARED, "RECEIVED TAX RECEIVED ACCEPTED TAX TAX CLEARED"),
        ),
        (
            [(E.DECIDE_RELEASE_AUDIT, NOTHING, True), (E.AUDITED, NOTHING, False)],
            *(False, S.CLEARED, "ACCEPTED RELEASED CLEARED"),
        ),
        (
            [(E.DECIDE_EXAMINE, DUTIES, False), (E.EXAMINED_CONFORM, DUTIES, False), (E.PAID, NOTHING, False)],
            *(True, S.CLEARED, "ACCEPTED TAX CONTROL TAX CLEARED"),
        ),
        (
            [(E.DECIDE_EXAMINE, DUTIES, False), (E.PAID, NOTHING, False), (E.EXAMINED_CONFORM, NOTHING, False)],
            *(True, S.CLEARED, "ACCEPTED TAX CONTROL TAX CLEARED"),
        ),
        ([(E.DECIDE_HOLD, NOTHING, False), (E.QUERIED, NOTHING, False)], False, S.HELD, "ACCEPTED DOCUMENTS QUERY"),
        ([(E.DECIDE_REJECT, NOTHING, False)], False, S.REJECTED, "REJECTED"),
    ],
)
def test_the_declarant_hears_what_customs_practice_has(steps, dutiable, state, responses):
    assert told(*steps, dutiable=dutiable) == (state, responses.split())


def test_every_message_of_the_declarant_is_answered_as_received():
    for (state, event), move in MOVES.items():
        if event in BY_THE_DECLARANT:
            assert move.responses[0] is R.RECEIVED, (state, event)


def test_a_new_version_is_told_as_amended_when_the_goods_are_released_on_it_and_not_before():
    for state, event, remains in product(State, Event, (False, True)):
        amended = Bearing(remains, amended=True)
        move = course(state, event, (), amended)
        waited = answer(state, event)
        if isinstance(move, Move) and waited.to is S.AWAITING:
            last = (R.RELEASED if remains else R.CLEARED,)
            assert move.responses == (*waited.responses, R.AMENDED, *last), (state, event)
            assert R.AMENDED not in course(state, event, ("answer",), amended).responses


def test_whatever_happens_with_a_condition_open_nothing_is_released():
    for state, event in product(State, Event):
        move = course(state, event, ("agency/phyto",))
        if isinstance(move, Move) and event not in (E.FULFILLED, E.FULFILLED_ON_TERMS):
            assert not {R.RELEASED, R.CLEARED} & set(move.responses), (state, event)
