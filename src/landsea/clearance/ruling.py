"""Rulings: what an act leads to, from where the declaration stands.

Theory. `rule` weighs an act against a `Standing` and answers with a `Ruling` (the next state, the conditions still
open, the responses owed, the transfers in the books) or with `Refused` and a reason. There is no third answer, and
nothing here is stored or promised; one transaction of the node does that.

An ordered control is waived or rerouted by two officers (four eyes): the first only proposes, another one who says the
same confirms, as long as the declaration stands where it stood. What fulfils the last condition of release lets the
goods go by itself, for `state.course` goes on to the fulfilment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from landsea.declaration.stage import Control

from . import suspension
from .act import ACTS, Act, Refused, Row, Security
from .change import CHANGES, Change, Earlier, Standing, after, covered, impossible
from .condition import Condition, ordered
from .revenue import Cover, Transfer
from .state import ADVANCE, CONTROLLED, FINAL, Bearing, Event, Refusal, Response, State, course

_RULES: Final = {**CHANGES, **suspension.CHANGES}


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
    try:
        return _ruled(act, row, standing)
    except Refused as refused:
        if act.role != "carrier":
            raise
        # who carries goods hears neither of controls nor of whose goods are beside them
        raise Refused(refused.reason, f"this cannot be done to {act.mrn}: {refused.reason.replace('-', ' ')}") from None


def _ruled(act: Act, row: Row, standing: Standing) -> Ruling:
    change = _RULES[act.kind](act.content, replace(standing, actor=act.actor))
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
    left = after(standing, change.transfers)
    stays = (standing.state, tuple(standing.conditions), standing.control)
    return Ruling(*stays, covered(standing, left), transfers=change.transfers, about=change.about, proposed=proposed)


def _moved(change: Change, standing: Standing) -> Ruling:
    if change.event is None:
        return _unmoved(standing, change)
    left = after(standing, change.transfers)
    cover = covered(standing, left)
    control = standing.control if change.control is None else change.control
    derived = {Condition.CONTROL.value, Condition.ARRIVAL.value}  # these follow from the state
    open_ = (set(standing.conditions) - derived - change.closes) | change.opens | _reopened(change, standing, cover)
    owed = open_ & {Condition.SUPPLEMENT.value}
    remains = control is Control.AUDIT or cover is not Cover.PAID or bool(owed)
    bearing = Bearing(remains, standing.dutiable, _amended(change, standing))
    move = course(standing.state, change.event, open_ - owed, bearing)
    if isinstance(move, Refusal):
        raise impossible(move, standing)
    if change.event is Event.PRESENT and not standing.arrival.received:
        move = move._replace(responses=tuple(one for one in move.responses if one is not Response.RECEIVED))
    conditions = ordered(_standing(move.to, open_))
    decides = (move.to, conditions) != (standing.state, tuple(standing.conditions)) or bool(move.responses)
    return Ruling(
        *(move.to, conditions, control, cover, change.event, move.responses, change.transfers, change.about),
        decides=decides,
    )


def _reopened(change: Change, standing: Standing, cover: Cover) -> frozenset[str]:
    """What release waits for again after a review: duties that were claimed more; and where the goods were seized, or
    the declaration rejected, so that nothing was waited for, all that was still open then."""
    if change.event not in (Event.REVIEW_UPHELD, Event.REVIEW_ANNULLED) or standing.state in _GONE:
        return frozenset()
    again = standing.state in FINAL
    due = cover is Cover.OPEN and (again or change.transfers)
    found = frozenset({Condition.DUTIES.value}) if due else frozenset[str]()
    if again and change.event is Event.REVIEW_ANNULLED:
        found |= suspension.unsettled(standing.acts) | (standing.docket.waits() if standing.docket else frozenset())
    return found


_GONE: Final = (State.RELEASED, State.CLEARED)


def _amended(change: Change, standing: Standing) -> bool:
    """Whether the declaration is not any more what was lodged."""
    arrived = change.event is Event.PRESENT or any(one.kind in _ARRIVALS for one in standing.acts)
    return standing.version > 1 or (standing.arrival.amends and arrived)


_ARRIVALS: Final = ("arrived", "presented")


def _standing(state: State, open_: set[str]) -> set[str]:
    """The conditions open in this state: none where nothing is waited for any more."""
    if state in ADVANCE:
        return open_ | {Condition.ARRIVAL.value}
    if state in CONTROLLED:
        return open_ | {Condition.CONTROL.value}
    return open_ if state in (State.AWAITING, State.RELEASED) else set()
