"""Cargo: which lines and declarations are of the same goods, how they compare, and what may leave."""

import csv
import io
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landsea.clearance.act import Refused
from landsea.clearance.cargo import (
    NEAR,
    Declared,
    Difference,
    Line,
    Result,
    Tolerance,
    differences,
    gate,
    result,
    together,
    tolerances,
)
from landsea.clearance.cargo_report import COLUMNS, Report, checked, reports
from landsea.errors import InputError

MICRO = 1_000_000
WITHIN = {"packages": Tolerance(0, 0), "gross_mass": Tolerance(5 * MICRO, 50 * MICRO)}


def names(text):
    return frozenset(tuple(word.split(":")) for word in text.split())


def line(number, text, packages=None, mass=None, at=0):
    return Line(("carrier", "CR", number), names(text), at, packages, mass and mass * MICRO)


def declared(mrn, text="", packages=None, mass=None, state="held", awaits="control", at=0):  # noqa: PLR0917
    return Declared(mrn, names(f"mrn:{mrn} {text}"), at, packages, mass and mass * MICRO, state, awaits)


def pairs(lines, rows):
    return [([one.key[2] for one in some.lines], [one.mrn for one in some.declared]) for some in together(lines, rows)]


def test_the_strongest_name_that_both_sides_share_decides():
    lines = [line(1, "waybill:W1 container:C"), line(2, "waybill:W2 container:C")]
    rows = [declared("A", "waybill:W1 container:C"), declared("B", "waybill:W2 container:C")]
    assert pairs(lines, rows) == [([1], ["A"]), ([2], ["B"])]


def test_goods_in_a_shared_container_that_nobody_declared_stay_undeclared():
    lines = [line(1, "waybill:W1 container:C"), line(3, "waybill:W3 container:C")]
    assert pairs(lines, [declared("A", "waybill:W1 container:C")]) == [([1], ["A"]), ([3], [])]


def test_a_container_joins_where_one_side_names_no_transport_document():
    assert pairs([line(1, "waybill:W1 container:C")], [declared("A", "container:C")]) == [([1], ["A"])]


def test_a_container_used_again_months_later_is_of_other_goods():
    lines = [line(1, "container:C")]
    assert pairs(lines, [declared("A", "container:C", at=NEAR)]) == [([1], ["A"])]
    assert pairs(lines, [declared("A", "container:C", at=NEAR + 1)]) == [([1], [])]


def test_one_line_may_be_declared_in_parts_and_one_declaration_cover_several():
    lines = [line(1, "ucr:U1"), line(2, "mrn:B"), line(3, "waybill:W3")]
    rows = [declared("A", "ucr:U1"), declared("B", "ucr:U1"), declared("C", "waybill:W9")]
    assert pairs(lines, rows) == [([1, 2], ["A", "B"]), ([3], [])]


@pytest.mark.parametrize(
    ("reported", "rows", "expected"),
    [
        ((20, 1200), [(20, 1200)], Result.DECLARED),
        ((20, 1200), [(8, 500), (12, 700)], Result.DECLARED),
        ((20, 1200), [(20, 1140)], Result.DECLARED),  # 5 of a hundred are 60 kg
        ((20, 1200), [(20, 1139)], Result.DIFFERS),
        ((20, 600), [(20, 550)], Result.DECLARED),  # the least tolerance is 50 kg
        ((20, 600), [(20, 549)], Result.DIFFERS),
        ((20, 1200), [(18, 1200)], Result.DIFFERS),
        ((20, 1200), [(21, 1200)], Result.OVER_DECLARED),
        ((20, 1200), [(12, 700), (12, 500)], Result.OVER_DECLARED),
        ((20, 1200), [], Result.NOT_DECLARED),
        ((None, None), [(20, 1200)], Result.DECLARED),  # what is not stated is not compared
        ((20, 1200), [(None, 1200)], Result.DECLARED),
    ],
)
def test_packages_and_mass_are_compared_as_a_whole_within_the_tolerance(reported, rows, expected):
    some = [declared(f"M{n}", "ucr:U", *one) for n, one in enumerate(rows)]
    (one,) = together([line(1, "ucr:U", *reported)], some)
    assert result(one, differences(one, WITHIN)) is expected


def test_a_difference_tells_both_values():
    (one,) = together([line(1, "ucr:U", 20, 1200)], [declared("A", "ucr:U", 18, 1000)])
    found = differences(one, WITHIN)
    assert found == [Difference("packages", 20, 18), Difference("gross_mass", 1200 * MICRO, 1000 * MICRO)]
    assert [d.written() for d in found] == [("20", "18"), ("1200", "1000")]


def test_the_tolerances_are_data(edition):
    assert tolerances(edition, "LA") == WITHIN


def gates(lines, rows, loose=()):
    groups = together(lines, rows)
    return gate(groups, loose, [d for one in groups for d in differences(one, WITHIN)])


def test_a_container_leaves_when_all_that_is_in_it_is_released():
    lines = [line(1, "waybill:W1 container:C"), line(2, "waybill:W2 container:C")]
    one, other = declared("A", "waybill:W1", state="cleared", awaits=""), declared("B", "waybill:W2")
    assert gates(lines, [one, other]) == (False, ("customs",))
    assert gates(lines, [one, other._replace(state="released", awaits="")]) == (True, ())
    assert gates(lines, [one]) == (False, ("declaration",))


