"""Frames laid beside one another by key, with a join only where the keys are not in the same order already."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import polars as pl


def beside(rows: pl.DataFrame, key: str, *others: pl.DataFrame) -> pl.DataFrame:
    """The rows, in their order, with the columns of the one row of each other frame that has the same key; null where
    none has.

    The others have a key at most once. Most frames of a lot have a row for each declaration or item in the lot's own
    order; laying them beside costs a tenth of a join.
    """
    keys = rows[key]
    if rows.height < _MANY:
        return rows.hstack([column for other in others for column in _aligned(keys, other)])
    # written as constants, columns without any value cost nothing, now and later
    empty = [one for other in others if not other.height for one in _constants(tuple(other.schema.items()), key)]
    return rows.with_columns(*(column for other in others if other.height for column in _aligned(keys, other)), *empty)


def _aligned(keys: pl.Series, other: pl.DataFrame) -> list[pl.Series]:
    """The columns of the other frame in the order of the keys."""
    key, height = keys.name, len(keys)
    if not other.height:
        return [column.new_from_index(0, height) for column in _nothing(tuple(other.schema.items()), key)]
    if other.height != height or not other[key].equals(keys):
        other = keys.to_frame().join(other, on=key, how="left", maintain_order="left")
    return [column for column in other.get_columns() if column.name != key]


def in_place(numbers: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of two columns, number and value, in the order of all the numbers there are, from 0: without a join."""
    if rows.is_empty():
        return rows
    number, value = rows.get_columns()
    nothing = pl.Series(value.name, [None], value.dtype).new_from_index(0, len(numbers))
    return pl.DataFrame([numbers, nothing.scatter(number, value)])


@lru_cache(maxsize=64)
def _nothing(schema: tuple[tuple[str, pl.DataType], ...], key: str) -> list[pl.Series]:
    return [pl.Series(name, [None], dtype) for name, dtype in schema if name != key]


@lru_cache(maxsize=64)
def _constants(schema: tuple[tuple[str, pl.DataType], ...], key: str) -> list[pl.Expr]:
    return [pl.lit(None, dtype).alias(name) for name, dtype in schema if name != key]


_MANY: Final = 10_000
"""Rows from which on it pays to look for equal values first."""


def once_each(values: pl.Series, plan: Sequence[pl.Expr]) -> pl.DataFrame:
    """The expressions over a column of texts, row by row; where there are many, worked out once for each text."""
    if len(values) < _MANY:
        return values.to_frame().select(plan)
    texts = values.unique().drop_nulls()
    places = values.cast(pl.Enum(texts)).to_physical().fill_null(len(texts))
    return texts.extend_constant(None, 1).to_frame().select(plan)[places]
