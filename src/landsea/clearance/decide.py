"""Hop 5: release, examine, hold or reject; for every row of the lot, so that every body is answered.

A decision follows from what earlier hops found, by the first row of `ORDER` that applies. What then happens to the
declaration is looked up in the table of its life (`state`). Where the administration collects before it releases
(`release = "covered"` in its administration.toml), payable duties are a condition of release, and so is every agency
that has a say (`consulted`); one still open turns a favourable decision into waiting. Nothing here is a rule of law of
its own, and nothing depends on any other declaration of the lot.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from enum import IntEnum
from functools import cache
from itertools import product
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.lot import collected
from landsea.declaration.stage import Control, Decided, Known, Outcome, Selected
from landsea.errors import BuildFault
from landsea.risk.alignment import beside, in_place
from landsea.tariff import GRANTED, settle

from .collecting import collecting
from .combination import combined, place
from .condition import Condition, agency
from .consulted import consulted, joined
from .state import ADVANCE, CONTROLLED, FINAL, Bearing, Event, Refusal, Response, State, answer, course
from .supplement import is_supplementary, letters, owes

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
    "awaits": pl.List(pl.String()),  # conditions of release still open, as far as the declarant hears of them
}
EARLIER: Final = {
    "d": pl.UInt32(),
    "state": pl.String(),
    "control": pl.UInt8(),
    "ground": pl.String(),
    "awaits": pl.String(),  # as `condition.written`
    "version": pl.UInt32(),
}
NOT_COVERED: Final = "duties-not-covered"
"""Ground of waiting for duties to be paid or secured."""
CONDITIONS_OPEN: Final = "conditions-open"
"""Ground of waiting for anything else."""
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
    """Every row of the lot has a decision in `decisions`; `claims` has what they were granted of shared stocks.

    Whether a quota is granted bears on no rejection, so it is granted once it is known who draws. Where no `stocks` are
    known, both outcomes stand.
    """
    asked = consulted(selected, known, edition)
    if asked.findings.height:
        selected = replace(selected, findings=pl.concat([selected.findings, asked.findings]))
    decisions, granted = _decisions(selected, known, edition, asked.waits), _NO_CLAIMS
    due = selected.assessments
    if due.height and due["if_granted"].any() and "stocks" in known.frames:
        rejected = decisions["d"].filter(decisions["outcome"] == Outcome.REJECTED.value)
        settled = settle(selected, rejected, known, edition)
        found = pl.concat([selected.findings, settled.findings])
        selected, granted = replace(selected, assessments=settled.assessments, findings=found), settled.grants
        decisions = _decisions(selected, known, edition, asked.waits)
    before = {field.name: getattr(selected, field.name) for field in fields(Selected)}
    stand = joined(decisions, asked.waits)
    return Decided(**before, decisions=stand, claims=granted, asks=asked.asks, represented=asked.represented)


_NO_CLAIMS: Final = pl.DataFrame(schema=GRANTED)


def _decisions(selected: Selected, known: Known, edition: Edition, waits: pl.DataFrame) -> pl.DataFrame:
    rows = selected.lot["declarations"][["d", "message", "type", "version", "administration"]]
    rows = beside(rows, "d", *_counted(selected, waits), _earlier(known), selected.selections)
    register = pl.lit("earlier" in known.frames).alias("register")
    rest = (_duty(edition, types := letters(rows["type"])), owes(edition, rows, types).alias("supplement"))
    facts = rows.lazy().with_columns(register, *rest, *_WHAT).with_columns(_CASE)
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
    cases = map(_Case._make, product(ORDER, State, *[(False, True)] * 2, Duty, *[(False, True)] * 3))
    rows = [_led(_plain(case)) for case in cases]
    places = {row: n for n, row in enumerate(dict.fromkeys(rows))}  # few are different, and lists are dear
    different = pl.DataFrame(
        list(places),
        schema={
            "outcome": pl.UInt8,
            "reason": pl.String,
            "event": pl.String,
            "state": pl.String,
            "effective": pl.Boolean,
            "responses": pl.List(pl.UInt8),
            "awaits": pl.List(pl.String),
        },
        orient="row",
    )
    return different[[places[row] for row in rows]]


class Duty(IntEnum):
    """What is payable on a declaration."""

    NOTHING = 0
    PAYABLE = 1
    UNCOVERED = 2  # and neither paid nor secured where the administration collects before release
    LATER = 3  # of goods released before, on a supplementary declaration: to be settled


Led = tuple[int, str | None, str | None, str, bool, tuple[int, ...], tuple[str, ...]]
"""Outcome, reason, event, state, effective, responses, awaits."""


class _Case(NamedTuple):
    row: Row
    before: State
    first: bool  # version of the declaration, and the only one
    early: bool
    duty: Duty
    asked: bool  # a query to the declarant is open
    agencies: bool  # one is still to be heard; which, `consulted.joined` adds
    supplement: bool  # a supplementary declaration is owed once the goods are released


def _plain(case: _Case) -> _Case:
    """The same case without what does not bear on it, so that few have to be worked out."""
    if case.row.event in _ASKED:
        return case
    if case.row.event is None or (case.first and isinstance(answer(case.before, Event.LODGE), Refusal)):
        return case._replace(early=False, duty=Duty.NOTHING, asked=False, agencies=False, supplement=False)
    return case if case.before is State.ADVANCE_RELEASE_AUDIT else case._replace(before=State.UNKNOWN)


@cache
def _led(case: _Case) -> Led:
    row, before = case.row, case.before
    if row.event is None:
        said_back = Response.RECEIVED if row.outcome is Outcome.HELD else Response.REJECTED
        return row.outcome, row.ground, None, before, True, (said_back,), ()
    decision = row.event not in _ASKED
    if decision and case.first and isinstance(refused := answer(before, Event.LODGE), Refusal):
        return _refused(refused, Event.LODGE, before)
    event = IN_ADVANCE.get(row.event, row.event) if case.early else row.event
    said = ((Condition.DUTIES, case.duty is Duty.UNCOVERED), (Condition.ANSWER, case.asked))
    open_ = [condition.value for condition, stands in said if stands]
    audit = event is Event.DECIDE_RELEASE_AUDIT or before is State.ADVANCE_RELEASE_AUDIT
    stood = State.LODGED if decision else before
    waited = [*open_, agency("")] if case.agencies else open_
    remains = audit or case.supplement or case.duty is Duty.LATER
    bearing = Bearing(remains, dutiable=case.duty is not Duty.NOTHING, amended=not case.first)
    move = course(stood, event, waited, bearing)
    if isinstance(move, Refusal):
        return _refused(move, event, before)
    outcome, ground = row.outcome, row.ground
    if event is Event.PRESENT:  # the decision taken in advance takes effect
        outcome, ground = _TAKES_EFFECT[move.to], None
    if move.to is State.AWAITING:
        outcome, ground = Outcome.HELD, NOT_COVERED if case.duty is Duty.UNCOVERED else CONDITIONS_OPEN
    told = _NEWS - _SAID_OF_THE_FIRST if decision and not case.first else _NEWS
    told = told - {Response.RELEASED} if case.duty is Duty.LATER else told  # its goods were released before
    owed = tuple(one for one in move.responses if one in told)
    effective = event not in IN_ADVANCE.values()
    return outcome, ground, event, move.to, effective, owed, tuple(_awaited(move.to, open_, case))


def _refused(refusal: Refusal, event: Event, before: State) -> Led:
    return Outcome.REJECTED, refusal, event, before, True, (Response.REJECTED,), ()


def _awaited(state: State, open_: Sequence[str], case: _Case) -> list[str]:
    """What is waited for in this state, in the order of `Condition`."""
    owed = [Condition.SUPPLEMENT.value] if case.supplement and state not in FINAL else []
    if state in ADVANCE:
        return [Condition.ARRIVAL.value, *open_, *owed]
    if state in CONTROLLED:
        return [*open_, Condition.CONTROL.value, *owed]
    return [*open_, *owed] if state is State.AWAITING else owed


_NEWS: Final = frozenset(Response)
_SAID_OF_THE_FIRST: Final = frozenset({Response.ACCEPTED, Response.RECEIVED})
"""What the declarant was told of the first version and is not told of others: that the declaration is there."""


_TAKES_EFFECT: Final = {
    State.HELD: Outcome.HELD,
    State.AWAITING: Outcome.HELD,
    State.EXAMINATION: Outcome.EXAMINE,
    State.RELEASED: Outcome.RELEASED,
    State.CLEARED: Outcome.RELEASED,
}
_ASKED: Final = frozenset({Event.AMEND, Event.INVALIDATE, Event.PRESENT})


def _counted(selected: Selected, waits: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """How many there are of what bears on a decision, by declaration; a declaration without has no row, or null."""
    found, due = selected.findings, selected.assessments
    numbers = selected.lot["declarations"]["d"]
    lost = due["d"].filter(due["state"] == "unassessed") if due.height else found["d"].clear()
    few = {
        "error_count": found["d"].filter(found["severity"] == Severity.ERROR.value),
        "warning_count": found["d"].filter(found["severity"] == Severity.WARNING.value),
        "no_schedule": found["d"].filter(found["rule"] == NO_SCHEDULE),
        "unassessed": lost,
    }
    yield from (in_place(numbers, some.value_counts(name=name)) for name, some in few.items())
    payable = due["d"].filter((due["state"] == "payable") & (due["amount"] > 0)) if due.height else lost
    many = {"payable": payable, "agencies": waits["d"]}  # marked, not counted
    yield from (in_place(numbers, some.to_frame("d").with_columns(**{name: True})) for name, some in many.items())


def _earlier(known: Known) -> pl.DataFrame:
    frame = known.frame("earlier", EARLIER)
    if frame.is_empty():
        return _NOTHING_EARLIER
    given = (pl.col(c) if c in frame.columns else pl.lit(None, dtype).alias(c) for c, dtype in EARLIER.items())
    return frame.select(given).unique("d", keep="last").rename(_AS_KNOWN)


_AS_KNOWN: Final = {"state": "before"} | {name: f"known_{name}" for name in ("control", "ground", "awaits", "version")}
_NOTHING_EARLIER: Final = pl.DataFrame(schema=EARLIER).rename(_AS_KNOWN)
_MESSAGE: Final = pl.col("message")
_PRESENTED: Final = _MESSAGE == "presentation"
_DECLARED: Final = _MESSAGE == "declaration"
_VERSION: Final = pl.col("version").fill_null(1)
_PAYABLE: Final = pl.col("payable").is_not_null().cast(pl.UInt32)


_LATER: Final = _PRESENTED | (_DECLARED & (_VERSION > 1))
"""Messages that go on with a declaration instead of beginning one."""


def _awaited_before(condition: Condition) -> pl.Expr:
    """Whether the declaration waited for this; null where it is not known."""
    return pl.col("known_awaits").str.contains(condition.value, literal=True)


def _duty(edition: Edition, types: frozenset[str]) -> pl.Expr:
    collects = pl.col("administration").is_in(list(collecting(edition))).fill_null(value=False)
    payable = _PAYABLE * (1 + collects.cast(pl.UInt32)) if collecting(edition) else _PAYABLE
    if not types.isdisjoint("XYZ"):
        later = is_supplementary() & (payable == Duty.UNCOVERED.value)
        payable = pl.when(later).then(Duty.LATER.value).otherwise(payable)
    return (
        pl.when(_PRESENTED & _awaited_before(Condition.DUTIES))
        .then(Duty.UNCOVERED.value)
        .otherwise(payable)
        .alias("duty")
    )


_WHAT: Final = (
    pl.col("error_count", "warning_count").fill_null(0),
    pl.when(_PRESENTED).then("known_control").otherwise("control").fill_null(Control.NONE.value).alias("control"),
    pl.when(_PRESENTED).then("known_ground").otherwise("ground").alias("ground"),
    pl.col("before").fill_null(State.UNKNOWN.value),
    _VERSION.alias("version"),
    (pl.when(_PRESENTED).then(pl.col("known_version").fill_null(1)).otherwise(_VERSION) == 1).alias("first"),
    (_LATER & _awaited_before(Condition.ANSWER)).fill_null(value=False).alias("asked"),
    # a new version of what was presented already is not early any more
    (
        (_DECLARED & pl.col("type").str.contains(f"(?s)^..[{LODGED_EARLY}]$")).fill_null(value=False)
        & ((_VERSION == 1) | _awaited_before(Condition.ARRIVAL).fill_null(value=True))
    ).alias("early"),
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
    number = combined(
        (place(_MESSAGE, _MESSAGES), len(_MESSAGES)),
        (pl.col("register"), 2),
        (pl.col("control"), len(Control)),
        (pl.col("error_count") > 0, 2),
        (pl.col("no_schedule").is_not_null(), 2),
        (pl.col("unassessed").is_not_null(), 2),
    )
    row = pl.lit(pl.Series(rows, dtype=pl.UInt32)).gather(number)
    before = place(pl.col("before"), [state.value for state in State])
    rest = ((pl.col("first"), 2), (pl.col("early"), 2), (pl.col("duty"), len(Duty)), (pl.col("asked"), 2))
    more = ((pl.col("agencies").is_not_null(), 2), (pl.col("supplement"), 2))
    return combined((row, len(ORDER)), (before, len(State)), *rest, *more)


_CASE: Final = _numbered().alias("case")
