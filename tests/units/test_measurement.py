"""Quantities in other units: exact ratios, never between kinds, never beyond 128 bits."""

import pathlib
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.units import MICRO, Range, decimal_text, micro
from landsea.units.measurement import base_code, conversions, convert, qualifier

CASES = pathlib.Path(__file__).parents[1] / "cases" / "measurement.txt"
UNITS = conversions().rows(named=True)


def cases() -> list[tuple[str, str]]:
    blocks = [b for b in CASES.read_text("utf-8").split("\n\n") if not b.startswith("#")]
    return [(s.strip(), e.strip()) for s, e in zip(blocks[::2], blocks[1::2], strict=True)]


def converted(quantity: int, unit: str, to: str, rounding: str = "half-up") -> int | None:
    row = pl.DataFrame(
        {"q": [quantity], "u": [unit], "t": [to]}, schema={"q": pl.Int128, "u": pl.String, "t": pl.String}
    )
    return row.select(convert(pl.col("q"), pl.col("u"), pl.col("t"), rounding)).item()


@pytest.mark.parametrize(("situation", "expected"), cases(), ids=[s for s, _ in cases()])
def test_a_quantity_in_another_unit(situation, expected):
    quantity, unit, to, rounding = situation.split()
    result = converted(micro(quantity), unit, to, rounding)
    assert ("not convertible" if result is None else decimal_text(result)) == expected


def test_every_unit_refers_to_a_base_that_is_itself_one():
    bases = {row["unit"]: row for row in UNITS}
    assert len(bases) == len(UNITS)
    for row in UNITS:
        base = bases[row["base"]]
        assert (base["base"], base["numerator"], base["denominator"]) == (row["base"], 1, 1)


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.integers(-(10**15), 10**15))
def test_a_conversion_is_the_nearest_millionth_to_the_exact_ratio_and_only_within_a_kind(one, other, quantity):
    result = converted(quantity, one["unit"], other["unit"])
    if one["base"] != other["base"]:
        assert result is None
        return
    exact = Fraction(quantity * one["numerator"] * other["denominator"], one["denominator"] * other["numerator"])
    if abs(exact) < Range.AMOUNT - 1:
        assert abs(result - exact) <= Fraction(1, 2)
    else:
        assert result is None


def test_a_qualifier_is_split_from_its_unit():
    units = pl.DataFrame({"u": ["KGM#G", "TNE", None]})
    assert units.select(base_code(pl.col("u"))).to_series().to_list() == ["KGM", "TNE", None]
    assert units.select(qualifier(pl.col("u"))).to_series().to_list() == ["G", None, None]


def test_a_column_converts_to_one_named_unit_and_an_absent_quantity_stays_absent():
    rows = pl.DataFrame({"q": [MICRO, None, MICRO], "u": ["TNE", "KGM", None]}, schema_overrides={"q": pl.Int128})
    result = rows.select(convert(pl.col("q"), pl.col("u"), "KGM", "half-up")).to_series()
    assert result.to_list() == [1000 * MICRO, None, None]
