"""The stop list over HTTP: two officers for each change, nothing a trader could tell, nothing that slips through."""

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from landsea.node import records
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.replay import replay
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, amendment, declaration

XML = {"Content-Type": "application/xml"}
SECRET = "a reason that no trader reads"
MARKS = (
    ("operator", "la 0100000001"),
    ("container", "CSQU 305438-3"),
    ("plate", "x-9571"),
    ("goods", "8708.99/CN"),
    ("goods", "87/*"),
)


def law_of(edition, share):
    """A law of Laos that selects nobody, but for a share that is drawn for physical examination."""
    documents = dict(edition.documents)
    random = {"documents": "0.000001"} | ({"physical": share} if share != "0" else {})
    documents["LA/risk_profiles"] = {**documents["LA/risk_profiles"], "profiles": [], "random": random}
    return replace(edition, digest=f"test:stops{share}", documents=documents)


@pytest.fixture
def client(tmp_path, edition):
    settings = Settings(data=tmp_path, administration="LA")
    with Node(settings, edition=law_of(edition, "0.000001")) as node, TestClient(create_app(node)) as client:
        client.node = node
        parties = {role: PARTY if role == "trader" else role for role in ROLES} | {"second": "second officer"}
        client.keys = {
            name: {"Authorization": f"Bearer {node.access.grant(party, 'officer' if name == 'second' else name)}"}
            for name, party in parties.items()
        }
        yield client


def lodge(client, reference, kind="IMA"):
    body = declaration(reference, kind=kind)
    return client.post("/v1/declarations", content=body, headers={**XML, **client.keys["trader"]}).json()


def status(client, number, role="trader"):
    return client.get(f"/v1/declarations/{number}", headers=client.keys[role]).json()


def asked(client, kind, value, who="officer", **more):
    said = {"reference": f"S-{kind}-{value}", "kind": kind, "value": value, "reason": SECRET, "basis": "Art. 1"}
    return client.post("/v1/stops", json={**said, "valid_from": "2020-01-01", **more}, headers=client.keys[who])


def step(client, verb, entry, who, **more):
    said = {"reference": f"{verb}-{entry}-{who}", **more}
    return client.post(f"/v1/stops/{entry}/{verb}", json=said, headers=client.keys[who])


def stop(client, kind, value, **more):
    """An entry in force."""
    entry = asked(client, kind, value, **more).json()["id"]
    done = step(client, "confirm", entry, "second")
    assert (done.status_code, done.json()["state"]) == (201, "in-force"), done.text
    return entry, done.json()


@pytest.mark.parametrize(("kind", "value"), MARKS)
def test_what_carries_the_mark_is_controlled_and_what_does_not_is_not(client, kind, value):
    assert lodge(client, "B-0")["outcome"] == "released"
    stop(client, kind, value)
    assert lodge(client, "B-1")["outcome"] == "examine"
    other = declaration("B-2").replace(b"LA0100000001", b"LA0100000002").replace(b"CSQU3054383", b"CSQU3054384")
    other = other.replace(b"X9571", b"X9572").replace(b"87089900", b"84089000")
    told = client.post("/v1/declarations", content=other, headers={**XML, **client.keys["trader"]}).json()
    assert told["outcome"] != "examine"


def test_one_officer_alone_stops_nothing_and_lets_nothing_go(client):
    entry = asked(client, "container", "CSQU3054383").json()["id"]
    assert lodge(client, "B-1")["outcome"] == "released"
    alone = step(client, "confirm", entry, "officer")
    assert (alone.status_code, alone.json()["reason"]) == (409, "second-officer-needed")
    assert step(client, "confirm", entry, "second").status_code == 201
    assert lodge(client, "B-2")["outcome"] == "examine"
    assert step(client, "lift", entry, "second", reason="found").json()["state"] == "lifting"
    assert lodge(client, "B-3")["outcome"] == "examine"
    assert step(client, "confirm", entry, "second").status_code == 200  # its first confirmation, told again
    lifted = client.post(f"/v1/stops/{entry}/confirm", json={"reference": "L"}, headers=client.keys["officer"])
    assert lifted.json()["state"] == "lifted"
    assert lodge(client, "B-4")["outcome"] == "released"
    assert client.get("/v1/stops", headers=client.keys["officer"]).json() == []


def test_a_stop_intercepts_what_is_lodged_and_not_yet_released(client):
    early, later = lodge(client, "B-1", "IMD"), lodge(client, "B-2", "IMD")
    released = lodge(client, "B-3")
    client.post(
        "/v1/declarations", content=amendment("B-A", later["mrn"], "19000.00"), headers={**XML, **client.keys["trader"]}
    )
    before = status(client, early["mrn"])
    _, done = stop(client, "plate", "X9571", control="documents")
    assert (done["intercepted"], done["unread"]) == (2, 0)
    assert status(client, early["mrn"]) == before
    for told, goods in ((early, "T1"), (later, "T2")):
        said = {"reference": goods, "goods": [{"kind": "mrn", "value": told["mrn"]}]}
        assert client.post("/v1/arrivals", json=said, headers=client.keys["carrier"]).json()["found"] == 1
        now = status(client, told["mrn"])
        assert (now["outcome"], now["control"]) == ("held", "documents")
    assert status(client, released["mrn"])["outcome"] == "released"


