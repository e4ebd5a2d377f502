"""Rulings on acts: every kind in every state, four eyes, money, and what only officers read."""

import json
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from clearance.situation import LAW
from landsea.clearance import suspension
from landsea.clearance.act import ACTS, Act, Refused, act_of
from landsea.clearance.acted import OUTCOMES, act_blobs, decision_blobs
from landsea.clearance.change import CHANGES, Arrival, Earlier, Standing
from landsea.clearance.condition import ordered
from landsea.clearance.decide import IN_ADVANCE
from landsea.clearance.docket import GROUP, Docket, Said
from landsea.clearance.pledge import Pledge
from landsea.clearance.records import DISCLOSED
from landsea.clearance.revenue import Account, Cover, Kind
from landsea.clearance.ruling import Ruling, rule
from landsea.clearance.state import ADVANCE, CONTROLLED, Event, Response, State
from landsea.declaration.stage import Control
from landsea.dossier.blob import Blob
from landsea.risk.law import risk_laws
from landsea.risk.reasons import Audience

MONEY = {"amount": "100", "currency": "LAK"}
REASON = {"reason": "closed"}
CONTENTS = {
    "arrived": [{}],
    "presented": [{}],
    "removed": [{}, {"exit": True}],
    "examined": [{"findings": "closed"}, {"findings": "closed", "conform": False}],
    "released": [{}],
    "queried": [{"question": "open"}],
    "answered": [{"answer": "open"}],
    "intercepted": [REASON, {**REASON, "control": "documents", "stop": "closed"}],
    "differed": [{"differences": []}],
    "suspended": [{**REASON, "right": "B"}],
    "suspension-extended": [{**REASON, "right": "A"}],
    "proceedings-begun": [{**REASON, "right": "A"}],
    "suspension-lifted": [{**REASON, "right": "A"}],
    "infringing": [{**REASON, "right": "A", "told": "closed"}],
    "waived": [REASON],
    "rerouted": [{**REASON, "control": "documents"}, {**REASON, "control": "scan"}],
    "granted": [{}, {"claim": "90"}],
    "refused": [{"reason": "open"}],
    "paid": [MONEY],
    "secured": [{**MONEY, "instrument": "G"}],
    "settled": [MONEY],
    "repaid": [{**MONEY, "amount": "5"}],
    "review-requested": [{"instance": "administrative", "grounds": "open"}],
    "review-decided": [{"instance": "administrative", "annulled": now, "reasons": "open"} for now in (True, False)],
    "audited": [{"findings": "open"}, {"findings": "open", "conform": False, "claim": "120"}],
    "called": [{"instrument": "G"}],
    "supplemented": [{"declaration": "M2"}],
    "agency-answered": [{"answer": "grant", "remarks": "closed"}, {"answer": "refuse", "reason": "open"}],
    "second-test-requested": [{"agency": "B"}],
}
PLEDGE = Pledge("G", "bank", "T", "BANK OF X", "LAK", date.max)
OFFERED = {"pledges": {"G": PLEDGE}, "overdue": frozenset({"G"}), "supplement": "M2"}
BOOKS = {Account(Kind.DUE, "LAK", "M"): 100, Account(Kind.FREE, "LAK", "G"): 1_000, Account(Kind.CREDIT, "LAK", "T"): 5}
MADE = [(kind, content) for kind, contents in CONTENTS.items() for content in contents]


ADVERSE = [Said("B", "sample", 1), Said("B", "not-conform", 2)]


def asking(agency):
    """The blob of a decision in which this agency asks for an examination."""
    ask = {"agency": agency, "rule": f"{agency}-1", "why": "", "action": "examination", "wanted": None}
    ask |= {"per": "consignment", "satisfied": False, "fee": None, "fee_currency": None}
    return Blob(GROUP, 1, json.dumps({"asks": [ask]}).encode())


def standing(state, conditions=("duties",), acts=(), books=None, control=Control.PHYSICAL):
    held = BOOKS if books is None else books
    own = {"arrival"} if state in ADVANCE else {"control"} if state in CONTROLLED else set()
    open_ = ordered({*conditions, *own})
    docket = Docket([asking("A"), asking("B")], ADVERSE, LAW, 9)
    more = {"acts": acts, "docket": docket, **OFFERED}
    return Standing("M", "T", state, open_, control, "LAK", 0, lambda one: held.get(one, 0), **more)


def act(kind, content=None, actor=None):
    (role, *_) = sorted(ACTS[kind].roles, reverse=True)
    said = CONTENTS[kind][0] if content is None else content
    return Act(kind, actor or ("T" if role == "trader" else "A"), role, "R", "M", act_of(kind, said, role))


