"""A node that relays, over HTTP: nothing is lodged with it, and what it tells of a declaration is no release."""

import pytest
from fastapi.testclient import TestClient

from databases import quiet
from landsea.clearance.relayed import Advised
from landsea.node.legacy import adapters
from landsea.node.relay import relay_of
from landsea.node.settings import Settings
from landsea.window import create_app
from landsea.wire import sad_xml
from lodged import declaration
from sad import RELEASED, sad


@pytest.fixture
def relaying(tmp_path, edition):
    """A node beside a national system that released a declaration: a client, and the headers of two callers."""
    with quiet(Settings(data=tmp_path / "node", administration="LA", authority_mode="relays"), edition) as node:
        stated = adapters(edition, "LA")
        relay_of(node).answers([sad_xml.translated(sad("1", **RELEASED), stated.system, stated.sad)])
        keys = {role: {"Authorization": f"Bearer {node.access.grant(role, role)}"} for role in ("trader", "officer")}
        yield TestClient(create_app(node)), keys


def test_nothing_can_be_lodged_with_a_node_that_relays(relaying):
    client, keys = relaying
    headers = {**keys["trader"], "Content-Type": "application/xml"}
    refused = client.post("/v1/declarations", content=declaration("L1"), headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:landsea:problem:relays")


def test_what_they_released_is_advised_on_and_answers_no_response_of_customs(relaying):
    client, keys = relaying
    said = client.get("/v1/declarations/LABTN-2026-C1", headers=keys["officer"])
    assert said.status_code == 200
    assert said.json()["outcome"] in {one.name.lower() for one in Advised}
    assert (said.json()["state"], said.json()["control"]) == ("relayed", None)
    given = client.get("/v1/declarations/LABTN-2026-C1/responses", headers=keys["officer"])
    assert given.json() == []


def test_a_trader_learns_nothing_of_a_declaration_the_national_system_has(relaying):
    client, keys = relaying
    assert client.get("/v1/declarations/LABTN-2026-C1", headers=keys["trader"]).status_code == 404
