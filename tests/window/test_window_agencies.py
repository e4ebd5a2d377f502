"""A truck of durian enters China: agencies are asked, see what is theirs, answer, and release waits for them."""

import json

import pytest
from starlette.testclient import TestClient

from conftest import ROOT
from landsea.dossier.evidence import verify_receipt
from landsea.dossier.group import groups
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.replay import replay
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import amendment, calm_law

XML = {"Content-Type": "application/xml"}
DURIAN = (ROOT / "demonstration" / "road-01-youyiguan-import-durian.xml").read_text("utf-8")
REASON = "Mealybugs on the stalks."
REMARK = "A remark for officers."
TRADER = "4503960033"
AGENCIES = ("cn-quarantine", "cn-food", "cn-medicine")


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but China selects nobody and does not wait for duties."""
    return calm_law(edition, "CN", release="decided")


@pytest.fixture(scope="module")
def client(tmp_path_factory, law):
    """A window on a node in China."""
    settings = Settings(data=tmp_path_factory.mktemp("agencies"), administration="CN")
    with Node(settings, edition=law) as node, TestClient(create_app(node)) as client:
        client.node = node
        parties = {role: TRADER if role == "trader" else role for role in ROLES} | {one: one for one in AGENCIES}
        client.keys = {
            name: {"Authorization": f"Bearer {node.access.grant(party, 'agency' if name in AGENCIES else name)}"}
            for name, party in parties.items()
        }
        yield client


def without(text, *kinds):
    """The declaration without its documents of these kinds."""
    head, *documents = text.split("        <AdditionalDocument>\n")
    last, tail = documents[-1].split("        </AdditionalDocument>\n")
    kept = [
        one for one in (*documents[:-1], f"{last}        </AdditionalDocument>\n") if not any(k in one for k in kinds)
    ]
    return head + "".join(f"        <AdditionalDocument>\n{one}" for one in kept) + tail


def lodge(client, reference, *missing, kind="IMA", **changed):
    text = without(DURIAN, *(f"<TypeCode>{kind}</TypeCode>" for kind in missing))
    text = text.replace("LSDEMO-ROAD-01", reference).replace("<TypeCode>IMA<", f"<TypeCode>{kind}<")
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    return client.post("/v1/declarations", content=text.encode(), headers={**XML, **client.keys["trader"]}).json()


def answer(client, agency, number, word, reference=None, **content):
    said = {
        "kind": "agency-answered",
        "reference": reference or f"{word}-{number}",
        "content": {"answer": word, **content},
    }
    return client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys[agency])


def second_test(client, number, agency):
    said = {"kind": "second-test-requested", "reference": f"second-{number}", "content": {"agency": agency}}
    return client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys["trader"])


def status(client, number):
    return client.get(f"/v1/declarations/{number}", headers=client.keys["trader"]).json()


def stands(client, number):
    now = status(client, number)
    return now["outcome"], now["state"], now["awaits"]


def test_with_every_document_no_agency_holds_anything_up(client):
    lodged = lodge(client, "D-1")
    assert (lodged["outcome"], lodged["awaits"]) == ("released", [])
    said = {(ask["agency"], ask["wanted"], ask["satisfied"]) for ask in lodged["agencies"]}
    assert said == {("cn-quarantine", "N851", True), ("cn-food", "1LAB", True)}


def test_goods_from_no_registered_establishment_are_refused_with_the_rule(client):
    lodged = lodge(client, "D-2", "ORC", packing=("VN-TGPH-001", "VN-DLPH-002"))
    assert lodged["outcome"] == "rejected"
    found = {(one["rule"], one["value"]) for one in lodged["findings"] if one["severity"] == "error"}
    assert found == {("CLR-101", "orchard"), ("CLR-104", "VN-DLPH-002")}
    rules = {rule["id"]: rule["requirement"] for rule in client.get("/v1/rules").json()}
    told = {one["rule"]: one["message"].partition(" Found")[0] for one in lodged["findings"]}
    assert all(rules[rule] == told[rule] for rule in ("CLR-101", "CLR-104"))


def test_release_waits_for_the_agency_that_refuses_and_follows_by_itself_when_it_agrees(client):
    lodged = lodge(client, "D-3", "851")
    number = lodged["mrn"]
    assert (lodged["outcome"], lodged["ground"]) == ("held", "conditions-open")
    assert lodged["awaits"] == ["agency/cn-quarantine"]
    wanted = [(ask["name"], ask["action"], ask["wanted"]) for ask in lodged["agencies"] if not ask["satisfied"]]
    department = "Department of Animal and Plant Quarantine"
    assert wanted == [(department, "documents", "N851"), (department, "examination", None)]
    assert answer(client, "cn-quarantine", number, "refuse", reason=REASON, remarks=REMARK).status_code == 201
    now = status(client, number)
    assert (now["outcome"], now["state"], now["awaits"]) == ("held", "awaiting", ["agency/cn-quarantine"])
    assert (now["act"]["agency"], now["act"]["answer"], now["act"]["reason"]) == ("cn-quarantine", "refuse", REASON)
    assert answer(client, "cn-quarantine", number, "grant").status_code == 201
    assert stands(client, number) == ("released", "cleared", [])
    assert status(client, number)["agencies"] == lodged["agencies"]
    sent = client.get(f"/v1/declarations/{number}/responses", headers=client.keys["trader"]).json()
    codes = [one["MetaData"]["Response"]["FunctionCode"] for one in sent]
    assert codes == ["01", "13", "11", "11", "09"]
    told = json.dumps(sent)
    assert f"{department}: documents for fresh durian" in told
    assert "or declare N851" in told
    assert REASON in told
    late = answer(client, "cn-quarantine", number, "refuse", "late", reason=REASON)
    assert (late.status_code, late.json()["reason"]) == (409, "already-released")


def test_what_an_agency_remarks_no_trader_reads(client):
    number = lodge(client, "D-4", "851")["mrn"]
    made = answer(client, "cn-quarantine", number, "refuse", reason=REASON, remarks=REMARK)
    seen = [
        client.get(f"/v1/declarations/{number}{path}", headers=client.keys["trader"]).text
        for path in ("", "/responses", "/receipt")
    ]
    assert not any(REMARK in text for text in (*seen, made.text))
    assert REASON in seen[0]


def test_an_adverse_first_result_is_tested_again_by_a_published_laboratory(client):
    number = lodge(client, "D-5", "LAB")["mrn"]
    assert stands(client, number)[2] == ["agency/cn-food"]
    assert answer(client, "cn-food", number, "sample").status_code == 201
    assert second_test(client, number, "cn-food").json()["reason"] == "no-adverse-result"
    assert second_test(client, number, "cn-mofcom").json()["reason"] == "not-asked"
    assert answer(client, "cn-food", number, "not-conform", reason="Cadmium.").status_code == 201
    assert answer(client, "cn-food", number, "refuse", reason="Cadmium.").json()["reason"] == "result-stands"
    assert second_test(client, number, "cn-food").status_code == 201
    unlisted = answer(client, "cn-food", number, "second-conform", "S1", laboratory="NOBODY")
    assert (unlisted.status_code, unlisted.json()["reason"]) == (409, "laboratory")
    assert answer(client, "cn-food", number, "second-conform", "S2", laboratory="CN-LAB-01").status_code == 201
    assert stands(client, number) == ("released", "cleared", [])


def test_an_examination_an_agency_orders_keeps_its_condition_open_though_the_papers_were_there(client):
    number = lodge(client, "D-6", "LAB")["mrn"]
    assert answer(client, "cn-quarantine", number, "examine").status_code == 201
    assert stands(client, number)[2] == ["agency/cn-food", "agency/cn-quarantine"]
    assert answer(client, "cn-food", number, "grant").status_code == 201
    assert answer(client, "cn-quarantine", number, "grant").status_code == 201
    assert stands(client, number)[0] == "released"


@pytest.mark.parametrize("first", ["cn-quarantine", "arrived"])
def test_what_is_lodged_early_waits_for_the_goods_and_the_agency_in_any_order(client, first):
    number = lodge(client, f"E-{first}", "851", kind="IMD")["mrn"]
    assert stands(client, number) == ("held", "registered", ["arrival", "agency/cn-quarantine"])

    def arrive():
        said = {"kind": "arrived", "reference": f"A-{number}", "content": {}}
        return client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys["carrier"])

    def agree():
        return answer(client, "cn-quarantine", number, "grant")

    one, two = (arrive, agree) if first == "arrived" else (agree, arrive)
    assert one().status_code == 201
    left = "agency/cn-quarantine" if first == "arrived" else "arrival"
    assert stands(client, number)[2] == [left]
    assert two().status_code == 201
    assert stands(client, number) == ("released", "cleared", [])


def test_a_new_version_asks_again_who_agreed_and_does_not_wash_off_who_did_not(client):
    number = lodge(client, "V-1", "851", "LAB", kind="IMD")["mrn"]
    answer(client, "cn-quarantine", number, "grant")
    answer(client, "cn-food", number, "sample")
    answer(client, "cn-food", number, "not-conform", reason="Cadmium.")
    assert stands(client, number)[2] == ["arrival", "agency/cn-food"]
    body = amendment("V-2", number, "600000").replace(
        b"<md:ResponsibleCountryCode>LA", b"<md:ResponsibleCountryCode>CN"
    )
    amended = client.post("/v1/declarations", content=body, headers={**XML, **client.keys["trader"]}).json()
    assert amended["version"] == 2
    assert stands(client, number)[2] == ["arrival", "agency/cn-food", "agency/cn-quarantine"]
    assert answer(client, "cn-food", number, "refuse", "again", reason="Cadmium.").json()["reason"] == "result-stands"
    assert [one for one in replay(client.node.lodging) if one.differences] == []


def test_a_refusal_needs_a_reason(client):
    number = lodge(client, "D-7", "851")["mrn"]
    refused = answer(client, "cn-quarantine", number, "refuse")
    assert (refused.status_code, refused.json()["reason"]) == (400, "content")


def test_to_a_foreign_agency_a_declaration_is_as_if_it_were_not_there(client):
    number = lodge(client, "D-8", "851")["mrn"]
    path = "/v1/agency/declarations/"
    foreign = client.get(path + number, headers=client.keys["cn-medicine"])
    nothing = client.get(path + "26CNNOTHINGATALL00", headers=client.keys["cn-medicine"])
    assert (foreign.status_code, nothing.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(number, "") == nothing.json()["detail"].replace("26CNNOTHINGATALL00", "")
    acted = answer(client, "cn-medicine", number, "grant")
    assert (acted.status_code, acted.json()["reason"]) == (404, "unknown-declaration")
    assert client.get(path + number, headers=client.keys["trader"]).status_code == 403
    waiting = client.get("/v1/agency/declarations", headers=client.keys["cn-medicine"]).json()
    assert waiting == []


def test_the_queue_of_an_agency_is_what_waits_for_it(client):
    number = lodge(client, "D-9", "851")["mrn"]

    def waiting(agency):
        return {one["mrn"]: one for one in client.get("/v1/agency/declarations", headers=client.keys[agency]).json()}

    assert number not in waiting("cn-food")
    assert (waiting("cn-quarantine")[number]["documents"], waiting("cn-quarantine")[number]["declared"]) == (1, 0)
    answer(client, "cn-quarantine", number, "grant")
    assert number not in waiting("cn-quarantine")


def test_an_agency_sees_its_groups_of_the_header_and_of_its_items_and_nothing_else(client, law):
    number = lodge(client, "D-10", "851", canary=("Fresh durian", "Fresh durian CANARY-GOODS"))["mrn"]
    seen = client.get(f"/v1/agency/declarations/{number}", headers=client.keys["cn-quarantine"])
    document = seen.json()
    assert (document["open"], {ask["agency"] for ask in document["asks"]}) == (True, {"cn-quarantine"})
    (record,) = document["receipt"]["records"]
    shown = {(one["group"], one["item"]) for one in record["shown"] if "text" in one}
    allowed = {"goods@1", "documents@1", "transport@1"}
    assert {group for group, _ in shown} <= allowed
    assert ("goods@1", 1) in shown
    assert len(record["shown"]) == len(shown), "nothing else is even named"
    receipt = json.dumps(document["receipt"]).encode()
    assert all(step.holds is not False for step in verify_receipt(receipt, str(client.node.log.key)))
    assert "CANARY-GOODS" in seen.text
    others = set(groups()) - allowed
    told = client.get(f"/v1/declarations/{number}/receipt", headers=client.keys["trader"]).json()
    declared = [one for one in told["records"][0]["shown"] if "text" in one]
    assert {one["group"] for one in declared} & others
    texts = {
        own: values([json.loads(one["text"]) for one in declared if (one["group"] in others) is own])
        for own in (True, False)
    }
    secrets = texts[True] - texts[False] - values(json.loads(record["header"])["aliases"])  # those stand in the log
    assert {TRADER, "Pingxiang Dongmen Fruit (synthetic)"} <= secrets
    own = " ".join(texts[False])
    assert not [secret for secret in secrets if secret in seen.text and secret not in own]


def values(said):
    """Every text of a JSON value long enough to be told from chance."""
    if isinstance(said, dict):
        return {text for one in said.values() for text in values(one)}
    if isinstance(said, list):
        return {text for one in said for text in values(one)}
    return {said} if isinstance(said, str) and len(said) > 3 else set()


def test_what_agencies_ask_is_counted(client):
    for reference, without in (("D-11", ("851",)), ("D-12", ())):
        lodge(client, reference, *without)
    rows = {one["agency"]: one for one in client.get("/v1/figures/agencies", headers=client.keys["operator"]).json()}
    assert rows["cn-quarantine"]["declarations"] >= 1
    assert rows["cn-quarantine"]["documents"] >= rows["cn-quarantine"]["declared"] > 0
    assert rows["cn-quarantine"]["examinations"] >= 1
    assert client.get("/v1/figures/agencies", headers=client.keys["trader"]).status_code == 403
