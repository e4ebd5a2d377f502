"""Exact decimals: text to millionths and back, and nothing in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.units import MICRO, Range, decimal_text, micro


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", MICRO),
        ("-0.000001", -1),
        ("+12.50", 12_500_000),
        (".5", 500_000),
        ("7.", 7 * MICRO),
        ("1.1000000", 1_100_000),
    ],
)
def test_a_plain_decimal_is_read_exactly(text, value):
    assert micro(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *[(t, "plain decimal") for t in ("", ".", "1e5", "NaN", "inf", "1,000", "١", "0x1", " 1", "1_000", "--1")],
        ("0.0000001", "six decimals"),
        ("10000000000000000", "larger than"),
        ("9" * 26, "plain decimal"),
    ],
)
def test_what_is_no_plain_decimal_says_why(text, why):
    with pytest.raises(ValueError, match=why):
        micro(text)


@given(st.integers(1 - Range.AMOUNT, Range.AMOUNT - 1))
def test_text_and_millionths_are_the_same_value(value):
    assert micro(decimal_text(value)) == value
    assert micro(decimal_text(value, 6)) == value


def test_a_figure_is_never_cut_silently():
    assert decimal_text(1_500_000, 2) == "1.50"
    assert decimal_text(-2 * MICRO, 0) == "-2"
    with pytest.raises(ValueError, match="not rounded to 2 places"):
        decimal_text(1_234_567, 2)


def test_the_largest_product_stays_within_128_bits():
    assert Range.AMOUNT * Range.FACTOR * 2 < 2**127
