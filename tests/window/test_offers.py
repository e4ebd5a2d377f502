"""Offers over HTTP: every regime beside the others, to the unit that would be charged, and nothing is kept."""

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from landsea.node import tables
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app

DURIAN = {
    "commodity": "081060",
    "origin": "TH",
    "amount": "10000",
    "currency": "CNY",
    "administration": "CN",
    "on": "2026-06-01",
}


@pytest.fixture
def client(tmp_path, edition):
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=edition) as node,
        TestClient(create_app(node)) as client,
    ):
        client.node = node
        client.key = {"Authorization": f"Bearer {node.access.grant('T1', 'trader')}"}
        yield client


def ask(client, **more):
    return client.post("/v1/offers", json=DURIAN | more, headers=client.key)


def test_the_regimes_are_told_the_best_that_applies_first(client):
    told = ask(client, proofs=["ACFTA"]).json()
    assert [
        (one["rank"], one["preference"], one["rate"], one["amount"], one["applies"], one["why"]) for one in told
    ] == [
        (1, "302", "Free", "900", True, None),
        (2, "100", "20 %", "3080", True, "dearer"),
        (3, "322", "Free", "900", False, "no proof"),
    ]
    assert told[0]["sentence"] == "ASEAN-China Free Trade Area charges 900 CNY at Free"


def test_without_a_proof_the_general_rate_is_what_is_to_be_had(client):
    assert ask(client).json()[0]["preference"] == "100"


def test_nothing_is_recorded_for_a_question(client):
    def records():
        with client.node.store.reading() as connection:
            return connection.execute(select(func.count()).select_from(tables.records)).scalar_one()

    before = records()
    assert ask(client).status_code == 200
    assert records() == before


@pytest.mark.parametrize(
    "wrong", [{"origin": "Thailand"}, {"amount": "-1"}, {"administration": "XX"}, {"colour": "red"}]
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(client, wrong):
    answer = ask(client, **wrong)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:landsea:problem:malformed")


def test_a_carrier_and_a_stranger_are_not_let_in(client):
    client.key = {}
    assert ask(client).status_code == 401
    client.key = {"Authorization": f"Bearer {client.node.access.grant('C1', 'carrier')}"}
    assert ask(client).status_code == 403