@pytest.mark.parametrize(
    ("state", "awaits", "told"),
    [
        ("advance-examine", "arrival", ("arrival",)),
        ("advance-release", "arrival", ("arrival",)),
        ("advance-hold", "arrival duties", ("arrival", "duties")),
        ("examination", "control", ("customs",)),
        ("held", "answer control", ("customs",)),
        ("awaiting", "duties agency/phyto", ("agency", "duties")),
        ("seized", "", ("customs",)),
    ],
)
def test_the_gate_tells_what_is_waited_for_and_nothing_of_controls(state, awaits, told):
    assert gates([line(1, "ucr:U")], [declared("A", "ucr:U", state=state, awaits=awaits)]).waits_for == told


def test_what_is_declared_of_fewer_packages_than_came_stays():
    rows = [declared("A", "ucr:U", 18, 1200, state="cleared", awaits="")]
    assert gates([line(1, "ucr:U", 20, 1200)], rows) == (False, ("declaration",))
    assert gates([line(1, "ucr:U", 18, 1200)], rows) == (True, ())


def test_a_declaration_without_a_cargo_report_leaves_by_itself_and_what_nobody_knows_stays():
    assert gates([], [], [declared("A", state="cleared", awaits="")]) == (True, ())
    assert gates([], []) == (False, ("declaration",))


NAME = st.sampled_from(["mrn:A", "mrn:B", "ucr:U", "ucr:V", "waybill:W", "waybill:X", "container:C", "container:D"])
SOME = st.lists(NAME, max_size=3).map(" ".join)
LINES = st.lists(SOME, max_size=6).map(lambda some: [line(n, text) for n, text in enumerate(some)])
ROWS = st.lists(SOME, max_size=4).map(lambda some: [declared("ABCD"[n], text) for n, text in enumerate(some)])


@settings(max_examples=60)
@given(LINES, ROWS, st.randoms(use_true_random=False))
def test_each_line_stands_in_one_whole_whatever_the_order(lines, rows, random):
    found = together(lines, rows)
    assert sorted(one.key for some in found for one in some.lines) == [one.key for one in lines]
    mrns = [one.mrn for some in found for one in some.declared]
    assert len(mrns) == len(set(mrns))
    mixed = random.sample(lines, len(lines)), random.sample(rows, len(rows))
    assert {(frozenset(a), frozenset(b)) for a, b in together(*mixed)} == {
        (frozenset(a), frozenset(b)) for a, b in found
    }


@settings(max_examples=60)
@given(LINES, ROWS)
def test_nothing_leaves_with_a_line_that_nobody_declared(lines, rows):
    free = [row._replace(state="cleared", awaits="") for row in rows]
    whole = together(lines, free)
    assert gate(whole, []).open == (bool(whole) and all(one.declared for one in whole))


WHOLE = {
    "FunctionalReferenceID": "CR-1",
    "BorderTransportMeans": {"ModeCode": "3", "ID": "29C-123.45"},
    "UnloadingLocation": {"ID": "CNPIN", "ArrivalDateTime": "2026-11-22T08:00:00+08:00"},
    "Consignment": [{"TransportContractDocument": {"ID": "W1"}, "TotalGrossMassMeasure": "18000.5"}],
}


def test_a_report_is_read_by_the_names_of_the_standard():
    report = msgspec.json.decode(json.dumps(WHOLE), type=Report)
    assert list(report.lines[0].names()) == [("waybill", "W1")]
    assert report.lines[0].mass() == 18_000_500_000
    assert msgspec.to_builtins(report, str_keys=True)["BorderTransportMeans"] == WHOLE["BorderTransportMeans"]


@pytest.mark.parametrize(
    "change",
    [
        {"Consignment": []},
        {"FunctionalReferenceID": "a/b"},
        {"VersionID": 0},
        {"Vessel": "x"},
        {"UnloadingLocation": {"ID": "CNPIN", "ArrivalDateTime": "2026-11-22T08:00:00"}},  # an instant has a zone
        {"Consignment": [{"UCR": {"ID": "U"}, "TotalPackageQuantity": -1}]},
        {"Consignment": [{"UCR": {"ID": "U"}, "TotalGrossMassMeasure": "1e3"}]},
        {"Consignment": [{"UCR": {"ID": "U\n"}}]},
    ],
)
def test_what_is_no_report_is_refused(change):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(WHOLE | change, Report)


def test_a_line_nothing_could_find_is_refused():
    with pytest.raises(Refused, match="line 1"):
        checked(msgspec.convert(WHOLE | {"Consignment": [{"TotalPackageQuantity": 1}]}, Report))


def table(*rows):
    text = "\n".join([",".join(COLUMNS), *rows])
    return list(csv.DictReader(io.StringIO(text)))


HEAD = "CR-1,,3,29C-123.45,,CNPIN,2026-11-22T08:00:00+08:00"


def test_a_table_is_the_same_report_a_row_for_each_line():
    (report,) = reports(table(f"{HEAD},W1,,,,,18000.5,,,", f"{HEAD},,U2,,CSQU3054383 TCNU1234565,20,,Durians,A,B"))
    assert report.lines[0] == msgspec.convert(WHOLE, Report).lines[0]
    assert list(report.lines[1].names()) == [
        ("ucr", "U2"),
        ("container", "CSQU3054383"),
        ("container", "TCNU1234565"),
    ]
    assert (report.lines[1].packages, report.lines[1].consignee.name) == (20, "B")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([f"{HEAD},W1,,,,,,,,", f"{HEAD.replace('CNPIN', 'LAVTE')},W2,,,,,,,,"], "row 3"),
        ([f"{HEAD},,,,,,,,,"], "line 1"),
        ([f"{HEAD},W1,,,,many,,,,"], "TotalPackageQuantity"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_with_the_row(rows, why):
    with pytest.raises(InputError, match=why):
        reports(table(*rows))


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(InputError, match="no column version"):
        reports([{"reference": "CR-1"}])
