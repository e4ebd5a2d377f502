"""Holding: what is decided where the node itself failed on a declaration. It is recorded and answered like any other.

The declarant is not at fault and is not let through: the declaration is held with a finding until an officer
looks at it. What broke stands in the node's log under the record's id, never in the record.
"""

import polars as pl

from landsea.clearance.condition import Condition
from landsea.clearance.decide import DECISIONS
from landsea.clearance.state import Event, Response, State
from landsea.declaration.finding import Severity, findings_frame
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Control, Decided, Document, Lodged, Lodgement, Outcome
from landsea.risk.match import HITS
from landsea.risk.select import SELECTIONS

RULE = "CLR-001"
GROUND = "node-fault"


def unread(lodgement: Lodgement) -> Lodged:
    """The one row of a body on which reading itself failed."""
    row = {
        "d": [0],
        "body": [0],
        "message": ["unreadable"],
        "sender": [lodgement.sender],
        "administration": [lodgement.administration],
        "message_profile": [lodgement.message_profile],
        "version": [1],
        "received_at": [lodgement.received_at],
        "applicable_on": [lodgement.received_at.date()],
    }
    return Lodged(lot_of({"declarations": row}), findings_frame([]), (Document(lodgement.body, "other"),))


def held(lodged: Lodged) -> Decided:
    """The decision on a lone declaration that brought the node to fall: held, with a finding."""
    message = lodged.lot["declarations"]["message"][0]
    taken = message == "declaration"
    finding = {"d": 0, "rule": RULE, "version": 1, "severity": int(Severity.WARNING), "place": ""}
    decision = {
        "d": 0,
        "outcome": int(Outcome.HELD),
        "control": int(Control.NONE),
        "ground": GROUND,
        "effective": True,
        "version": 1,
        "error_count": 0,
        "warning_count": 1,
        "before": State.UNKNOWN.value,
        "event": Event.DECIDE_HOLD.value if taken else None,
        "state": State.HELD.value if taken else State.UNKNOWN.value,
        "responses": [int(Response.RECEIVED)],
        "awaits": [Condition.CONTROL.value] if taken else [],
    }
    nothing = {"d": 0, "control": int(Control.NONE), "selected_by": "none", "drawn": 0, "inclusion": 0}
    selection = {name: [nothing.get(name)] for name in SELECTIONS}
    return Decided(
        lodged.lot,
        findings_frame([finding]),
        lodged.documents,
        selections=pl.DataFrame(selection, schema=SELECTIONS),
        hits=pl.DataFrame(schema=HITS),
        decisions=pl.DataFrame([decision], schema=DECISIONS),
    )
