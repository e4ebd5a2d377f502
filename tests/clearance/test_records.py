"""What a decision leaves behind, what of it a trader may see, and the receipt that proves it."""

import ast
import json
import pathlib
from datetime import UTC, datetime

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import landsea
from clearance.situation import LAW, controlled, decided
from landsea.clearance.answer import OFFICERS_ONLY, answer
from landsea.clearance.committed import Committed, Recorded
from landsea.clearance.receipt import receipt
from landsea.clearance.records import DECISION, DISCLOSED, KINDS, basis, decision_blobs
from landsea.clearance.told import TOLD, told
from landsea.declaration.stage import Known
from landsea.dossier.blob import Blob
from landsea.dossier.evidence import verify_receipt
from landsea.dossier.group import SCHEMA, blobs
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.risk.reasons import Audience
from landsea.transparency import checkpoint, merkle
from risk.situation import DAY, known
from risk.test_select import edition_with

ON = basis(Known(7), LAW, "0.1.0")
SRC = pathlib.Path(landsea.__file__).parent
FOUND = {"d": 0, "rule": "GDS-001", "version": 1, "severity": 2, "at": 3, "item": 1, "value": 'a "b"\n'}
TAX = {"i": 0, "base": "1000.5", "amount": "50.03", "rate": "5 %", "measure": "M1"}


def texts(result, law=LAW):
    made = decision_blobs(result, law, ON)
    assert dict(made.schema) == SCHEMA
    return {
        (d, group, item): json.loads(text) for d, group, item, text in made.select("d", "group", "item", "text").rows()
    }


def test_a_decision_leaves_what_was_said_what_is_due_and_why():
    made = texts(decided(controlled("physical"), findings=[FOUND], taxes=[TAX]))
    assert made[0, "decision@1", 0] == {
        "outcome": "examine",
        "control": "physical",
        "ground": "G-physical",
        "law": "Law on physical",
        "action": "Await physical",
        "version": 1,
        "errors": 0,
        "warnings": 1,
        "state": "examination",
        "responses": [1, 13, 5],
        "awaits": ["control"],
    }
    (line,) = made[0, "duty@1", 1]["taxes"]
    assert (line["base"], line["amount"], line["rate"], line["quantity"]) == ("1000.5", "50.03", "5 %", None)
    (finding,) = made[0, "findings@1", 0]["findings"]
    assert (finding["element"], finding["value"]) == ("Declaration/FunctionalReferenceID", 'a "b"\n')
    assert made[0, "reasons@1", 0]["hits"] == [
        {"item": 1, "profile": "T-physical@1", "control": 3, "values": "hs=030000"}
    ]
    assert made[0, "basis@1", 0] == {"edition": LAW.digest, "known": ON.known, "log_position": 7, "engine": "0.1.0"}


def test_each_declaration_has_its_own_blobs_and_only_those():
    made = texts(decided(controlled("none"), {"message": "unreadable", "items": []}), LAW)
    assert {(d, group) for d, group, _ in made} == {
        (d, group) for d in (0, 1) for group in ("decision@1", "reasons@1", "basis@1")
    }


def test_what_is_known_has_a_digest_that_changes_with_it():
    draws = pl.DataFrame({"d": [0], "key": [b"\x01"], "draw": [5]})
    digests = [basis(Known(1, {"draws": f}), LAW, "1").known for f in (draws, draws, draws.with_columns(draw=6))]
    assert digests[0] == digests[1] != digests[2]


def trader_sees(result, law):
    made = decision_blobs(result, law, ON).filter(pl.col("group").is_in(DISCLOSED[Audience.TRADER]))
    return made.write_json() + json.dumps(answer(result, 0, Audience.TRADER, law), default=str)


