"""Validity: from its first day to the day before its last."""

from datetime import date

import polars as pl
import pytest

from landsea.units.validity import in_force


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 6, 30), [False, False]),
        (date(2026, 7, 1), [True, True]),
        (date(2026, 12, 31), [True, True]),
        (date(2027, 1, 1), [False, True]),
    ],
)
def test_a_rule_is_in_force_from_its_first_day_to_the_day_before_its_end(day, expected):
    rows = pl.DataFrame({"valid_from": [date(2026, 7, 1)] * 2, "valid_to": [date(2027, 1, 1), None]})
    assert rows.select(in_force(pl.lit(day))).to_series().to_list() == expected
