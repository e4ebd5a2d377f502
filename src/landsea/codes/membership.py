"""Membership: whether the values of a column stand in a code list, as cheap for one row as for a million.

`is_in` hashes the whole list anew at every call: 12 ms for the places of the world, where a lot of one declaration
has 10 ms for everything. Here the list is a set made once; few values are looked up one by one, many are first made
distinct.
"""

from collections.abc import Set as AbstractSet

import polars as pl

_FEW = 1000


def belongs(values: pl.Expr, codes: AbstractSet[str]) -> pl.Expr:
    """Whether each value is one of `codes`, to the letter; null where the value is null."""

    def look_up(column: pl.Series) -> pl.Series:
        if len(column) <= _FEW:
            return pl.Series([None if value is None else value in codes for value in column], dtype=pl.Boolean)
        listed = [value for value in column.unique() if value in codes]
        return column.is_in(pl.Series(listed, dtype=pl.String).implode())

    return values.map_batches(look_up, return_dtype=pl.Boolean, is_elementwise=True)
