"""The queue: perishables first, then by time left, what waits for others behind, the same in every company."""

import datetime

import polars as pl
import pytest

from landsea.clearance.queue import SENTENCES, WORK, Task, ordered
from landsea.errors import BuildFault

AT = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def desk(*rows):
    """Rows of reference, perishable, state of the clock, hours left, and where the declaration stands."""
    work = [
        {
            "reference": reference,
            "perishable": perishable,
            "state": state,
            "left": None if left is None else datetime.timedelta(hours=left),
            "released_at": AT if stands in ("cleared", "released") or "requested" in stands else None,
            "stands": stands,
        }
        for reference, perishable, state, left, stands in rows
    ]
    return pl.DataFrame(work, schema=WORK)


def references(*rows):
    return ordered(desk(*rows))["reference"].to_list()


def test_perishables_come_first_though_others_have_less_time_left():
    rows = ("A", False, "missed", -5, "held"), ("B", True, "running", 5, "held"), ("C", True, "running", 2, "held")
    assert references(*rows) == ["C", "B", "A"]


def test_what_waits_for_the_declarant_comes_last_and_what_waits_for_the_goods_before_it():
    rows = (
        ("A", True, "paused", 1, "held"),
        ("B", True, "waiting", None, "held"),
        ("C", False, "unmeasured", None, "held"),
        ("D", False, "running", 40, "held"),
    )
    assert references(*rows) == ["D", "C", "B", "A"]


def test_among_those_that_wait_perishables_come_first_and_then_time_left():
    rows = ("A", False, "paused", 1, "held"), ("B", True, "paused", 4, "held"), ("C", True, "paused", 3, "held")
    assert references(*rows) == ["C", "B", "A"]


def test_equal_work_is_ordered_by_its_reference():
    rows = ("B", False, "running", 1, "held"), ("A", False, "running", 1, "held")
    assert references(*rows) == ["A", "B"]
    assert ordered(desk(*rows))["place"].to_list() == [1, 2]


def test_what_is_released_or_closed_is_on_no_desk():
    rows = (
        ("A", True, "met", 1, "cleared"),
        ("B", True, "closed", None, "rejected"),
        ("C", True, "missed", -1, "released"),
    )
    assert references(*rows) == []


@pytest.mark.parametrize("pair", [("A", "A"), ("A", None)])
def test_work_that_cannot_be_told_apart_is_a_fault_of_the_node(pair):
    with pytest.raises(BuildFault, match="reference"):
        references(*[(reference, False, "running", 1, "held") for reference in pair])


@pytest.mark.parametrize(
    ("stands", "marks", "task"),
    [
        ("held", {}, "documents"),
        ("examination", {}, "examine"),
        ("held", {"asked": True}, "await-answer"),
        ("examination", {"asked": True, "answered": True}, "await-answer"),  # asked again since
        ("held", {"answered": True}, "read-answer"),
        ("advance-hold", {}, "prepare"),
        ("advance-examine", {"answered": True}, "read-answer"),
        ("amendment-requested", {}, "request"),
        ("invalidation-requested", {}, "request"),
        ("cleared", {"contested": True}, "review"),
        ("rejected", {"contested": True}, "review"),
        ("examination", {"proposed": True}, "confirm"),
        ("held", {"proposed": True, "asked": True}, "confirm"),
        ("cleared", {"answered": True}, None),
        ("awaiting", {}, None),  # duties or an agency: not for an officer
        ("advance-release", {}, None),
        ("invalidated", {}, None),
    ],
)
def test_what_is_to_be_done_follows_from_where_a_declaration_stands(stands, marks, task):
    row = desk(("A", False, "running", 1, stands)).with_columns(**{name: pl.lit(is_) for name, is_ in marks.items()})
    assert ordered(row)["task"].to_list() == ([] if task is None else [task])


def test_requests_and_reviews_come_behind_goods_that_wait_and_before_what_has_not_arrived():
    rows = (
        ("A", True, "met", 1, "amendment-requested"),
        ("B", False, "running", 40, "held"),
        ("C", True, "waiting", None, "advance-hold"),
    )
    assert references(*rows) == ["B", "A", "C"]


def test_each_task_has_its_sentence():
    assert set(SENTENCES) == set(Task)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
