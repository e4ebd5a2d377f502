"""Conditions of release: one order, one text, no word of any other kind."""

import pytest

from landsea.clearance.condition import Condition, agency, ordered, read, written


def test_conditions_stand_in_one_order_each_once_agencies_behind():
    said = ["control", agency("phyto"), "duties", agency("food"), "arrival", "duties"]
    assert ordered(said) == ("arrival", "duties", "control", "agency/food", "agency/phyto")
    assert ordered([Condition.ANSWER]) == ("answer",)


def test_what_is_written_is_read_again():
    for said in ((), ("arrival",), ("arrival", "duties", "agency/phyto")):
        assert read(written(said)) == said


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="tomorrow is no condition"):
        ordered(["tomorrow"])