def test_an_entry_holds_from_its_first_day_to_its_last(client):
    for number, span in enumerate(({"valid_to": "2021-01-01"}, {"valid_from": "2090-01-01"})):
        stop(client, "operator", f"{PARTY}{' ' * number}", **span)
    assert lodge(client, "B-1")["outcome"] == "released"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "colour"}, (400, "content")),
        ({"kind": "goods", "value": "8"}, (400, "content")),
        ({"value": "-"}, (400, "content")),
        ({"valid_from": "2026-02-30"}, (400, "content")),
        ({"valid_to": "2019-12-31"}, (400, "content")),
        ({"control": "melt"}, (400, None)),
        ({"reason": ""}, (400, None)),
    ],
)
def test_an_entry_that_could_not_take_effect_is_refused(client, change, expected):
    refused = asked(client, **{"kind": "container", "value": "CSQU3054383", **change})
    assert (refused.status_code, refused.json().get("reason")) == expected


def test_a_control_that_is_never_drawn_is_no_stop_for_it_would_tell(tmp_path, edition):
    law = law_of(edition, "0")
    settings = Settings(data=tmp_path, administration="LA")
    with Node(settings, edition=law) as node, TestClient(create_app(node)) as client:
        client.keys = {"officer": {"Authorization": f"Bearer {node.access.grant('officer', 'officer')}"}}
        assert asked(client, "plate", "X9571").json()["reason"] == "never-random"


def test_no_byte_that_a_trader_sees_tells_a_stop_from_a_random_control(client, tmp_path, edition):
    """The same declaration, stopped here, and drawn for the same control on another node."""
    entry, _ = stop(client, "plate", "X9571")
    stopped = lodge(client, "B-1")
    with Node(Settings(data=tmp_path / "drawn", administration="LA"), edition=law_of(edition, "0.999998")) as node:
        drawn = TestClient(create_app(node))
        drawn.keys = {"trader": {"Authorization": f"Bearer {node.access.grant(PARTY, 'trader')}"}}
        random = lodge(drawn, "B-1")
        number, other = stopped["mrn"], random["mrn"]
        assert (stopped["outcome"], random["outcome"]) == ("examine", "examine")
        seen = [client.get(f"/v1/declarations/{number}/responses", headers=client.keys["trader"]).json()]
        seen.append(drawn.get(f"/v1/declarations/{other}/responses", headers=drawn.keys["trader"]).json())
    said = [
        {name: value for name, value in told.items() if name not in ("record", "mrn", "decided_at", "receipt")}
        for told in (stopped, random)
    ]
    assert said[0] == said[1]
    groups = [
        [[one["group"] for one in record["shown"]] for record in told["receipt"]["records"]]
        for told in (stopped, random)
    ]
    assert groups[0] == groups[1]
    assert [message["MetaData"]["Response"]["FunctionCode"] for message in seen[0]] == [
        message["MetaData"]["Response"]["FunctionCode"] for message in seen[1]
    ]
    everything = json.dumps([stopped, seen[0], status(client, number)])
    assert SECRET not in everything
    assert entry not in everything
    assert "stop list" not in everything.lower()


def test_officers_read_reason_and_hit_and_nobody_else_may_look(client):
    entry, _ = stop(client, "plate", "X9571")
    number = lodge(client, "B-1")["mrn"]
    (listed,) = client.get("/v1/stops", headers=client.keys["officer"]).json()
    assert (listed["reason"], listed["basis"], listed["state"]) == (SECRET, "Art. 1", "in-force")
    document = client.node.register.declared(number)
    with client.node.store.reading() as connection:
        found = records.read(connection, client.node.ledger.keys, [document.decided])[document.decided]
    reasons = next(json.loads(one.data) for one in found.blobs if one.group == "reasons@1")
    assert [(hit["profile"], hit["values"]) for hit in reasons["hits"]] == [(f"stop/{entry}", "plate=X9571")]
    for role in set(ROLES) - {"officer"}:
        assert client.get("/v1/stops", headers=client.keys[role]).status_code == 403
        assert asked(client, "plate", "X1", who=role).status_code == 403


def test_what_was_stopped_is_replayed_to_the_same_bytes(client):
    stop(client, "container", "CSQU3054383")
    lodge(client, "B-1")
    entry = client.get("/v1/stops", headers=client.keys["officer"]).json()[0]["id"]
    step(client, "lift", entry, "officer", reason="over")
    step(client, "confirm", entry, "second")
    lodge(client, "B-2")
    replayed = list(replay(client.node.lodging))
    assert len(replayed) == 2
    assert not any(one.differences or one.obstacle for one in replayed)


def test_a_declaration_decided_before_a_stop_and_committed_after_it_is_decided_again(client, monkeypatch):
    """The stop is confirmed between hop 5 and hop 6 of a declaration that would have been released."""
    lodging, drafted, done = type(client.node.lodging), type(client.node.lodging).drafted, []

    def late(self, *given):
        decided = drafted(self, *given)
        if not done:
            done.append(stop(client, "plate", "X9571"))
        return decided

    monkeypatch.setattr(lodging, "drafted", late)
    assert lodge(client, "B-1")["outcome"] == "examine"
    assert done
