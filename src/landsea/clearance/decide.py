"""Hop 5: release, examine, hold or reject; for every row of the lot, so that every body is answered.

A decision follows from what earlier hops found, by the first row of `ORDER` that applies. What then happens to the
declaration is looked up in the table of its life (`state`). Nothing here is a rule of law of its own, and nothing
depends on any other declaration of the lot.
"""

from dataclasses import fields
from functools import cache
from itertools import product
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.stage import Control, Decided, Known, Outcome, Selected
from landsea.errors import BuildFault
from landsea.risk.alignment import beside
from landsea.tariff import claims

from .state import Event, Refusal, Response, State, answer

DECISIONS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "outcome": pl.UInt8(),  # Outcome
    "control": pl.UInt8(),  # Control; none where the declaration is not taken up
    "ground": pl.String(),  # why, as a fixed code: of `ORDER`, of a refusal, or of the control
    "effective": pl.Boolean(),  # false: decided before arrival, takes effect when the goods are presented
    "version": pl.UInt32(),
    "error_count": pl.UInt32(),
    "warning_count": pl.UInt32(),
    "before": pl.String(),  # State
    "event": pl.String(),  # Event: the message, or for a declaration the decision
    "state": pl.String(),  # State
    "responses": pl.List(pl.UInt8()),  # Response, in order
}
CLAIMS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "quota_order": pl.String(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "base": pl.Int128(),
}
EARLIER: Final = {"d": pl.UInt32(), "state": pl.String(), "control": pl.UInt8(), "ground": pl.String()}
NO_SCHEDULE: Final = "HDR-002"
LODGED_EARLY: Final = ("D", "E", "F", "K")
"""Third letter of the types of declarations lodged before arrival: normal, incidental, simplified, entry in records."""
IN_ADVANCE: Final = {
    Event.DECIDE_EXAMINE: Event.ADVANCE_EXAMINE,
    Event.DECIDE_HOLD: Event.ADVANCE_HOLD,
    Event.DECIDE_RELEASE: Event.ADVANCE_RELEASE,
    Event.DECIDE_RELEASE_AUDIT: Event.ADVANCE_RELEASE_AUDIT,
}
"""What a decision is before arrival: it takes effect when the goods are presented."""


class Row(NamedTuple):
    """Where `applies` (a column of `_facts`), this is decided, and this happens to the declaration."""

    applies: str
    outcome: Outcome
    event: Event | None  # None: nothing happens to any declaration
    ground: str | None  # None: the ground of the control


ORDER: Final = (
    Row("unreadable", Outcome.REJECTED, None, "unreadable"),
    Row("not_a_declaration", Outcome.REJECTED, None, "not-a-declaration"),
    Row("faulty_message", Outcome.REJECTED, None, "findings"),
    Row("without_register", Outcome.HELD, None, "register-not-consulted"),
    Row("amendment", Outcome.ACCEPTED, Event.AMEND, "amended"),
    Row("invalidation", Outcome.ACCEPTED, Event.INVALIDATE, "invalidated"),
    Row("presentation", Outcome.ACCEPTED, Event.PRESENT, "presented"),
    Row("errors", Outcome.REJECTED, Event.DECIDE_REJECT, "findings"),
    Row("examined", Outcome.EXAMINE, Event.DECIDE_EXAMINE, None),
    Row("documents", Outcome.HELD, Event.DECIDE_HOLD, None),
    Row("no_schedule", Outcome.HELD, Event.DECIDE_HOLD, "no-schedule"),
    Row("unassessed", Outcome.HELD, Event.DECIDE_HOLD, "not-assessed"),
    Row("audited", Outcome.RELEASED, Event.DECIDE_RELEASE_AUDIT, None),
    Row("conform", Outcome.RELEASED, Event.DECIDE_RELEASE, "conform"),
)
"""The first row that applies decides; the last always does."""


def decide(selected: Selected, known: Known, edition: Edition) -> Decided:
    """Every row of the lot has a decision in `decisions`; `claims` has what they draw on shared stocks if granted."""
    del edition  # what the law says has been said by the hops before
    before = {field.name: getattr(selected, field.name) for field in fields(Selected)}
    drawn = claims(selected.assessments) if selected.assessments.height else pl.DataFrame(schema=CLAIMS)
    return Decided(**before, decisions=_decisions(_facts(selected, known)), claims=drawn)


def _decisions(facts: pl.DataFrame) -> pl.DataFrame:
    row = pl.lit(len(ORDER) - 1, pl.UInt8)
    for number in reversed(range(len(ORDER) - 1)):
        row = pl.when(ORDER[number].applies).then(pl.lit(number, pl.UInt8)).otherwise(row)
    control = pl.when(pl.col("outcome") != Outcome.REJECTED.value).then("control").otherwise(Control.NONE.value)
    decided = (
        facts.with_columns(row=row)
        .join(_table(), on=["row", "before", "anew", "early"], how="left", maintain_order="left")
        .with_columns(control=control.cast(pl.UInt8), ground=pl.coalesce("reason", "ground"))
        .select(pl.col(name).cast(dtype) for name, dtype in DECISIONS.items())
    )
    if decided["outcome"].null_count():
        lost = decided.filter(pl.col("outcome").is_null()).select("d", "before").row(0)
        raise BuildFault(f"declaration row {lost[0]} is in a state no table knows: {lost[1]!r}")
    return decided


