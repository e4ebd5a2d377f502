"""Validity: from a first day to the day before `valid_to`; open where `valid_to` is null."""

import polars as pl


def in_force(on: pl.Expr, valid_from: str = "valid_from", valid_to: str = "valid_to") -> pl.Expr:
    """Whether a row whose interval stands in two Date columns is in force on `on`; never null."""
    ends = pl.col(valid_to)
    return (pl.col(valid_from) <= on) & (ends.is_null() | (on < ends))
