"""Evidence of value over HTTP: lodged by the declarant and by officers, and a declaration that is valued by it."""

import pytest
from starlette.testclient import TestClient

from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, declaration

SALE = {"kind": "87089900", "origin": "CN", "sold_on": "2026-11-10", "unit_price": "200", "quantity": "300"}
USUAL = {"kind": "87089900", "margin": "20", "duties": "5"}


@pytest.fixture
def client(tmp_path, edition):
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=edition) as node,
        TestClient(create_app(node)) as client,
    ):
        roles = {"trader": PARTY, "officer": "officer-1", "carrier": "carrier-1"}
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(party, role)}"} for role, party in roles.items()
        }
        yield client


def keep(client, role, reference, **said):
    return client.post("/v1/valuation-evidence", json={"reference": reference, **said}, headers=client.keys[role])


def test_goods_declared_by_method_4_are_assessed_by_the_sales_that_are_cited(client):
    kept = keep(client, "trader", "EV-1", sales=[SALE])
    assert (kept.status_code, kept.json()["state"]) == (201, "kept")
    again = keep(client, "trader", "EV-1", sales=[SALE])
    assert (again.status_code, again.content) == (200, kept.content)
    assert keep(client, "officer", "LIST-1", resale=[USUAL]).status_code == 201
    paper = (
        b"<AdditionalDocument><CategoryCode>N</CategoryCode><ID>EV-1</ID><TypeCode>325</TypeCode></AdditionalDocument>"
    )
    body = declaration("L1", kind="IMA").replace(b"<MethodCode>1<", b"<MethodCode>4<")
    body = body.replace(b"<Commodity>", paper + b"<Commodity>")
    headers = {"Content-Type": "application/xml", **client.keys["trader"]}
    answer = client.post("/v1/declarations", content=body, headers=headers).json()
    (told,) = (one["value"] for one in answer["findings"] if one["rule"] == "TRF-016")
    assert "the deductive value is" in told
    assert "TRF-015" not in {one["rule"] for one in answer["findings"]}


@pytest.mark.parametrize(
    ("role", "said", "status"),
    [
        ("carrier", {"sales": [SALE]}, 403),
        ("trader", {}, 400),
        ("trader", {"sales": [{**SALE, "unit_price": "-1"}]}, 400),
        ("trader", {"others": [{"product": "x", "basis": "y", "unit_value": "1"}]}, 403),
        ("officer", {"sales": [SALE]}, 400),
        ("trader", {"sales": [SALE], "guess": 1}, 400),
    ],
)
def test_what_is_no_evidence_is_refused(client, role, said, status):
    assert keep(client, role, "EV-1", **said).status_code == status