def ruled(made, stands):
    try:
        return rule(made, stands)
    except Refused as refused:
        return refused


def confirmed(kind, content, state):
    """What another officer said before, and what a review needs to have been asked."""
    control = {"waived": "", "rerouted": content.get("control")}
    if kind == "review-decided":
        return [Earlier("review-requested", "T", "administrative", f"{state.value}@1", proposed=False)]
    return [Earlier(kind, "B", control[kind], f"{state.value}@1", proposed=True)] if kind in control else []


def test_each_kind_of_act_has_its_rule():
    assert set(CHANGES) | set(suspension.CHANGES) == set(ACTS) == set(CONTENTS)


@pytest.mark.parametrize(("kind", "content"), MADE, ids=range(len(MADE)))
def test_every_act_is_ruled_on_or_refused_in_every_state(kind, content):
    for state, conditions in product(State, [(), ("duties",), ("duties", "answer"), ("right/A",)]):
        ruling = ruled(act(kind, content), standing(state, conditions, confirmed(kind, content, state)))
        if isinstance(ruling, Refused):
            assert ruling.reason
            assert str(ruling)
            continue
        assert ruling.state in OUTCOMES or not ruling.decides
        before = state in (*ADVANCE, *CONTROLLED, State.AWAITING)
        if before and ruling.state in (State.RELEASED, State.CLEARED):
            assert ruling.cover is not Cover.OPEN or "duties" not in conditions
            assert ruling.conditions == ()
        if ruling.state in ADVANCE:
            assert {"control"} & set(ruling.conditions) == set()
            assert not {Response.CONTROL, Response.DOCUMENTS} & set(ruling.responses)


def test_every_event_that_no_message_and_no_decision_makes_is_made_by_an_act():
    happened = set()
    for (kind, content), state in product(MADE, State):
        acts = confirmed(kind, content, state)
        for conditions in (("duties",), ("duties", "answer"), ("supplement",), ("right/A",)):
            happened.add(getattr(ruled(act(kind, content), standing(state, conditions, acts)), "event", None))
    by_messages = {Event.LODGE, Event.AMEND, Event.INVALIDATE, Event.FULFILLED, Event.FULFILLED_ON_TERMS}
    by_decisions = {*IN_ADVANCE, *IN_ADVANCE.values(), Event.DECIDE_REJECT}
    assert happened - {None} == set(Event) - by_messages - by_decisions


@pytest.mark.parametrize(
    ("books", "amount", "state", "event"),
    [
        (BOOKS, "100", State.CLEARED, Event.PAID),
        (BOOKS, "101", State.CLEARED, Event.PAID),
        (BOOKS, "99", State.AWAITING, None),
        ({**BOOKS, Account(Kind.CREDIT, "LAK", "T"): 100}, "0", State.CLEARED, Event.PAID),
        ({**BOOKS, Account(Kind.CREDIT, "LAK", "T"): 99}, "0", State.AWAITING, None),
        ({}, "0", State.CLEARED, Event.PAID),
    ],
)
def test_goods_wait_for_the_last_unit_of_what_is_due(books, amount, state, event):
    ruling = rule(act("paid", {**MONEY, "amount": amount}), standing(State.AWAITING, books=books, control=Control.NONE))
    assert (ruling.state, ruling.event) == (state, event)


def test_what_another_condition_waits_for_is_not_released_by_money():
    waits = standing(State.AWAITING, ("duties", "agency/phyto"), control=Control.NONE)
    ruling = rule(act("paid"), waits)
    assert (ruling.state, ruling.conditions) == (State.AWAITING, ("agency/phyto",))
    assert ruling.responses == (Response.TAX,)


def test_after_an_audit_was_ordered_payment_releases_and_does_not_clear():
    ruling = rule(act("paid"), standing(State.AWAITING, control=Control.AUDIT))
    assert (ruling.state, ruling.responses) == (State.RELEASED, (Response.TAX, Response.RELEASED))


def test_a_proposal_moves_nothing_and_counts_only_where_it_was_made():
    here = standing(State.EXAMINATION)
    first = rule(act("waived"), here)
    assert (first.proposed, first.decides, first.state) == (True, False, State.EXAMINATION)
    elsewhere = Earlier("waived", "B", "", "held@1", proposed=True)
    assert rule(act("waived"), replace(here, acts=[elsewhere])).proposed
    confirmed_before = Earlier("waived", "B", "", "examination@1", proposed=False)
    assert rule(act("waived"), replace(here, acts=[confirmed_before])).proposed
    same = replace(here, acts=[Earlier("waived", "A", "", "examination@1", proposed=True)])
    with pytest.raises(Refused, match="another officer"):
        rule(act("waived"), same)


