"""Hop 5: each row of the lot is decided by the first ground that applies, and never by its neighbours."""

import dataclasses

import polars as pl
import pytest

from clearance.situation import LAW, controlled, decided
from landsea.clearance.collecting import collecting
from landsea.clearance.decide import DECISIONS, decide
from landsea.clearance.state import Response, State
from landsea.codes.edition import Edition
from landsea.declaration.stage import Control, Outcome
from landsea.errors import BuildFault, InputError
from landsea.risk.select import select
from landsea.tariff import GRANTED
from risk.situation import assessed, declarations, known

ERROR = {"rule": "GDS-001", "version": 1, "severity": 3}
UNASSESSED = {"i": 0, "base": None, "amount": None, "state": "unassessed"}


def seen(result, d=0):
    row = result.decisions.row(d, named=True)
    return Outcome(row["outcome"]).name.lower(), row["ground"], row["state"]


@pytest.mark.parametrize(
    ("control", "expected", "responses"),
    [
        ("none", ("released", "conform", "cleared"), [1, 9]),
        ("audit", ("released", "G-audit", "released"), [1, 8]),
        ("documents", ("held", "G-documents", "held"), [1, 6]),
        ("scan", ("examine", "G-scan", "examination"), [1, 5]),
        ("physical", ("examine", "G-physical", "examination"), [1, 5]),
        ("sample", ("examine", "G-sample", "examination"), [1, 5]),
    ],
)
def test_the_control_decides_a_faultless_declaration(control, expected, responses):
    result = decided(controlled(control))
    assert seen(result) == expected
    assert result.decisions["responses"].to_list() == [responses]
    assert Control(result.decisions["control"][0]).name.lower() == control


DUE = {"i": 0, "base": "1000", "amount": "50"}
COVERED = Edition("test:covered", {}, {**LAW.documents, "LA/administration": {"release": "covered"}})


def standing(result):
    """What a node would hold of the decision."""
    awaits = pl.col("awaits").list.join(" ")
    return result.decisions.select("d", "state", "control", "ground", awaits)


def led(result):
    row = result.decisions.row(0, named=True)
    return row["state"], row["responses"], row["awaits"]


@pytest.mark.parametrize(
    ("law", "control", "taxes", "expected"),
    [
        (LAW, "none", [], ("cleared", [1, 9], [])),
        (LAW, "none", [DUE], ("cleared", [1, 13, 9], [])),
        (LAW, "audit", [DUE], ("released", [1, 13, 8], [])),
        (LAW, "documents", [DUE], ("held", [1, 13, 6], ["control"])),
        (COVERED, "none", [], ("cleared", [1, 9], [])),
        (COVERED, "none", [DUE | {"amount": "0"}], ("cleared", [1, 9], [])),
        (COVERED, "none", [DUE | {"state": "suspended"}], ("cleared", [1, 9], [])),
        (COVERED, "none", [DUE], ("awaiting", [1, 13], ["duties"])),
        (COVERED, "audit", [DUE], ("awaiting", [1, 13], ["duties"])),
        (COVERED, "physical", [DUE], ("examination", [1, 13, 5], ["duties", "control"])),
        (COVERED, "physical", [], ("examination", [1, 5], ["control"])),
    ],
)
def test_duties_are_told_where_there_are_any_and_waited_for_where_the_law_says(law, control, taxes, expected):
    assert led(decided(controlled(control), taxes=taxes, law=law)) == expected


def test_waiting_for_duties_is_holding_on_a_ground_of_its_own():
    assert seen(decided(controlled("audit"), taxes=[DUE], law=COVERED)) == ("held", "duties-not-covered", "awaiting")


@pytest.mark.parametrize("control", ["none", "audit", "documents", "physical"])
def test_before_arrival_the_declarant_hears_of_duties_and_of_no_control(control):
    early = decided(controlled(control, type="IMD"), taxes=[DUE], law=COVERED)
    assert led(early)[1:] == ([2, 13], ["arrival", "duties"])


