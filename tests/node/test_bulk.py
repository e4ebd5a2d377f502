from collections import Counter
from dataclasses import replace

import pytest

from databases import quiet
from landsea.declaration import lot
from landsea.declaration.finding import no_findings
from landsea.declaration.stage import Lodged
from landsea.dossier.evidence import verify_receipt
from landsea.node import bulk, parquet
from landsea.transparency import audit
from landsea.wire import read
from lodged import PARTY, decisions, declaration, lodgement

COUNT = 7


@pytest.fixture
def folder(tmp_path, edition):
    """Seven declarations as Parquet, the first of them twice."""
    bodies = [declaration(f"L{n}") for n in range(COUNT)]
    one = read([lodgement(body) for body in [*bodies, bodies[0]]], edition)
    parquet.write(one.lot, tmp_path / "lot")
    return tmp_path / "lot"


@pytest.fixture
def node(settings, edition):
    with quiet(replace(settings, chunk=3), edition) as opened:
        yield opened


def test_a_lot_from_parquet_is_committed_chunk_by_chunk_and_only_once(node, folder):
    through = []
    assert node.bulk(folder, PARTY, through.append) == Counter(recorded=COUNT, repeated=1)
    assert through == [3, 6, 8]
    assert node.bulk(folder, PARTY) == Counter(repeated=COUNT + 1)
    counted = [line for line in node.metrics().splitlines() if line.startswith("landsea_decisions{")]
    assert sum(int(line.split()[1]) for line in counted) == COUNT
    seen = audit.audit(node.log.published, node.log.key)
    assert (seen.lie, seen.size) == (None, 2 + 2 * COUNT)


def test_a_receipt_from_the_bulk_path_is_made_when_asked_for_and_stays_the_same(node, folder):
    node.bulk(folder, PARTY)
    number = node.register.referred(PARTY, "L3").mrn
    (receipt,) = node.register.receipts(number)
    assert all(step.holds is not False for step in verify_receipt(receipt.document, str(node.log.key), reference="L3"))
    node.clear([lodgement(declaration("later"))])
    assert node.register.receipts(number) == [receipt]


def test_lodged_in_bulk_or_one_by_one_the_decision_is_the_same(node, folder, edition):
    node.bulk(folder, PARTY)
    number = node.register.referred(PARTY, "L3").mrn
    in_bulk = decisions(node.register.receipts(number)[0])[0]
    (alone,) = node.clear([replace(lodgement(declaration("L3")), sender="LA0100000002")])
    assert {**in_bulk, "warnings": 0} == {**decisions(alone)[0], "warnings": 0}


def test_one_that_brings_the_node_to_fall_is_held_and_the_rest_committed(node, folder, monkeypatch):
    clear = bulk.Lodging.drafted

    def fall(self, lodged, named=None):
        if "L2" in lodged.lot["declarations"]["lrn"].to_list():
            raise ZeroDivisionError
        return clear(self, lodged, named)

    monkeypatch.setattr(bulk.Lodging, "drafted", fall)
    arrival = parquet.Arrival(PARTY, node.clock.now(), "LA", "landsea")
    lodged = Lodged(parquet.Rows(folder).lot(0, 4, arrival), no_findings())
    prepared = bulk.prepared(node.lodging, lodged)
    node.ledger.commit(*prepared)
    grounds = [node.register.referred(PARTY, f"L{n}").ground for n in range(4)]
    assert [ground == "node-fault" for ground in grounds] == [False, False, True, False]


def test_stretches_of_a_lot_are_whole_declarations(folder):
    assert len(parquet.Rows(folder)) == COUNT + 1
    assert lot.schemas().keys() >= {file.stem for file in folder.iterdir()}
