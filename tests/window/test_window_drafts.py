"""Drafts over HTTP: nothing that was answered is lost, nobody's work is written over, and nothing of controls shows."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from landsea.node import tables
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app
from landsea.wire import read, write
from lodged import PARTY, declaration, lodgement

XML, JSON = {"Content-Type": "application/xml"}, {"Content-Type": "application/json"}
FULL = 'a"<&>b'


@pytest.fixture(scope="module")
def client(tmp_path_factory, edition):
    documents = dict(edition.documents)
    law = replace(edition, digest="test:drafts", documents=documents)
    settings = Settings(data=tmp_path_factory.mktemp("drafts"), administration="LA", drafts=20)
    with Node(settings, edition=law) as node, TestClient(create_app(node)) as client:
        client.node = node
        client.own = key(node, PARTY)
        client.other = key(node, "LA0100000666")
        yield client


@pytest.fixture(autouse=True)
def room(client):
    yield
    with client.node.store.writing() as connection:
        connection.execute(tables.drafts.delete())


def key(node, party):
    return {"Authorization": f"Bearer {node.access.grant(party, 'trader')}"}


def make(client, content, kind=XML):
    made = client.post("/v1/drafts", content=content, headers={**kind, **client.own})
    assert made.status_code == 201, made.text
    return made


def keep(client, name, content, version, own=None):
    headers = {**XML, **(own or client.own), "If-Match": f'"{version}"'}
    return client.put(f"/v1/drafts/{name}", content=content, headers=headers)


def test_a_draft_may_be_anything_and_comes_back_byte_for_byte(client):
    for content, kind in ((b"", XML), (b"<Declaration><Func", XML), (b'{"a"', JSON), (declaration("D-1"), XML)):
        made = make(client, content, kind)
        found = client.get(made.headers["location"], headers=client.own)
        assert (found.content, found.headers["etag"], made.headers["etag"]) == (content, '"1"', '"1"')
        assert found.headers["content-type"].startswith(kind["Content-Type"])
    listed = client.get("/v1/drafts", headers=client.own).json()
    assert [one["reference"] for one in listed] == ["D-1", None, None, None]


def test_a_change_is_made_on_the_version_that_was_seen(client):
    name = make(client, b"<a/>").json()["name"]
    assert keep(client, name, b"<b/>", 1).headers["etag"] == '"2"'
    late = keep(client, name, b"<c/>", 1)
    assert (late.status_code, late.headers["etag"]) == (412, '"2"')
    assert (late.json()["stored"]["content"], late.json()["sent"]["content"]) == ("<b/>", "<c/>")
    assert client.get(f"/v1/drafts/{name}", headers=client.own).content == b"<b/>"
    unsaid = client.put(f"/v1/drafts/{name}", content=b"", headers={**XML, **client.own})
    assert unsaid.status_code == 428
    assert client.delete(f"/v1/drafts/{name}", headers={**client.own, "If-Match": '"1"'}).status_code == 412
    assert client.delete(f"/v1/drafts/{name}", headers={**client.own, "If-Match": '"2"'}).status_code == 204
    assert client.get(f"/v1/drafts/{name}", headers=client.own).status_code == 404


def test_a_change_whose_answer_was_lost_is_sent_again_and_changes_nothing(client):
    name = make(client, b"<a/>").json()["name"]
    first = keep(client, name, b"<b/>", 1)
    again = keep(client, name, b"<b/>", 1)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_draft_is_its_partys_alone_and_lies_sealed(client):
    name = make(client, declaration("D-SECRET")).json()["name"]
    for answer in (
        client.get(f"/v1/drafts/{name}", headers=client.other),
        keep(client, name, b"<x/>", 1, own=client.other),
        client.post(f"/v1/drafts/{name}/check", headers=client.other),
    ):
        assert answer.status_code == 404
    assert client.get("/v1/drafts", headers=client.other).json() == []
    assert "D-SECRET" not in name
    for file in client.node.settings.data.glob("node.sqlite*"):
        assert b"D-SECRET" not in file.read_bytes()


def test_a_party_keeps_so_much_and_no_more(client):
    name = make(client, b"<a/>").json()["name"]
    for _ in range(19):
        make(client, b"<a/>")
    assert client.post("/v1/drafts", content=b"<a/>", headers={**XML, **client.own}).status_code == 409
    assert keep(client, name, b"<b/>", 1).status_code == 200
    large = keep(client, name, b"<b>" + b" " * (1 << 20), 2)
    assert (large.status_code, large.json()["type"]) == (409, "urn:landsea:problem:full")


def test_what_nobody_changed_for_long_is_gone(client, monkeypatch):
    name = make(client, b"<a/>").json()["name"]
    with client.node.store.writing() as connection:
        connection.execute(tables.drafts.update().values(at=0))
    assert client.get(f"/v1/drafts/{name}", headers=client.own).status_code == 404
    make(client, b"<b/>")
    with client.node.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tables.drafts)).scalar_one() == 1


def test_a_check_tells_findings_duties_and_agencies_and_records_nothing(client):
    name = make(client, declaration("D-2", price="-1")).json()["name"]
    with client.node.store.reading() as connection:
        before = client.node.log.size(connection)
    told = client.post(f"/v1/drafts/{name}/check", headers=client.own).json()
    lodged = client.post("/v1/declarations", content=declaration("D-2", price="-1"), headers={**XML, **client.own})
    assert told["findings"] == lodged.json()["findings"]
    assert told["findings"]
    keep(client, name, declaration("D-3"), 1)
    with client.node.store.reading() as connection:
        size = client.node.log.size(connection)
        draws = connection.execute(select(func.count()).select_from(tables.draws)).scalar_one()
    told = client.post(f"/v1/drafts/{name}/check", headers=client.own).json()
    with client.node.store.reading() as connection:
        assert client.node.log.size(connection) == size > before
        assert connection.execute(select(func.count()).select_from(tables.draws)).scalar_one() == draws
    lodged = client.post("/v1/declarations", content=declaration("D-3"), headers={**XML, **client.own})
    assert told["duties"] == lodged.json()["duties"]
    assert told["duties"]


def test_a_check_of_what_no_reader_can_read_says_why(client):
    name = make(client, b"<Declaration><Func").json()["name"]
    told = client.post(f"/v1/drafts/{name}/check", headers=client.own)
    assert (told.status_code, told.json()["duties"], told.json()["agencies"]) == (200, [], [])
    assert told.json()["findings"][0]["rule"].startswith("WIR-")


@pytest.mark.parametrize("share", ["0", "1"])
def test_a_check_tells_nothing_of_controls_whoever_would_be_selected(tmp_path, edition, monkeypatch, share):
    """Two laws, one of which controls everything and one nothing, answer with the same bytes; nothing is even drawn."""
    documents = dict(edition.documents)
    random = {"physical": share} if share != "0" else {}
    documents["LA/risk_profiles"] = {**documents["LA/risk_profiles"], "random": random, "profiles": []}
    law = replace(edition, digest=f"test:share{share}", documents=documents)
    monkeypatch.setattr("landsea.risk.select.select", None)
    monkeypatch.setattr("landsea.risk.sampling.draws", None)
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=law) as node,
        TestClient(create_app(node)) as client,
    ):
        client.own = key(node, PARTY)
        name = make(client, declaration("D-4")).json()["name"]
        told = client.post(f"/v1/drafts/{name}/check", headers=client.own)
        assert set(told.json()) == {"findings", "duties", "agencies", "blanks"}
        said.setdefault("told", told.content)
        assert told.content == said["told"]


said = {}


def test_a_template_is_filled_as_often_as_wanted(client):
    text = declaration("{{reference}}").decode().replace("Chongqing", "{{ city of the seller }}")
    template = make(client, text).json()
    assert template["blanks"] == ["reference", "city of the seller"]
    values = {"reference": "T-1", "city of the seller": FULL}
    filled = client.post(f"/v1/drafts/{template['name']}/fill", json=values, headers=client.own)
    assert (filled.status_code, filled.json()["reference"], filled.json()["blanks"]) == (201, "T-1", [])
    assert "a&quot;&lt;&amp;&gt;b" in client.get(filled.headers["location"], headers=client.own).text
    part = client.post(f"/v1/drafts/{template['name']}/fill", json={"reference": "T-2"}, headers=client.own)
    assert part.json()["blanks"] == ["city of the seller"]
    strange = client.post(f"/v1/drafts/{template['name']}/fill", json={"colour": "red"}, headers=client.own)
    assert strange.status_code == 400
    twin = make(client, json.dumps({"Declaration": {"FunctionalReferenceID": "{{reference}}"}}), JSON).json()
    filled = client.post(f"/v1/drafts/{twin['name']}/fill", json={"reference": FULL}, headers=client.own)
    written = client.get(filled.headers["location"], headers=client.own).json()
    assert written["Declaration"]["FunctionalReferenceID"] == FULL


@pytest.mark.parametrize("form", ["xml", "json"])
def test_an_earlier_declaration_becomes_a_draft_without_its_references_and_dates(client, form):
    body, kind = declaration(f"D-5-{form}"), XML
    if form == "json":
        (document,) = read([lodgement(body)], client.node.edition).documents
        body, kind = write(document, "json"), JSON
    number = client.post("/v1/declarations", content=body, headers={**kind, **client.own}).json()["mrn"]
    made = client.post(f"/v1/declarations/{number}/draft", headers=client.own)
    assert (made.status_code, made.json()["reference"], made.json()["form"]) == (201, None, form)
    text = client.get(made.headers["location"], headers=client.own).text
    for gone in ("D-5", number, "CSQU3054383", "X9571"):
        assert gone not in text
    for stays in ("87089900", "18500.00", "Chongqing", "LA0100000001"):
        assert stays in text
    other = client.post(f"/v1/declarations/{number}/draft", headers=client.other)
    assert other.status_code == 404
    told = client.post(f"{made.headers['location']}/check", headers=client.own).json()
    assert any("FunctionalReferenceID" in (one["pointer"] or "") for one in told["findings"]), told["findings"]
