"""The queue: perishables first, then by time left, what waits for others behind, the same in every company."""

import datetime

import polars as pl
import pytest

from landsea.clearance.queue import ordered
from landsea.clearance.target import TARGETS
from landsea.errors import BuildFault

AT = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def desk(*rows):
    """Rows of reference, perishable, state, hours left, and whether released."""
    work = [
        {
            "reference": reference,
            "perishable": perishable,
            "state": state,
            "left": None if left is None else datetime.timedelta(hours=left),
            "released_at": AT if released else None,
        }
        for reference, perishable, state, left, released in rows
    ]
    return pl.DataFrame(work, schema={"reference": pl.String} | TARGETS)


def references(*rows):
    return ordered(desk(*rows))["reference"].to_list()


def test_perishables_come_first_though_others_have_less_time_left():
    rows = ("A", False, "missed", -5, False), ("B", True, "running", 5, False), ("C", True, "running", 2, False)
    assert references(*rows) == ["C", "B", "A"]


def test_what_waits_for_the_declarant_comes_last_and_what_waits_for_the_goods_before_it():
    rows = (
        ("A", True, "paused", 1, False),
        ("B", True, "waiting", None, False),
        ("C", False, "unmeasured", None, False),
        ("D", False, "running", 40, False),
    )
    assert references(*rows) == ["D", "C", "B", "A"]


def test_among_those_that_wait_perishables_come_first_and_then_time_left():
    rows = ("A", False, "paused", 1, False), ("B", True, "paused", 4, False), ("C", True, "paused", 3, False)
    assert references(*rows) == ["C", "B", "A"]


def test_equal_work_is_ordered_by_its_reference():
    rows = ("B", False, "running", 1, False), ("A", False, "running", 1, False)
    assert references(*rows) == ["A", "B"]
    assert ordered(desk(*rows))["place"].to_list() == [1, 2]


def test_what_is_released_or_closed_is_on_no_desk():
    rows = ("A", True, "met", 1, True), ("B", True, "closed", None, False), ("C", True, "missed", -1, True)
    assert references(*rows) == []


@pytest.mark.parametrize("pair", [("A", "A"), ("A", None)])
def test_work_that_cannot_be_told_apart_is_a_fault_of_the_node(pair):
    with pytest.raises(BuildFault, match="reference"):
        references(*[(reference, False, "running", 1, False) for reference in pair])