@cache
def _table() -> pl.DataFrame:
    """What each row of `ORDER` leads to in each state a declaration can be in when the message arrives."""
    cases = product(enumerate(ORDER), State, (False, True), (False, True))
    return pl.DataFrame(
        [
            (number, before, anew, early, *_led(row, before, anew, early))
            for (number, row), before, anew, early in cases
        ],
        schema={
            "row": pl.UInt8,
            "before": pl.String,
            "anew": pl.Boolean,
            "early": pl.Boolean,
            "outcome": pl.UInt8,
            "reason": pl.String,
            "event": pl.String,
            "state": pl.String,
            "effective": pl.Boolean,
            "responses": pl.List(pl.UInt8),
        },
        orient="row",
    )


Led = tuple[int, str | None, str | None, str, bool, list[int]]
"""Outcome, reason, event, state, effective, responses."""


def _led(row: Row, before: State, anew: bool, early: bool) -> Led:
    if row.event is None:
        owed = Response.RECEIVED if row.outcome is Outcome.HELD else Response.REJECTED
        return row.outcome, row.ground, None, before, True, [owed]
    decision = row.event not in _MESSAGES
    if decision and anew and isinstance(refused := answer(before, Event.LODGE), Refusal):
        return Outcome.REJECTED, refused, Event.LODGE, before, True, [Response.REJECTED]
    event = IN_ADVANCE.get(row.event, row.event) if early else row.event
    move = answer(State.LODGED if decision else before, event)
    if isinstance(move, Refusal):
        return Outcome.REJECTED, move, event, before, True, [Response.REJECTED]
    if event is Event.PRESENT:  # the decision taken in advance takes effect
        return _TAKES_EFFECT[move.to], None, event, move.to, True, list(move.responses)
    return row.outcome, row.ground, event, move.to, event not in IN_ADVANCE.values(), list(move.responses)


_TAKES_EFFECT: Final = {
    State.HELD: Outcome.HELD,
    State.EXAMINATION: Outcome.EXAMINE,
    State.RELEASED: Outcome.RELEASED,
    State.CLEARED: Outcome.RELEASED,
}
_MESSAGES: Final = frozenset({Event.AMEND, Event.INVALIDATE, Event.PRESENT})


def _facts(selected: Selected, known: Known) -> pl.DataFrame:
    """Each declaration row with what `ORDER` asks for; never null."""
    message, control = pl.col("message"), pl.col("control")
    declaration, presentation = message == "declaration", message == "presentation"
    refers = message.is_in(["amendment", "invalidation", "presentation"])
    errors = pl.col("error_count") > 0
    rows = selected.lot["declarations"].select("d", "message", "type", pl.col("version").fill_null(1))
    for other in (_counted(selected), _earlier(known), _unassessed(selected), selected.selections):
        rows = beside(rows, other, "d")
    return (
        rows.lazy()
        .with_columns(
            pl.col("error_count", "warning_count").fill_null(0),
            pl.col("no_schedule", "unassessed").fill_null(value=False),
            control=pl.when(presentation).then("known_control").otherwise("control").fill_null(Control.NONE.value),
            ground=pl.when(presentation).then("known_ground").otherwise("ground"),
            before=pl.col("state").fill_null(State.UNKNOWN.value),
            anew=declaration & (pl.col("version") == 1),
            early=declaration & pl.col("type").str.slice(2).is_in(LODGED_EARLY).fill_null(value=False),
        )
        .drop("state")
        .with_columns(
            unreadable=message == "unreadable",
            not_a_declaration=message == "not-a-declaration",
            faulty_message=refers & errors,
            without_register=refers & pl.lit("earlier" not in known.frames),
            amendment=message == "amendment",
            invalidation=message == "invalidation",
            presentation=presentation,
            errors=errors,
            examined=control.is_in([Control.SCAN.value, Control.PHYSICAL.value, Control.SAMPLE.value]),
            documents=control == Control.DOCUMENTS.value,
            audited=control == Control.AUDIT.value,
        )
        .collect()
    )


def _counted(selected: Selected) -> pl.DataFrame:
    severity = pl.col("severity")
    return selected.findings.group_by("d").agg(
        error_count=(severity == Severity.ERROR.value).sum(),
        warning_count=(severity == Severity.WARNING.value).sum(),
        no_schedule=(pl.col("rule") == NO_SCHEDULE).any(),
    )


def _earlier(known: Known) -> pl.DataFrame:
    frame = known.frame("earlier", EARLIER)
    given = (pl.col(c) if c in frame.columns else pl.lit(None, dtype).alias(c) for c, dtype in EARLIER.items())
    renamed = {"control": "known_control", "ground": "known_ground"}
    return frame.select(given).unique("d", keep="last").rename(renamed)


def _unassessed(selected: Selected) -> pl.DataFrame:
    if selected.assessments.is_empty():
        return pl.DataFrame(schema={"d": pl.UInt32, "unassessed": pl.Boolean})
    lost = selected.assessments.filter(pl.col("state") == "unassessed")
    return lost.select("d").unique().with_columns(unassessed=pl.lit(value=True))
