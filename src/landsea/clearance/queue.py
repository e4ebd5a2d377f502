"""The queue of a desk: what is still to be released, in the order in which it is to be worked on.

Perishable goods come first (RCEP Article 4.11.7, TFA 7.9), then what has the least time left of its target (`target`);
what is overdue has less than none. Behind them stands what has no clock running, because it has not arrived or is not
complete, and last what waits for the declarant's answer. The reference of a declaration settles what is otherwise
equal, so that the order is total and is the same whatever else is on the desk and in whatever order it came.
"""

from typing import Final

import polars as pl

from landsea.errors import BuildFault

from .target import ClockState

_ORDER: Final = (
    pl.col("state") == ClockState.PAUSED.value,
    pl.col("state") == ClockState.WAITING.value,
    ~pl.col("perishable"),
    pl.col("left"),
    pl.col("reference"),
)


def ordered(work: pl.DataFrame) -> pl.DataFrame:
    """The declarations that are neither released nor closed, in the order of work, with their `place` from 1.

    Rows are of `target.TARGETS`, their `reference` being that of the declaration and unique. Raises BuildFault where
    two have the same reference, or one has none: their order would be chance.
    """
    if work["reference"].null_count() or work["reference"].n_unique() < work.height:
        raise BuildFault("a desk has two pieces of work with one reference, or one without; name each by its own")
    due = work.filter(pl.col("released_at").is_null() & (pl.col("state") != ClockState.CLOSED.value))
    # without time left known, as where no target is in force, after what has some
    return due.sort(*_ORDER, nulls_last=True).with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))
