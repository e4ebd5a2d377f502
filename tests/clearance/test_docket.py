"""The docket: what was asked and said is read back as it was written, and what holds for a new version."""

import json

import msgspec
import pytest

from landsea.clearance.change import Earlier
from landsea.clearance.docket import GROUP, Docket, Said, asks_in, held
from landsea.clearance.hearing import Answer
from landsea.dossier.blob import Blob

ASK = {"rule": "R", "why": "w", "action": "sample", "wanted": None, "per": "consignment", "satisfied": False}


def blob(agency, item=1, fee=None):
    ask = {"agency": agency, "name": "of the agency", **ASK, "fee": fee, "fee_currency": fee and "LAK"}
    return Blob(GROUP, item, json.dumps({"asks": [ask]}).encode())


def made(said, version=1):
    return Earlier("agency-answered", said.agency, msgspec.json.encode(said).decode(), f"awaiting@{version}", False)


def test_what_is_asked_is_read_by_item_with_its_fee():
    rows = asks_in([blob("a", 1, "30000.5"), blob("b", 7), Blob("decision@1", 0, b"{}")])
    assert rows.select("agency", "i", "fee").rows() == [("a", 1, 30_000_500_000), ("b", 7, None)]


@pytest.mark.parametrize("answer", Answer)
def test_for_a_new_version_only_what_was_against_the_goods_holds(answer):
    acts = [made(Said("a", answer, 1)), Earlier("paid", "bank", "", "awaiting@1", False)]
    assert [one.answer for one in held(acts, 1)] == [answer]
    in_favour = answer in (Answer.GRANT, Answer.CONFORM, Answer.SECOND_CONFORM)
    assert [one.answer for one in held(acts, 2)] == ([] if in_favour else [answer])


def test_an_answer_of_some_items_leaves_the_others_waiting(edition):
    docket = Docket([blob("a", 1), blob("a", 2)], [], edition, 10)
    assert docket.heard(Said("a", Answer.GRANT, 10, items=(1,))) == (None, True)
    assert docket.heard(Said("a", Answer.GRANT, 10, items=(1, 2))) == (None, False)
    assert docket.heard(Said("a", Answer.GRANT, 10)) == (None, False)
    assert docket.heard(Said("a", Answer.GRANT, 10, items=(3,))) == ("not-asked", True)


def test_answers_are_heard_in_the_order_they_were_said_even_if_the_clock_stands():
    before = [Said("a", Answer.SAMPLE, 50), Said("a", Answer.NOT_CONFORM, 51)]
    docket = Docket([blob("a")], before, None, 20)
    assert docket.instant() == 52


def test_what_changes_nothing_says_why(edition):
    docket = Docket([blob("a")], [Said("a", Answer.SAMPLE, 1), Said("a", Answer.NOT_CONFORM, 2)], edition, 10)
    assert docket.heard(Said("a", Answer.REFUSE, 10)) == ("result-stands", True)
    assert docket.heard(Said("a", Answer.ASK_SECOND_TEST, 10)) == (None, True)