@pytest.mark.parametrize(
    ("control", "awaits", "state", "responses", "then"),
    [
        ("none", "arrival duties", "awaiting", [2, 1, 13], ["duties"]),
        ("none", "arrival", "cleared", [2, 1, 9], []),
        ("audit", "arrival", "released", [2, 1, 8], []),
        ("documents", "arrival duties answer", "held", [2, 1, 13, 6], ["duties", "answer", "control"]),
        ("physical", "arrival", "examination", [2, 1, 5], ["control"]),
    ],
)
def test_what_was_waited_for_before_arrival_is_waited_for_at_it(control, awaits, state, responses, then):
    early = decided(controlled(control, type="IMD"), taxes=[DUE], law=COVERED)
    register = standing(early).with_columns(awaits=pl.lit(awaits))
    later = decided({"message": "presentation", "items": []}, earlier=register, law=COVERED)
    assert led(later) == (state, responses, then)


@pytest.mark.parametrize(
    ("kind", "law", "responses"),
    [("IMD", LAW, [13]), ("IMA", LAW, [13, 7, 9]), ("IMA", COVERED, [13])],
)
def test_an_amendment_is_answered_at_once_and_told_as_amended_when_it_takes_effect(kind, law, responses):
    register = pl.DataFrame({"d": [0], "state": ["awaiting"]}, schema_overrides={"d": pl.UInt32})
    asked = decided({"message": "amendment", "items": []}, earlier=register, law=law)
    assert asked.decisions["responses"].to_list() == [[2, 11]]
    version = decided(controlled("none", version=2, type=kind), taxes=[DUE], earlier=register, law=law)
    assert version.decisions["responses"].to_list() == [responses]


def test_what_was_amended_before_arrival_is_told_as_amended_as_it_is_released_at_arrival():
    for version, responses in ((1, [2, 1, 9]), (2, [2, 1, 7, 9]), (None, [2, 1, 9])):
        before = {"d": [0], "state": ["advance-release"], "awaits": ["arrival"], "version": [version]}
        register = pl.DataFrame(before, schema_overrides={"d": pl.UInt32, "version": pl.UInt32})
        presented = decided({"message": "presentation", "items": []}, earlier=register, law=COVERED)
        assert presented.decisions["responses"].to_list() == [responses]


def test_a_new_version_of_what_was_presented_is_not_early_any_more():
    for awaits, state in (("arrival duties", "advance-release"), ("duties", "awaiting"), (None, "advance-release")):
        before = {"d": [0], "state": ["lodged"], "awaits": [awaits]}
        register = pl.DataFrame(before, schema_overrides={"d": pl.UInt32, "awaits": pl.String})
        version = decided(controlled("none", version=2, type="IMD"), taxes=[DUE], earlier=register, law=COVERED)
        assert led(version)[0] == state


def test_a_query_stays_open_through_an_amendment():
    before = {"d": [0], "state": ["lodged"], "awaits": ["answer control"]}
    register = pl.DataFrame(before, schema_overrides={"d": pl.UInt32})
    version = decided(controlled("none", version=2), taxes=[DUE], earlier=register)
    assert led(version)[::2] == ("awaiting", ["answer"])
    assert seen(version)[:2] == ("held", "conditions-open")


def test_an_administration_that_says_neither_is_refused():
    wrong = Edition("test:wrong", {}, {"LA/administration": {"release": "later"}})
    with pytest.raises(InputError, match="not 'later'"):
        collecting(wrong)


def test_an_error_rejects_whatever_the_selection_and_shows_no_control():
    result = decided(controlled("physical"), findings=[ERROR | {"d": 0}, ERROR | {"d": 0, "severity": 2}])
    assert seen(result) == ("rejected", "findings", "rejected")
    assert result.decisions.select("error_count", "warning_count", "control").row(0) == (1, 1, 0)


def test_a_warning_alone_rejects_nothing():
    assert seen(decided(controlled("none"), findings=[ERROR | {"d": 0, "severity": 2}]))[0] == "released"


def test_without_a_schedule_or_an_amount_the_goods_are_held():
    no_law = [{"d": 0, "rule": "HDR-002", "version": 1, "severity": 2}]
    assert seen(decided(controlled("none"), findings=no_law)) == ("held", "no-schedule", "held")
    assert seen(decided(controlled("none"), taxes=[UNASSESSED])) == ("held", "not-assessed", "held")
    assert seen(decided(controlled("scan"), findings=no_law))[0] == "examine"


@pytest.mark.parametrize("message", ["unreadable", "not-a-declaration"])
def test_what_is_no_declaration_is_rejected_and_changes_no_state(message):
    result = decided({"message": message, "items": []})
    assert seen(result) == ("rejected", message, "unknown")
    assert result.decisions["responses"].to_list() == [[Response.REJECTED]]


