"""Declarations in two steps: what is released on the first, owed afterwards, and completed by the second."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collecting import act, claim, collecting_law, held, kip, lodge, register, stands
from databases import quiet
from landsea.clearance.act import Refused
from landsea.clearance.cargo_report import Consignment, Means, Numbered, Place, Report
from landsea.node.replay import replay
from landsea.node.supplementing import owed
from landsea.window.paper.content import absence
from lodged import PARTY, amendment, decisions, declaration, invalidation, lodgement, presentation, shown
from risk.test_select import profile


@pytest.fixture(scope="module")
def law(edition):
    return collecting_law(edition)


@pytest.fixture
def node(settings, law):
    """A node that collects before it releases, where the trader has a deferment account."""
    with quiet(settings, law) as opened:
        register(opened, "DAN-1", 10**12, form="deferment")
        yield opened


def owing(node, before=None, sender=None):
    with node.store.reading() as connection:
        return [(one.mrn, one.due) for one in owed(connection, node.edition, sender, before)]


def findings(node, number, rule):
    blobs = [b for _, b in shown(node.register.receipts(number)[0])]
    return [
        one["value"] for b in blobs if "findings@1" in b for one in b["findings@1"]["findings"] if one["rule"] == rule
    ]


def heard(node, number):
    told = [one for receipt in node.register.receipts(number) for one in decisions(receipt)]
    return [code for one in told for code in one["responses"]]


def test_a_simplified_declaration_is_released_and_stays_so_until_it_is_supplemented(node):
    first = lodge(node, "L1", kind="IMB")
    assert stands(node, first) == ("released", "supplement")
    act(node, "settled", first, **kip(held(node, "due", first)))
    assert stands(node, first) == ("released", "supplement"), "paid, and still owed"
    second = lodge(node, "L2", kind="IMX", previous=[first])
    assert stands(node, first) == stands(node, second) == ("cleared", "")
    assert owing(node) == []
    assert (claim(node, second), findings(node, second, "CLR-302")) == (0, [])


def test_what_is_owed_is_listed_with_its_last_day_and_is_overdue_after_it(settings, law, node):
    each, early, monthly = (lodge(node, f"L{kind}", kind=kind) for kind in ("IMB", "IME", "IMC"))
    today = (node.clock.now() + timedelta(hours=7)).date()
    end = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days = timedelta(days=10)
    assert set(owing(node)) == {(each, today + days), (early, None), (monthly, end + days)}
    assert owing(node)[-1] == (early, None)
    assert owing(node, today + days) == []
    assert (each, today + days) in owing(node, today + days + timedelta(days=1))
    assert owing(node, sender="LA0100000666") == []
    act(node, "arrived", early)
    assert (early, today + days) in owing(node)


@pytest.mark.parametrize("price", ["20000.00", "18500.00", "10000.00"])
def test_the_two_steps_together_are_claimed_what_the_second_is_assessed_at(node, price):
    first = lodge(node, "L1", kind="IMB")
    act(node, "settled", first, **kip(held(node, "due", first)))
    before, alone = claim(node, first), claim(node, lodge(node, "L9", price=price))
    second = lodge(node, "L2", kind="IMX", price=price, previous=[first])
    assert claim(node, first) + claim(node, second) == alone
    assert held(node, "credit", PARTY) == max(0, before - alone)
    assert held(node, "due", second) == max(0, alone - before)
    differences = findings(node, second, "CLR-302")
    said = [f"870899: 18500 declared first, {price.removesuffix('.00')} now, USD"]
    assert differences == ([] if alone == before else said)
    if alone > before:
        assert stands(node, second) == ("released", "")
        act(node, "settled", second, **kip(alone - before))
    assert stands(node, second) == stands(node, first) == ("cleared", "")


def test_one_periodic_declaration_completes_many_and_each_is_told_once(node):
    firsts = [lodge(node, f"L{n}", kind="IMC", price="6000.00") for n in range(3)]
    second = lodge(node, "SUM", kind="IMY", price="18500.00", previous=["L0", *firsts[1:]])
    assert owing(node) == []
    assert [stands(node, one) for one in firsts] == [("released", "")] * 3, "secured, not paid yet"
    assert sum(claim(node, one) for one in (*firsts, second)) == claim(node, lodge(node, "X"))
    assert [heard(node, one).count(1) for one in firsts] == [2, 2, 2]
    node.acting.supplement()
    assert [heard(node, one).count(1) for one in firsts] == [2, 2, 2]


def test_a_supplementary_declaration_that_completes_nothing_is_rejected_and_told_why(node):
    lodge(node, "L1", kind="IMB")
    lost = lodge(node, "L2", kind="IMX", previous=["NOBODY"], taken=False)
    assert findings(node, lost, "CLR-303") == ["NOBODY"]
    alone = lodge(node, "L2A", kind="IMX", taken=False)
    assert findings(node, alone, "CLR-303") == ["no previous document"]
    assert len(owing(node)) == 1
    twice = lodge(node, "L3", kind="IMX", previous=["L1"])
    assert findings(node, twice, "CLR-303") == []
    again = lodge(node, "L4", kind="IMX", previous=["L1"], taken=False)
    assert findings(node, again, "CLR-303") == ["L1"], "it was completed before"


def test_nobody_completes_anothers_declaration_and_nobody_says_so_without_a_declaration(node):
    first = lodge(node, "L1", kind="IMB")
    with pytest.raises(Refused) as refused:
        act(node, "supplemented", first, actor=PARTY, declaration="26LA0000")
    assert refused.value.reason == "no-supplement"
    text = b"<ID>%s</ID>" % first.encode()
    other = declaration("L2", kind="IMX").replace(
        b"<TradeTerms>", b"<PreviousDocument>" + text + b"<TypeCode>SDE</TypeCode></PreviousDocument><TradeTerms>"
    )
    node.lodge(lodgement(other, "LA0100000666")).result(60)
    assert [number for number, _ in owing(node)] == [first]


def test_what_was_lodged_early_owes_from_its_release_by_whatever_way_it_comes(node):
    number = lodge(node, "L1", kind="IME")
    assert stands(node, number) == ("advance-release", "arrival supplement")
    node.lodge(lodgement(presentation("G1", number))).result(60)
    assert stands(node, number) == ("released", "supplement")


def test_an_amendment_before_release_and_a_request_after_it_leave_what_is_owed(node):
    number = lodge(node, "L1", kind="IME")
    node.lodge(lodgement(amendment("A1", number, "10000.00"))).result(60)
    assert stands(node, number) == ("advance-release", "arrival supplement")
    act(node, "arrived", number)
    node.lodge(lodgement(amendment("A2", number, "11000.00"))).result(60)
    assert stands(node, number) == ("amendment-requested", "supplement")
    act(node, "granted", number)
    assert stands(node, number) == ("released", "supplement")


def test_what_is_withdrawn_owes_nothing(node):
    number = lodge(node, "L1", kind="IME")
    node.lodge(lodgement(invalidation("I1", number))).result(60)
    assert owing(node) == []


def test_a_restart_tells_what_a_crash_left_untold(settings, law, node):
    first = lodge(node, "L1", kind="IMB")
    object.__setattr__(node.lodging, "supplement", lambda _mrn: None)  # as if it fell before this
    lodge(node, "L2", kind="IMX", previous=[first])
    assert stands(node, first) == ("released", "supplement")
    with quiet(settings, law) as again:
        assert "supplement" not in stands(again, first)[1]


def test_what_was_found_of_two_steps_is_found_again_on_a_replay(node):
    first = lodge(node, "L1", kind="IMB")
    lodge(node, "L2", kind="IMX", price="20000.00", previous=[first])
    seen = list(replay(node.lodging))
    assert [one.differences for one in seen] == [()] * len(seen)


def holding(law):
    """The law, where papers are looked at for every declaration of these goods."""
    asked = profile('hs starts_with "8708"', id="T-1", control="documents")
    risk = {**law.documents["LA/risk_profiles"], "profiles": [asked], "random": {"documents": "0.000001"}}
    return replace(law, digest="test:held", documents={**law.documents, "LA/risk_profiles": risk})


def test_a_second_step_that_is_held_takes_nothing_off_the_first_until_an_officer_is_satisfied(settings, law):
    with quiet(settings, holding(law)) as node:
        register(node, "DAN-1", 10**12, form="deferment")
        first = lodge(node, "L1", kind="IMB")
        act(node, "released", first)
        before = claim(node, first)
        second = lodge(node, "L2", kind="IMX", price="10000.00", previous=[first])
        assert (stands(node, second), claim(node, first), claim(node, second)) == (("held", "control"), before, 0)
        assert stands(node, first) == ("released", "supplement")
        act(node, "released", second)
        assert stands(node, first) == ("released", "")
        assert 0 < claim(node, first) < before
        node.lodge(lodgement(invalidation("I1", second))).result(60)
        assert stands(node, second)[0] == "invalidation-requested"


def test_a_second_step_that_is_withdrawn_while_it_is_held_leaves_the_first_owing(settings, law):
    with quiet(settings, holding(law)) as node:
        first = lodge(node, "L1", kind="IMB")
        second = lodge(node, "L2", kind="IMX", previous=[first])
        node.lodge(lodgement(invalidation("I1", second))).result(60)
        assert stands(node, second)[0] == "invalidated"
        again = lodge(node, "L3", kind="IMX", previous=[first])
        assert findings(node, again, "CLR-303") == []


def test_no_goods_leave_on_a_supplementary_declaration(node):
    first = lodge(node, "L0", kind="IMB", price="10000.00")
    number = lodge(node, "L1", kind="IMX", previous=[first])
    assert held(node, "due", number) > 0
    assert not node.cargo.gate("mrn", number).open
    container = {"contract": None, "equipment": [Numbered("CSQU3054383")], "packages": 20}
    line = Consignment(**container, previous=Numbered(number))
    node.cargo.lodge("carrier", Report("R1", Means("2", "X"), Place("LAVTE"), [line]))
    assert not node.cargo.gate("container", "CSQU3054383").open
    told = node.papers.basis(node.register.declared(number)).told
    assert all(absence(kind, told) for kind in ("release-note", "gate-pass"))
    assert node.queue.page(10).total == 0
