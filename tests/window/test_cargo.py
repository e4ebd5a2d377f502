"""Cargo reports, the gate, clocks and the queue over HTTP: who reads what."""

import pytest
from starlette.testclient import TestClient

from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.cargo import Cargo
from landsea.node.settings import Settings
from landsea.window import create_app
from lodged import PARTY, calm_law, declaration

XML = {"Content-Type": "application/xml"}
SECRET = "a reason that no carrier reads"


@pytest.fixture
def client(tmp_path, edition):
    """A window on a node in Laos that selects nobody."""
    law = calm_law(edition)
    with (
        Node(Settings(data=tmp_path, administration="LA"), edition=law) as node,
        TestClient(create_app(node)) as client,
    ):
        client.keys = {
            role: {"Authorization": f"Bearer {node.access.grant(PARTY if role == 'trader' else role, role)}"}
            for role in ROLES
        }
        client.node = node
        yield client


def lodge(client, reference, kind="IMD"):
    headers = {**XML, **client.keys["trader"]}
    return client.post("/v1/declarations", content=declaration(reference, kind=kind), headers=headers).json()["mrn"]


def report(client, packages=20, role="carrier", version=1):
    said = {
        "FunctionalReferenceID": "CR-1",
        "VersionID": version,
        "BorderTransportMeans": {"ModeCode": "2", "ID": "X9571"},
        "UnloadingLocation": {"ID": "LAVTE"},
        "Consignment": [
            {
                "TransportEquipment": [{"ID": "CSQU3054383"}],
                "TotalPackageQuantity": packages,
                "Consignee": {"Name": "X"},
            },
            {"TransportContractDocument": {"ID": "W/2"}},
        ],
    }
    return client.post("/v1/cargo-reports", json=said, headers=client.keys[role])


def read(client, path, role):
    return client.get(f"/v1/{path}", headers=client.keys[role])


def test_a_carrier_lodges_a_report_once_and_reads_how_its_lines_stand(client):
    first = report(client)
    assert (first.status_code, [one["result"] for one in first.json()["lines"]]) == (201, ["not-declared"] * 2)
    again = report(client)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])
    assert report(client, 21).status_code == 409
    assert report(client, 20, version=2).json()["version"] == 2
    older = report(client)
    assert (older.status_code, older.json()["reason"]) == (409, "later-version")


def test_what_differs_is_for_the_declarant_and_officers_and_not_for_the_carrier(client):
    number = lodge(client, "L1")
    assert [one["result"] for one in report(client, 22).json()["lines"]] == ["declared", "not-declared"]
    (line,) = read(client, f"declarations/{number}/cargo", "trader").json()["lines"]
    assert line["result"] == "differs"
    assert line["differences"] == [{"measure": "packages", "reported": "22", "declared": "20"}]
    assert "mrns" not in line
    lines = read(client, "cargo-reports/CR-1?carrier=carrier", "officer").json()["lines"]
    assert [one["mrns"] for one in lines] == [[number], []]
    seen = read(client, "cargo-reports/CR-1", "carrier").text
    assert number not in seen
    assert "differ" not in seen


def test_the_arrival_of_a_report_shows_what_nobody_declared(client):
    lodge(client, "L1")
    report(client)
    said = {"reference": "A", "goods": [{"kind": "cargo-report", "value": "CR-1"}]}
    told = client.post("/v1/arrivals", json=said, headers=client.keys["carrier"])
    assert (told.status_code, told.json()["found"]) == (201, 1)
    page = read(client, "cargo/undeclared", "officer").json()
    assert (page["total"], page["lines"][0]["line"], page["lines"][0]["arrived"]) == (1, 2, True)
    said["goods"][0]["value"] = "CR-9"
    unknown = client.post("/v1/arrivals", json={**said, "reference": "B"}, headers=client.keys["carrier"])
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "unknown-report")