@pytest.mark.parametrize(
    ("message", "state", "expected"),
    [
        ("amendment", "held", ("accepted", "amended", "lodged")),
        ("amendment", "cleared", ("accepted", "amended", "amendment-requested")),
        ("amendment", "examination", ("rejected", "under-examination", "examination")),
        ("invalidation", "advance-hold", ("accepted", "invalidated", "invalidated")),
        ("invalidation", "released", ("accepted", "invalidated", "invalidation-requested")),
        ("presentation", "advance-release", ("released", None, "cleared")),
        ("presentation", "advance-release-audit", ("released", None, "released")),
        ("presentation", "cleared", ("rejected", "already-presented", "cleared")),
        ("declaration", "cleared", ("rejected", "reference-in-use", "cleared")),
        ("declaration", "rejected", ("released", "conform", "cleared")),
        ("declaration", "invalidated", ("released", "conform", "cleared")),
    ],
)
def test_what_happened_before_bears_on_what_may_happen_now(message, state, expected):
    register = pl.DataFrame({"d": [0], "state": [state]}, schema_overrides={"d": pl.UInt32})
    assert seen(decided({"message": message, "items": []}, earlier=register)) == expected


def test_nobody_amends_what_was_never_lodged():
    assert seen(decided({"message": "amendment", "items": []})) == ("rejected", "unknown-declaration", "unknown")


def test_where_no_register_was_consulted_a_message_about_a_declaration_is_held():
    lot = declarations({"message": "invalidation", "items": []})
    without = dataclasses.replace(known(lot), frames={})
    result = decide(select(assessed(lot), without, LAW), without, LAW)
    assert seen(result) == ("held", "register-not-consulted", "unknown")


def test_a_new_version_is_decided_anew_whatever_was_decided_before():
    register = pl.DataFrame({"d": [0], "state": ["held"]}, schema_overrides={"d": pl.UInt32})
    assert seen(decided(controlled("none", version=2), earlier=register)) == ("released", "conform", "cleared")


@pytest.mark.parametrize(
    ("control", "decided_as", "takes_effect"),
    [
        ("none", "advance-release", "released"),
        ("audit", "advance-release-audit", "released"),
        ("documents", "advance-hold", "held"),
        ("physical", "advance-examine", "examine"),
    ],
)
def test_a_decision_before_arrival_takes_effect_when_the_goods_are_presented(control, decided_as, takes_effect):
    early = decided(controlled(control, type="IMD"))
    row = early.decisions.row(0, named=True)
    assert (row["state"], row["effective"], row["responses"]) == (decided_as, False, [Response.RECEIVED])
    register = standing(early)
    later = decided({"message": "presentation", "items": []}, earlier=register)
    assert seen(later)[0] == takes_effect
    shown = later.decisions.row(0, named=True)
    assert (shown["effective"], shown["control"]) == (True, row["control"])


def test_every_row_is_decided_alone():
    mixed = decided(
        *(controlled("physical"), {"message": "unreadable", "items": []}, controlled("none")),
        findings=[ERROR | {"d": 2}],
    )
    assert [seen(mixed, d)[0] for d in range(3)] == ["examine", "rejected", "rejected"]


def test_a_state_no_table_knows_is_a_fault_of_the_build():
    register = pl.DataFrame({"d": [0], "state": ["melted"]}, schema_overrides={"d": pl.UInt32})
    with pytest.raises(BuildFault, match="melted"):
        decided(controlled("none"), earlier=register)


def test_both_outcomes_of_a_quota_stand_where_no_stocks_are_known():
    quota = {
        "i": 0,
        "if_granted": True,
        "quota_order": "095001",
        "quantity": "5",
        "unit": "KGM",
        "base": "7",
        "amount": "1",
    }
    result = decided(controlled("none"), taxes=[quota, {"i": 0, "if_granted": False, "base": "7", "amount": "2"}])
    assert result.assessments["if_granted"].to_list() == [True, False]
    assert result.claims.is_empty()
    assert result.claims.schema == decided(controlled("none")).claims.schema == GRANTED


def test_the_frame_of_decisions_has_one_shape():
    assert decided(controlled("none"), controlled("scan")).decisions.schema == DECISIONS
    assert {State(s) for s in decided(controlled("none")).decisions["state"]} == {State.CLEARED}
