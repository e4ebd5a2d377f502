"""Acts on a declaration: its life from lodgement to clearance, on both databases, with the money beside it."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from collecting import register
from databases import quiet
from landsea.clearance.act import ACTS, Act, Refused, act_of
from landsea.clearance.revenue import Account, Kind
from landsea.dossier.evidence import verify_receipt
from landsea.node import book, tables
from landsea.node.acting import OtherAct
from landsea.node.replay import replay
from lodged import PARTY, amendment, calm_law, decisions, declaration, lodgement, mrn, presentation, shown

SECRET = "a reason that no trader reads"
ROLES = {"trader": PARTY, "officer": "officer-1", "carrier": "port", "treasury": "bank"}


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos collects before it releases, and selects nobody."""
    return calm_law(edition, release="covered")


@pytest.fixture
def collecting(settings, law):
    """A node that collects before it releases."""
    with quiet(settings, law) as node:
        yield node


def lodge(node, reference, kind="IMA", price="18500.00"):
    return mrn(node.lodge(lodgement(declaration(reference, price, kind))).result(60))


def act(node, kind, number, reference=None, actor=None, **content):
    role = next(role for role in ROLES if role in ACTS[kind].roles)
    made = (kind, actor or ROLES[role], role, reference or f"{kind}-{number}", number, act_of(kind, content, role))
    return node.acting.act(Act(*made))


def stands(node, number):
    declared = node.register.declared(number)
    return declared.state, declared.awaits


def heard(node, number):
    """The function codes of all responses, in order."""
    told = [one for receipt in node.register.receipts(number) for one in decisions(receipt)]
    return [code for one in told for code in one["responses"]]


def held(node, kind, holder, instrument=""):
    with node.store.reading() as connection:
        return book.balance(connection)(Account(Kind(kind), "LAK", holder, instrument))


def kip(amount):
    return {"amount": str(amount), "currency": "LAK"}


def test_a_declaration_waits_for_its_duties_and_is_cleared_when_they_are_paid(collecting):
    number = lodge(collecting, "L1")
    assert stands(collecting, number) == ("awaiting", "duties")
    due = held(collecting, "due", number)
    assert due > 0
    act(collecting, "paid", number, "P1", **kip(due - 1))
    assert stands(collecting, number) == ("awaiting", "duties"), "a part is not all"
    done = act(collecting, "paid", number, "P2", **kip(3))
    assert stands(collecting, number) == ("cleared", "")
    assert heard(collecting, number) == [1, 13, 13, 9]
    assert (held(collecting, "due", number), held(collecting, "collected", number)) == (0, due)
    assert held(collecting, "credit", PARTY) == 2
    assert all(step.holds is not False for step in verify_receipt(done.receipt, str(collecting.log.key)))
    last = collecting.register.receipts(number)[-1]
    assert [one["ground"] for one in decisions(last)] == ["conform"]
    assert any("duty@1" in blobs for _, blobs in shown(last))


def test_released_against_security_then_settled_then_repaid_after_a_lower_claim(collecting):
    number = lodge(collecting, "L1")
    due = held(collecting, "due", number)
    register(collecting, "G1", due)
    act(collecting, "secured", number, **kip(due), instrument="G1")
    assert stands(collecting, number) == ("released", "")
    assert held(collecting, "reserved", number, "G1") == due
    act(collecting, "settled", number, **kip(due))
    assert stands(collecting, number) == ("cleared", "")
    assert held(collecting, "free", "G1") == due, "the security is free again"
    assert heard(collecting, number) == [1, 13, 13, 8, 13, 9]
    collecting.lodge(lodgement(amendment("A1", number, "100.00"))).result(60)
    assert stands(collecting, number)[0] == "amendment-requested"
    act(collecting, "granted", number, claim=str(due - 500))
    act(collecting, "repaid", number, **kip(500))
    assert (held(collecting, "credit", PARTY), held(collecting, "collected", number)) == (0, due - 500)
    with pytest.raises(Refused, match="asked of it") as refused:
        act(collecting, "repaid", number, "again", **kip(1))
    assert refused.value.reason == "overdrawn"
    act(collecting, "audited", number, findings=SECRET)
    assert stands(collecting, number) == ("cleared", "")


