"""Checking: every rule has a case that breaks it and one that meets it, and no other rule speaks in either."""

import dataclasses
import datetime
import sys

import polars as pl
import pytest

from landsea.checking import catalogue as rules_of
from landsea.checking.breach import breaches
from landsea.checking.catalogue import catalogue
from landsea.checking.check import check
from landsea.checking.doubt import doubt
from landsea.checking.facts import facts_of
from landsea.checking.rule import ERROR, Verdict, about
from landsea.declaration.element import elements
from landsea.declaration.finding import Severity, findings_frame, findings_of, no_findings
from landsea.declaration.lot import concat, lot_of, schemas, select
from landsea.declaration.stage import Known, Lodged
from landsea.errors import BuildFault

from .cases import VARIANTS, cases, told
from .situation import amended, lot_from

RULES = {rule.id: rule for rule in catalogue()}
CASES = cases()
BASE = amended({}, VARIANTS[""])


def name(case):
    return f"{case.rule} {'broken' if case.broken else 'met'}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_case_finds_what_it_says_and_nothing_else(case, edition):
    found = told(case.checked(edition))
    assert found == list(case.expected)
    assert {line.split()[0] for line in found} == {case.rule if case.broken else "nothing"}


@pytest.mark.parametrize("case", [c for c in CASES if not c.broken], ids=name)
def test_a_rule_that_is_met_applies(case, edition):
    rule = RULES[case.rule]
    lodged, known = case.lodged()
    rows = facts_of(lodged.lot, known, edition)[rule.frame]
    assert rows.select(rule.verdict.when & rule.verdict.requires).any()
    assert set(lodged.lot["declarations"]["message"]) <= set(rule.messages)


@pytest.mark.parametrize("broken", [True, False])
def test_every_rule_has_its_cases_and_every_case_its_rule(broken):
    assert {case.rule for case in CASES if case.broken == broken} == set(RULES)


def test_the_base_breaks_nothing(edition):
    assert check(Lodged(lot_from([BASE]), no_findings()), Known(), edition).findings.is_empty()


def test_a_declaration_without_anything_gets_a_verdict_from_every_rule(edition):
    """Where every column is null no expression may be null: that would be a fault of the build."""
    keys = {"d": [0], "i": [0], "n": [1], "m": [1]}
    bare = {}
    for frame, schema in schemas().items():
        holder = next((e for e in elements() if e.is_class and e.frame == frame), elements()[0])
        row = keys | {"at": [holder.at], "role": [holder.role]}
        bare[frame] = pl.DataFrame({c: row.get(c, [None]) for c in schema}, schema=dict(schema))
    for message in ("declaration", "amendment", "invalidation", "presentation"):
        bare["declarations"] = bare["declarations"].with_columns(message=pl.lit(message))
        assert check(Lodged(lot_of(bare), no_findings()), Known(), edition).findings.height > 3


def test_the_answer_does_not_depend_on_the_company_it_travels_in(edition):
    broken = [case for case in CASES if case.broken and "earlier" not in case.situation]
    together = lot_from([case.situation for case in broken])
    found = check(Lodged(together, no_findings()), Known(), edition).findings
    for d, case in enumerate(broken):
        assert [" ".join(filter(None, (f.rule, f.where, f.value))) for f in findings_of(found, d)] == list(
            case.expected
        )
    back = select(together, reversed(range(len(broken))))
    again = check(Lodged(back, no_findings()), Known(), edition).findings
    assert again.height == found.height
    halves = concat([select(together, range(80)), select(together, range(80, len(broken)))])
    assert check(Lodged(halves, no_findings()), Known(), edition).findings.equals(found)


def test_what_reading_found_stays_in_front(edition):
    read = findings_frame([{"d": 0, "rule": "WIR-031", "version": 1, "severity": 3}])
    situation = amended(BASE, ["GoodsItemQuantity = 7"])
    found = check(Lodged(lot_from([situation]), read), Known(), edition).findings
    assert found["rule"].to_list() == ["WIR-031", "HDR-006"]


def test_a_body_that_is_no_declaration_is_passed_over(edition):
    lost = [{"message": kind, "message_profile": "landsea"} for kind in ("unreadable", "not-a-declaration")]
    lodged = Lodged(lot_from([*lost, amended(BASE, ["GoodsItemQuantity = 7"])]), no_findings())
    found = check(lodged, Known(), edition).findings
    assert found.select("d", "rule").rows() == [(2, "HDR-006")]


def test_an_empty_lot_is_checked(edition):
    assert check(Lodged(lot_from([]), no_findings()), Known(), edition).findings.is_empty()


