"""Rights of others over HTTP: suspicion, suspension, its end by itself; and what each side learns of the other."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from databases import quiet
from landsea.node.clock import Clock, micros
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, amendment, declaration

XML = {"Content-Type": "application/xml"}
SECRET = "a reason that no trader reads"
HOLDER = "the holder of marks"
MARKED = b"Steel parts ZEPHYR-X for motor vehicles"


@pytest.fixture
def client(tmp_path, edition):
    documents = dict(edition.documents)
    risk = {"profiles": [], "random": {"documents": "0.000001"}}
    documents["LA/risk_profiles"] = {**documents["LA/risk_profiles"], **risk}
    measures = {"days": 10, "extension": 10, "de_minimis_kg": 1_100, "holidays": []}
    documents["LA/administration"] = {**documents["LA/administration"], "border_measures": measures}
    law = replace(edition, digest="test:rights", documents=documents)
    settings = Settings(data=tmp_path, administration="LA")
    ahead = [timedelta()]
    clock = Clock(source=lambda: micros(datetime.now(UTC) + ahead[0]))
    with quiet(settings, law, clock) as node, TestClient(create_app(node)) as client:
        client.node, client.ahead = node, ahead
        granted = {"trader": (PARTY, "trader"), "officer": ("officer", "officer"), "holder": (HOLDER, "trader")}
        granted["carrier"] = ("carrier", "carrier")
        client.keys = {name: {"Authorization": f"Bearer {node.access.grant(*one)}"} for name, one in granted.items()}
        yield client


def accepted(client, **more):
    said = {
        "reference": f"APP{len(more)}{more.get('hs')}",
        "holder": HOLDER,
        "kind": "trademark",
        "title": "ZEPHYR X, word mark",
        "goods": "parts of vehicles",
        "marks": ["Zephyr X"],
        "hs": ["8708"],
        "contact": "counsel",
        "valid_from": "2020-01-01",
        "valid_to": "2099-12-31",
    }
    return client.post("/v1/rights", json={**said, **more}, headers=client.keys["officer"])


def lodge(client, reference, kind="IMA", body=None):
    marked = declaration(reference, kind=kind).replace(b"Steel parts for motor vehicles", MARKED)
    return client.post("/v1/declarations", content=body or marked, headers={**XML, **client.keys["trader"]}).json()


def act(client, number, kind, reference=None, **content):
    said = {"kind": kind, "reference": reference or f"{kind}-{number}", "content": content}
    return client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys["officer"])


def status(client, number):
    return client.get(f"/v1/declarations/{number}", headers=client.keys["trader"]).json()


def told(client, who):
    return client.get("/v1/rights/suspensions", headers=client.keys[who]).json()


def suspended(client, reference="R-1", **more):
    """A right, and the number of a declaration whose release is suspended for it."""
    right = accepted(client, **more).json()["id"]
    number = lodge(client, reference)["mrn"]
    done = act(client, number, "suspended", right=right, reason=SECRET)
    assert done.status_code == 201, done.text
    return right, number


def pass_days(client, days):
    client.ahead[0] += timedelta(days=days)


def test_goods_that_may_infringe_are_held_in_ordinary_words_and_others_are_not(client):
    assert lodge(client, "R-0")["outcome"] == "released"
    right = accepted(client).json()["id"]
    held = lodge(client, "R-1")
    assert (held["outcome"], held["control"]) == ("held", "documents")
    assert right not in json.dumps(held)
    assert lodge(client, "R-2", body=declaration("R-2", kind="IMA"))["outcome"] == "released"
    small = declaration("R-3", kind="IMA").replace(b"Steel parts for motor vehicles", MARKED)
    small = small.replace(b">1200<", b">1100<")
    assert lodge(client, "R-3", body=small)["outcome"] == "released"
    ended = client.post(
        f"/v1/rights/{right}/end", json={"reference": "E", "reason": "expired"}, headers=client.keys["officer"]
    )
    assert ended.json()["state"] == "ended"
    assert lodge(client, "R-4")["outcome"] == "released"


def test_an_application_for_other_goods_touches_nothing(client):
    accepted(client, hs=["6403"])
    assert lodge(client, "R-1")["outcome"] == "released"


def test_a_suspension_stands_whatever_else_is_fulfilled_until_it_lapses_by_itself(client):
    right, number = suspended(client)
    now = status(client, number)
    assert (now["outcome"], now["ground"], now["awaits"]) == ("held", "suspected-infringement", [f"right/{right}"])
    changed = client.post(
        "/v1/declarations", content=amendment("R-A", number, "19000.00"), headers={**XML, **client.keys["trader"]}
    )
    assert changed.json()["version"] == 2
    assert f"right/{right}" in status(client, number)["awaits"]
    act(client, number, "released")
    assert status(client, number)["outcome"] == "held"
    assert client.node.rights.lapse() == 0
    pass_days(client, 30)
    assert client.node.rights.lapse() == 1
    assert client.node.rights.lapse() == 0
    assert status(client, number)["outcome"] == "released"
    assert [one["state"] for one in told(client, "holder")] == ["ended"]
    again = act(client, number, "suspended", "again", right=right, reason=SECRET)
    assert again.status_code == 409


def test_a_term_is_ten_working_days_and_is_extended_once(client):
    moment = datetime(2026, 12, 4, 3, tzinfo=UTC)  # a Friday
    client.ahead[0] = moment - client.node.clock.now()
    right, number = suspended(client)
    assert told(client, "officer")[0]["until"] == "2026-12-18"
    assert act(client, number, "suspension-extended", right=right, reason=SECRET).status_code == 201
    assert told(client, "officer")[0]["until"] == "2027-01-01"
    once = act(client, number, "suspension-extended", "twice", right=right, reason=SECRET)
    assert once.json()["reason"] == "extended-before"
    pass_days(client, 27)
    assert client.node.rights.lapse() == 0


def test_proceedings_keep_the_suspension_until_an_officer_ends_it(client):
    right, number = suspended(client)
    act(client, number, "proceedings-begun", right=right, reason="court")
    pass_days(client, 60)
    assert client.node.rights.lapse() == 0
    act(client, number, "suspension-lifted", right=right, reason="court")
    assert status(client, number)["outcome"] == "released"


def test_goods_found_infringing_are_seized_and_the_holder_hears_what_the_officer_says(client):
    right, number = suspended(client)
    before = json.dumps([told(client, "holder"), client.get("/v1/rights", headers=client.keys["holder"]).json()])
    for hidden in (number, PARTY, SECRET):
        assert hidden not in before
    done = act(client, number, "infringing", right=right, reason=SECRET, told="Importer: Example Parts; 20 cartons")
    assert done.status_code == 201
    (one,) = told(client, "holder")
    assert (one["state"], one["told"], one["mrn"]) == ("infringing", "Importer: Example Parts; 20 cartons", "")
    assert told(client, "officer")[0]["mrn"] == number
    assert told(client, "trader") == []
    now = status(client, number)
    assert (now["outcome"], now["state"]) == ("rejected", "seized")
    assert SECRET not in json.dumps(now)
    assert "20 cartons" not in json.dumps(now)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("suspension-extended", "not-suspended"), ("suspension-lifted", "not-suspended"), ("suspended", "unknown-right")],
)
def test_an_act_on_what_is_not_suspended_or_for_nobodys_right_is_refused(client, kind, expected):
    accepted(client)
    number = lodge(client, "R-1")["mrn"]
    refused = act(client, number, kind, right="nobody", reason=SECRET)
    assert (refused.status_code, refused.json()["reason"]) == (409, expected)
    assert told(client, "officer") == []


@pytest.mark.parametrize(
    "wrong", [{"marks": ["-"]}, {"marks": []}, {"hs": ["870"]}, {"valid_to": "2019-01-01"}, {"kind": "wish"}]
)
def test_an_application_that_could_not_take_effect_is_refused(client, wrong):
    assert accepted(client, **wrong).status_code == 400


def test_only_officers_accept(client):
    client.keys["officer"] = client.keys["holder"]
    assert accepted(client).status_code == 403
