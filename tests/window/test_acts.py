"""Acts over HTTP: who may make them, how they are refused, and what each of them then sees."""

from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from landsea.clearance.act import ACTS
from landsea.node import tables
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.retention import ERASED
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, calm_law, declaration

XML = {"Content-Type": "application/xml"}
SECRET = "a reason that no trader reads"


@pytest.fixture(scope="module")
def client(tmp_path_factory, edition):
    """A window on a node in Laos that collects before it releases and selects nobody."""
    law = calm_law(edition, release="covered")
    settings = Settings(data=tmp_path_factory.mktemp("acts"), administration="LA")
    with Node(settings, edition=law) as node, TestClient(create_app(node)) as client:
        client.node = node
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(PARTY if role == 'trader' else role, role)}"}
            for role in ROLES
        }
        yield client


def lodge(client, reference, kind="IMA"):
    body = declaration(reference, kind=kind)
    return client.post("/v1/declarations", content=body, headers={**XML, **client.keys["trader"]}).json()


def act(client, role, number, kind, reference=None, **content):
    said = {"kind": kind, "reference": reference or f"{kind}-{number}", "content": content}
    return client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys[role])


def status(client, number, role="trader"):
    return client.get(f"/v1/declarations/{number}", headers=client.keys[role]).json()


def total(answer):
    return sum(int(duty["amount"]) for duty in answer["duties"] if duty["state"] == "payable")


def test_a_declaration_shows_what_it_waits_for_until_it_is_cleared(client):
    lodged = lodge(client, "A-1")
    assert (lodged["outcome"], lodged["ground"], lodged["awaits"]) == ("held", "duties-not-covered", ["duties"])
    number, due = lodged["mrn"], str(total(lodged))
    paid = act(client, "treasury", number, "paid", amount=due, currency="LAK")
    assert paid.status_code == 201
    again = act(client, "treasury", number, "paid", amount=due, currency="LAK")
    assert (again.status_code, again.content) == (200, paid.content)
    now = status(client, number)
    assert (now["outcome"], now["state"], now["awaits"]) == ("released", "cleared", [])
    assert now["act"] == {"kind": "paid", "mrn": number, "amount": due, "currency": "LAK"}
    assert now["duties"] == lodged["duties"]
    sent = client.get(f"/v1/declarations/{number}/responses", headers=client.keys["trader"]).json()
    codes = [one["MetaData"]["Response"]["FunctionCode"] for one in sent]
    assert codes == ["01", "13", "13", "09"]


def test_a_query_reaches_the_declarant_with_its_question_and_is_answered(client):
    number = lodge(client, "A-2")["mrn"]
    assert act(client, "officer", number, "queried", question="Which grade of steel?").status_code == 201
    now = status(client, number)
    assert (now["awaits"], now["act"]["question"]) == (["duties", "answer", "control"], "Which grade of steel?")
    as_xml = {**client.keys["trader"], "Accept": "application/xml"}
    sent = client.get(f"/v1/declarations/{number}/responses", headers=as_xml).text
    assert "Which grade of steel?" in sent
    assert act(client, "trader", number, "answered", answer="S235.").status_code == 201
    assert status(client, number)["awaits"] == ["duties", "control"]


def test_what_officers_write_no_trader_reads(client):
    number = lodge(client, "A-3")["mrn"]
    made = act(client, "officer", number, "intercepted", reason=SECRET)
    assert SECRET in made.text
    for path in ("", "/responses", "/receipt"):
        seen = client.get(f"/v1/declarations/{number}{path}", headers=client.keys["trader"])
        assert seen.status_code == 200
        assert SECRET not in seen.text, path
        assert "intercept" not in seen.text, path
    assert status(client, number)["outcome"] == "examine"


@pytest.mark.parametrize(
    ("role", "kind", "content", "expected"),
    [
        ("trader", "released", {}, (403, "role-may-not")),
        ("officer", "melted", {}, (400, "unknown-kind")),
        ("officer", "queried", {}, (400, "content")),
        ("treasury", "paid", {"amount": "1.5", "currency": "LAK"}, (400, "fraction")),
        ("carrier", "removed", {}, (409, "not-released")),
        ("officer", "granted", {}, (409, "nothing-requested")),
    ],
)
def test_a_refusal_is_a_problem_with_its_reason(client, role, kind, content, expected):
    number = lodge(client, "A-4")["mrn"]
    refused = act(client, role, number, kind, **content)
    assert (refused.status_code, refused.json()["reason"]) == expected
    assert refused.headers["content-type"] == "application/problem+json"


def test_another_act_under_the_same_reference_is_a_conflict(client):
    number = lodge(client, "A-5")["mrn"]
    act(client, "officer", number, "queried", "Q", question="One?")
    other = act(client, "officer", number, "queried", "Q", question="Two?")
    assert (other.status_code, other.json()["type"]) == (409, "urn:landsea:problem:other-act")


def test_whether_another_traders_declaration_exists_does_not_show(client):
    number = lodge(client, "A-6")["mrn"]
    key = {"Authorization": f"Bearer {client.node.access.grant('LA0100000666', 'trader')}"}
    said = {"kind": "answered", "reference": "X", "content": {"answer": "yes"}}
    for one in (number, number[:-1] + ("0" if number[-1] != "0" else "1")):
        answer = client.post(f"/v1/declarations/{one}/acts", json=said, headers=key)
        assert answer.status_code == 404
        assert answer.json()["detail"].replace(one, "") == "There is no declaration  that you may act on."