def test_the_gate_says_the_same_whether_or_not_a_control_was_ordered_in_advance(client):
    one, other = lodge(client, "L1"), lodge(client, "L2")
    said = {"kind": "intercepted", "reference": "I", "content": {"reason": SECRET, "control": "scan"}}
    client.post(f"/v1/declarations/{one}/acts", json=said, headers=client.keys["officer"])
    told = [read(client, f"gate/mrn/{number}", "carrier").text for number in (one, other)]
    assert told == ['{"open":false,"waits_for":["arrival"]}'] * 2


def test_the_gate_opens_at_release_and_takes_any_name(client):
    lodge(client, "L1", "IMA")
    report(client)
    assert read(client, "gate/waybill/W/2", "carrier").json() == {"open": False, "waits_for": ["declaration"]}
    lodge(client, "L2", "IMA")
    assert read(client, "gate/container/CSQU3054383", "officer").json() == {"open": True, "waits_for": []}
    assert read(client, "gate/plate/X", "carrier").status_code == 400


def test_a_clock_is_shown_as_a_target_and_says_what_stops_it(client):
    number = lodge(client, "L1")
    clock = read(client, f"declarations/{number}/clock", "trader").json()
    assert (clock["state"], clock["waits_for"], clock["target"]) == ("waiting", "arrival", "general")
    assert "not a deadline" in clock["meaning"]
    said = {"kind": "queried", "reference": "Q", "content": {"question": "Which grade?"}}
    client.post(f"/v1/declarations/{number}/acts", json=said, headers=client.keys["officer"])
    client.post(
        "/v1/arrivals",
        json={"reference": "A", "goods": [{"kind": "mrn", "value": number}]},
        headers=client.keys["carrier"],
    )
    clock = read(client, f"declarations/{number}/clock", "officer").json()
    assert (clock["state"], clock["waits_for"]) == ("paused", "answer")
    assert clock["due_local"].endswith("+07:00")


def test_a_traders_clock_tells_nothing_of_a_control_ordered_in_advance(client):
    one, other = lodge(client, "L1"), lodge(client, "L2")
    said = {"kind": "intercepted", "reference": "I", "content": {"reason": SECRET}}
    client.post(f"/v1/declarations/{one}/acts", json=said, headers=client.keys["officer"])
    told = [read(client, f"declarations/{number}/clock", "trader").text for number in (one, other)]
    assert told[0] == told[1]


def test_the_queue_tells_an_officer_what_to_do(client):
    number = lodge(client, "L1")
    report(client, 22)
    (entry,) = read(client, "queue", "officer").json()["entries"]
    assert (entry["mrn"], entry["task"], entry["ground"]) == (number, "prepare", "differs-from-cargo-report")
    assert entry["action"].endswith(".")
    assert read(client, "queue?page=2", "officer").json()["entries"] == []
    assert read(client, "queue?limit=0", "officer").status_code == 400


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("queue", {"officer"}),
        ("cargo/undeclared", {"officer"}),
        ("gate/mrn/26LA", {"officer", "carrier"}),
        ("cargo-reports/CR-9", {"officer", "carrier"}),
        ("declarations/26LA/cargo", {"officer", "trader"}),
        ("declarations/26LA/clock", {"officer", "trader"}),
    ],
)
def test_each_path_lets_its_roles_in_and_nobody_else(client, path, roles):
    assert {role for role in ROLES if read(client, path, role).status_code != 403} == roles


def test_nobody_reads_of_another_traders_goods(client):
    number = lodge(client, "L1")
    key = {"Authorization": f"Bearer {client.node.access.grant('LA0100000666', 'trader')}"}
    for path in ("clock", "cargo"):
        answers = [client.get(f"/v1/declarations/{one}/{path}", headers=key) for one in (number, "26LA0000")]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].json()["detail"].replace(number, "") == answers[1].json()["detail"].replace("26LA0000", "")


def test_a_report_whose_comparison_was_cut_short_is_compared_when_it_comes_again(client, monkeypatch):
    number = lodge(client, "C-CUT")
    with monkeypatch.context() as cut:
        cut.setattr(Cargo, "compare", lambda *_: None)
        assert report(client, 19).status_code == 201
    assert client.node.register.declared(number).state == "advance-release"
    assert report(client, 19).status_code == 200
    assert client.node.register.declared(number).state == "advance-hold"
