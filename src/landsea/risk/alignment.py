"""Frames laid beside one another by key, with a join only where the keys are not in the same order already."""

from collections.abc import Sequence
from typing import Final

import polars as pl


def beside(rows: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows, in their order, with the columns of the one row of `other` that has the same key; null where none has.

    `other` has a key at most once. Most frames of a lot have a row for each declaration or item in the lot's own order;
    laying them beside costs a tenth of a join.
    """
    if other.height == rows.height and other[key].equals(rows[key]):
        return rows.hstack([column for column in other.get_columns() if column.name != key])
    if other.is_empty():
        nothing = ((c, t) for c, t in other.schema.items() if c != key)
        return rows.hstack([pl.Series(c, [None], t).new_from_index(0, rows.height) for c, t in nothing])
    return rows.join(other, on=key, how="left", maintain_order="left")


AT_ONCE: Final = pl.QueryOptFlags.none()
"""For plans over few rows, where to optimise costs more than it saves."""


def collected(plan: pl.LazyFrame) -> pl.DataFrame:
    """What the plan gives, column by column as it stands: these plans leave nothing to reorder or to spill."""
    return plan.collect(engine="in-memory", optimizations=AT_ONCE)


_MANY: Final = 10_000
"""Rows from which on it pays to look for equal values first."""


def once_each(values: pl.Series, plan: Sequence[pl.Expr]) -> pl.DataFrame:
    """The expressions over a column of texts, row by row; where there are many, worked out once for each text."""
    if len(values) < _MANY:
        return values.to_frame().select(plan)
    texts = values.unique().drop_nulls()
    places = values.cast(pl.Enum(texts)).to_physical().fill_null(len(texts))
    return texts.extend_constant(None, 1).to_frame().select(plan)[places]