@pytest.mark.parametrize(
    "since",
    [
        [Earlier("rerouted", "C", "scan", "examination@1", proposed=False)],  # it was confirmed
        [Earlier("intercepted", "C", "", "awaiting@1", proposed=False)],  # it came back from elsewhere
    ],
)
def test_a_proposal_serves_once(since):
    before = [Earlier("rerouted", "B", "scan", "examination@1", proposed=True)]
    content = {**REASON, "control": "scan"}
    assert not rule(act("rerouted", content), standing(State.EXAMINATION, acts=before)).proposed
    assert rule(act("rerouted", content), standing(State.EXAMINATION, acts=[*before, *since])).proposed
    amended = replace(standing(State.EXAMINATION, acts=before), version=2)
    assert rule(act("rerouted", content), amended).proposed


def test_a_proposal_that_could_not_be_done_is_not_even_made():
    with pytest.raises(Refused, match="already released"):
        rule(act("waived"), standing(State.CLEARED))


def test_what_is_closed_stands_in_the_officers_group_alone():
    seen = DISCLOSED[Audience.TRADER]
    for kind, contents in CONTENTS.items():
        ruling = Ruling(State.HELD, ("control",), Control.NONE, Cover.PAID)
        blobs = {blob.group: json.loads(blob.data) for blob in act_blobs(act(kind, contents[0]), ruling)}
        assert set(blobs) - seen == {"inquiry@1"}
        assert "closed" not in blobs["act@1"].values(), kind
        assert not {"actor", "reference"} & set(blobs["act@1"])
        assert set(contents[0]) <= set(blobs["act@1"]) | set(blobs["inquiry@1"])


def test_the_decision_after_an_act_says_what_any_decision_says_with_the_duties_of_the_version():
    version = [
        Blob("decision@1", 0, b'{"version":2,"errors":0,"warnings":3}'),
        *(Blob("duty@1", 1, b"{}"), Blob("reasons@1", 0, b"{}")),
    ]
    ruling = rule(act("intercepted"), standing(State.AWAITING))
    made = {blob.group: blob.data for blob in decision_blobs(ruling, version, risk_laws(LAW)["LA"])}
    assert set(made) == {"decision@1", "duty@1"}
    told = json.loads(made["decision@1"])
    assert (told["outcome"], told["control"], told["ground"]) == ("examine", "physical", "G-physical")
    assert (told["version"], told["warnings"], told["law"]) == (2, 3, "Law on physical")
    assert told["awaits"] == ["duties", "control"]


def test_before_arrival_the_decision_after_an_act_reads_registered():
    ruling = rule(act("paid"), standing(State.ADVANCE_EXAMINE))
    (blob,) = decision_blobs(ruling, [], risk_laws(LAW)["LA"])
    told = json.loads(blob.data)
    assert {told["outcome"], told["state"], told["ground"]} == {"registered"}
    assert (told["control"], told["law"], told["awaits"], told["responses"]) == (None, None, ["arrival"], [13])


@pytest.mark.parametrize(
    ("arrival", "said"),
    [
        (Arrival(), (Response.RECEIVED, Response.ACCEPTED, Response.CLEARED)),
        (Arrival(received=False), (Response.ACCEPTED, Response.CLEARED)),
        (Arrival(received=False, amends=True), (Response.ACCEPTED, Response.AMENDED, Response.CLEARED)),
    ],
)
def test_what_an_arrival_that_others_told_of_means_the_administration_says(arrival, said):
    waits = replace(standing(State.ADVANCE_RELEASE, (), books={}, control=Control.NONE), dutiable=False)
    assert rule(act("arrived"), replace(waits, arrival=arrival)).responses == said


def test_an_arrival_that_amends_is_told_so_when_the_last_condition_is_fulfilled_and_no_sooner():
    law = {"arrival": Arrival(received=False, amends=True)}
    waits = replace(standing(State.ADVANCE_RELEASE, control=Control.NONE), **law)
    assert rule(act("arrived"), waits).responses == (Response.ACCEPTED, Response.TAX)
    came = [Earlier("arrived", "A", "", "advance-release@1", proposed=False)]
    there = replace(standing(State.AWAITING, acts=came, control=Control.NONE), **law)
    assert rule(act("paid"), there).responses == (Response.TAX, Response.AMENDED, Response.CLEARED)


def test_a_new_version_is_told_as_amended_when_its_duties_are_paid():
    waits = replace(standing(State.AWAITING, control=Control.NONE), version=2)
    assert rule(act("paid"), waits).responses == (Response.TAX, Response.AMENDED, Response.CLEARED)
