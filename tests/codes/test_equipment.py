"""Containers and seals: the form, the check digit, and what is neither."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso6346

from landsea.codes.equipment import container_check_digit_holds, is_container, is_plausible_seal


def told(expression, number):
    return pl.DataFrame({"n": [number]}, schema={"n": pl.String}).select(expression(pl.col("n"))).item()


@pytest.mark.parametrize(
    ("number", "container", "check_digit"),
    [
        ("CSQU3054383", True, True),  # the example of ISO 6346
        ("CSQU3054384", True, False),
        ("csqu 305438-3", True, True),
        ("AD12345", False, None),
        ("Container123", False, None),
        ("CSQX3054383", False, None),
        ("CSQU305438٣", False, None),
        ("", False, None),
        (None, None, None),
    ],
)
def test_a_container_is_told_by_its_form_and_its_check_digit(number, container, check_digit):
    assert told(is_container, number) is container
    assert told(container_check_digit_holds, number) is check_digit


@given(st.from_regex(r"[A-Z]{3}[UJZ][0-9]{7}", fullmatch=True))
def test_the_check_digit_agrees_with_an_independent_reckoning(number):
    assert told(container_check_digit_holds, number) is (iso6346.calc_check_digit(number[:-1]) == number[-1])


@pytest.mark.parametrize(
    ("number", "plausible"),
    [
        *[(n, True) for n in ("12345", "333444", "CN-0123456", "HCL 88 1234", "ab12")],
        *[(n, False) for n in ("333", "000000", "NOSEAL", "A1", "", "NO SEAL 1", "封条12345", "1" * 20 + "2")],
        (None, None),
    ],
)
def test_a_seal_number_is_plausible_or_not(number, plausible):
    assert told(is_plausible_seal, number) is plausible
