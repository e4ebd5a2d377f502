from dataclasses import replace

import pytest

from landsea.clearance import pipeline
from landsea.declaration.finding import no_findings
from landsea.node import replay
from landsea.node.replay import replay as replayed
from lodged import PARTY, amendment, declaration, invalidation, lodgement, mrn, presentation, shown


@pytest.fixture
def history(node):
    """A node that cleared what there is to clear."""
    first = node.lodge(lodgement(declaration("L1"))).result(60)
    number = mrn(first)
    node.clear([lodgement(b) for b in (amendment("A1", number, "20000.00"), presentation("P1", number), b"not xml")])
    node.clear([lodgement(declaration(f"M{n}", price=f"{n}.00")) for n in range(1, 4)])
    node.clear([lodgement(amendment("A2", "26LA0000000000000X", "1.00")), lodgement(invalidation("I1", number), "x")])
    return node


def test_within_a_release_every_decision_comes_out_byte_for_byte(history):
    seen = list(replayed(history.lodging, step=4))
    assert len(seen) == 10
    assert [(s.differences, s.obstacle) for s in seen] == [((), "")] * len(seen)


def test_a_release_that_decides_otherwise_is_found_out(history, monkeypatch):
    def lenient(lodged, known, edition):
        decided = pipeline.clear(lodged, known, edition)
        return replace(decided, findings=no_findings())

    monkeypatch.setattr(replay, "clear", lenient)
    found = {group for one in replayed(history.lodging) for group, *_ in one.differences}
    assert found == {"findings@1"}


def test_another_edition_is_not_mistaken_for_another_decision(history):
    other = replace(history.lodging, edition=replace(history.edition, digest="sha256:other"))
    assert {one.obstacle.split(" sha256")[0] for one in replayed(other)} == {"decided under edition"}


def test_what_was_erased_is_not_replayed(history):
    history.retention.erase(history.register.referred(PARTY, "M1").dossier, "term ended", history.edition.digest)
    assert sum(one.obstacle.startswith("erased") for one in replayed(history.lodging)) == 1


def test_what_was_known_is_never_shown_to_a_trader(history):
    receipt = history.register.receipts(history.register.referred(PARTY, "L1").mrn)[0]
    groups = {group for _, blobs in shown(receipt) for group in blobs}
    assert groups >= {"decision@1"}
    assert not groups & {"known@1", "basis@1", "reasons@1"}
