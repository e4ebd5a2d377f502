"""Rounding by name, in columns.

An administration names its rounding in its schedule; the core never rounds without a name. Quotients are exact: whole
numbers are divided, and the rule decides on the remainder.
"""

from typing import Final

import polars as pl

from .money import MICRO

ROUNDINGS: Final = ("truncate", "half-up", "half-even", "up", "down")
"""truncate: toward zero. half-up: a half away from zero. half-even: a half to the even. up: away from zero where
anything remains. down: toward minus infinity."""


def divide(numerator: pl.Expr, denominator: pl.Expr | int, rounding: str) -> pl.Expr:
    """The whole quotient of two Int128 columns, rounded by name; the denominator must be positive.

    Raises ValueError for a rounding that has no name in `ROUNDINGS`.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding {rounding!r} is unknown; known: {', '.join(ROUNDINGS)}")
    below = pl.lit(denominator, dtype=pl.Int128) if isinstance(denominator, int) else denominator
    if rounding == "down":
        floor: pl.Expr = numerator // below
        return floor
    size = numerator.abs()
    if rounding == "half-up":
        return ((size + below // 2) // below) * numerator.sign()
    quotient = size // below
    rest = size - quotient * below
    more: dict[str, pl.Expr] = {
        "truncate": pl.lit(value=False),
        "half-even": (rest * 2 > below) | ((rest * 2 == below) & (quotient % 2 == 1)),
        "up": rest > 0,
    }
    return (quotient + more[rounding].cast(pl.Int128)) * numerator.sign()


def to_places(amount: pl.Expr, places: int, rounding: str) -> pl.Expr:
    """Millionths rounded by name to this many decimals (0 to 6), still in millionths."""
    step: int = MICRO // 10**places
    return divide(amount, step, rounding) * step
