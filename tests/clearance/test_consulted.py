"""Consulted: agencies hold a decision up where they are still to be heard, and profiles weigh what registers say."""

import polars as pl
import pytest

from clearance.told_lots import lot_told
from landsea.clearance.breach import RULES, findings
from landsea.clearance.consulted import SAID, WAITS, consulted, graded, joined
from landsea.clearance.hearing import Answer
from landsea.declaration.finding import no_findings
from landsea.declaration.stage import Known, Selected
from risk.situation import assessed

MEAT = ("item", {"code": "02011000"})


def told(edition, *items, **frames):
    """What is asked, waited for and found of a declaration of these goods to China."""
    return of(lot_told([("declaration", {}), *items]), edition, **frames)


def of(lot, edition, **frames):
    before = assessed(lot, (), ())
    return consulted(Selected(before.lot, no_findings(), (), before.assessments), Known(0, frames), edition)


def waiting(done):
    return {d: list(names) for d, names in done.waits.iter_rows()}


def test_goods_that_no_agency_rule_touches_wait_for_nobody(edition):
    done = told(edition, ("item", {"code": "73181500"}))
    assert (done.asks.height, done.waits.height, done.findings.height) == (0, 0, 0)


def test_what_was_said_to_an_earlier_version_is_heard_by_item_and_by_agency(edition):
    def said(answer, item=None):
        row = {"d": 0, "agency": "cn-quarantine", "answer": answer, "item": item, "at": None}
        return pl.DataFrame([row], schema=SAID)

    assert waiting(told(edition, MEAT)) == {0: ["agency/cn-quarantine"]}
    assert waiting(told(edition, MEAT, answers=said(Answer.GRANT))) == {}
    assert waiting(told(edition, MEAT, MEAT, answers=said(Answer.GRANT, 2))) == {0: ["agency/cn-quarantine"]}


def test_an_amendment_and_a_supplement_are_not_asked_about(edition):
    lot = lot_told([("declaration", {}), MEAT])
    for column, value in (("message", "amendment"), ("type", "IMY")):
        changed = lot["declarations"].with_columns(pl.lit(value).alias(column))
        assert of(lot.with_frames(declarations=changed), edition).asks.is_empty(), column


def test_a_presentation_waits_for_the_agencies_it_waited_for(edition):
    lot = lot_told([("declaration", {}), MEAT])
    shown = lot.with_frames(declarations=lot["declarations"].with_columns(message=pl.lit("presentation")))
    awaits = "arrival duties agency/cn-food agency/cn-quarantine"
    before = pl.DataFrame({"d": [0], "awaits": [awaits]}, schema_overrides={"d": pl.UInt32})
    assert waiting(of(shown, edition, earlier=before)) == {0: ["agency/cn-food", "agency/cn-quarantine"]}


@pytest.mark.parametrize(("state", "expected"), [("awaiting", ["duties", "agency/a"]), ("rejected", ["duties"])])
def test_only_what_waits_waits_for_agencies(state, expected):
    decisions = pl.DataFrame({"d": [0], "state": [state], "awaits": [["duties"]]}, schema_overrides={"d": pl.UInt32})
    waits = pl.DataFrame([(0, ["agency/a"])], schema=WAITS, orient="row")
    assert joined(decisions, waits)["awaits"].to_list() == [expected]


@pytest.mark.parametrize(("profile", "severity"), [("landsea", 3), (None, 3), ("uk-dms", 1)])
def test_how_grave_a_missing_mandate_is_the_message_profile_says(edition, profile, severity):
    lot = lot_told([("declaration", {}), MEAT])
    lot = lot.with_frames(declarations=lot["declarations"].with_columns(message_profile=pl.lit(profile, pl.String)))
    found = findings("CLR-201", pl.DataFrame({"d": [0]}, schema={"d": pl.UInt32}))
    assert graded(found, lot, edition)["severity"].to_list() == [severity]


def test_a_rule_that_a_profile_switches_off_says_nothing(edition):
    profiles = {"landsea/message_profiles": {"landsea": {"severity": {"CLR-201": "off"}}}}
    law = type(edition)("test:off", {}, profiles)
    found = findings("CLR-201", pl.DataFrame({"d": [0]}, schema={"d": pl.UInt32}))
    assert graded(found, lot_told([("declaration", {}), MEAT]), law).is_empty()
    assert "CLR-201" in RULES
