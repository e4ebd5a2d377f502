"""Papers over HTTP: when there is one, who gets it, what stands on it, and what its code leads to."""

import json
import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from databases import quiet
from landsea.dossier.evidence import verify_receipt
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.legacy import adapters
from landsea.node.relay import relay_of
from landsea.node.settings import Settings
from landsea.window import create_app
from landsea.wire import sad_xml
from lodged import PARTY, calm_law, declaration
from sad import RELEASED, sad

XML = {"Content-Type": "application/xml"}
ADDRESS = "https://node.example"


@pytest.fixture(scope="module")
def client(tmp_path_factory, edition):
    """A window on a node in Laos that selects nobody, under an address of its own."""
    law = calm_law(edition)
    settings = Settings(data=tmp_path_factory.mktemp("papers"), administration="LA", public_address=ADDRESS + "/")
    with Node(settings, edition=law) as node, TestClient(create_app(node)) as client:
        client.node = node
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(PARTY if role == 'trader' else role, role)}"}
            for role in ROLES
        }
        yield client


def lodge(client, reference, kind="IMA", body=None):
    content = body or declaration(reference, kind=kind)
    answer = client.post("/v1/declarations", content=content, headers={**XML, **client.keys["trader"]})
    assert answer.status_code == 201, answer.text
    return answer.json()["mrn"]


def act(client, role, number, kind, **content):
    said = {"kind": kind, "reference": f"{kind}-{number}", "content": content}
    done = client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys[role])
    assert done.status_code == 201, done.text


def paper(client, number, kind, role="trader", **headers):
    return client.get(f"/v1/declarations/{number}/papers/{kind}", headers={**client.keys[role], **headers})


def proof(client, page, **headers):
    return client.get(re.search(rf"{ADDRESS}(/v1/proof/\w+)", page)[1], headers=headers)


def text(page):
    """What a reader sees of a page."""
    said = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            said.append(data.strip())

    Reader().feed(page)
    return " ".join(one for one in said if one)


def test_what_is_released_has_a_release_note_and_a_gate_pass(client):
    number = lodge(client, "P-1")
    note, gate = (paper(client, number, kind) for kind in ("release-note", "gate-pass"))
    assert (note.status_code, gate.status_code) == (200, 200)
    seen = text(note.text)
    for said in (
        number,
        "Release note",
        "ໃບແຈ້ງປ່ອຍສິນຄ້າ",
        "Example Parts (synthetic)",
        "87089900",
        "CSQU3054383",
        "B.E.",
    ):
        assert said in seen
    assert "83\u00a0916\u00a0000 LAK" in seen
    passed = text(gate.text)
    assert number in passed
    assert "CSQU3054383" in passed
    for withheld in ("Example Parts", PARTY, "LAK", "P-1"):
        assert withheld not in passed


def test_a_paper_loads_nothing_and_allows_nothing_to_be_loaded(client):
    page = paper(client, lodge(client, "P-2"), "release-note")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"(src|href)=|<script|style=|@import|url\(", page.text)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", page.text)) <= {"#000", "#fff"}, "black and white"


def test_the_same_paper_is_the_same_bytes(client):
    number = lodge(client, "P-3")
    for kind in ("release-note", "release-note.pdf"):
        assert paper(client, number, kind).content == paper(client, number, kind).content


def test_a_paper_is_given_as_pdf_where_that_is_asked_for(client):
    number = lodge(client, "P-4")
    by_name = paper(client, number, "release-note.pdf")
    by_accept = paper(client, number, "release-note", Accept="application/pdf")
    assert by_name.headers["content-type"] == "application/pdf"
    assert by_name.content == by_accept.content
    assert by_name.content.startswith(b"%PDF-")
    assert number not in by_name.headers["content-disposition"]


def test_nothing_is_printed_before_it_is_so(client):
    number = lodge(client, "P-5", kind="IMD")  # goods not here yet: decided in advance, told to nobody
    for kind in ("release-note", "gate-pass", "examination-order"):
        absent = paper(client, number, kind)
        assert (absent.status_code, absent.json()["type"]) == (409, "urn:landsea:problem:no-paper")
    assert "registered" in paper(client, number, "release-note").json()["detail"]


def test_an_examination_order_says_what_to_do_and_never_why(client):
    number = lodge(client, "P-6", kind="IMD")
    act(client, "officer", number, "intercepted", reason="a tip nobody else reads")
    assert paper(client, number, "examination-order").status_code == 409, "before arrival none is ordered"
    act(client, "carrier", number, "arrived")
    order = paper(client, number, "examination-order")
    assert order.status_code == 200
    seen = text(order.text)
    assert "Physical examination" in seen
    assert "What to do" in seen
    assert not re.search("tip|intercept|profile|random|score", seen.lower())
    assert paper(client, number, "examination-order", "officer").content == order.content
    assert paper(client, number, "release-note").status_code == 409
    act(client, "officer", number, "examined", findings="as declared", conform=True)
    assert paper(client, number, "examination-order").status_code == 409
    assert paper(client, number, "release-note").status_code == 200


