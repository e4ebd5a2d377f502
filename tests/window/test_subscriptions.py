"""Subscriptions over HTTP: a party makes, lists and ends its own, and learns the secret once."""

import pytest
from starlette.testclient import TestClient

from databases import quiet
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, declaration
from sinks import http_sink

HERE = {"channel": "webhook", "target": "https://broker.example/hook"}


@pytest.fixture(scope="module")
def client(tmp_path_factory, edition):
    settings = Settings(data=tmp_path_factory.mktemp("hooks"), administration="LA", webhooks="demonstration")
    with quiet(settings, edition) as node, TestClient(create_app(node)) as client:
        client.node = node
        yield client


def key(client, party, role="trader"):
    return {"Authorization": f"Bearer {client.node.access.grant(party, role)}"}


def test_a_party_makes_lists_and_ends_its_subscriptions(client):
    own, other = key(client, "A"), key(client, "B")
    made = client.post("/v1/subscriptions", json=HERE, headers=own)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = client.get("/v1/subscriptions", headers=own).json()
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    assert client.get("/v1/subscriptions", headers=other).json() == []
    path = f"/v1/subscriptions/{listed['id']}"
    assert client.delete(path, headers=other).status_code == 404
    assert client.delete(path, headers=own).status_code == 204
    assert client.delete(path, headers=own).status_code == 404
    assert client.get("/v1/subscriptions", headers=own).json() == []


def test_the_same_party_in_another_role_has_other_subscriptions(client):
    client.post("/v1/subscriptions", json=HERE, headers=key(client, "C"))
    assert client.get("/v1/subscriptions", headers=key(client, "C", "carrier")).json() == []


@pytest.mark.parametrize("role", ["officer", "auditor", "operator", "treasury"])
def test_roles_without_notices_have_no_subscriptions(client, role):
    assert client.post("/v1/subscriptions", json=HERE, headers=key(client, "D", role)).status_code == 403


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"channel": "webhook", "target": "https://192.168.1.1/"}, "private"),
        ({"channel": "email", "target": "a@example.com"}, "mail_relay"),
        ({"channel": "webhook"}, "target"),
        ({**HERE, "secret": "mine"}, "unknown field"),
    ],
)
def test_what_cannot_be_subscribed_to_is_a_problem_that_says_why(client, said, why):
    refused = client.post("/v1/subscriptions", json=said, headers=key(client, "E"))
    assert refused.status_code == 400
    assert why in refused.json()["detail"]


def test_a_node_that_serves_sends_by_itself(client):
    with http_sink() as sink:
        here = {"channel": "webhook", "target": sink.url}
        assert client.post("/v1/subscriptions", json=here, headers=key(client, PARTY)).status_code == 201
        headers = {**key(client, PARTY), "Content-Type": "application/xml"}
        with client.node.noticing():
            number = client.post("/v1/declarations", content=declaration("S-1"), headers=headers).json()["mrn"]
            assert sink.arrived.wait(20)
    assert [one["data"]["mrn"] for one in sink.bodies] == [number]
