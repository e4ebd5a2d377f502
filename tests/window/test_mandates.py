"""Mandates over HTTP: given and taken back by the principal, seen by the agent, and asked for when an agent lodges."""

import pytest
from starlette.testclient import TestClient

from landsea.clearance.revenue import Account, Kind
from landsea.node import book
from landsea.node.assemble import Node
from landsea.node.replay import replay
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, calm_law, declaration, invalidation

XML = {"Content-Type": "application/xml"}
AGENT = "LA0200000002"


@pytest.fixture
def client(tmp_path, edition):
    """A window on a node in Laos that collects before it releases and selects nobody."""
    law = calm_law(edition, release="covered")
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=law) as node,
        TestClient(create_app(node)) as client,
    ):
        client.node = node
        parties = {"principal": PARTY, "agent": AGENT, "stranger": "LA0300000003"}
        client.keys = {
            name: {"Authorization": f"Bearer {node.access.grant(party, 'trader')}"} for name, party in parties.items()
        }
        treasury = node.access.grant("treasury", "treasury")
        client.keys["treasury"] = {"Authorization": f"Bearer {treasury}"}
        yield client


def give(client, reference="M-1", who="principal", **said):
    body = {"reference": reference, "agent": AGENT, "representation": "direct", **said}
    return client.post("/v1/mandates", json=body, headers=client.keys[who])


def lodge(client, reference, by="agent", declarant=AGENT):
    body = declaration(reference, kind="IMA").replace(
        f"<Declarant><ID>{PARTY}</ID>".encode(), f"<Declarant><ID>{declarant}</ID>".encode()
    )
    return client.post("/v1/declarations", content=body, headers={**XML, **client.keys[by]}).json()


def rules(answer):
    return [one["rule"] for one in answer["findings"] if one["rule"].startswith("CLR-2")]


def held(client, kind, holder):
    with client.node.store.reading() as connection:
        return book.balance(connection)(Account(Kind(kind), "LAK", holder))


def test_a_principal_that_keeps_no_mandates_here_is_not_asked_for_one(client):
    assert rules(lodge(client, "L-1")) == []
    give(client, who="stranger")
    assert rules(lodge(client, "L-2")) == []


def test_once_a_principal_keeps_mandates_nobody_acts_for_it_without_one(client):
    given = give(client, procedures=["71"])
    assert given.status_code == 201
    assert give(client, procedures=["71"]).content == given.content
    out_of_scope = lodge(client, "L-1")
    assert (out_of_scope["outcome"], rules(out_of_scope)) == ("rejected", ["CLR-203"])
    unknown = lodge(client, "L-2", by="stranger", declarant="LA0900000009")
    assert (unknown["outcome"], rules(unknown)) == ("rejected", ["CLR-201"])
    assert rules(lodge(client, "L-3", by="principal", declarant=PARTY)) == []
    for n, declarant in enumerate((PARTY, AGENT)):
        hidden = lodge(client, f"L-4{n}", by="stranger", declarant=declarant)
        assert (hidden["outcome"], rules(hidden)) == ("rejected", ["CLR-201"]), "who lodges for it acts for it"
    assert [one for one in replay(client.node.lodging) if one.differences] == []


def test_direct_representation_leaves_the_duties_to_the_principal_indirect_to_the_agent(client):
    give(client)
    direct = lodge(client, "L-1")
    assert rules(direct) == []
    number = direct["mrn"]
    due = sum(int(duty["amount"]) for duty in direct["duties"] if duty["state"] == "payable")
    paid = {"kind": "paid", "reference": "P", "content": {"amount": str(due + 7), "currency": "LAK"}}
    assert client.post(f"/v1/declarations/{number}/acts", json=paid, headers=client.keys["treasury"]).status_code == 201
    assert (held(client, "credit", PARTY), held(client, "credit", AGENT)) == (7, 0)
    mandate = client.get("/v1/mandates", headers=client.keys["agent"]).json()[0]["mandate"]
    client.delete(f"/v1/mandates/{mandate}", headers=client.keys["principal"])
    give(client, "M-2", representation="indirect")
    number = lodge(client, "L-2")["mrn"]
    paid["reference"] = "P2"
    assert client.post(f"/v1/declarations/{number}/acts", json=paid, headers=client.keys["treasury"]).status_code == 201
    assert (held(client, "credit", PARTY), held(client, "credit", AGENT)) == (7, 7)


def test_who_answers_stands_in_the_receipt(client):
    give(client)
    receipt = lodge(client, "L-1")["receipt"]
    (text,) = [one["text"] for record in receipt["records"] for one in record["shown"] if one["group"] == "liability@1"]
    assert f'"liable":["{PARTY}"]' in text


def test_a_mandate_taken_back_serves_no_more_and_what_was_lodged_before_stands(client):
    mandate = give(client).json()["mandate"]
    before = lodge(client, "L-1")
    assert before["awaits"] == ["duties"]
    path = f"/v1/mandates/{mandate}"
    assert client.delete(path, headers=client.keys["agent"]).status_code == 404
    revoked = client.delete(path, headers=client.keys["principal"])
    assert revoked.status_code == 201
    assert client.delete(path, headers=client.keys["principal"]).content == revoked.content
    assert rules(lodge(client, "L-2")) == ["CLR-202"]
    now = client.get(f"/v1/declarations/{before['mrn']}", headers=client.keys["agent"]).json()
    assert now["awaits"] == ["duties"]
    body = invalidation("I-1", before["mrn"])
    gone = client.post("/v1/declarations", content=body, headers={**XML, **client.keys["agent"]}).json()
    assert gone["outcome"] == "accepted"
    assert held(client, "due", before["mrn"]) == 0


def test_a_mandate_is_seen_by_those_it_binds(client):
    mandate = give(client, offices=["LAVTE001"], ends_at="2099-01-01T00:00:00Z").json()["mandate"]
    for who in ("principal", "agent"):
        (one,) = client.get("/v1/mandates", headers=client.keys[who]).json()
        assert (one["mandate"], one["agent"], one["offices"], one["revoked_at"]) == (mandate, AGENT, "LAVTE001", None)
    assert client.get("/v1/mandates", headers=client.keys["stranger"]).json() == []


@pytest.mark.parametrize(
    "said",
    [
        *({"agent": PARTY}, {"representation": "sideways"}, {"codes": ["0810 20"]}, {"codes": ["0810\n"]}),
        *({"ends_at": "2001-01-01T00:00:00Z"}, {"ends_at": "9999-12-31T23:59:59-14:00"}),
    ],
)
def test_a_mandate_that_could_never_be_used_is_refused(client, said):
    assert give(client, **said).status_code == 400
    assert client.get("/v1/mandates", headers=client.keys["principal"]).json() == []
