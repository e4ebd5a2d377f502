"""Relaying: what stands in the log and in the tables after it, and that no release can come of it."""

import json
from collections import Counter

import pytest
from relay_victim import watched
from sqlalchemy import select

from databases import quiet
from landsea.clearance import relayed
from landsea.clearance.relayed import Advised
from landsea.declaration.national import National
from landsea.declaration.stage import Outcome
from landsea.dossier.group import BODY
from landsea.errors import BuildFault, EnvironmentFault, InputError, Relays
from landsea.node import records, relay, tables
from landsea.node.legacy import adapters
from landsea.node.relay import Kept, relay_of
from landsea.node.settings import Settings
from landsea.wire import sad_xml
from landsea.wire.adapter import Translated
from lodged import declaration, lodgement
from sad import ASSESSED, PAID, RELEASED, item, sad, tax

TAXED = [item([tax("ID", "397750000", "10", "39775000")])]


@pytest.fixture
def lao(tmp_path, edition):
    """A node beside the Lao national system."""
    with quiet(Settings(data=tmp_path / "node", administration="LA", authority_mode="relays"), edition) as node:
        yield node


def relayed_by(node, *bodies):
    """These SADs, relayed together."""
    stated = adapters(node.edition, "LA")
    return relay_of(node).answers([sad_xml.translated(body, stated.system, stated.sad) for body in bodies])


def stored(node, *kept):
    """The records at these places, each with its header and its blobs as JSON; bodies as they are."""
    with node.store.reading() as connection:
        found = records.read(connection, node.ledger.keys, [leaf for one in kept for leaf in one.leaves])
    return [
        (
            json.loads(one.header),
            {(b.group, b.item): b.data if b.group == BODY else json.loads(b.data) for b in one.blobs},
        )
        for _, one in sorted(found.items())
    ]


def test_a_declaration_their_decision_and_our_advice_are_three_records_each_caused_by_those_before(lao):
    body = sad("1", items=TAXED, **ASSESSED)
    (kept,) = relayed_by(lao, body)
    (declared, decided, advised) = stored(lao, kept)
    kinds = [header["kind"] for header, _ in (declared, decided, advised)]
    assert kinds == ["declaration-relayed", "national-decision", "advice"]
    ids = [header["id"] for header, _ in (declared, decided, advised)]
    assert [header["causes"] for header, _ in (declared, decided, advised)] == [[], ids[:1], ids[:2]]
    assert all(header["aliases"] == [["mrn", "LABTN-2026-C1"]] for header, _ in (declared, decided, advised))
    assert declared[1][BODY, 0] == body
    assert ("goods@1", 1) in declared[1]
    assert decided[1]["national@1", 0]["status"] == "assessed"
    assert decided[1]["national@1", 1]["taxes"][0]["amount"] == "39775000"
    assert advised[1]["advice@1", 0]["theirs"] == "39775000 LAK"


def test_what_is_known_of_each_version_is_the_one_before(lao):
    kept = relayed_by(lao, sad("1"), sad("2"), sad("1", **ASSESSED), sad("1", **PAID))
    versions = [blobs["advice@1", 0]["version"] for _, blobs in stored(lao, *kept) if ("advice@1", 0) in blobs]
    assert sorted(versions) == [1, 1, 2, 3]
    with lao.store.reading() as connection:
        rows = connection.execute(select(tables.declarations.c.mrn, tables.declarations.c.version)).all()
    assert sorted(map(tuple, rows)) == [("LABTN-2026-C1", 3), ("LABTN-2026-C2", 1)]


def test_a_body_known_before_is_where_it_was(lao):
    (first,) = relayed_by(lao, sad("1"))
    again = relayed_by(lao, sad("2"), sad("1"), sad("1"))
    assert again[1:] == [first._replace(repeated=True)] * 2
    assert not again[0].repeated


def test_a_draft_of_theirs_is_recorded_and_stands_nowhere_before_it_is_registered(lao):
    (kept,) = relayed_by(lao, sad("", Declarant__Reference__Number="R9"))
    assert stored(lao, kept)[0][0]["aliases"] == [["lrn", "LA0100000001/2026/R9"]]
    with lao.store.reading() as connection:
        assert not connection.execute(select(tables.declarations)).all()