def test_who_may_not_see_a_declaration_gets_no_paper_of_it(client):
    number = lodge(client, "P-7")
    other = {"Authorization": f"Bearer {client.node.access.grant('LA0100000666', 'trader')}"}
    path = f"/v1/declarations/{number}/papers/release-note"
    assert client.get(path, headers=other).status_code == 404
    assert client.get(path).status_code == 401
    assert paper(client, number, "release-note", "carrier").status_code == 403
    assert paper(client, number, "release-note", "treasury").status_code == 403
    assert paper(client, number, "gate-pass", "carrier").status_code == 404, "these are another's goods"
    goods = {"reference": "TRUCK-7", "goods": [{"kind": "mrn", "value": number}]}
    assert client.post("/v1/arrivals", json=goods, headers=client.keys["carrier"]).status_code == 201
    assert paper(client, number, "gate-pass", "carrier").status_code == 200
    assert paper(client, number, "licence").status_code == 404


def test_the_code_leads_to_a_proof_that_anyone_can_check_and_that_tells_no_content(client):
    number = lodge(client, "P-8")
    page = paper(client, number, "release-note").text
    shown = proof(client, page)
    assert shown.status_code == 200
    told = shown.json()
    (note,) = (one for one in told["papers"] if one["paper"] == "release-note")
    assert note["stands"] is True
    assert told["in_force"] is True
    assert note["mark"] in text(page)
    assert note["number"] in text(page)
    evidence = json.dumps(told["receipt"], ensure_ascii=False, separators=(",", ":")).encode()
    steps = verify_receipt(evidence, str(client.node.log.key), reference=number)
    assert {step.name: step.holds for step in steps}["inclusion"] is True
    assert all(step.holds is not False for step in steps)
    for personal in ("Example", PARTY, "87089900", "CSQU", "LAK"):
        assert personal not in shown.text
    for_people = proof(client, page, Accept="text/html")
    assert "Release note LA-" in for_people.text
    assert ": STANDS" in for_people.text
    assert number not in for_people.text


def test_a_mark_belongs_to_one_paper_of_one_decision(client):
    numbers = [lodge(client, "P-9"), lodge(client, "P-10")]
    marks = {
        one["mark"]
        for number in numbers
        for one in proof(client, paper(client, number, "release-note").text).json()["papers"]
    }
    assert len(marks) == 4


def test_a_paper_that_was_overtaken_no_longer_stands(client):
    number = lodge(client, "P-11", kind="IMD")
    act(client, "officer", number, "intercepted", reason="x")
    act(client, "carrier", number, "arrived")
    order = paper(client, number, "examination-order").text
    assert [one["stands"] for one in proof(client, order).json()["papers"]] == [True]
    act(client, "officer", number, "examined", findings="as declared", conform=True)
    after = proof(client, order)
    assert [one["stands"] for one in after.json()["papers"]] == [False]
    assert after.json()["in_force"] is False
    assert "NO LONGER STANDS" in proof(client, order, Accept="text/html").text


def test_of_what_is_erased_there_is_neither_paper_nor_proof(client):
    number = lodge(client, "P-14")
    note = paper(client, number, "release-note").text
    client.node.retention.erase(client.node.retention.dossier_of(number), "test", client.node.edition.digest)
    assert paper(client, number, "release-note").status_code == 410
    assert proof(client, note).status_code == 410


@pytest.mark.parametrize("record", ["0" * 32, "x", "%00", "declaration"])
def test_an_id_that_is_no_decisions_proves_nothing(client, record):
    assert client.get(f"/v1/proof/{record}").status_code == 404


def test_the_record_of_what_was_lodged_is_not_proved_to_strangers(client):
    body = declaration("P-12", kind="IMA")
    answer = client.post("/v1/declarations", content=body, headers={**XML, **client.keys["trader"]}).json()
    assert client.get(f"/v1/proof/{answer['record']}").status_code == 404


def test_a_name_with_markup_in_it_is_printed_as_it_stands(client):
    body = declaration("P-13", kind="IMA").replace(
        b"Example Parts (synthetic)", b"&lt;script&gt;alert(1)&lt;/script&gt; #eval(&quot;1&quot;) *b*"
    )
    number = lodge(client, "P-13", body=body)
    page = paper(client, number, "release-note").text
    assert "<script" not in page
    assert '<script>alert(1)</script> #eval("1") *b*' in text(page)
    assert paper(client, number, "release-note.pdf").status_code == 200


def test_a_node_that_relays_prints_nothing_that_looks_like_a_release(tmp_path, edition):
    settings = Settings(data=tmp_path / "node", administration="LA", authority_mode="relays")
    with quiet(settings, edition) as node:
        stated = adapters(edition, "LA")
        relay_of(node).answers([sad_xml.translated(sad("1", **RELEASED), stated.system, stated.sad)])
        key = {"Authorization": f"Bearer {node.access.grant('officer', 'officer')}"}
        with TestClient(create_app(node)) as client:
            for kind in ("release-note", "gate-pass", "examination-order"):
                refused = client.get(f"/v1/declarations/LABTN-2026-C1/papers/{kind}", headers=key)
                assert (refused.status_code, refused.json()["type"]) == (409, "urn:landsea:problem:relays")
                assert "prints its own papers" in refused.json()["detail"]
