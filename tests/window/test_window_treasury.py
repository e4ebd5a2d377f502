"""The treasury over HTTP: who may do what, how it is refused, and that nobody sees another's account."""

import pytest
from starlette.testclient import TestClient

from collecting import claim, collecting_law, kip, lodge
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY

OTHER = "LA0100000666"


@pytest.fixture(scope="module")
def client(tmp_path_factory, edition):
    settings = Settings(data=tmp_path_factory.mktemp("treasury"), administration="LA")
    with Node(settings, edition=collecting_law(edition)) as node, TestClient(create_app(node)) as client:
        client.node = node
        parties = {role: PARTY if role == "trader" else role for role in ROLES}
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(party, role)}"} for role, party in parties.items()
        }
        client.keys["other"] = {"Authorization": f"Bearer {node.access.grant(OTHER, 'trader')}"}
        yield client


def institute(client, kind, reference, role="treasury", **content):
    said = {"kind": kind, "reference": reference, "content": content}
    return client.post("/v1/instruments", json=said, headers=client.keys[role])


def register(client, instrument, amount, holder=PARTY, **more):
    said = {"instrument": instrument, "form": "bank", "holder": holder, "last_day": "2099-12-31", **kip(amount), **more}
    return institute(client, "registered", f"R-{instrument}", **said)


def seen(client, path, role="treasury", **headers):
    return client.get(path, headers={**client.keys[role], **headers})


def test_an_instrument_is_registered_raised_and_shown_to_its_holder_alone(client):
    first = register(client, "G1", 1_000)
    assert (first.status_code, first.json()["kind"]) == (201, "registered")
    again = register(client, "G1", 1_000)
    assert (again.status_code, again.content) == (200, first.content)
    assert institute(client, "raised", "U1", instrument="G1", **kip(50)).status_code == 201
    register(client, "G2", 7, holder=OTHER)
    own = seen(client, "/v1/instruments", "trader").json()
    assert [(one["instrument"], one["free"], one["reserved"]) for one in own] == [("G1", "1050", "0")]
    assert {one["instrument"] for one in seen(client, "/v1/instruments").json()} >= {"G1", "G2"}
    assert seen(client, f"/v1/instruments?holder={OTHER}", "trader").status_code == 403


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("melted", {}, (400, "unknown-kind")),
        ("raised", {"instrument": "G9", "amount": "1", "currency": "LAK"}, (409, "unknown-instrument")),
        ("lowered", {"instrument": "GR", "amount": "11", "currency": "LAK"}, (409, "overdrawn")),
        ("raised", {"instrument": "GR", "amount": "1", "currency": "USD"}, (400, "currency")),
        ("raised", {"instrument": "GR", "amount": "0.5", "currency": "LAK"}, (400, "fraction")),
        ("registered", {"instrument": "GX"}, (400, "content")),
    ],
)
def test_a_refusal_is_a_problem_with_its_reason(client, kind, content, expected):
    register(client, "GR", 10)
    refused = institute(client, kind, f"X-{kind}-{len(str(content))}", **content)
    assert (refused.status_code, refused.json()["reason"]) == expected
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", ["trader", "officer", "carrier", "auditor", "operator", "agency"])
def test_only_the_treasury_keeps_instruments_and_takes_payments(client, role):
    assert institute(client, "expired", "E", role, instrument="G1", reason="x").status_code == 403
    assert client.post("/v1/payments", json=[], headers=client.keys[role]).status_code == 403


def test_another_word_under_the_same_reference_is_a_conflict(client):
    register(client, "GC", 10)
    said = {"instrument": "GC", "form": "bank", "holder": PARTY, "last_day": "2099-12-31", **kip(11)}
    other = institute(client, "registered", "R-GC", **said)
    assert (other.status_code, other.json()["type"]) == (409, "urn:landsea:problem:other-act")


def test_payments_come_as_csv_or_json_and_are_told_line_by_line(client):
    number = lodge(client.node, "W-1")
    due = claim(client.node, number)
    line = {"reference": "WB1", "amount": str(due), "currency": "LAK", "about": number}
    (told,) = client.post("/v1/payments", json=[line], headers=client.keys["treasury"]).json()
    assert (told["reference"], told["outcome"], told["reason"], told["detail"]) == ("WB1", "booked", "", "")
    assert told["paid"] == [{"mrn": number, "amount": str(due)}]
    text = f"reference,amount,currency,about\nWB1,{due},LAK,{number}\nWB2,5,LAK,nobody\n"
    headers = {**client.keys["treasury"], "Content-Type": "text/csv"}
    told = client.post("/v1/payments", content=text, headers=headers).json()
    assert [(one["outcome"], one["reason"]) for one in told] == [("repeated", ""), ("unmatched", "unknown")]
    for wrong in ("reference\nX\n", ""):
        assert client.post("/v1/payments", content=wrong, headers=headers).status_code == 400
    other = {**headers, "Content-Type": "text/xml"}
    assert client.post("/v1/payments", content=b"{}", headers=other).status_code == 415
    assert client.post("/v1/payments", json={}, headers=client.keys["treasury"]).status_code == 400


def test_a_trader_secures_with_an_instrument_of_their_own_and_the_officer_sees_it(client):
    number = lodge(client.node, "W-2")
    due = claim(client.node, number)
    register(client, "GT", due)
    said = {"kind": "secured", "reference": "S1", "content": {**kip(due), "instrument": "GT"}}
    path = f"/v1/declarations/{number}/acts"
    assert client.post(path, json=said, headers=client.keys["other"]).status_code == 404
    assert client.post(path, json=said, headers=client.keys["trader"]).status_code == 201
    (own,) = [one for one in seen(client, "/v1/instruments", "officer").json() if one["instrument"] == "GT"]
    assert [(one["mrn"], one["amount"]) for one in own["secures"]] == [(number, str(due))]


def test_a_statement_is_for_its_operator_and_the_treasury(client):
    own = seen(client, "/v1/statement", "trader").json()
    assert own["operator"] == PARTY
    assert int(own["opening"]) + sum(int(one["amount"]) for one in own["lines"]) == int(own["closing"])
    assert seen(client, f"/v1/statement?operator={PARTY}").json() == own
    as_csv = seen(client, "/v1/statement", "trader", Accept="text/csv")
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert as_csv.text.splitlines()[0] == "at,kind,reference,mrn,amount,balance"
    assert len(as_csv.text.splitlines()) == len(own["lines"]) + 3
    assert seen(client, f"/v1/statement?operator={PARTY}", "other").status_code == 403
    assert seen(client, "/v1/statement").status_code == 400
    assert seen(client, "/v1/statement", "officer").status_code == 403
    empty = seen(client, "/v1/statement?first=2001-01-01&last=2001-12-31", "trader").json()
    assert (empty["opening"], empty["lines"], empty["closing"]) == ("0", [], "0")


def test_what_is_owed_is_seen_by_officers_and_by_who_owes_it(client):
    number = lodge(client.node, "W-3", kind="IMB")
    client.node.treasury.confirm([])
    waits = seen(client, f"/v1/declarations/{number}", "trader").json()
    assert waits["awaits"] == ["duties", "supplement"]
    (own,) = seen(client, "/v1/supplements", "trader").json()
    assert own == {"mrn": number, "declarant": PARTY, "type": "IMB", "due": None}
    assert seen(client, "/v1/supplements", "officer").json() == [own]
    assert seen(client, "/v1/supplements?before=2099-01-01", "officer").json() == [], "nothing is due before release"
    assert seen(client, "/v1/supplements", "other").json() == []
    assert seen(client, f"/v1/supplements?declarant={PARTY}", "other").status_code == 403
