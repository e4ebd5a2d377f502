"""Duty expressions: every notation in use is read, written back the same, and what is not understood is placed."""

import json
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SHARED, needs_shared
from landsea.errors import InputError
from landsea.tariff.duty_expression import Component, DutyExpression, Limit, parse, text
from landsea.tariff.rate_unit import RateUnit

CASES = pathlib.Path(__file__).parents[1] / "cases" / "tariff_rate.txt"


def cases():
    for block in re.split(r"^# ", CASES.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        rate, _, expected = block.strip().partition("\n\n")
        yield pytest.param(rate, expected, id=rate)


@pytest.mark.parametrize(("rate", "expected"), list(cases()))
def test_the_rate_is_read_as_the_text_says(rate, expected):
    if expected.startswith("at position"):
        with pytest.raises(InputError, match=re.escape(expected)):
            parse(rate)
    else:
        assert text(parse(rate)) == expected
        assert parse(expected) == parse(rate)


def stated(tree):
    """Every duty expression in a commodity of the UK tariff, plain and marked up."""
    if isinstance(tree, list):
        for branch in tree:
            yield from stated(branch)
    elif isinstance(tree, dict):
        for name, branch in tree.items():
            if name == "duty_expression":
                yield from [branch] if isinstance(branch, str) else [branch["base"], branch["formatted_base"]]
            else:
                yield from stated(branch)


@needs_shared
@pytest.mark.parametrize("path", sorted((SHARED / "data/tariff_uk/commodities").glob("*.json")), ids=lambda p: p.stem)
def test_every_rate_of_the_commodity_is_understood(path):
    rates = set(stated(json.loads(path.read_text("utf-8"))))
    assert rates
    for rate in rates:
        assert parse(text(parse(rate))) == parse(rate)


@needs_shared
def test_components_agree_with_those_the_tariff_lists():
    for path in (SHARED / "data/tariff_uk/commodities").glob("*.json"):
        for measure in json.loads(path.read_text("utf-8"))["import_measures"]:
            listed = [c["duty_amount"] for c in measure["measure_components"] if c["duty_amount"] is not None]
            rates = [c.rate for c in parse(measure["duty_expression"]["base"]).components if c.kind != "supplementary"]
            assert rates == [round(float(amount) * 10**6) for amount in listed]


units = st.builds(
    RateUnit,
    st.sampled_from([1, 100, 1000, 10**6]),
    st.sampled_from(["KGM", "NAR", "HLT", "TNE", "MTK", "ASV", "LPA", "KMA", "GFI", "KSD", "NPR", "LTR", "CCT"]),
    st.sampled_from(["", "E", "I", "M", "R", "X", "raw beet"]),
)
rates = st.integers(0, 10**12)
currencies = st.sampled_from(["EUR", "GBP", "LAK", "VND"])
components = st.one_of(
    st.builds(Component, st.just("ad valorem"), rates, st.just(""), st.sampled_from([None, RateUnit(1, "RET", "")])),
    st.builds(Component, st.just("specific"), st.integers(-(10**12), 10**12), currencies, st.none() | units),
    st.builds(Component, st.just("recipe"), symbol=st.sampled_from(["EA", "EAR", "ADSZ", "ADSZR", "ADFM", "ADFMR"])),
)
sums = st.lists(components, min_size=1, max_size=3).map(tuple)
limits = st.lists(st.builds(Limit, st.sampled_from(["MIN", "MAX"]), sums), max_size=2).map(tuple)


@given(st.builds(DutyExpression, sums, limits))
def test_what_is_written_is_read_back_the_same(expression):
    assert parse(text(expression)) == expression


@given(st.text(max_size=40))
def test_any_text_is_a_rate_or_one_clear_error(anything):
    try:
        expression = parse(anything)
    except InputError as error:
        assert "at position" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert parse(text(expression)) == expression