@pytest.mark.parametrize("type_", ["IMA", "IMD"])
def test_no_byte_a_trader_sees_differs_between_a_random_and_a_profile_selection(type_):
    shares = {"documents": "0.02", "scan": "0.02", "physical": "0.5", "sample": "0.01", "audit": "0.03"}
    law = edition_with(random=shares)
    by_profile = decided(controlled("physical", type=type_))
    drawn = decided(
        controlled("physical", type=type_), law=law, draws=known(by_profile.lot, draw=2**64 // 3).frames["draws"]
    )
    assert [r.selections["selected_by"][0] for r in (by_profile, drawn)] == ["profile", "random"]
    assert trader_sees(by_profile, LAW) == trader_sees(drawn, law)


def test_before_arrival_a_trader_reads_the_same_whatever_was_decided():
    seen = set()
    for control in ("none", "documents", "physical", "audit"):
        result = decided(controlled(control, type="IMD"))
        seen.add(trader_sees(result, LAW))
        assert answer(result, 0, Audience.OFFICER, LAW)["decided_in_advance"]["control"] == control
    assert len(seen) == 1


def test_no_column_for_officers_reaches_a_trader():
    result = decided(controlled("physical"), findings=[FOUND], taxes=[TAX])
    trader, officer = (answer(result, 0, a, LAW) for a in (Audience.TRADER, Audience.OFFICER))
    assert set(officer) - set(trader) == OFFICERS_ONLY
    assert not OFFICERS_ONLY & set(trader)
    assert not set(TOLD) & {"selected_by", "drawn", "inclusion", "hits"}
    assert "T-physical" not in trader_sees(result, LAW)
    assert trader["responses"] == ["accepted", "tax", "control"]
    assert trader["findings"][0]["pointer"] == "Declaration/FunctionalReferenceID"
    assert trader["duties"][0]["amount"] == "50.03"
    assert told(result, LAW).height == 1


def test_every_message_becomes_a_record_of_a_kind():
    assert set(KINDS) == {"declaration", "amendment", "invalidation", "presentation", "unreadable", "not-a-declaration"}


def committed(result):
    """A log of this lot's records alone, as a commit would establish it."""
    own = blobs(result.lot).select("d", "group", "item", "text")
    made = pl.concat(
        [own.with_columns(of=0), decision_blobs(result, LAW, ON).with_columns(of=1)], how="diagonal_relaxed"
    )

    def record(of, kind, causes):
        rows = made.filter((pl.col("of") == of) & (pl.col("d") == 0)).select("group", "item", "text").rows()
        body = [Blob("lodged-body@1", 0, b"<body/>")] if of == 0 else []
        given = [*body, *(Blob(group, item, text.encode()) for group, item, text in rows)]
        instant = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
        return Unsealed(kind, f"r{of}", instant, LAW.digest, given, [("lrn", "LRN-0")], causes)

    unsealed = [record(0, KINDS["declaration"], []), record(1, DECISION, ["r0"])]
    sealed = seal(unsealed, bytes(salt_bytes(unsealed)))
    leaves = [merkle.leaf_hash(s.entry) for s in sealed]
    secret = Ed25519PrivateKey.generate()
    key = checkpoint.public_key("test.example/log", secret.public_key().public_bytes_raw())
    note = checkpoint.signed(checkpoint.Checkpoint("test.example/log", 2, merkle.root_of(leaves)), key, secret.sign)
    records = tuple(Recorded(s, n, (leaves[1 - n],)) for n, s in enumerate(sealed))
    return Committed(result, {0: records}, note, key)


def test_a_receipt_holds_and_shows_each_audience_what_it_may_see():
    held = committed(decided(controlled("physical"), taxes=[TAX]))
    for audience in Audience:
        document = receipt(held, 0, audience)
        steps = verify_receipt(document, str(held.key), body=b"<body/>", reference="LRN-0")
        assert [step.name for step in steps if step.holds is not True] == []
        assert (b"T-physical@1" in document) is (audience is not Audience.TRADER)
        assert b"Await physical" in document
        assert b"<body/>" not in document
    with pytest.raises(KeyError):
        receipt(held, 1, Audience.TRADER)


def users(name):
    """The modules that call something of this name, or import it from where receipts are put together."""
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            calls = isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == name
            imports = isinstance(node, ast.ImportFrom) and node.module == "landsea.dossier.evidence"
            if (calls and name == "Committed") or (imports and name in {alias.name for alias in node.names}):
                yield str(path.relative_to(SRC))


def test_only_the_commit_makes_a_committed_and_only_a_committed_a_receipt():
    assert set(users("Committed")) <= {"node/commit.py"}
    assert set(users("assemble")) == {"clearance/receipt.py"}
