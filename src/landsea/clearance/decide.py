"""Hop 5: release, examine, hold or reject; for every row of the lot, so that every body is answered.

A decision follows from what earlier hops found, by the first row of `ORDER` that applies. What then happens to the
declaration is looked up in the table of its life (`state`). Nothing here is a rule of law of its own, and nothing
depends on any other declaration of the lot.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache, reduce
from itertools import accumulate, product
from operator import add, mul
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.lot import collected
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
LODGED_EARLY: Final = "DEFK"
"""Third letter of the types of declarations lodged before arrival: normal, incidental, simplified, entry in records."""
IN_ADVANCE: Final = {
    Event.DECIDE_EXAMINE: Event.ADVANCE_EXAMINE,
    Event.DECIDE_HOLD: Event.ADVANCE_HOLD,
    Event.DECIDE_RELEASE: Event.ADVANCE_RELEASE,
    Event.DECIDE_RELEASE_AUDIT: Event.ADVANCE_RELEASE_AUDIT,
}
"""What a decision is before arrival: it takes effect when the goods are presented."""


class Row(NamedTuple):
    """Where `applies` (a name in `_APPLIES`), this is decided, and this happens to the declaration."""

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
    due = selected.assessments
    drawn = claims(due) if due.height and due["if_granted"].any() else _NO_CLAIMS
    return Decided(**before, decisions=_decisions(selected, known), claims=drawn)


_NO_CLAIMS: Final = pl.DataFrame(schema=CLAIMS)


def _decisions(selected: Selected, known: Known) -> pl.DataFrame:
    rows = selected.lot["declarations"][["d", "message", "type", "version"]]
    rows = beside(rows, "d", *_counted(selected), _earlier(known), selected.selections)
    register = pl.lit("earlier" in known.frames).alias("register")
    facts = rows.lazy().with_columns(register, *_WHAT).with_columns(_CASE)
    decided = collected(facts.with_columns(_led_to()).select(_DECIDED))
    if decided["outcome"].null_count():
        d, before = decided.filter(pl.col("outcome").is_null()).select("d", "before").row(0)
        raise BuildFault(f"declaration row {d} is of a kind, or in a state, that no table knows: {before!r}")
    return decided


_CONTROL: Final = pl.when(pl.col("outcome") != Outcome.REJECTED.value).then("control").otherwise(Control.NONE.value)
_DECIDED: Final = tuple(
    {"control": _CONTROL, "ground": pl.coalesce("reason", "ground")}.get(name, pl.col(name)).cast(dtype).alias(name)
    for name, dtype in DECISIONS.items()
)


@cache
def _led_to() -> list[pl.Expr]:
    """What the row of `ORDER` leads to."""
    return [pl.lit(column).gather("case").alias(column.name) for column in _table().get_columns()]


@cache
def _table() -> pl.DataFrame:
    """What each row of `ORDER` leads to in each state a declaration can be in when the message arrives: by `_CASE`."""
    cases = product(ORDER, State, (False, True), (False, True))
    return pl.DataFrame(
        [_led(row, before, anew, early) for row, before, anew, early in cases],
        schema={
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
    decision = row.event not in _ASKED
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
_ASKED: Final = frozenset({Event.AMEND, Event.INVALIDATE, Event.PRESENT})


def _counted(selected: Selected) -> Iterator[pl.DataFrame]:
    """How many there are of what bears on a decision, by declaration; a declaration without has no row."""
    found, due = selected.findings, selected.assessments
    yield found["d"].filter(found["severity"] == Severity.ERROR.value).value_counts(name="error_count")
    yield found["d"].filter(found["severity"] == Severity.WARNING.value).value_counts(name="warning_count")
    yield found["d"].filter(found["rule"] == NO_SCHEDULE).value_counts(name="no_schedule")
    lost = due["d"].filter(due["state"] == "unassessed") if due.height else found["d"].clear()
    yield lost.value_counts(name="unassessed")


def _earlier(known: Known) -> pl.DataFrame:
    frame = known.frame("earlier", EARLIER)
    if frame.is_empty():
        return _NOTHING_EARLIER
    given = (pl.col(c) if c in frame.columns else pl.lit(None, dtype).alias(c) for c, dtype in EARLIER.items())
    return frame.select(given).unique("d", keep="last").rename(_AS_KNOWN)


_AS_KNOWN: Final = {"state": "before", "control": "known_control", "ground": "known_ground"}
_NOTHING_EARLIER: Final = pl.DataFrame(schema=EARLIER).rename(_AS_KNOWN)
_MESSAGE: Final = pl.col("message")
_PRESENTED: Final = _MESSAGE == "presentation"
_DECLARED: Final = _MESSAGE == "declaration"
_VERSION: Final = pl.col("version").fill_null(1)
_WHAT: Final = (
    pl.col("error_count", "warning_count").fill_null(0),
    pl.when(_PRESENTED).then("known_control").otherwise("control").fill_null(Control.NONE.value).alias("control"),
    pl.when(_PRESENTED).then("known_ground").otherwise("ground").alias("ground"),
    pl.col("before").fill_null(State.UNKNOWN.value),
    _VERSION.alias("version"),
    (_DECLARED & (_VERSION == 1)).alias("anew"),
    (_DECLARED & pl.col("type").str.contains(f"(?s)^..[{LODGED_EARLY}]$")).fill_null(value=False).alias("early"),
)


class _Facts(NamedTuple):
    """What bears on which row of `ORDER` applies."""

    message: str
    register: bool
    control: Control
    errors: bool
    no_schedule: bool
    unassessed: bool


_MESSAGES: Final = ("declaration", "amendment", "invalidation", "presentation", "unreadable", "not-a-declaration")
_ABOUT_ONE: Final = ("amendment", "invalidation", "presentation")
_EXAMINED: Final = (Control.SCAN, Control.PHYSICAL, Control.SAMPLE)
_APPLIES: Final[dict[str, Callable[[_Facts], bool]]] = {
    "unreadable": lambda f: f.message == "unreadable",
    "not_a_declaration": lambda f: f.message == "not-a-declaration",
    "faulty_message": lambda f: f.message in _ABOUT_ONE and f.errors,
    "without_register": lambda f: f.message in _ABOUT_ONE and not f.register,
    "amendment": lambda f: f.message == "amendment",
    "invalidation": lambda f: f.message == "invalidation",
    "presentation": lambda f: f.message == "presentation",
    "errors": lambda f: f.errors,
    "examined": lambda f: f.control in _EXAMINED,
    "documents": lambda f: f.control == Control.DOCUMENTS,
    "no_schedule": lambda f: f.no_schedule,
    "unassessed": lambda f: f.unassessed,
    "audited": lambda f: f.control == Control.AUDIT,
    "conform": lambda _: True,
}


def _numbered() -> pl.Expr:
    """The number in `_table` of a row with its facts; null for a message or a state that no table knows.

    Facts are few, so what they mean is worked out once for each combination of them and looked up by their place.
    """
    facts = map(_Facts._make, product(_MESSAGES, (False, True), Control, *[(False, True)] * 3))
    rows = [next(n for n, row in enumerate(ORDER) if _APPLIES[row.applies](these)) for these in facts]
    number = _combined(
        (_place(_MESSAGE, _MESSAGES), len(_MESSAGES)),
        (pl.col("register"), 2),
        (pl.col("control"), len(Control)),
        (pl.col("error_count") > 0, 2),
        (pl.col("no_schedule").is_not_null(), 2),
        (pl.col("unassessed").is_not_null(), 2),
    )
    row = pl.lit(pl.Series(rows, dtype=pl.UInt32)).gather(number)
    before = _place(pl.col("before"), [state.value for state in State])
    return _combined((row, len(ORDER)), (before, len(State)), (pl.col("anew"), 2), (pl.col("early"), 2))


def _place(column: pl.Expr, among: Sequence[str]) -> pl.Expr:
    return column.cast(pl.Enum(among), strict=False).to_physical()


def _combined(*facts: tuple[pl.Expr, int]) -> pl.Expr:
    """The place of a combination in the product of facts, each of which takes so many values, from 0."""
    weights = accumulate((size for _, size in reversed(facts[1:])), mul, initial=1)
    terms = [fact.cast(pl.UInt32) * weight for (fact, _), weight in zip(reversed(facts), weights, strict=True)]
    return reduce(add, terms)


_CASE: Final = _numbered().alias("case")