@pytest.mark.parametrize("first", ["arrived", "paid"])
def test_what_is_lodged_early_is_released_by_itself_once_the_goods_are_there_and_the_duties_paid(collecting, first):
    number = lodge(collecting, "L1", kind="IMD")
    due = kip(held(collecting, "due", number))
    assert stands(collecting, number) == ("advance-release", "arrival duties")
    for kind in (first, *({"arrived", "paid"} - {first})):
        assert stands(collecting, number)[0] != "cleared"
        act(collecting, kind, number, **(due if kind == "paid" else {}))
    assert stands(collecting, number) == ("cleared", "")
    assert heard(collecting, number) == ([2, 13, 2, 1, 13, 13, 9] if first == "arrived" else [2, 13, 13, 2, 1, 13, 9])


def test_a_presentation_by_message_knows_what_was_paid_before(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    act(collecting, "paid", number, **kip(held(collecting, "due", number)))
    collecting.lodge(lodgement(presentation("G1", number))).result(60)
    assert stands(collecting, number) == ("cleared", "")


def test_a_new_version_is_claimed_anew_and_what_was_paid_counts(collecting):
    number = lodge(collecting, "L1")
    before = held(collecting, "due", number)
    act(collecting, "paid", number, **kip(before - 1))
    collecting.lodge(lodgement(amendment("A1", number, "10000.00"))).result(60)
    assert held(collecting, "due", number) == 0
    assert held(collecting, "credit", PARTY) > 0
    assert stands(collecting, number) == ("cleared", "")


def test_an_arrival_finds_those_that_wait_and_those_that_come_later(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    names = [("container", "CSQU3054383"), ("mrn", number), ("ucr", "NOBODY")]
    assert collecting.arriving.arrive("port", "TRUCK-1", names).found == 1
    assert stands(collecting, number) == ("awaiting", "duties")
    again = collecting.arriving.arrive("port", "TRUCK-1", names)
    assert (again.found, again.repeated) == (0, True)
    with pytest.raises(OtherAct):
        collecting.arriving.arrive("port", "TRUCK-1", names[:1])
    later = lodge(collecting, "L2", kind="IMD")
    assert stands(collecting, later) == ("awaiting", "duties")
    assert heard(collecting, later) == [2, 13, 2, 1, 13]


def test_the_goods_of_nobody_are_told_of_and_found_by_nobody(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    assert collecting.arriving.arrive("port", "TRUCK-1", [("container", "OTHU1234567")]).found == 0
    assert stands(collecting, number)[0] == "advance-release"


def test_a_control_is_lifted_by_two_officers_and_not_by_one_twice(collecting):
    number = lodge(collecting, "L1")
    act(collecting, "intercepted", number, reason=SECRET)
    assert stands(collecting, number) == ("examination", "duties control")
    assert act(collecting, "waived", number, "W1", reason=SECRET).proposed
    assert stands(collecting, number)[0] == "examination"
    with pytest.raises(Refused) as refused:
        act(collecting, "waived", number, "W2", reason=SECRET)
    assert refused.value.reason == "second-officer-needed"
    assert not act(collecting, "waived", number, "W1", actor="officer-2", reason=SECRET).proposed
    assert stands(collecting, number) == ("awaiting", "duties")


def test_a_proposal_is_for_one_control_and_dies_with_the_state_it_was_made_in(collecting):
    number = lodge(collecting, "L1")
    act(collecting, "intercepted", number, reason=SECRET)
    assert act(collecting, "rerouted", number, "R1", reason=SECRET, control="scan").proposed
    assert act(collecting, "rerouted", number, "R2", actor="officer-2", reason=SECRET, control="sample").proposed
    act(collecting, "examined", number, findings=SECRET)
    assert stands(collecting, number) == ("awaiting", "duties")
    with pytest.raises(Refused, match="is awaiting"):
        act(collecting, "rerouted", number, "R3", actor="officer-3", reason=SECRET, control="scan")


def test_before_arrival_the_declarant_hears_nothing_of_an_interception(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    before = [receipt.document for receipt in collecting.register.receipts(number)]
    act(collecting, "intercepted", number, reason=SECRET)
    assert stands(collecting, number) == ("advance-examine", "arrival duties")
    assert [receipt.document for receipt in collecting.register.receipts(number)] == before
    act(collecting, "presented", number)
    assert stands(collecting, number) == ("examination", "duties control")


def test_an_amendment_washes_no_interception_off_and_no_arrival(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    act(collecting, "intercepted", number, reason=SECRET)
    collecting.lodge(lodgement(amendment("A1", number, "10000.00"))).result(60)
    assert stands(collecting, number) == ("advance-examine", "arrival duties")
    other = lodge(collecting, "L2", kind="IMD")
    act(collecting, "arrived", other)
    collecting.lodge(lodgement(amendment("A2", other, "10000.00"))).result(60)
    assert stands(collecting, other) == ("awaiting", "duties"), "the goods are there still"


@pytest.mark.parametrize("covered", ["paid", "secured"])
def test_what_a_crash_left_undone_after_an_amendment_is_done_at_the_next_start(settings, law, collecting, covered):
    number = lodge(collecting, "L1", kind="IMD")
    due = held(collecting, "due", number)
    register(collecting, "G1", due)
    act(collecting, covered, number, **kip(due), **({"instrument": "G1"} if covered == "secured" else {}))
    act(collecting, "intercepted", number, reason=SECRET)
    object.__setattr__(collecting.lodging, "follow", lambda _waiting, _amended: None)  # as if it fell before this
    collecting.lodge(lodgement(amendment("A1", number, "10000.00"))).result(60)
    assert stands(collecting, number) == ("advance-release", "arrival duties"), "the interception is washed off"
    with quiet(settings, law) as again:
        assert stands(again, number) == ("advance-examine", "arrival")


def test_a_query_stops_everything_until_it_is_answered_and_an_officer_has_read_it(collecting):
    number = lodge(collecting, "L1")
    act(collecting, "queried", number, question="Which grade of steel?")
    assert stands(collecting, number) == ("held", "duties answer control")
    act(collecting, "paid", number, **kip(held(collecting, "due", number)))
    act(collecting, "answered", number, answer="S235.")
    assert stands(collecting, number) == ("held", "control")
    with pytest.raises(Refused) as refused:
        act(collecting, "answered", number, "again", answer="S235.")
    assert refused.value.reason == "nothing-asked"
    act(collecting, "released", number)
    assert stands(collecting, number) == ("cleared", "")
    assert 51 in heard(collecting, number)


def test_nobody_escapes_a_query_by_amending(collecting):
    waiting = lodge(collecting, "L1")
    act(collecting, "queried", waiting, question="Which grade of steel?")
    collecting.lodge(lodgement(amendment("A1", waiting, "10000.00"))).result(60)
    act(collecting, "paid", waiting, **kip(held(collecting, "due", waiting)))
    assert stands(collecting, waiting) == ("awaiting", "answer")
    act(collecting, "answered", waiting, answer="S235.")
    assert stands(collecting, waiting) == ("held", "control")


def test_a_review_goes_to_customs_first_and_then_to_a_court(collecting):
    number = lodge(collecting, "L1")
    appeal = {"grounds": "The heading is wrong."}
    with pytest.raises(Refused, match="comes before"):
        act(collecting, "review-requested", number, "J0", instance="judicial", **appeal)
    act(collecting, "review-requested", number, "R1", instance="administrative", **appeal)
    with pytest.raises(Refused, match="not decided yet"):
        act(collecting, "review-requested", number, "R2", instance="administrative", **appeal)
    upheld = {"annulled": False, "reasons": "It is right."}
    act(collecting, "review-decided", number, "D1", instance="administrative", **upheld)
    act(collecting, "review-requested", number, "J1", instance="judicial", **appeal)
    with pytest.raises(Refused, match="no administrative review"):
        act(collecting, "review-decided", number, "D2", instance="administrative", **upheld)
    act(collecting, "review-decided", number, "D3", instance="judicial", annulled=True, reasons="It is wrong.")
    assert stands(collecting, number) == ("held", "duties control")


def test_goods_leave_once_and_only_after_release(collecting):
    number = lodge(collecting, "L1")
    with pytest.raises(Refused) as refused:
        act(collecting, "removed", number)
    assert refused.value.reason == "not-released"
    act(collecting, "paid", number, **kip(held(collecting, "due", number)))
    act(collecting, "removed", number, exit=True)
    assert heard(collecting, number)[-1] == 16
    with pytest.raises(Refused) as refused:
        act(collecting, "removed", number, "again")
    assert refused.value.reason == "already-removed"


def test_the_same_act_again_gets_its_receipt_again_and_another_one_under_its_reference_none(collecting):
    number = lodge(collecting, "L1")
    first = act(collecting, "queried", number, "Q1", question="Which grade?")
    size = collecting.metrics()
    again = act(collecting, "queried", number, "Q1", question="Which grade?")
    assert (again.receipt, again.repeated) == (first.receipt, True)
    assert collecting.metrics() == size
    with pytest.raises(OtherAct):
        act(collecting, "queried", number, "Q1", question="Which heading?")


def test_what_is_refused_leaves_no_trace(collecting):
    number = lodge(collecting, "L1")
    before = collecting.metrics()
    for kind, content in (("audited", {"findings": SECRET}), ("settled", kip(1)), ("released", {}), ("granted", {})):
        with pytest.raises(Refused):
            act(collecting, kind, number, **content)
    with pytest.raises(Refused, match="that you may act on"):
        act(collecting, "released", "26LA0000")
    with pytest.raises(Refused, match="that you may act on"):
        act(collecting, "review-requested", number, actor="LA0100000666", instance="administrative", grounds="x")
    assert collecting.metrics() == before


@pytest.mark.parametrize(
    ("kind", "role", "content", "reason"),
    [
        ("melted", "officer", {}, "unknown-kind"),
        ("released", "trader", {}, "role-may-not"),
        ("paid", "officer", kip(1), "role-may-not"),
        ("released", "officer", {"note": "x"}, "content"),
        ("examined", "officer", {"findings": ""}, "content"),
        ("paid", "treasury", kip("-1"), "content"),
        ("rerouted", "officer", {"reason": "x", "control": "none"}, "content"),
    ],
)
def test_an_act_is_made_by_who_may_and_says_what_the_table_asks(kind, role, content, reason):
    with pytest.raises(Refused) as refused:
        act_of(kind, content, role)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("money", "reason"), [(kip("0.5"), "fraction"), ({"amount": "1", "currency": "USD"}, "currency")]
)
def test_money_is_whole_units_of_the_administrations_currency(collecting, money, reason):
    number = lodge(collecting, "L1")
    with pytest.raises(Refused) as refused:
        act(collecting, "paid", number, **money)
    assert refused.value.reason == reason


def test_of_two_officers_at_once_one_decides_and_the_other_hears_why_not(collecting):
    number = lodge(collecting, "L1")

    def intercept(n):
        try:
            act(collecting, "intercepted", number, f"I{n}", actor=f"officer-{n}", reason=SECRET)
        except Refused as refused:
            return refused.reason
        return "done"

    with ThreadPoolExecutor(4) as officers:
        said = sorted(officers.map(intercept, range(4)))
    assert said == ["done", *["not-in-this-state"] * 3]
    with collecting.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tables.acts)).scalar_one() == 1


def test_payments_at_once_pay_each_kip_once(collecting):
    number = lodge(collecting, "L1")
    due = held(collecting, "due", number)
    part = due // 4 + 1
    with ThreadPoolExecutor(4) as banks:
        list(banks.map(lambda n: act(collecting, "paid", number, f"P{n}", **kip(part)), range(4)))
    assert stands(collecting, number) == ("cleared", "")
    assert (held(collecting, "collected", number), held(collecting, "credit", PARTY)) == (due, 4 * part - due)


def test_nothing_an_officer_wrote_is_in_a_traders_bytes(collecting):
    number = lodge(collecting, "L1")
    act(collecting, "intercepted", number, reason=SECRET)
    act(collecting, "rerouted", number, reason=SECRET, control="scan")
    officer = act(collecting, "rerouted", number, "R2", actor="officer-2", reason=SECRET, control="scan")
    examined = act(collecting, "examined", number, findings=SECRET)
    paid = act(collecting, "paid", number, **kip(held(collecting, "due", number)))
    for receipt in (officer, examined):
        assert SECRET in json.dumps(list(map(str, shown(SimpleNamespace(document=receipt.receipt)))))
    seen = [one.document for one in collecting.register.receipts(number)] + [paid.receipt]
    for word in (SECRET, "officer-1", "officer-2", "inquiry@1"):
        assert not any(word.encode() in one for one in seen), word


def test_a_replay_repeats_what_was_decided_on_messages_and_passes_over_acts(collecting):
    number = lodge(collecting, "L1", kind="IMD")
    act(collecting, "paid", number, **kip(held(collecting, "due", number)))
    collecting.lodge(lodgement(amendment("A1", number, "20000.00"))).result(60)
    collecting.lodge(lodgement(presentation("G1", number))).result(60)
    seen = list(replay(collecting.lodging))
    assert [one.differences for one in seen] == [()] * len(seen)
    assert sorted(one.obstacle.partition(",")[0] for one in seen) == [*[""] * 4, "decided by an act"]


def test_a_restart_finds_acts_and_arrivals_as_they_were(settings, law, collecting):
    number = lodge(collecting, "L1", kind="IMD")
    first = act(collecting, "queried", number, question="Which grade?")
    collecting.arriving.arrive("port", "T", [("container", "CSQU3054383")])
    with quiet(settings, law) as node:
        assert act(node, "queried", number, question="Which grade?").receipt == first.receipt
        assert stands(node, number) == ("held", "duties answer control")
