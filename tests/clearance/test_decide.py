"""Hop 5: each row of the lot is decided by the first ground that applies, and never by its neighbours."""

import dataclasses

import polars as pl
import pytest

from clearance.situation import LAW, controlled, decided
from landsea.clearance.decide import CLAIMS, DECISIONS, decide
from landsea.clearance.state import Response, State
from landsea.declaration.stage import Control, Outcome
from landsea.errors import BuildFault
from landsea.risk.select import select
from risk.situation import assessed, declarations, known

ERROR = {"rule": "GDS-001", "version": 1, "severity": 3}
UNASSESSED = {"i": 0, "base": None, "amount": None, "state": "unassessed"}


def seen(result, d=0):
    row = result.decisions.row(d, named=True)
    return Outcome(row["outcome"]).name.lower(), row["ground"], row["state"]


@pytest.mark.parametrize(
    ("control", "expected", "responses"),
    [
        ("none", ("released", "conform", "cleared"), [1, 13, 9]),
        ("audit", ("released", "G-audit", "released"), [1, 13, 8]),
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
    register = early.decisions.select("d", "state", "control", "ground")
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


def test_a_quota_is_claimed_and_not_granted():
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
    assert result.claims.select("d", "quota_order").rows() == [(0, "095001")]
    assert decided(controlled("none")).claims.schema == CLAIMS


def test_the_frame_of_decisions_has_one_shape():
    assert decided(controlled("none"), controlled("scan")).decisions.schema == DECISIONS
    assert {State(s) for s in decided(controlled("none")).decisions["state"]} == {State.CLEARED}
