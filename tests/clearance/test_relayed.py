"""Beside a national system this node advises. That it cannot release is shown by type, by table and by imports."""

import ast
import json
import pathlib
import subprocess
import sys
import typing
from datetime import date
from itertools import product

import pytest

import landsea
from clearance.situation import CHAPTER, LAW, controlled
from conftest import ROOT
from landsea.clearance import relayed
from landsea.clearance.records import basis
from landsea.clearance.relayed import (
    OFFICERS_ONLY,
    ORDER,
    STATE,
    TRADER,
    Advised,
    Facts,
    Hint,
    Relayed,
    advice,
    advice_blobs,
    advise,
    hint,
    national_blobs,
)
from landsea.clearance.state import Response, State
from landsea.declaration.national import Act, National, Status, Tax
from landsea.declaration.stage import Control, Decided, Known, Outcome
from landsea.risk.select import select
from risk.situation import assessed, declarations, known

SRC = pathlib.Path(landsea.__file__).parent
RELAYING = ("clearance/relayed.py", "node/relay.py", "node/legacy.py", "cli/relay.py", "wire/quoted.py")
DECIDING = {"decide", "pipeline", "state", "receipt", "committed", "answer", "told", "clear", "Outcome", "Decided"}
MESSAGES = ("declaration", "amendment", "invalidation", "presentation", "unreadable", "not-a-declaration")
ON = basis(Known(7), LAW, "0.1.0")


def national(status=Status.REGISTERED, **more):
    return National("ASYCUDAWorld", "LABTN-2026-C1", "LABTN-2026-C1", status, **more)


def said(*told, status=Status.REGISTERED, findings=(), taxes=(), **more):
    """What is advised on these declarations, each of which the national system brought to this status."""
    lot = declarations(*told)
    what = known(lot)
    selected = select(assessed(lot, findings, taxes), what, LAW)
    return advise(selected, [national(status, **more)] * len(told))


def blobs(one):
    return {(b.group, b.item): json.loads(b.data) for b in (*national_blobs(one), *advice_blobs(one, ON))}


# ---------------------------------------------------------------------------------------------- no release, by type


def test_no_outcome_of_a_relay_is_one_of_a_decision():
    assert not {one.name for one in Advised} & {one.name for one in Outcome}
    assert not {one.value for one in Advised} & {one.value for one in Outcome}
    assert not {one.name for one in Advised} & {one.name for one in Response}


def test_what_is_relayed_is_no_decision_and_cannot_hold_one():
    assert not issubclass(Relayed, Decided)
    types = typing.get_type_hints(Relayed)
    assert types["outcome"] is Advised
    assert not {kind for kind in types.values() if kind in (Outcome, State, Response, Decided)}
    assert not {"decisions", "responses", "event", "state", "released"} & types.keys()


CONFUSED = """
from landsea.clearance.relayed import Advised, Relayed
from landsea.declaration.stage import Decided, Outcome


def decision(relayed: Relayed) -> Decided:
    return relayed


def outcome(advised: Advised) -> Outcome:
    return advised


released = Advised.RELEASED
"""


def test_a_type_checker_refuses_to_take_advice_for_a_decision(tmp_path):
    (tmp_path / "confused.py").write_text(CONFUSED)
    run = [sys.executable, "-m", "mypy", tmp_path / "confused.py"]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False).stdout
    refused = [line for line in found.splitlines() if "confused.py" in line and ": error:" in line]
    assert [line.rpartition("[")[2] for line in refused] == ["return-value]", "return-value]", "attr-defined]"], found


def test_a_relayed_declaration_stands_in_no_state_that_an_event_could_move():
    assert STATE not in {state.value for state in State}


@pytest.mark.parametrize("module", RELAYING)
def test_nothing_that_relays_imports_what_decides_or_releases(module):
    for node in ast.walk(ast.parse((SRC / module).read_text())):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} | set((node.module or "").split("."))
            assert not names & DECIDING, f"line {node.lineno}"


def test_every_combination_of_facts_is_answered_with_advice_by_the_first_row_that_applies():
    seen = set()
    for facts in (Facts(*row) for row in product(MESSAGES, *[(False, True)] * 3)):
        row = advice(facts)
        seen.add(row)
        assert isinstance(row.outcome, Advised)
        assert (row.outcome is Advised.UNREAD) == (facts.message != "declaration")
        assert (row.outcome is Advised.NOTED) == (facts == Facts("declaration"))
    assert seen == set(ORDER)


def test_every_hint_is_advice_to_officers_whatever_they_decided():
    for asked, theirs, status in product(Control, (None, *Control), Status):
        given = hint(asked, theirs, status)
        assert isinstance(given, Hint)
        assert (given is Hint.NONE) == (asked in (Control.NONE, Control.AUDIT))
        if given is Hint.TOO_LATE:
            assert status in (Status.RELEASED, Status.LEFT)
    assert {hint(*case) for case in product(Control, (None, *Control), Status)} == set(Hint)


# ------------------------------------------------------------------------------------------------- what is recorded


def test_a_conform_declaration_they_released_is_noted_not_released():
    (one,) = said(controlled("none"), status=Status.RELEASED)
    assert (one.outcome, one.ground, one.hint) == (Advised.NOTED, "nothing-found", Hint.NONE)
    told = blobs(one)["advice@1", 0]
    assert (told["outcome"], told["decider"], told["status"]) == ("noted", "ASYCUDAWorld", "released")


