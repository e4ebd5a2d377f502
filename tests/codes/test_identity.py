"""Company ids: what can be said of a number without asking who gave it out."""

import pathlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.codes.identity import COUNTRIES, Verdict, is_eori, verdict, verdicts

CASES = pathlib.Path(__file__).parents[1] / "cases" / "identity.txt"
BLOCKS = [b.strip() for b in CASES.read_text("utf-8").split("\n\n") if not b.startswith("#")]
PAIRS = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))


@pytest.mark.parametrize(("situation", "expected"), PAIRS, ids=[s for s, _ in PAIRS])
def test_a_number_is_judged_by_its_country(situation, expected):
    country, number = situation.split(" ", 1)
    assert verdict(country, number) == expected


def test_every_country_of_the_corridor_has_a_number_that_passes_and_one_that_does_not():
    good = {s.split()[0] for s, e in PAIRS if e in {"valid", "plausible"}}
    bad = {s.split()[0] for s, e in PAIRS if e in {"shape", "check-digit"}}
    assert good == bad == COUNTRIES


@given(st.from_regex(r"[0-9]{2}(0[1-9]|1[0-2])[4-6][0-3][0-9]{5}", fullmatch=True))
def test_a_number_of_kazakhstan_has_at_most_one_check_digit(number):
    assert sum(verdict("KZ", number + digit) == Verdict.VALID for digit in "0123456789") <= 1


def test_a_column_of_numbers_is_judged_row_by_row():
    rows = pl.DataFrame({"c": ["VN", "LA", None, "VN", "GB"], "n": ["0100233488", "1", "1", None, "1"]})
    judged = rows.select(verdicts(pl.col("c"), pl.col("n"))).to_series().to_list()
    assert judged == ["valid", "shape", None, None, "no-rule"]


def test_an_eori_is_two_letters_and_at_most_fifteen_characters():
    numbers = pl.DataFrame({"n": ["GB123456789000", "XI1", "GB", "G1234", "GB1234567890123456", "gb123", None]})
    found = numbers.select(is_eori(pl.col("n"))).to_series().to_list()
    assert found == [True, True, False, False, False, False, None]