def test_an_unknown_profile_is_graded_as_the_default(edition):
    situation = amended(BASE, ["@message_profile = atlantis", "GoodsShipment/DomesticDutyTaxParty/RoleCode = FR1"])
    assert told(check(Lodged(lot_from([situation]), no_findings()), Known(), edition)) == [
        "PTY-016 Declaration/GoodsShipment/DomesticDutyTaxParty[1]/RoleCode FR1"
    ]


def test_a_profile_grades_and_switches_off(edition):
    bad_container = ["GoodsShipment/Consignment/TransportEquipment[1]/ID = AD12345"]
    gone = ["- GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/TransportEquipment"]
    severities = {}
    for profile in ("landsea", "uk-dms"):
        situation = amended(BASE, [*bad_container, *gone, f"@message_profile = {profile}"])
        found = check(Lodged(lot_from([situation]), no_findings()), Known(), edition).findings
        severities[profile] = found.filter(rule="TRN-031")["severity"].to_list()
    assert severities == {"landsea": [Severity.WARNING], "uk-dms": [Severity.INFORMATION]}


def test_the_administrations_the_node_holds_are_named(edition):
    situation = amended(BASE, ["@administration = PH"])
    findings = check(Lodged(lot_from([situation]), no_findings()), Known(), edition).findings
    held = ",".join(edition.table("measures")["issuer"].unique().sort())
    assert findings.filter(rule="HDR-002")["value"].to_list() == [f"PH (held: {held})"]


def test_a_rule_without_a_verdict_is_a_fault_of_the_build(edition):
    @about("goods_items")("XXX-001", ERROR, "", "none")
    def nothing_is_said() -> Verdict:
        """A rule whose expression is null where a mass is missing."""
        return Verdict(when=pl.lit(True), requires=pl.col("gross_mass") > 0)

    lot = lot_from([amended(BASE, ["- GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/GoodsMeasure"])])
    with pytest.raises(BuildFault, match="XXX-001"):
        breaches([(nothing_is_said, ERROR)], facts_of(lot, Known(), edition)["goods_items"])


def test_a_rule_states_its_requirement():
    with pytest.raises(BuildFault, match="XXX-002"):

        @about("goods_items")("XXX-002", ERROR, "", "none")
        def silent() -> Verdict:
            return Verdict(when=pl.lit(True), requires=pl.lit(True))


def test_a_day_of_allowance_is_given_for_clocks_apart(edition):
    received = datetime.datetime(2026, 11, 2, 23, 59, tzinfo=datetime.UTC)
    situation = amended(BASE, ["IssueDateTime = 2026-11-03"])
    lot = lot_from([situation])
    lot = lot.with_frames(declarations=lot["declarations"].with_columns(received_at=pl.lit(received)))
    assert check(Lodged(lot, no_findings()), Known(), edition).findings.is_empty()


def test_two_rules_never_share_an_id(monkeypatch):
    twin = dataclasses.replace(catalogue()[1], id=catalogue()[0].id)
    monkeypatch.setattr(rules_of.header, "twin", twin, raising=False)
    with pytest.raises(BuildFault):
        rules_of.catalogue.__wrapped__()


def test_a_declaration_alone_is_checked_in_few_passes(edition):
    """Each pass through Polars costs a lot of one more than its rows do; the base fills every frame it can."""
    lodged, passes = Lodged(lot_from([BASE]), no_findings()), []
    check(lodged, Known(), edition)  # code lists are read and expressions made once
    before = sys.getprofile()
    sys.setprofile(lambda _, event, called: passes.append(called) if called_is_a_pass(event, called) else None)
    try:
        check(lodged, Known(), edition)
    finally:
        sys.setprofile(before)
    assert 10 < len(passes) <= 50


def called_is_a_pass(event, called):
    return event == "c_call" and called.__name__ == "collect"


def test_a_glance_says_what_the_rows_would_say(edition):
    """What is left of a rule after a glance is broken by the very rows that break the rule."""
    answered = set()
    for case in CASES[::5]:
        lodged, known = case.lodged()
        facts = facts_of(lodged.lot, known, edition)
        for rule in catalogue():
            if rule.frame in facts:
                rows = facts[rule.frame]
                left = doubt(rule, rows.look)
                broken = rows.select(rule.verdict.breached)
                assert not broken.null_count(), rule.id
                assert broken.to_list() == (rows.select(left.condition).to_list() if left else [False] * rows.height)
                answered.update([] if left else [rule.id])
    assert len(answered) > 100
