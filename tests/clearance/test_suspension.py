"""How long a suspension stands, as an administration says it (TRIPS 55)."""

from datetime import date

import pytest

from landsea.clearance.suspension import BorderMeasures, border_measures, rights_in
from landsea.errors import InputError


@pytest.mark.parametrize(
    ("began", "extended", "until"),
    [
        ("2026-11-20", False, "2026-12-04"),  # a Friday
        ("2026-11-21", False, "2026-12-04"),  # a Saturday
        ("2026-11-20", True, "2026-12-18"),
    ],
)
def test_a_term_counts_working_days_behind_its_first(began, extended, until):
    found = BorderMeasures().until(date.fromisoformat(began), extended=extended)
    assert found.isoformat() == until


def test_weekends_and_holidays_are_the_administrations_own():
    law = {"border_measures": {"days": 3, "weekend": [5], "holidays": [date(2026, 11, 21)]}}
    assert border_measures(law).until(date(2026, 11, 19), extended=False) == date(2026, 11, 24)


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": "10"}, {"weekend": [1, 2, 3, 4, 5, 6, 7]}, {"extension": -1}])
def test_a_term_that_never_ends_or_begins_is_refused(wrong):
    with pytest.raises(InputError, match="border_measures"):
        border_measures({"border_measures": wrong})


def test_of_conditions_only_those_of_rights_are_rights():
    assert rights_in(("duties", "agency/LA-FDD", "right/abc")) == ["abc"]
