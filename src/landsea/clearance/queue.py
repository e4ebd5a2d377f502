"""The queue of a desk: what waits for an officer, what is to be done with it, and in which order.

Perishable goods come first (RCEP Article 4.11.7, TFA 7.9), then what has the least time left of its target (`target`);
what is overdue has less than none. Behind them stand requests and reviews of what is released or closed, whose clock
has stopped; then what has no clock running, because it has not arrived, and last what waits for the declarant's
answer. The reference of a declaration settles what is otherwise equal, so that the order is total and is the same
whatever else is on the desk and in whatever order it came.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import polars as pl

from landsea.errors import BuildFault

from .state import State
from .target import TARGETS, ClockState


class Task(StrEnum):
    """What an officer is to do with a declaration; fixed codes."""

    CONFIRM = "confirm"
    REVIEW = "review"
    REQUEST = "request"
    AWAIT_ANSWER = "await-answer"
    READ_ANSWER = "read-answer"
    PREPARE = "prepare"
    EXAMINE = "examine"
    DOCUMENTS = "documents"


SENTENCES: Final[Mapping[Task, str]] = {
    Task.CONFIRM: "An officer proposed to waive or reroute the control; another one confirms it or leaves it.",
    Task.REVIEW: "A review was asked for: decide it, with reasons.",
    Task.REQUEST: "The declarant asks to amend or withdraw: grant or refuse it.",
    Task.AWAIT_ANSWER: "The declarant was asked and has not answered: nothing to do yet.",
    Task.READ_ANSWER: "The declarant answered: read it, then release, ask again or examine.",
    Task.PREPARE: "The goods have not arrived: what is to be controlled can be prepared.",
    Task.EXAMINE: "Examine the goods and record what was found.",
    Task.DOCUMENTS: "See the documents, then release, ask or examine.",
}
"""What an officer is to do, in a sentence."""
WORK: Final[dict[str, pl.DataType]] = TARGETS | {
    "reference": pl.String(),  # of the declaration, unique
    "stands": pl.String(),  # State
    "proposed": pl.Boolean(),  # an act that a second officer has to confirm
    "contested": pl.Boolean(),  # a review is open
    "asked": pl.Boolean(),  # a query to the declarant is open
    "answered": pl.Boolean(),  # the last query was answered
}
_STANDS: Final = pl.col("stands")
_EARLY: Final = (State.ADVANCE_HOLD.value, State.ADVANCE_EXAMINE.value)
_CONTROLLED: Final = (State.HELD.value, State.EXAMINATION.value, *_EARLY)
_APPLIES: Final = {
    Task.CONFIRM: pl.col("proposed"),
    Task.REVIEW: pl.col("contested"),
    Task.REQUEST: _STANDS.is_in([State.AMENDMENT_REQUESTED.value, State.INVALIDATION_REQUESTED.value]),
    Task.AWAIT_ANSWER: _STANDS.is_in(_CONTROLLED) & pl.col("asked"),
    Task.READ_ANSWER: _STANDS.is_in(_CONTROLLED) & pl.col("answered"),
    Task.PREPARE: _STANDS.is_in(_EARLY),
    Task.EXAMINE: _STANDS.is_in([State.EXAMINATION.value]),
    Task.DOCUMENTS: _STANDS.is_in([State.HELD.value]),
}
"""The first that applies is to be done; where none does, nothing is."""
_TASK: Final = pl.coalesce(
    *(pl.when(applies.fill_null(value=False)).then(pl.lit(task.value)) for task, applies in _APPLIES.items()),
    pl.lit(None, pl.String),
)
_ORDER: Final = (
    pl.col("state") == ClockState.PAUSED.value,
    pl.col("state") == ClockState.WAITING.value,
    pl.col("state").is_in([ClockState.CLOSED.value, ClockState.MET.value]) | pl.col("released_at").is_not_null(),
    ~pl.col("perishable"),
    pl.when(pl.col("released_at").is_null()).then("left"),
    pl.col("reference"),
)


def ordered(work: pl.DataFrame) -> pl.DataFrame:
    """What waits for an officer, in the order of work: `WORK` with the `task` and the `place`, from 1.

    Raises BuildFault where two declarations have the same reference, or one has none: their order would be chance.
    """
    if work["reference"].null_count() or work["reference"].n_unique() < work.height:
        raise BuildFault("a desk has two pieces of work with one reference, or one without; name each by its own")
    due = work.with_columns(task=_TASK).filter(pl.col("task").is_not_null())
    # without time left known, as where no target is in force, after what has some
    return due.sort(*_ORDER, nulls_last=True).with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))
