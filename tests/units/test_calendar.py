"""Dates on paper: the Buddhist era read, the common era left as it is, what could be two days refused."""

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.units.calendar import buddhist_text, paper_date

DAY = datetime.date(2026, 11, 21)


@pytest.mark.parametrize(
    "text",
    [
        *("2569-11-21", "21/11/2569", "21.11.2569", "21-11-2569", " 21/11/2569 "),
        *("๒๑/๑๑/๒๕๖๙", "໒໑/໑໑/໒໕໖໙"),  # Thai and Lao digits
        *("2026-11-21", "21/11/2026"),  # the common era: no month 21
    ],
)
def test_the_same_day_in_each_way_of_writing(text):
    assert paper_date(text) == DAY


def test_a_buddhist_year_tells_that_the_day_comes_first():
    assert paper_date("03/04/2569") == datetime.date(2026, 4, 3)


def test_a_leap_day_is_one_by_the_gregorian_year():
    assert paper_date("29/02/2567") == datetime.date(2024, 2, 29)
    with pytest.raises(ValueError, match="no day"):
        paper_date("29/02/2569")


def test_day_and_month_alike_cannot_change_places():
    assert paper_date("04/04/2026") == datetime.date(2026, 4, 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("03/04/2026", "day or the month first"),
        ("21/11/69", "four digits"),
        ("69-11-21", "four digits"),
        ("21/11/25690", "four digits"),
        ("21/11/2400", "neither era"),
        ("2483-01-15", "neither era"),  # the Thai year 2483 had nine months
        ("2569-13-21", "no day"),
        ("11/21/2569", "no day"),
        ("0000-01-01", "neither era"),
        ("21/11-2569", "not a date"),
        ("21 November 2569", "not a date"),
        ("", "not a date"),
        ("2569-11-21T00:00", "not a date"),
        ("²1/11/2569", "not a date"),
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=why):
        paper_date(text)


@given(st.dates(datetime.date(1941, 1, 1), datetime.date(2199, 12, 31)))
def test_every_day_is_read_back_as_it_was_written(day):
    assert paper_date(buddhist_text(day)) == day
    assert paper_date(f"{day.year + 543:04}-{day:%m-%d}") == day
    assert paper_date(day.isoformat()) == day


@given(st.text(alphabet="0123456789/-. ๒໕", max_size=12))
def test_any_text_is_a_day_of_these_centuries_or_refused(text):
    with contextlib.suppress(ValueError):
        assert 1900 <= paper_date(text).year < 2200
