"""Membership: whether the values of a column stand in a code list, as cheap for one row as for a million.

`is_in` hashes the whole list anew at every call: 12 ms for the places of the world, where a lot of one declaration
has 10 ms for everything. Here the list is a set made once; few values are looked up one by one, many are first made
distinct.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import polars as pl

_FEW = 1000


def belongs(values: pl.Expr, codes: AbstractSet[str]) -> pl.Expr:
    """Whether each value is one of `codes`, to the letter; null where the value is null."""
    return asked(values, codes.__contains__)


def asked(values: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """What `test` says of each value, many of them asked once per distinct value; null where the value is null."""

    def answered(column: pl.Series) -> pl.Series:
        if len(column) <= _FEW:
            told = [None if value is None else test(value) for value in column.to_list()]
            return pl.Series(column.name, told, dtype=pl.Boolean)
        refused = [value for value in column.unique().to_list() if value is not None and not test(value)]
        if not refused:
            return column == column  # noqa: PLR0124 - true, and null where there is nothing
        return ~column.is_in(pl.Series(refused, dtype=column.dtype).implode())

    return values.map_batches(answered, return_dtype=pl.Boolean, is_elementwise=True)