def test_another_that_moves_the_declaration_meanwhile_is_waited_for(lao, monkeypatch):
    relayed_by(lao, sad("1"))
    gather, meanwhile = relay.gather, [sad("1", **ASSESSED)]

    def moved(*asked):
        known = gather(*asked)
        if meanwhile:
            relayed_by(lao, meanwhile.pop())
        return known

    monkeypatch.setattr(relay, "gather", moved)
    (kept,) = relayed_by(lao, sad("1", **PAID))
    assert stored(lao, kept)[2][1]["advice@1", 0]["version"] == 3


def test_one_that_is_moved_again_and_again_is_told_to_come_again(lao, monkeypatch):
    monkeypatch.setattr(type(lao.ledger), "commit", lambda _, cases, *_boxes: [None] * len(cases))
    (fault,) = relayed_by(lao, sad("1"))
    assert isinstance(fault, EnvironmentFault)


def test_random_selection_is_not_for_a_node_that_relays(lao):
    relayed_by(lao, *(sad(str(n)) for n in range(1, 9)))
    with lao.store.reading() as connection:
        assert not connection.execute(select(tables.draws)).all()
        assert not connection.execute(select(tables.seeds)).all()


# ---------------------------------------------------------------------------------------------- no release, by API


def test_whatever_they_decided_no_record_and_no_row_of_ours_releases(lao, tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    stages = ({}, ASSESSED, PAID, RELEASED, {**RELEASED, "Export_release__Date_of_exit": "22/11/2026"})
    for n, boxes in enumerate(stages):
        (folder / f"{n}.xml").write_bytes(sad(str(n + 1), **boxes))
    watched(lao, folder).once()
    with lao.store.reading() as connection:
        kinds = Counter(connection.execute(select(tables.records.c.kind)).scalars())
        rows = connection.execute(select(tables.declarations)).all()
    assert set(kinds) == {relayed.DECLARATION, relayed.NATIONAL, relayed.ADVICE}
    assert {row.state for row in rows} == {relayed.STATE}
    assert {row.outcome for row in rows} <= {one.value for one in Advised}
    assert not {row.outcome for row in rows} & {one.value for one in Outcome}
    assert {row.control for row in rows} == {0}
    quoted = []
    for _, blobs in stored(lao, *relayed_by(lao, *(sad(str(n + 1), **boxes) for n, boxes in enumerate(stages)))):
        assert not {"decision@1", "reasons@1"} & {group for group, _ in blobs}
        quoted += [blob["status"] for place, blob in blobs.items() if place == ("national@1", 0)]
        assert "released" not in {blob.get("outcome") for place, blob in blobs.items() if place == ("advice@1", 0)}
    assert quoted == ["registered", "assessed", "paid", "released", "left"]


def test_a_node_that_relays_clears_nothing_and_its_ledger_takes_no_decision(lao, tmp_path):
    for door in (lao.lodge, lambda one: lao.clear([one]), lambda _: lao.bulk(tmp_path, "x")):
        with pytest.raises(Relays, match="national system decides"):
            door(lodgement(declaration("L1")))
    (said,) = lao.lodging.answers([lodgement(declaration("L1"))])
    assert isinstance(said, BuildFault)
    with lao.store.reading() as connection:
        assert "decision" not in set(connection.execute(select(tables.records.c.kind)).scalars())
        assert not connection.execute(select(tables.declarations)).all()


def test_a_node_that_decides_relays_nothing(tmp_path, edition):
    with (
        quiet(Settings(data=tmp_path / "own", administration="LA"), edition) as node,
        pytest.raises(InputError, match="this node decides"),
    ):
        relay_of(node)


def test_nothing_a_relay_offers_takes_or_gives_a_decision():
    offered = {name for name in dir(relay.Relay) if not name.startswith("_")}
    assert offered == {"answers", "reserved", "sender", "ledger", "edition", "clock", "country", "observation", "lot"}
    assert set(Kept._fields) == {"leaf", "records", "repeated"}
    assert set(Translated.__dataclass_fields__) == {"message", "body", "national", "unmapped", "doubts"}
    assert "outcome" not in National.__dataclass_fields__
