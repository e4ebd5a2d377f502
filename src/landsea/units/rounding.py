"""Rounding by name, in columns.

An administration names its rounding in its schedule; the core never rounds without a name. Quotients are exact: whole
numbers are divided, and the rule decides on the remainder.
"""

from typing import Final

import polars as pl

from .money import coin

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
    # what is added before the cut carries exactly the remainders that round up, whether the denominator is odd or even
    added: dict[str, pl.Expr | int] = {
        "truncate": 0,
        "half-up": below // 2,
        "half-even": (below - 1 + size // below % 2) // 2,
        "up": below - 1,
    }
    return (size + added[rounding]) // below * numerator.sign()


def to_places(amount: pl.Expr, places: int, rounding: str) -> pl.Expr:
    """Millionths rounded by name to this many decimals (0 to 6), still in millionths."""
    return divide(amount, coin(places), rounding) * coin(places)
