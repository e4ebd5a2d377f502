"""The life of a declaration, every state and every event of it."""

from itertools import product

import pytest

from landsea.clearance.state import FINAL, MOVES, REFUSALS, Event, Move, Refusal, Response, State, answer

S, E = State, Event


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_is_answered_in_every_state(state, event):
    assert isinstance(answer(state, event), Move | Refusal)


def test_nothing_is_both_a_move_and_a_refusal():
    refused_for_good = {
        key for key, reason in REFUSALS.items() if reason not in (Refusal.IS_FINAL, Refusal.UNKNOWN_DECLARATION)
    }
    assert not set(MOVES) & refused_for_good
    assert {event for (state, event) in MOVES if state in (S.UNKNOWN, S.REJECTED, S.INVALIDATED)} == {E.LODGE}


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


def test_every_move_of_a_decision_owes_the_declarant_a_response():
    for (state, event), move in MOVES.items():
        assert move.responses or event is E.LODGE, (state, event)
    assert {code for move in MOVES.values() for code in move.responses} == set(Response)


@pytest.mark.parametrize(
    ("state", "event", "answered"),
    [
        (S.UNKNOWN, E.AMEND, Refusal.UNKNOWN_DECLARATION),
        (S.HELD, E.LODGE, Refusal.REFERENCE_IN_USE),
        (S.REJECTED, E.LODGE, Move(S.LODGED)),
        (S.HELD, E.INVALIDATE, Move(S.INVALIDATED, (Response.INVALIDATED,))),
        (S.EXAMINATION, E.AMEND, Refusal.UNDER_EXAMINATION),
        (S.EXAMINATION, E.INVALIDATE, Refusal.UNDER_EXAMINATION),
        (S.CLEARED, E.INVALIDATE, Move(S.INVALIDATION_REQUESTED, (Response.REQUEST,))),
        (S.CLEARED, E.PRESENT, Refusal.ALREADY_PRESENTED),
        (S.INVALIDATED, E.AMEND, Refusal.IS_FINAL),
        (S.AMENDMENT_REQUESTED, E.AMEND, Refusal.REQUEST_PENDING),
        (S.CLEARED, E.GRANT, Refusal.NOTHING_REQUESTED),
        (S.CLEARED, E.DECIDE_HOLD, Refusal.NOT_IN_THIS_STATE),
    ],
)
def test_what_the_convention_says_of_it(state, event, answered):
    assert answer(state, event) == answered


def test_after_release_nothing_changes_without_a_request_granted():
    for state in (S.RELEASED, S.CLEARED):
        changed = {move.to for (before, event), move in MOVES.items() if before is state and event is not E.AUDITED}
        assert changed == {S.AMENDMENT_REQUESTED, S.INVALIDATION_REQUESTED}
