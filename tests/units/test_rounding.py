"""Rounding by name, against exact fractions."""

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.units import ROUNDINGS, divide, to_places


def exact(rounding: str, value: Fraction) -> int:
    toward_zero = math.trunc(value)
    away = toward_zero + (1 if value > 0 else -1)
    rest = abs(value) - abs(toward_zero)
    return {
        "truncate": toward_zero,
        "half-up": away if rest >= Fraction(1, 2) else toward_zero,
        "half-even": round(value),
        "up": away if rest else toward_zero,
        "down": math.floor(value),
    }[rounding]


@given(st.integers(-(10**37), 10**37), st.integers(1, 10**22), st.sampled_from(ROUNDINGS))
def test_a_quotient_is_rounded_by_its_name(numerator, denominator, rounding):
    row = pl.DataFrame({"n": [numerator], "d": [denominator]}, schema={"n": pl.Int128, "d": pl.Int128})
    result = row.select(divide(pl.col("n"), pl.col("d"), rounding)).item()
    assert result == exact(rounding, Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("amount", "places", "rounding", "expected"),
    [
        (1_005_000, 2, "half-up", 1_010_000),
        (1_005_000, 2, "half-even", 1_000_000),
        (1_005_000, 2, "truncate", 1_000_000),
        (-1_005_000, 2, "down", -1_010_000),
        (1_000_001, 0, "up", 2_000_000),
        (1_234_567, 6, "up", 1_234_567),
    ],
)
def test_an_amount_is_rounded_to_places(amount, places, rounding, expected):
    row = pl.DataFrame({"a": [amount]}, schema={"a": pl.Int128})
    assert row.select(to_places(pl.col("a"), places, rounding)).item() == expected


def test_a_rounding_without_a_name_is_refused():
    with pytest.raises(ValueError, match="'bankers' is unknown; known: truncate, half-up"):
        divide(pl.col("a"), 2, "bankers")
