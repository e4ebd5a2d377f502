"""Final determination: amendments granted after release, audits and reviews, and the money that follows from them."""

import pytest

from collecting import act, claim, collecting_law, held, kip, lodge, stands
from databases import quiet
from landsea.clearance.act import Refused
from landsea.dossier.evidence import verify_receipt
from landsea.node.replay import replay
from lodged import PARTY, _request, amendment, decisions, declaration, lodgement, shown


@pytest.fixture(scope="module")
def law(edition):
    return collecting_law(edition)


@pytest.fixture
def node(settings, law):
    """A node that collects before it releases."""
    with quiet(settings, law) as opened:
        yield opened


def cleared(node, reference="L1", **more):
    number = lodge(node, reference, **more)
    act(node, "paid", number, **kip(held(node, "due", number)))
    assert stands(node, number) == ("cleared", "")
    return number


def amend(node, body):
    return decisions(node.lodge(lodgement(body)).result(60))[-1]


def test_a_granted_amendment_is_the_version_in_force_and_is_assessed_anew(node):
    number = cleared(node)
    before = claim(node, number)
    assert amend(node, amendment("A1", number, "9250.00"))["state"] == "amendment-requested"
    assert claim(node, number) == before, "a request claims nothing"
    act(node, "granted", number)
    assert node.register.declared(number).version == 2
    assert claim(node, number) == before // 2
    assert held(node, "credit", PARTY) == before - before // 2
    last = node.register.receipts(number)[-1]
    assert [header["kind"] for header, _ in shown(last)] == ["request-granted", "declaration-lodged", "decision"]
    (decision,) = decisions(last)
    assert (decision["version"], decision["state"], decision["ground"]) == (2, "released", "request-granted")
    taxes = [tax for _, blobs in shown(last) if "duty@1" in blobs for tax in blobs["duty@1"]["taxes"]]
    assert sum(int(tax["amount"]) for tax in taxes) == before // 2
    assert all(step.holds is not False for step in verify_receipt(last.document, str(node.log.key)))
    act(node, "repaid", number, **kip(before - before // 2))
    assert held(node, "credit", PARTY) == 0


def test_the_next_amendment_amends_the_version_that_was_granted(node):
    number = cleared(node)
    amend(node, amendment("A1", number, "9250.00"))
    act(node, "granted", number)
    amend(node, amendment("A2", number, "18500.00"))
    before = claim(node, number)
    act(node, "granted", number, "G2")
    assert node.register.declared(number).version == 3
    assert (claim(node, number), held(node, "due", number)) == (2 * before, before), (
        "credit pays only what it is told to"
    )
    act(node, "settled", number, **kip(0))
    assert (held(node, "due", number), held(node, "credit", PARTY)) == (0, 0)


def test_the_same_grant_again_gets_its_receipt_again(node):
    number = cleared(node)
    amend(node, amendment("A1", number, "9250.00"))
    first = act(node, "granted", number)
    again = act(node, "granted", number)
    assert (again.receipt, again.repeated) == (first.receipt, True)
    assert node.register.declared(number).version == 2


def test_an_officer_may_determine_another_claim_than_the_document_leads_to(node):
    number = cleared(node)
    amend(node, amendment("A1", number, "9250.00"))
    act(node, "granted", number, claim="77")
    assert claim(node, number) == 77
    assert node.register.declared(number).version == 2


def test_what_would_be_rejected_cannot_be_granted_and_may_be_refused(node):
    number = cleared(node)
    amend(node, amendment("A1", number, "-5.00").replace(b">-5.00<", b">0<"))
    declared = node.register.declared(number)
    if declared.state == "amendment-requested":
        with pytest.raises(Refused) as refused:
            act(node, "granted", number)
        assert refused.value.reason == "not-conform"
        assert node.register.declared(number) == declared
        act(node, "refused", number, reason="there is no such price")
    assert node.register.declared(number).version == 1


def origin(reference, number):
    """An amendment that claims the preference of ACFTA for the goods item, with a certificate made out afterwards."""
    item = (("42A", ""), ("67A", ""), ("68A", ""))
    fee = (*item, ("23A", ""), ("50A", ""))
    changes = "".join(
        "<Amendment><ChangeReasonCode>21</ChangeReasonCode>"
        + "".join(
            f"<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>{code}</DocumentSectionCode>{tag}</Pointer>"
            for code, tag in path
        )
        + "</Amendment>"
        for path in ((*item, ("02A", "")), fee)
    )
    paper = (
        "<AdditionalDocument><CategoryCode>N</CategoryCode><EffectiveDateTime>"
        '<p:DateTimeString xmlns:p="urn:wco:datamodel:WCO:Declaration_DS:DMS:2" formatCode="102">20261120'
        "</p:DateTimeString></EffectiveDateTime><ID>E2026000001</ID><Name>Issued retroactively</Name>"
        "<TypeCode>861</TypeCode></AdditionalDocument>"
    )
    tax = "<DutyTaxFee><DutyRegimeCode>302</DutyRegimeCode></DutyTaxFee>"
    goods = f"<SequenceNumeric>1</SequenceNumeric>{paper}<Commodity>{tax}</Commodity>"
    items = f"<GovernmentAgencyGoodsItem>{goods}</GovernmentAgencyGoodsItem>"
    return _request(reference, number, "COR", f"{changes}<GoodsShipment>{items}</GoodsShipment>")


def test_a_proof_of_origin_that_comes_after_release_gives_duty_back(node):
    stated = b"<Origin><CountryCode>CN</CountryCode><TypeCode>2</TypeCode></Origin><Packaging>"
    number = cleared(node, body=declaration("L1", kind="IMA").replace(b"<Packaging>", stated, 1))
    before = claim(node, number)
    asked = amend(node, origin("A1", number))
    assert asked["state"] == "amendment-requested", asked
    act(node, "granted", number)
    (_, decided) = list(shown(node.register.receipts(number)[-1]))[-1]
    taxes = decided["duty@1"]["taxes"]
    assert {tax["tax"]: (tax["regime"], tax["rate"]) for tax in taxes}["A00"] == ("302", "Free")
    lower = claim(node, number)
    assert lower < before
    assert held(node, "credit", PARTY) == before - lower
    act(node, "repaid", number, **kip(before - lower))
    assert held(node, "credit", PARTY) == 0


def test_an_audit_claims_more_or_less_even_of_what_is_cleared_and_it_is_settled(node):
    number = cleared(node)
    before = claim(node, number)
    act(node, "audited", number, "U1", findings="The royalty was left out.", conform=False, claim=str(before + 1_000))
    assert stands(node, number) == ("released", "")
    assert (held(node, "due", number), claim(node, number)) == (1_000, before + 1_000)
    (said,) = [blobs["act@1"] for _, blobs in shown(node.register.receipts(number)[-1]) if "act@1" in blobs]
    assert (said["findings"], said["claim"]) == ("The royalty was left out.", str(before + 1_000))
    act(node, "settled", number, **kip(1_000))
    assert stands(node, number) == ("cleared", "")
    act(node, "audited", number, "U2", findings="It was part of the price.", claim=str(before))
    assert (stands(node, number), held(node, "credit", PARTY)) == (("cleared", ""), 1_000)
    act(node, "repaid", number, **kip(1_000))
    act(node, "audited", number, "U3", findings="Nothing more.")
    assert (stands(node, number), claim(node, number)) == (("cleared", ""), before)


def test_a_decision_annulled_by_a_court_leads_to_another_claim_and_to_repayment(node):
    number = cleared(node)
    before = claim(node, number)
    appeal = {"grounds": "The heading is wrong."}
    act(node, "review-requested", number, "R1", PARTY, instance="administrative", **appeal)
    upheld = {"annulled": False, "reasons": "It is right."}
    act(node, "review-decided", number, "D1", instance="administrative", **upheld)
    act(node, "review-requested", number, "R2", PARTY, instance="judicial", **appeal)
    annulled = {"annulled": True, "reasons": "It is heading 8431.", "claim": str(before - 700)}
    act(node, "review-decided", number, "D2", instance="judicial", **annulled)
    assert (claim(node, number), held(node, "credit", PARTY)) == (before - 700, 700)
    act(node, "repaid", number, **kip(700))
    assert claim(node, number) == before - 700


def test_a_replay_passes_over_what_an_officer_granted_and_repeats_the_rest(node):
    number = cleared(node)
    amend(node, amendment("A1", number, "9250.00"))
    act(node, "granted", number)
    seen = list(replay(node.lodging))
    assert [one.differences for one in seen] == [()] * len(seen)
    assert sum(one.obstacle.startswith("decided by an act") for one in seen) == 2
