"""Origin: each criterion with its figures, and the RCEP country of origin."""

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_cases import cases

from landsea.errors import InputError
from landsea.tariff import differential
from landsea.tariff.origin import GOODS, PROCESSES, judge, origin_steps
from landsea.tariff.origin_rule import Requirement, parse, rule_text
from landsea.tariff.value_content import MATERIALS
from landsea.units import decimal_text

DAY = datetime.date(2026, 5, 20)


def figures(row):
    down, up = (row["build_down"], row["build_up"])
    return f"; down {'-' if down is None else decimal_text(down)}, up {'-' if up is None else decimal_text(up)}"


@pytest.mark.parametrize("case", cases("origin", ["good", "material", "done"]))
def test_a_good_is_judged_as_the_text_says(case, edition):
    goods = case.rows("good", GOODS, d=0, scheme="RCEP", party="VN", on=DAY, hs6="850440")
    goods = goods.with_columns(i=pl.int_range(pl.len(), dtype=pl.UInt32))
    materials = case.rows("material", MATERIALS, d=0, i=0)
    materials = materials.with_columns(m=pl.int_range(pl.len(), dtype=pl.UInt32))
    judged = judge(goods, materials, case.rows("done", PROCESSES, d=0, i=0), edition)
    results = [line for line in case.expected if not line.startswith("- ")]
    steps = [line for line in case.expected if line.startswith("- ")]
    assert [
        (row["criterion"] or row["why"]) + (figures(row) if ";" in result else "")
        for row, result in zip(judged.outcomes.iter_rows(named=True), results, strict=True)
    ] == results
    assert not steps or ["- " + line for line in origin_steps(judged.steps)] == steps


@pytest.mark.parametrize("case", cases("differential", ["good", "material"]))
def test_the_country_of_origin_is_found_as_the_text_says(case):
    goods = case.rows("good", differential.GOODS, d=0, i=0, party="VN", criterion="CTH")
    materials = case.rows("material", differential.CONTRIBUTIONS, d=0, i=0, originating=True)
    placed = differential.countries_of_origin(goods, materials)
    row = placed.countries.row(0, named=True)
    assert [f"{row['country'] or 'none'} {row['ground']}"] == case.expected[:1]
    assert ["- " + line for line in differential.country_steps(placed.steps)] == case.expected[1:]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a requirement is expected, not 'its end'"),
        ("CTH or", "not 'its end'"),
        ("RVC", "not 'RVC'"),
        ("RVC101", "not 'RVC'"),
        ("(CTH", "a bracket is not closed"),
        ("CTH CC", "before 'CC'"),
        ("CTH except from 8.1", "heading or subheading is expected"),
        ("CTH except from 08.04 to 08.01", "no range"),
        ("CTH except from 08.04 to 0901.10", "no range"),
        ("CTH & RVC40", "is not understood"),
        ("sometimes", "not 'sometimes'"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(text, complaint):
    with pytest.raises(InputError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("CTH or RVC40", "CTH or RVC40"),
        ("CTH except from 08.01 to 08.04, 0901.11", "CTH except from 08.01 to 08.04, 0901.11"),
        ("CC except from chapter 9", "CC except from chapter 09"),
        ("(CTH or RVC40) and process:knitting", "CTH and process:knitting or RVC40 and process:knitting"),
        ("RVC 62.5 and CR", "RVC62.5 and CR"),
    ],
)
def test_a_rule_is_written_back_without_brackets(text, written):
    assert rule_text(parse(text)) == written


CODES = st.integers(0, 9999).map(lambda n: f"{n:04d}")
RANGES = st.tuples(CODES, CODES).map(lambda pair: (min(pair), max(pair)))
REQUIREMENTS = st.one_of(
    st.sampled_from([Requirement("WO"), Requirement("PE"), Requirement("process", process="CR")]),
    st.integers(1, 100 * 10**6).map(lambda p: Requirement("RVC", percent=p)),
    st.tuples(st.sampled_from([2, 4, 6]), st.lists(RANGES, max_size=3)).map(
        lambda pair: Requirement("CTC", pair[0], excepted=tuple(pair[1]))
    ),
)
RULES = st.lists(st.lists(REQUIREMENTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)


@given(RULES)
def test_a_rule_read_from_what_was_written_is_the_same_rule(rule):
    assert parse(rule_text(rule)) == rule
