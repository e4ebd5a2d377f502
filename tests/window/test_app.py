"""The single window, asked over HTTP: what it takes, what it refuses, and that nothing happens twice."""

import json
import re
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from conftest import ROOT
from landsea.dossier.evidence import verify_receipt
from landsea.errors import EnvironmentFault
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app
from landsea.window.access import OPERATIONS

DURIAN = (ROOT / "demonstration/road-01-youyiguan-import-durian.xml").read_bytes()
MANGO = (ROOT / "demonstration/road-02-youyiguan-import-mango.json").read_bytes()
XML = {"Content-Type": "application/xml"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def node(tmp_path_factory, edition):
    """A node whose random selection falls the same way each run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landsea.node.seeds.os", SimpleNamespace(urandom=bytes))
        with Node(Settings(data=tmp_path_factory.mktemp("node")), edition=edition) as node:
            yield node


@pytest.fixture(scope="module")
def client(node):
    with TestClient(create_app(node)) as client:
        yield client


@pytest.fixture(scope="module")
def keys(node):
    """A header for each role, all of one party but for a second trader."""
    granted = {role: node.access.grant("mai", role) for role in ROLES} | {"other": node.access.grant("lan", "trader")}
    return {role: {"Authorization": f"Bearer {key}"} for role, key in granted.items()}


def durian(reference, **replaced):
    body = DURIAN.replace(b"LSDEMO-ROAD-01", reference.encode())
    for old, new in replaced.items():
        body = body.replace(old.encode(), new.encode())
    return body


def lodge(client, keys, body, kind=XML, role="trader"):
    return client.post("/v1/declarations", content=body, headers={**kind, **keys[role]})


@pytest.fixture(scope="module")
def lodged(client, keys):
    return lodge(client, keys, durian("APP-1"))


def test_a_declaration_is_answered_with_outcome_duties_and_a_receipt_that_holds(lodged, node):
    assert lodged.status_code == 201
    answer = lodged.json()
    assert answer["reference"] == "APP-1"
    assert answer["outcome"] in {"released", "held", "examine"}
    assert {duty["tax"] for duty in answer["duties"]} == {"A00", "B00"}
    assert lodged.headers["location"] == f"/v1/declarations/{answer['mrn']}"
    receipt = json.dumps(answer["receipt"]).encode()
    steps = verify_receipt(receipt, str(node.log.key), body=durian("APP-1"), reference="APP-1")
    assert all(step.holds for step in steps)


def test_a_repeat_gets_the_same_bytes_with_200(client, keys, lodged):
    again = lodge(client, keys, durian("APP-1"))
    assert again.status_code == 200
    assert again.content == lodged.content


def test_another_body_under_the_same_reference_is_told_of_the_first(client, keys, lodged):
    refused = lodge(client, keys, durian("APP-1", **{"Fresh durian": "Ripe durian"}))
    assert refused.status_code == 409
    assert lodged.json()["record"] in refused.json()["detail"]


def test_two_senders_may_use_the_same_reference(client, keys, lodged):
    assert lodge(client, keys, durian("APP-1"), role="other").status_code == 201


def test_all_mistakes_are_told_at_once_each_with_its_place(client, keys):
    body = (ROOT / "demonstration/road-05-youyiguan-import-with-mistakes.xml").read_bytes()
    answer = lodge(client, keys, body).json()
    assert answer["outcome"] == "rejected"
    errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
    assert len(errors) >= 5
    assert all(finding["pointer"] and finding["wco"] and finding["message"] for finding in errors)


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"<Declaration>", "unreadable"), (b"{", "unreadable"), (b"", "unreadable"), (b"<a/>", "not-a-declaration")],
)
def test_what_cannot_be_used_is_a_problem_with_the_place_and_on_record(client, keys, body, problem):
    answer = lodge(client, keys, body, JSON if body == b"{" else XML)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["type"] == f"urn:landsea:problem:{problem}"
    assert said["findings"][0]["message"] in said["detail"]
    assert all(step.holds is not False for step in verify_receipt(json.dumps(said["receipt"]).encode()))


def test_several_are_answered_in_order_each_with_its_own_status(client, keys):
    twin = json.loads(MANGO)
    several = json.dumps([twin, {"no": "declaration"}, twin]).encode()
    answers = lodge(client, keys, several, JSON)
    assert answers.status_code == 207
    assert [one["status"] for one in answers.json()] == [201, 422, 200]
    assert answers.json()[0]["answer"] == answers.json()[2]["answer"]


def test_lines_of_json_are_lodged_too(client, keys):
    line = json.dumps(json.loads(MANGO)).replace("LSDEMO-ROAD-02J", "APP-LINE").encode()
    answers = lodge(client, keys, line + b"\n", {"Content-Type": "application/x-ndjson"})
    assert [one["answer"]["reference"] for one in answers.json()] == ["APP-LINE"]


def test_the_status_responses_and_receipt_are_there_afterwards(client, keys, lodged):
    path = lodged.headers["location"]
    assert client.get(path, headers=keys["trader"]).content == lodged.content
    assert client.get(path, headers=keys["officer"]).status_code == 200
    receipt = client.get(f"{path}/receipt", headers=keys["auditor"])
    assert receipt.json() == lodged.json()["receipt"]
    as_json = client.get(f"{path}/responses", headers=keys["trader"]).json()
    assert {one["MetaData"]["Response"]["FunctionCode"] for one in as_json} >= {"13"}
    as_xml = client.get(f"{path}/responses", headers={**keys["trader"], "Accept": "application/xml"})
    assert as_xml.headers["content-type"] == "application/xml"
    assert as_xml.content.count(b"<md:MetaData") == len(as_json)


def test_a_trader_sees_nobody_elses_declaration(client, keys, lodged):
    for part in ("", "/responses", "/receipt"):
        seen = client.get(lodged.headers["location"] + part, headers=keys["other"])
        assert seen.status_code == 404, part
        unknown = client.get("/v1/declarations/26CN0000000000000" + part, headers=keys["other"])
        assert seen.json()["title"] == unknown.json()["title"], "whether it exists must not show"


@pytest.fixture(scope="module")
def asked(client, lodged):
    """How each operation is asked for, as the interface itself says, about the declaration that was lodged."""
    paths = client.get("/openapi.json").json()["paths"]
    listed = {op["operationId"]: (method, path) for path, ops in paths.items() for method, op in ops.items()}
    listed["log"] = ("get", "/v1/log/checkpoint")
    own = {name: (method, path.replace("{mrn}", lodged.json()["mrn"])) for name, (method, path) in listed.items()}
    return {name: (method, re.sub(r"\{[^}]+\}", "nothing", path)) for name, (method, path) in own.items()}


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_role_may_do_what_the_table_says_and_nothing_else(client, keys, asked, operation, role):
    method, path = asked[operation]
    headers = {**XML, **(keys[role] if role else {})}
    answer = client.request(method, path, headers=headers, content=durian("APP-1") if method == "post" else None)
    roles = OPERATIONS[operation]
    if roles and role not in roles:
        assert answer.status_code == (401 if role is None else 403)
    else:  # what is let in is answered, though JSON is wanted and this is XML, or there is nothing there
        assert answer.status_code in {*range(200, 300), 400, 404, 415, 428}


def test_every_path_that_is_served_is_in_the_table_of_operations(client):
    served = {
        op["operationId"] for path in client.get("/openapi.json").json()["paths"].values() for op in path.values()
    }
    assert served == (OPERATIONS.keys() - {"log"}) | {"log_file", "log_key"}


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer landsea_00000000_ff", "Basic bWFpOm1haQ==", "Bearer ☂"]
)
def test_a_body_is_not_even_read_before_its_sender_is_known(node, authorization):
    import asyncio

    sent, read = [], []

    async def receive():
        read.append(True)
        return {"type": "http.request", "body": DURIAN, "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"content-type", b"application/xml"), (b"authorization", authorization.encode("utf-8"))]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/declarations",
        "headers": headers,
        "query_string": b"",
        "root_path": "",
    }
    asyncio.run(create_app(node)(scope, receive, send))
    assert sent[0]["status"] == 401
    assert read == []


def test_a_revoked_key_opens_nothing(client, node):
    key = node.access.grant("gone", "trader")
    node.access.revoke(key.split("_")[1])
    assert lodge(client, {"trader": {"Authorization": f"Bearer {key}"}}, DURIAN).status_code == 401


def test_a_full_queue_says_when_to_come_again(node, keys, monkeypatch):
    from landsea.node.clearing import Busy

    def busy(_lodgement):
        raise Busy("1 lodgements wait already; lodge again in a moment")

    monkeypatch.setattr(node, "lodge", busy)
    answer = lodge(TestClient(create_app(node)), keys, DURIAN)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_a_fault_of_the_machine_is_a_problem_and_nothing_was_lodged(node, keys, monkeypatch):
    from concurrent.futures import Future

    from landsea.errors import EnvironmentFault

    failed = Future()
    failed.set_exception(EnvironmentFault("the disk is full"))
    monkeypatch.setattr(node, "lodge", lambda _lodgement: failed)
    answer = lodge(TestClient(create_app(node)), keys, DURIAN)
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The disk is full."


def test_the_log_is_public_and_can_be_rebuilt_over_http(client, node, lodged):
    from landsea.transparency.audit import audit
    from landsea.transparency.checkpoint import parse_vkey

    def fetch(path):
        answer = client.get(f"/v1/log/{path}")
        return answer.content if answer.status_code == 200 else None

    found = audit(fetch, parse_vkey(client.get("/v1/log/vkey").text))
    assert found.lie is None
    assert found.size >= lodged.json()["receipt"]["records"][-1]["index"]
    assert client.get("/v1/log/tile/0/999").status_code == 404
    assert client.get("/v1/log/../keys/log-1.key").status_code == 404


def test_the_rules_are_public_each_with_its_source(client):
    rules = client.get("/v1/rules").json()
    assert len({rule["id"] for rule in rules}) == len(rules) >= 80
    assert all(rule["requirement"] and rule["reference"] for rule in rules)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("DELETE", "/v1/rules", 405)])
def test_what_is_not_there_is_a_problem_too(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_openapi_shows_the_declaration_and_every_problem(client):
    document = client.get("/openapi.json").json()
    assert document["components"]["schemas"]["Declaration"]["properties"]["TypeCode"]["x-wco-id"] == "D013"
    lodging = document["paths"]["/v1/declarations"]["post"]
    assert {"200", "201", "207", "401", "403", "409", "413", "415", "422", "429"} <= lodging["responses"].keys()
    assert lodging["security"] == [{"key": []}]


def test_a_node_is_ready_while_its_database_answers_and_its_clock_is_right(client, node, monkeypatch):
    assert client.get("/v1/ready").json() == {"status": "ready"}

    def behind(_connection):
        raise EnvironmentFault("the clock stands behind the log")

    monkeypatch.setattr(node.log, "time", behind)
    refused = client.get("/v1/ready")
    assert (refused.status_code, "clock" in refused.json()["detail"]) == (503, True)
    assert client.get("/v1/health").status_code == 200


def test_answers_are_counted_by_their_status(client, keys):
    def counted():
        told = client.get("/v1/metrics", headers=keys["operator"]).text.splitlines()
        lines = (line.split() for line in told if line.startswith("landsea_http_answers{"))
        return {name: int(value) for name, value in lines}

    before = counted()
    client.get("/v1/nowhere")
    client.post("/v1/declarations", content=b"x")
    after = counted()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert (grown['landsea_http_answers{status="404"}'], grown['landsea_http_answers{status="401"}']) == (1, 1)