def test_an_arrival_lets_what_waited_for_it_go_on(client):
    number = lodge(client, "A-7", kind="IMD")["mrn"]
    assert status(client, number)["awaits"] == ["arrival", "duties"]
    said = {"reference": "TRUCK", "goods": [{"kind": "mrn", "value": number}, {"kind": "ucr", "value": "U"}]}
    told = client.post("/v1/arrivals", json=said, headers=client.keys["carrier"])
    assert (told.status_code, told.json()["found"]) == (201, 1)
    assert status(client, number)["awaits"] == ["duties"]
    assert client.post("/v1/arrivals", json=said, headers=client.keys["carrier"]).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[1, 2]", b'{"kind": 1}', b'"\xff"', b'{"kind":"paid"}'])
def test_a_body_of_another_shape_is_a_problem(client, body):
    headers = {**client.keys["officer"], "Content-Type": "application/json"}
    for path in ("/v1/declarations/26LA/acts", "/v1/arrivals"):
        assert client.post(path, content=body, headers=headers).status_code == 400, path


def test_every_act_is_described_with_what_it_contains(client):
    document = client.get("/openapi.json").json()
    body = document["paths"]["/v1/declarations/{mrn}/acts"]["post"]["requestBody"]
    shapes = body["content"]["application/json"]["schema"]["oneOf"]
    assert [one["properties"]["kind"]["const"] for one in shapes] == list(ACTS)
    assert "$ref" not in str(shapes)
    assert SimpleNamespace(**shapes[0]).additionalProperties is False


def test_the_record_of_an_examination_tells_the_declarant_the_result_and_the_new_seals_only(client):
    number = lodge(client, "A-9")["mrn"]
    act(client, "officer", number, "intercepted", reason=SECRET)
    record = {
        "findings": SECRET,
        "method": "physical",
        "began": "2026-11-21T09:00:00+07:00",
        "ended": "2026-11-21T09:40:00+07:00",
        "second": "another officer",
        "items": [{"item": 1, "result": "as-declared", "packages": ["LS 7"], "net_mass": "1100", "note": SECRET}],
        "samples": [{"number": "SAMPLE-4711", "item": 1}],
        "gross_mass": "1200.5",
        "seals_before": ["OLD-1"],
        "seals": ["NEW-1"],
    }
    made = act(client, "officer", number, "examined", **record)
    assert made.status_code == 201, made.text
    for said in (SECRET, "SAMPLE-4711", "OLD-1", "another officer", "2026-11-21T09:40:00+07:00"):
        assert said in made.text
    now = status(client, number)
    assert now["act"] == {"kind": "examined", "mrn": number, "conform": True, "seals": ["NEW-1"]}
    for path in ("", "/responses", "/receipt"):
        seen = client.get(f"/v1/declarations/{number}{path}", headers=client.keys["trader"]).text
        for closed in (SECRET, "SAMPLE-4711", "OLD-1", "another officer", "LS 7", "09:40"):
            assert closed not in seen, (path, closed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"began": "2026-11-21T10:00:00Z", "ended": "2026-11-21T09:00:00Z"},
        {"began": "2026-11-21T10:00:00"},
        {"items": [{"item": 1, "result": "as-declared"}, {"item": 1, "result": "value"}]},
        {"items": [{"item": 1, "result": "prohibited"}]},
        {"seals": ["S", "S"]},
        {"second": "officer"},
        {"method": "guess"},
    ],
)
def test_a_record_of_an_examination_that_contradicts_itself_is_refused(client, wrong):
    number = lodge(client, "A-10")["mrn"]
    act(client, "officer", number, "intercepted", "I-10", reason=SECRET)
    refused = act(client, "officer", number, "examined", findings="as declared", **wrong)
    assert (refused.status_code, refused.json()["reason"]) == (400, "content")


def test_a_carrier_refused_an_act_hears_of_no_control(client):
    number = lodge(client, "CARRIER-1")["mrn"]
    assert act(client, "officer", number, "intercepted", reason="closed").status_code == 201
    for kind in ("presented", "removed"):
        detail = act(client, "carrier", number, kind).json()["detail"]
        assert "examination" not in detail
    assert "examination" in act(client, "officer", number, "presented").json()["detail"]


def test_no_reference_ends_in_a_new_line_and_no_address_holds_a_null(client):
    number = lodge(client, "NAMES-1")["mrn"]
    assert act(client, "carrier", number, "arrived", "A\n").status_code == 400
    for path, status in (("/v1/drafts/%00", 404), ("/v1/supplements?declarant=%00", 400)):
        assert client.get(path, headers=client.keys["trader"]).status_code == status


def test_of_what_was_erased_nobody_learns_whose_it_was_not(client):
    number = lodge(client, "ERASED-1")["mrn"]
    with client.node.store.writing() as connection:
        own = tables.declarations.c.mrn == number
        connection.execute(tables.declarations.update().where(own).values(state=ERASED))
    other = {"Authorization": f"Bearer {client.node.access.grant('ANOTHER', 'trader')}"}
    said = {"kind": "answered", "reference": "R", "content": {"answer": "x"}}
    asked = [
        client.post(f"/v1/declarations/{one}/acts", json=said, headers=other).json() for one in (number, "26LA00000000")
    ]
    assert [(one["status"], one["reason"]) for one in asked] == [(404, "unknown-declaration")] * 2
    assert act(client, "trader", number, "answered", answer="x").status_code == 410
