"""Hop 5: release, examine, hold or reject; for every row of the lot, so that every body is answered.

A decision follows from what earlier hops found, by the first row of `ORDER` that applies. What then happens to the
declaration is looked up in the table of its life (`state`). Where the administration collects before it releases
(`release = "covered"` in its administration.toml), payable duties are a condition of release; one still open turns a
favourable decision into waiting. Nothing here is a rule of law of its own, and nothing depends on any other declaration
of the lot.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from enum import IntEnum
from functools import cache, lru_cache, reduce
from itertools import accumulate, product
from operator import add, mul
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.lot import collected
from landsea.declaration.stage import Control, Decided, Known, Outcome, Selected
from landsea.errors import BuildFault, InputError
from landsea.risk.alignment import beside
from landsea.tariff import claims

from .condition import Condition
from .state import ADVANCE, CONTROLLED, Event, Refusal, Response, State, answer, course

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
CLAIMS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "quota_order": pl.String(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "base": pl.Int128(),
}
EARLIER: Final = {
    "d": pl.UInt32(),
    "state": pl.String(),
    "control": pl.UInt8(),
    "ground": pl.String(),
    "awaits": pl.String(),  # as `condition.written`
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
    """Every row of the lot has a decision in `decisions`; `claims` has what they draw on shared stocks if granted."""
    before = {field.name: getattr(selected, field.name) for field in fields(Selected)}
    due = selected.assessments
    drawn = claims(due) if due.height and due["if_granted"].any() else _NO_CLAIMS
    return Decided(**before, decisions=_decisions(selected, known, edition), claims=drawn)


_NO_CLAIMS: Final = pl.DataFrame(schema=CLAIMS)


@lru_cache(maxsize=16)
def collecting(edition: Edition) -> frozenset[str]:
    """The administrations that release only what is covered: duties paid or secured. All others trust the books."""
    laws = edition.named("administration")
    if strange := sorted({str(law.get("release", "covered")) for law in laws.values()} - {"covered", "decided"}):
        raise InputError(f'administration.toml: release is "covered" or "decided", not {strange[0]!r}')
    return frozenset(issuer for issuer, law in laws.items() if law.get("release") == "covered")


def _decisions(selected: Selected, known: Known, edition: Edition) -> pl.DataFrame:
    rows = selected.lot["declarations"][["d", "message", "type", "version", "administration"]]
    rows = beside(rows, "d", *_counted(selected), _earlier(known), selected.selections)
    register = pl.lit("earlier" in known.frames).alias("register")
    facts = rows.lazy().with_columns(register, _duty(edition), *_WHAT).with_columns(_CASE)
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
    cases = map(_Case._make, product(ORDER, State, *[(False, True)] * 2, Duty, (False, True)))
    return pl.DataFrame(
        [_led(case) for case in cases],
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


class Duty(IntEnum):
    """What is payable on a declaration."""

    NOTHING = 0
    PAYABLE = 1
    UNCOVERED = 2  # and neither paid nor secured where the administration collects before release


Led = tuple[int, str | None, str | None, str, bool, list[int], list[str]]
"""Outcome, reason, event, state, effective, responses, awaits."""


class _Case(NamedTuple):
    row: Row
    before: State
    anew: bool
    early: bool
    duty: Duty
    asked: bool  # a query to the declarant is open


def _led(case: _Case) -> Led:
    row, before = case.row, case.before
    if row.event is None:
        said_back = Response.RECEIVED if row.outcome is Outcome.HELD else Response.REJECTED
        return row.outcome, row.ground, None, before, True, [said_back], []
    decision = row.event not in _ASKED
    if decision and case.anew and isinstance(refused := answer(before, Event.LODGE), Refusal):
        return _refused(refused, Event.LODGE, before)
    event = IN_ADVANCE.get(row.event, row.event) if case.early else row.event
    said = ((Condition.DUTIES, case.duty is Duty.UNCOVERED), (Condition.ANSWER, case.asked))
    open_ = [condition.value for condition, stands in said if stands]
    audit = event is Event.DECIDE_RELEASE_AUDIT or before is State.ADVANCE_RELEASE_AUDIT
    stood = State.LODGED if decision else before
    move = course(stood, event, open_, remains=audit, dutiable=case.duty is not Duty.NOTHING)
    if isinstance(move, Refusal):
        return _refused(move, event, before)
    outcome, ground = row.outcome, row.ground
    if event is Event.PRESENT:  # the decision taken in advance takes effect
        outcome, ground = _TAKES_EFFECT[move.to], None
    if move.to is State.AWAITING:
        outcome, ground = Outcome.HELD, NOT_COVERED if case.duty is Duty.UNCOVERED else CONDITIONS_OPEN
    owed = [*move.responses] if case.anew or not decision else _of_amendment(move.responses)
    effective = event not in IN_ADVANCE.values()
    return outcome, ground, event, move.to, effective, list[int](owed), _awaited(move.to, open_)


def _refused(refusal: Refusal, event: Event, before: State) -> Led:
    return Outcome.REJECTED, refusal, event, before, True, [Response.REJECTED], []


def _awaited(state: State, open_: Sequence[str]) -> list[str]:
    """What is waited for in this state, in the order of `Condition`."""
    if state in ADVANCE:
        return [Condition.ARRIVAL.value, *open_]
    if state in CONTROLLED:
        return [*open_, Condition.CONTROL.value]
    return list(open_) if state is State.AWAITING else []


def _of_amendment(owed: Sequence[Response]) -> list[Response]:
    """The responses to a new version: the first says that it is amended, behind the taxes, not that it was taken up."""
    first, *rest = owed
    if first not in (Response.ACCEPTED, Response.RECEIVED):
        return [first, *rest]
    taxes = [one for one in rest if one is Response.TAX]
    return [*taxes, Response.AMENDED, *(one for one in rest if one is not Response.TAX)]


_TAKES_EFFECT: Final = {
    State.HELD: Outcome.HELD,
    State.AWAITING: Outcome.HELD,
    State.EXAMINATION: Outcome.EXAMINE,
    State.RELEASED: Outcome.RELEASED,
    State.CLEARED: Outcome.RELEASED,
}
_ASKED: Final = frozenset({Event.AMEND, Event.INVALIDATE, Event.PRESENT})


def _counted(selected: Selected) -> Iterator[pl.DataFrame]:
    """How many there are of what bears on a decision, by declaration; a declaration without has no row, or null."""
    found, due = selected.findings, selected.assessments
    yield found["d"].filter(found["severity"] == Severity.ERROR.value).value_counts(name="error_count")
    yield found["d"].filter(found["severity"] == Severity.WARNING.value).value_counts(name="warning_count")
    yield found["d"].filter(found["rule"] == NO_SCHEDULE).value_counts(name="no_schedule")
    lost = due["d"].filter(due["state"] == "unassessed") if due.height else found["d"].clear()
    yield lost.value_counts(name="unassessed")
    payable = due["d"].filter((due["state"] == "payable") & (due["amount"] > 0)) if due.height else lost
    numbers = selected.lot["declarations"]["d"]  # rows are numbered, and most of them are marked: no need to count
    marked = pl.repeat(None, len(numbers), dtype=pl.Boolean, eager=True).scatter(payable, values=True)
    yield pl.DataFrame([numbers, marked.alias("payable")])


def _earlier(known: Known) -> pl.DataFrame:
    frame = known.frame("earlier", EARLIER)
    if frame.is_empty():
        return _NOTHING_EARLIER
    given = (pl.col(c) if c in frame.columns else pl.lit(None, dtype).alias(c) for c, dtype in EARLIER.items())
    return frame.select(given).unique("d", keep="last").rename(_AS_KNOWN)


_AS_KNOWN: Final = {"state": "before", "control": "known_control", "ground": "known_ground", "awaits": "known_awaits"}
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


def _duty(edition: Edition) -> pl.Expr:
    collects = pl.col("administration").is_in(list(collecting(edition))).fill_null(value=False)
    payable = _PAYABLE * (1 + collects.cast(pl.UInt32)) if collecting(edition) else _PAYABLE
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
    (_DECLARED & (_VERSION == 1)).alias("anew"),
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
    rest = ((pl.col("anew"), 2), (pl.col("early"), 2), (pl.col("duty"), len(Duty)), (pl.col("asked"), 2))
    return _combined((row, len(ORDER)), (before, len(State)), *rest)


def _place(column: pl.Expr, among: Sequence[str]) -> pl.Expr:
    return column.cast(pl.Enum(among), strict=False).to_physical()


def _combined(*facts: tuple[pl.Expr, int]) -> pl.Expr:
    """The place of a combination in the product of facts, each of which takes so many values, from 0."""
    weights = accumulate((size for _, size in reversed(facts[1:])), mul, initial=1)
    terms = [fact.cast(pl.UInt32) * weight for (fact, _), weight in zip(reversed(facts), weights, strict=True)]
    return reduce(add, terms)


_CASE: Final = _numbered().alias("case")
