"""The lie: "released", by a node beside a national system that alone may say so.

Everything that can write is tried, by everybody who may knock: each path of the interface with a body that fits its
schema, each act, each command, the ledger itself. Afterwards the log has no decision, and nothing stands elsewhere.
"""

import os
from inspect import signature

import msgspec
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from databases import quiet
from landsea.clearance import relayed
from landsea.clearance.act import ACTS, Act
from landsea.clearance.records import DECISION
from landsea.clearance.relayed import Advised, Relayed, advise
from landsea.declaration.national import Status
from landsea.declaration.stage import Decided, Outcome, Selected
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import BuildFault, Relays
from landsea.node import records, tables
from landsea.node.access import ROLES
from landsea.node.clock import EPOCH
from landsea.node.legacy import adapters
from landsea.node.relay import Relay, relay_of
from landsea.node.settings import Settings
from landsea.window import create_app
from landsea.wire import sad_xml
from lodged import declaration
from sad import PAID, RELEASED, sad

THEIRS = {relayed.DECLARATION, relayed.NATIONAL, relayed.ADVICE}
NUMBERS = ("LABTN-2026-C1", "LABTN-2026-C2")
EXAMPLES = {"mrn": NUMBERS[0], "instance": "administrative", "currency": "LAK"}


@pytest.fixture
def beside(tmp_path, edition):
    """A node beside a national system that released one declaration and holds another."""
    with quiet(Settings(data=tmp_path / "node", administration="LA", authority_mode="relays"), edition) as node:
        stated = adapters(edition, "LA")
        bodies = (sad("1", **RELEASED), sad("2", **PAID))
        relay_of(node).answers([sad_xml.translated(body, stated.system, stated.sad) for body in bodies])
        yield node


def standing(node):
    """Where every declaration stands, and the kinds of all records."""
    with node.store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(tables.declarations).order_by("mrn"))]
        return rows, set(connection.execute(select(tables.records.c.kind)).scalars())


def example(schema, name="", parts=None):
    """A value that fits a JSON schema, as far as this interface uses it; `parts` are those it refers to."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    inner = [(parts or {}).get(schema["$ref"].rpartition("/")[2], {})] if "$ref" in schema else []
    inner += [schema[whole][0] for whole in ("oneOf", "anyOf") if whole in schema]
    if inner:
        return example(inner[0], name, parts)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    kind = schema.get("type")
    if kind == "array":
        return [example(schema.get("items", {}), name, parts)]
    if kind == "object" or "properties" in schema:
        return {key: example(one, key, parts) for key, one in schema.get("properties", {}).items()}
    return {"integer": 1, "boolean": True, "number": 1}.get(kind, "1")


def bodies(path, operation):
    """Bodies of every kind that a path describes, and some that it does not."""
    if path == "/v1/declarations":
        return [("application/xml", declaration(f"L{at}", kind=kind)) for at, kind in enumerate(("IMA", "IMD"))]
    described = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    given = [example(one) for one in described.get("oneOf", [described])] + [{}, []]
    return [("application/json", msgspec.json.encode(one)) for one in given]


def test_no_path_of_the_interface_leads_to_a_release(beside):
    client, before = TestClient(create_app(beside)), standing(beside)
    keys = {role: beside.access.grant("LA0100000001", role) for role in ROLES}
    tried = 0
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if method == "get":
                continue
            for role, key in keys.items():
                for kind, body in bodies(path, operation):
                    for number in NUMBERS:
                        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
                        filled = path.replace("{mrn}", number).replace("{", "").replace("}", "")
                        said = client.request(method, filled, content=body, headers=headers)
                        assert said.status_code < 500, (path, role, said.text)
                        tried += 1
    assert tried > 200
    rows, kinds = standing(beside)
    assert rows == before[0]
    assert DECISION not in kinds
    assert not {one[0] for one in ACTS.items() if one[1].record in kinds}
    assert not {row.outcome for row in _rows(beside)} & {one.value for one in Outcome}


def _rows(node):
    with node.store.reading() as connection:
        return connection.execute(select(tables.declarations)).all()


@pytest.mark.parametrize("kind", ACTS)
def test_every_act_is_refused_and_says_who_decides(beside, kind):
    content = ACTS[kind].content
    parts = msgspec.json.schema(content)["$defs"]
    schema = parts[content.__name__]
    said = {name: example(schema["properties"][name], name, parts) for name in schema.get("required", ())}
    act = Act(kind, "LA0100000001", "", "R1", NUMBERS[0], msgspec.convert(said, content))
    before = standing(beside)
    for role in ACTS[kind].roles:
        with pytest.raises(Relays, match="national system decides"):
            beside.acting.act(act._replace(role=role))
    assert standing(beside) == before


def test_goods_that_arrive_release_nothing(beside):
    before = standing(beside)
    with pytest.raises(Relays, match="national system decides"):
        beside.arriving.arrive("carrier", "TRUCK", [("mrn", NUMBERS[0])])
    beside.arriving.follow()
    assert standing(beside) == before


def test_no_decision_passes_the_ledger_whoever_writes_it(beside):
    decision = Unsealed(DECISION, "00" * 16, EPOCH, "sha256:0", [Blob("decision@1", 0, b'{"outcome":"released"}')], [])
    with beside.store.writing() as connection, pytest.raises(BuildFault, match="is a decision"):
        beside.acting.write(connection, [decision], "00" * 16, 0)
    sealed = records.boxed(beside.ledger.keys, [(_sealed(decision), "00" * 16)])
    with pytest.raises(BuildFault, match="is a decision"):
        beside.ledger.commit([], [list(sealed)])
    assert standing(beside)[1] == THEIRS


def _sealed(decision):
    from landsea.dossier.record import salt_bytes, seal

    return seal([decision], os.urandom(salt_bytes([decision])))[0]


def test_the_types_leave_no_way_from_advice_to_a_decision():
    assert signature(advise).parameters["selected"].annotation is Selected
    assert not issubclass(Relayed, Decided)
    assert not {one.value for one in Advised} & {one.value for one in Outcome}
    assert not {one.name for one in Advised} & {one.name for one in Outcome}
    assert Status.RELEASED.value not in {one.name.lower() for one in Advised}
    assert not [name for name in dir(Relay) if "decide" in name or "release" in name]