def test_a_finding_is_advice():
    (one,) = said(controlled("none"), findings=[{"d": 0, "rule": "GDS-001", "severity": 3}])
    assert (one.outcome, one.ground, one.errors, one.warnings) == (Advised.ADVISED, "findings", 1, 0)
    assert [f["rule"] for f in blobs(one)["findings@1", 0]["findings"]] == ["GDS-001"]


def test_duties_that_differ_are_told_with_both_sums():
    taxes = [{"i": 0, "base": "1000", "amount": "100"}]
    (one,) = said(controlled("none"), status=Status.ASSESSED, taxes=taxes, currency="LAK", stated={"item_taxes": "90"})
    assert (one.outcome, one.ground, one.ours, one.theirs) == (Advised.ADVISED, "duties-differ", "100 LAK", "90 LAK")
    (one,) = said(controlled("none"), status=Status.ASSESSED, taxes=taxes, currency="LAK", stated={"item_taxes": "100"})
    assert one.outcome is Advised.NOTED
    (one,) = said(controlled("none"), status=Status.ASSESSED, taxes=taxes, currency="USD", stated={"item_taxes": "9"})
    assert one.outcome is Advised.NOTED  # in another currency nothing can be compared


def test_sums_of_their_items_stand_in_for_a_total_and_a_sum_nobody_can_read_is_none():
    theirs = (Tax(1, "ID", amount="60"), Tax(1, "VAT", amount="40.5"))
    assert said(controlled("none"), status=Status.PAID, currency="LAK", taxes=[])[0].theirs is None
    lot = declarations(controlled("none"))
    selected = select(assessed(lot), known(lot), LAW)
    assert advise(selected, [national(Status.PAID, currency="LAK", taxes=theirs)])[0].theirs == "100.5 LAK"
    odd = national(Status.PAID, currency="LAK", stated={"item_taxes": "1,000"})
    assert advise(selected, [odd])[0].theirs is None
    draft = national(Status.REGISTERED, currency="LAK", taxes=theirs)
    assert advise(selected, [draft])[0].theirs is None  # nothing is assessed yet


@pytest.mark.parametrize("control", [name for name in CHAPTER if name not in ("none", "audit")])
def test_what_a_trader_may_see_does_not_tell_of_a_hint(control):
    def seen(one):
        return {place: text for place, text in blobs(one).items() if place[0] in TRADER and place[0] != "national@1"}

    (plain,), (hinted,) = said(controlled("none")), said(controlled(control))
    assert seen(plain) == seen(hinted)
    assert blobs(hinted)["hints@1", 0]["control"] == control
    assert blobs(hinted)["hints@1", 0]["hint"] == "control"


def test_every_group_is_for_traders_or_for_officers():
    (one,) = said(
        controlled("scan"), lane="Red", findings=[{"d": 0, "rule": "GDS-001"}], taxes=[{"i": 0, "amount": "1"}]
    )
    assert {group for group, _ in blobs(one)} == TRADER | OFFICERS_ONLY
    assert not TRADER & OFFICERS_ONLY


def test_their_decision_is_quoted_whole():
    acts = (Act(Status.REGISTERED, "C1", date(2026, 1, 1)), Act(Status.RELEASED, None, date(2026, 1, 4)))
    taxes = (Tax(1, "ID", "1000", "10", "100"), Tax(2, "ID", "10", "10", "1"))
    more = {"lane": "Green", "control": Control.NONE, "currency": "LAK", "stated": {"payment_mode": "CASH"}}
    lot = declarations(controlled("none"))
    selected = select(assessed(lot), known(lot), LAW)
    (one,) = advise(selected, [national(Status.RELEASED, acts=acts, taxes=taxes, **more)])
    quoted = blobs(one)
    assert quoted["national@1", 0]["acts"] == [
        {"status": "registered", "number": "C1", "on": "2026-01-01", "written": None},
        {"status": "released", "number": None, "on": "2026-01-04", "written": None},
    ]
    assert quoted["lane@1", 0] == {"lane": "Green", "control": "none"}
    assert not {"lane", "control"} & quoted["national@1", 0].keys()  # that is theirs to tell a trader, or not
    assert [tax["amount"] for tax in quoted["national@1", 2]["taxes"]] == ["1"]
    assert quoted["advice@1", 0]["elapsed"] == [{"from": "registered", "to": "released", "days": 3}]


def test_the_words_of_a_decision_are_none_of_ours():
    (one,) = said(controlled("none"), status=Status.RELEASED)
    assert not {"control", "law", "action", "responses"} & blobs(one)["advice@1", 0].keys()
    assert relayed.ADVICE != "decision"


def test_each_of_a_lot_is_advised_on_as_if_it_were_alone():
    told = [controlled("none"), controlled("scan"), controlled("documents")]
    alone = [said(one)[0] for one in told]
    together = said(*told)
    assert [(one.outcome, one.hint, one.control) for one in together] == [
        (one.outcome, one.hint, one.control) for one in alone
    ]
    assert [one.d for one in together] == [0, 1, 2]
