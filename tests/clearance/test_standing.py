"""Standing: the grade of an operator from its own acts, with every figure."""

import datetime

import polars as pl
import pytest

from clearance.test_agency import odd
from landsea.clearance.standing import ACTS, FIGURES, RECORD, standing, told
from landsea.errors import BuildFault
from tariff.text_cases import cases

DAY = datetime.date(2026, 7, 1)


@pytest.mark.parametrize("case", cases("standing", ["day", "did", "show"]))
def test_the_grade_and_its_figures_are_as_the_text_says(case, edition):
    said = case.settings("day")[0] if case.settings("day") else {}
    on = datetime.date.fromisoformat(said.get("on", "2026-07-01"))
    usual = {"operator": "P", "administration": "CN", "on": datetime.date(2026, 3, 1)}
    done = standing(case.rows("did", RECORD, **usual), on, edition)
    grades = done.grades.select("operator", "administration", "grade").iter_rows()
    lines = [f"{operator} in {administration}: {grade}" for operator, administration, grade in grades]
    for show in case.settings("show"):
        lines += told(done.figures.filter(pl.col("grade") == show["grade"]))
    assert lines == case.expected


def record(**columns):
    return pl.DataFrame({"operator": ["P"], "administration": ["CN"], "on": [DAY], "act": ["declaration"]} | columns)


@pytest.mark.parametrize("column", ["nationality", "religion", "gender", "name", "country"])
def test_nothing_but_acts_can_weigh(edition, column):
    with pytest.raises(BuildFault, match=column):
        standing(record(**{column: ["X"]}), DAY, edition)


def test_an_unknown_act_is_a_fault_of_the_build(edition):
    with pytest.raises(BuildFault, match="gossip"):
        standing(record(act=["gossip"]), DAY, edition)


def test_every_figure_is_of_known_acts():
    assert {act for parts in FIGURES.values() for act in parts if act} == set(ACTS)


def test_every_operator_has_a_grade_in_every_administration_with_thresholds(edition):
    places = sorted(set(edition.table("standing_thresholds")["issuer"]))
    assert places == ["CN", "LA", "TH", "VN"]
    worst = [(a, act) for a in places for act in ("declaration", "error", "security-called", "paid-late")]
    rows = [("P", a, datetime.date(2026, 6, 1), act, 50) for a, act in worst]
    grades = standing(pl.DataFrame(rows, schema=RECORD, orient="row"), DAY, edition).grades
    assert grades.select("administration", "grade").rows() == [("CN", "D"), ("LA", "C"), ("TH", "C"), ("VN", "C")]
    assert set(grades["since"]) == {DAY}


def test_each_grade_shows_all_its_thresholds(edition):
    shown = standing(record(on=[datetime.date(2026, 6, 1)]), DAY, edition).figures
    stated = edition.table("standing_thresholds").filter(pl.col("issuer") == "CN")
    assert shown.select("grade", "figure", "limit").rows() == stated.select("grade", "figure", "limit").rows()
    assert set(shown["until"]) == {DAY}


def test_a_day_with_a_count_is_as_many_acts(edition):
    many = pl.concat([record(on=[datetime.date(2026, 6, 1)])] * 30)
    counted = record(on=[datetime.date(2026, 6, 1)], count=[30])
    assert standing(many, DAY, edition).figures.equals(standing(counted, DAY, edition).figures)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"figure": "smiles"}, "smiles"),
        ({"relation": "about"}, "about"),
        ({"months": 0}, "at least one month"),
        ({"limit": -1}, "below nothing"),
        ({"figure": "errors"}, "must ask for nothing"),
    ],
)
def test_tables_that_do_not_hold_together_are_a_fault_of_the_build(edition, changed, complaint):
    with pytest.raises(BuildFault, match=complaint):
        standing(record(), DAY, odd(edition, "standing_thresholds", **changed))
