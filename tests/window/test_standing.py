"""Standing over HTTP: an operator's grade and every figure, from what is on record of it."""

import pytest
from starlette.testclient import TestClient

from landsea.node import tables
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, calm_law, declaration

XML = {"Content-Type": "application/xml"}
DAYS = 2 * 24 * 3600 * 1_000_000


@pytest.fixture
def client(tmp_path, edition):
    """A window on a node in Laos that selects nobody."""
    law = calm_law(edition)
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=law) as node,
        TestClient(create_app(node)) as client,
    ):
        client.node = node
        parties = {"trader": PARTY, "officer": "officer-1"}
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(party, role)}"} for role, party in parties.items()
        }
        yield client


def lodge(client, reference, wrong=False):
    body = declaration(reference, kind="IMA")
    if wrong:
        body = body.replace(b"<ConditionCode>CIF<", b"<ConditionCode>ZZZ<")
    return client.post("/v1/declarations", content=body, headers={**XML, **client.keys["trader"]}).json()


def days_pass(client):
    """What is on record was done two days earlier."""
    with client.node.store.writing() as connection:
        connection.execute(tables.records.update().values(at=tables.records.c.at - DAYS))


def test_a_grade_follows_from_the_record_and_every_figure_is_told(client):
    outcomes = [lodge(client, f"S-{n}", wrong=n == 0)["outcome"] for n in range(6)]
    assert outcomes == ["rejected", *["released"] * 5]
    assert client.get("/v1/standing", headers=client.keys["trader"]).json()["grade"] is None
    days_pass(client)
    assert client.node.standings.reckon() == 1
    said = client.get("/v1/standing", headers=client.keys["trader"]).json()
    assert (said["operator"], said["grade"]) == (PARTY, "C"), "one of six declarations was rejected"
    assert any(one.startswith("grade B, errors: 1 of 6, 16.666666 %; at most 10 %: not met") for one in said["figures"])
    assert any(one.startswith("grade B, declarations: 6; at least 5: met") for one in said["figures"])
    assert client.get("/v1/standing", headers=client.keys["officer"]).status_code == 403


def test_an_examination_not_conform_tells_against_and_an_amendment_does_not(client):
    number = lodge(client, "S-1")["mrn"]
    assert [lodge(client, f"S-1{n}")["outcome"] for n in range(5)] == ["released"] * 5
    late = lodge(client, "S-2")["mrn"]
    assert number != late
    with client.node.store.writing() as connection:  # as an examination leaves it
        columns = tables.acts.c.keys()
        row = ("o", "E", b"", late, "examined", "not-conform", "examination@1", 0, 0, 1, 0)
        connection.execute(tables.acts.insert().values(dict(zip(columns, row, strict=True))))
    days_pass(client)
    client.node.standings.reckon()
    said = client.get("/v1/standing", headers=client.keys["trader"]).json()
    assert any("grade B, not-conform: 1 of 1, 100 %; at most 5 %: not met" in one for one in said["figures"])
    assert said["grade"] == "C"


def test_a_grade_given_by_authorisation_stays(client):
    lodge(client, "S-1")
    days_pass(client)
    with client.node.store.writing() as connection:
        connection.execute(tables.standing.insert().values(operator=PARTY, grade="AEO", since="2020-01-01"))
    assert client.node.standings.reckon() == 0
    assert client.get("/v1/standing", headers=client.keys["trader"]).json()["grade"] == "AEO"
