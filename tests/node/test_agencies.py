"""Agencies, mandates and standing at a node, on both databases: what is kept, and what crashes cannot part."""

from datetime import UTC, datetime

import pytest

from databases import quiet
from landsea.clearance.act import Act, Refused, act_of
from landsea.declaration.stage import Lodgement
from landsea.dossier.evidence import verify_receipt
from landsea.node import tables
from landsea.node.acting import OtherAct
from landsea.node.agencies import Figure
from landsea.node.mandates import Giving
from landsea.node.replay import replay
from lodged import PARTY, amendment, calm_law, decisions, declaration, lodgement, mrn, shown

AGENCY = "la-agriculture"
DAY = 24 * 3600 * 1_000_000


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos selects nobody."""
    return calm_law(edition)


@pytest.fixture
def laos(settings, law):
    """A node in Laos that selects nobody."""
    with quiet(settings, law) as node:
        yield node


def grapes(reference, kind="IMA"):
    """A declaration of fresh grapes, for which Laos wants a phytosanitary certificate."""
    return declaration(reference, kind=kind).replace(b"87089900", b"08061000")


def lodge(node, reference, kind="IMA"):
    return node.lodge(lodgement(grapes(reference, kind))).result(60)


def answered(node, number, word, agency=AGENCY, **content):
    said = act_of("agency-answered", {"answer": word, **content}, "agency")
    return node.acting.act(Act("agency-answered", agency, "agency", f"{word}-{number}", number, said))


def test_what_an_agency_asks_is_kept_until_it_is_heard(laos):
    receipt = lodge(laos, "G-1")
    number = mrn(receipt)
    (told,) = decisions(receipt)
    assert (told["state"], told["awaits"]) == ("awaiting", [f"agency/{AGENCY}"])
    (asks,) = [blobs["agencies@1"]["asks"] for _, blobs in shown(receipt) if "agencies@1" in blobs]
    assert [(ask["wanted"], ask["fee"], ask["fee_currency"]) for ask in asks] == [("N851", "30000", "LAK")]
    assert [one.mrn for one in laos.agencies.queue(AGENCY)] == [number]
    assert laos.agencies.queue("la") == []
    assert laos.agencies.figures() == [Figure(AGENCY, 1, 1, 0, 0, 0)]
    seen = laos.agencies.seen(AGENCY, number)
    assert all(step.holds is not False for step in verify_receipt(seen.receipt, str(laos.log.key)))
    assert laos.agencies.seen("la-health", number) is None
    answered(laos, number, "grant")
    assert laos.register.declared(number).state == "cleared"
    assert laos.agencies.queue(AGENCY) == []
    assert not laos.agencies.seen(AGENCY, number).open
    assert [one for one in replay(laos.lodging) if one.differences] == []


def test_a_new_version_is_asked_about_in_place_of_the_one_before(laos):
    number = mrn(lodge(laos, "G-1", "IMD"))
    answered(laos, number, "grant")
    assert laos.register.declared(number).awaits == "arrival"
    laos.lodge(lodgement(amendment("A-1", number, "9000.00"))).result(60)
    assert laos.register.declared(number).awaits == f"arrival agency/{AGENCY}"
    assert laos.agencies.figures() == [Figure(AGENCY, 1, 1, 0, 0, 0)]
    assert laos.agencies.seen(AGENCY, number).version == 2


def test_an_answer_is_on_record_once_and_refused_of_whoever_was_not_asked(laos):
    number = mrn(lodge(laos, "G-1"))
    first = answered(laos, number, "refuse", reason="Pests.")
    assert answered(laos, number, "refuse", reason="Pests.") == first._replace(repeated=True)
    with pytest.raises(OtherAct):
        answered(laos, number, "refuse", reason="Other pests.")
    with pytest.raises(Refused, match="that you may act on"):
        answered(laos, number, "grant", agency="la-health")


def test_a_mandate_is_kept_from_its_instant_to_its_revocation(laos):
    given = laos.mandates.give(PARTY, Giving("M-1", "B", "direct", codes=("0806", "0807")))
    assert laos.mandates.give(PARTY, Giving("M-1", "B", "direct", codes=("0806", "0807"))).receipt == given.receipt
    with pytest.raises(OtherAct):
        laos.mandates.give(PARTY, Giving("M-1", "C", "direct"))
    with pytest.raises(Refused, match="ends after"):
        laos.mandates.give(PARTY, Giving("M-2", "B", "direct", ends_at=datetime(2001, 1, 1, tzinfo=UTC)))
    (one,) = laos.mandates.listed("B")
    assert (one["principal"], one["codes"], one["procedures"], one["revoked_at"]) == (PARTY, "0806 0807", None, None)
    receipt = laos.lodge(Lodgement(grapes("G-1"), "B", laos.clock.now())).result(60)
    (said,) = [blobs["liability@1"] for _, blobs in shown(receipt) if "liability@1" in blobs]
    assert (said["acting"], said["liable"], said["mandate"]) == ("B", [PARTY], given.mandate)
    laos.mandates.revoke(PARTY, given.mandate)
    rejected = laos.lodge(Lodgement(grapes("G-2"), "B", laos.clock.now())).result(60)
    assert decisions(rejected)[0]["outcome"] == "rejected"
    assert all(step.holds is not False for step in verify_receipt(given.receipt, str(laos.log.key)))
    assert [one for one in replay(laos.lodging) if one.differences] == []


def test_a_grade_is_reckoned_from_what_is_on_record_and_reaches_the_next_lot(laos):
    for n in range(5):
        laos.lodge(lodgement(declaration(f"S-{n}", kind="IMA"))).result(60)
    with laos.store.writing() as connection:
        connection.execute(tables.records.update().values(at=tables.records.c.at - 2 * DAY))
    assert laos.standings.reckon() == 1
    grade, figures = laos.standings.of(PARTY)
    assert (grade, laos.standings.of("NOBODY")) == ("B", (None, []))
    assert any("declarations: 5; at least 5: met" in one for one in figures)
    receipt = laos.lodge(lodgement(declaration("S-9", kind="IMA"))).result(60)
    assert decisions(receipt)[0]["outcome"] == "released"
    assert [one for one in replay(laos.lodging) if one.differences] == []
