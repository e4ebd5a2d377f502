"""What an act leaves behind: its record, and the decision that follows from it, each part for its audience.

The record of an act has two groups: `act@1`, which its declarant may read, and `inquiry@1` for officers: who acted, and
what `act.ACTS` closes (reasons, findings). A decision that follows says the same things as any other (`told.TOLD`),
with the duties and findings of the version in force, so that the last decision alone says where a declaration stands;
before arrival it reads `registered` as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from landsea.declaration.stage import Control, Outcome
from landsea.dossier.blob import Blob
from landsea.risk.law import RiskLaw

from .act import ACTS, Act
from .change import DIFFERS
from .condition import Condition
from .decide import CONDITIONS_OPEN, NOT_COVERED
from .revenue import Cover
from .ruling import Ruling
from .state import ADVANCE, Event, State
from .suspension import GROUND, rights_in
from .told import REGISTERED, TO_COVER

OUTCOMES: Final[Mapping[State, Outcome]] = {
    State.ADVANCE_RELEASE: Outcome.RELEASED,
    State.ADVANCE_RELEASE_AUDIT: Outcome.RELEASED,
    State.ADVANCE_HOLD: Outcome.HELD,
    State.ADVANCE_EXAMINE: Outcome.EXAMINE,
    State.HELD: Outcome.HELD,
    State.AWAITING: Outcome.HELD,
    State.EXAMINATION: Outcome.EXAMINE,
    State.RELEASED: Outcome.RELEASED,
    State.CLEARED: Outcome.RELEASED,
    State.REJECTED: Outcome.REJECTED,
    State.SEIZED: Outcome.REJECTED,
    State.INVALIDATED: Outcome.ACCEPTED,
    State.AMENDMENT_REQUESTED: Outcome.ACCEPTED,
    State.INVALIDATION_REQUESTED: Outcome.ACCEPTED,
}
"""What a state an act leads to means in the words of decisions."""
_GROUNDS: Final = {
    Event.QUERIED: "query",
    Event.ANSWERED: "query",
    Event.EXAMINED_NOT_CONFORM: "not-conform",
    Event.REVIEW_ANNULLED: "review",
    Event.REFUSE: "request-refused",
    Event.GRANT: "request-granted",
}
_COPIED: Final = frozenset({"duty@1", "quota@1", "agencies@1", "findings@1", "liability@1"})
_encode = msgspec.json.encode


def act_blobs(act: Act, ruling: Ruling) -> list[Blob]:
    """The blobs of the record of this act."""
    said = msgspec.to_builtins(act.content)
    closed = ACTS[act.kind].closed
    agency = {"agency": act.actor} if act.role == "agency" else {}
    told = {name: value for name, value in said.items() if name not in closed}
    shown = {"kind": act.kind, "mrn": act.mrn, **agency, **told}
    kept = {name: value for name, value in said.items() if name in closed}
    proof = {"actor": act.actor, "role": act.role, "reference": act.reference, "proposed": ruling.proposed, **kept}
    return [Blob("act@1", 0, _encode(shown)), Blob("inquiry@1", 0, _encode(proof))]


def ground(ruling: Ruling, law: RiskLaw | None) -> str:
    """Why the declaration now stands where it does, as a fixed code."""
    if ruling.event in _GROUNDS:
        return _GROUNDS[ruling.event]
    if ruling.about == DIFFERS and ruling.state in (State.HELD, State.ADVANCE_HOLD):
        return DIFFERS
    if ruling.state in (State.EXAMINATION, State.HELD):
        own = law and law.grounds.get(ruling.control)
        return own.id if own else "control"
    if ruling.state is State.AWAITING:
        if rights_in(ruling.conditions):
            return GROUND
        return NOT_COVERED if Condition.DUTIES in ruling.conditions else CONDITIONS_OPEN
    return "secured" if ruling.state is State.RELEASED and ruling.cover is Cover.SECURED else "conform"


def decision_blobs(ruling: Ruling, version: Sequence[Blob], law: RiskLaw | None) -> list[Blob]:
    """The blobs of the decision that follows; `version` has those of the decision on the version in force."""
    before: Mapping[str, Any] = next(
        (msgspec.json.decode(one.data) for one in version if one.group == "decision@1"), {}
    )
    now = ruling.state not in ADVANCE
    control = ruling.control if now else Control.NONE
    own = law and law.grounds.get(control)
    why = ground(ruling, law) if now else REGISTERED
    told: dict[str, Any] = {
        "outcome": OUTCOMES[ruling.state].name.lower() if now else REGISTERED,
        "control": control.name.lower() if control is not Control.NONE else None,
        "ground": why,
        "law": own.law if own else None,
        "action": TO_COVER if why == NOT_COVERED else own.action if own else None,
        "version": before.get("version", 1),
        "errors": before.get("errors", 0),
        "warnings": before.get("warnings", 0),
        "state": ruling.state.value if now else REGISTERED,
        "responses": [int(one) for one in ruling.responses],
        "awaits": list(ruling.conditions),
    }
    return [Blob("decision@1", 0, _encode(told)), *(one for one in version if one.group in _COPIED)]
