"""Combinations of facts as numbers: a table over all of them is then looked up by place, without a join."""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import add, mul

import polars as pl


def place(column: pl.Expr, among: Sequence[str]) -> pl.Expr:
    """The place of each value among these; null for any other."""
    return column.cast(pl.Enum(among), strict=False).to_physical()


def combined(*facts: tuple[pl.Expr, int]) -> pl.Expr:
    """The place of a combination in the product of facts, each of which takes so many values, from 0."""
    weights = accumulate((size for _, size in reversed(facts[1:])), mul, initial=1)
    terms = [fact.cast(pl.UInt32) * weight for (fact, _), weight in zip(reversed(facts), weights, strict=True)]
    return reduce(add, terms)
