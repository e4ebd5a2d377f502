"""Proofs made from a log's public files, held to a log that another implementation wrote."""

import pytest

import honest
from conftest import SHARED, needs_shared
from landsea.errors import InputError
from landsea.transparency import checkpoint, merkle, proof, tile
from landsea.transparency.audit import audit

TESSERA = SHARED / "vectors" / "tessera-log" / "testdata" / "log"
VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.fixture(scope="module")
def log() -> honest.Node:
    node = honest.Node()
    for part in (300, 212, 70_000):
        node.append(honest.noise(part, str(part)))
    return node


@pytest.mark.parametrize("index", [0, 255, 256, 299, 511, 512, 65_535, 65_536, 70_000, 70_511])
def test_an_entry_is_proved_from_the_files(log, index):
    entry = tile.entries_of(proof.fetch_tile(log.files.get, tile.ENTRIES, index // 256, log.edge.size))[index % 256]
    shown = proof.inclusion(log.files.get, index, log.edge.size)
    assert merkle.verify_inclusion(merkle.leaf_hash(entry), index, log.edge.size, shown, log.edge.root)


def test_each_checkpoint_begins_with_the_ones_before(log):
    saved = [checkpoint.opened(note, log.key) for note in log.saved]
    for old in saved:
        for new in saved:
            if old.size <= new.size:
                shown = proof.consistency(log.files.get, old.size, new.size)
                assert merkle.verify_consistency(old.size, old.root, new.size, new.root, shown)


def test_a_partial_tile_is_cut_from_the_full_one_it_became(log):
    files = {path: content for path, content in log.files.items() if ".p/" not in path}
    shown = proof.inclusion(files.get, 280, 300)
    assert shown == proof.inclusion(log.files.get, 280, 300)


def test_a_tile_that_is_not_there_is_named(log):
    files = {path: content for path, content in log.files.items() if path != "tile/0/001"}
    with pytest.raises(InputError, match="tile/0/001 is not published"):
        proof.inclusion(files.get, 256, log.edge.size)
    files["tile/0/001"] = bytes(31)
    with pytest.raises(InputError, match="has 31 bytes"):
        proof.inclusion(files.get, 256, log.edge.size)


def published(path: str) -> bytes | None:
    file = TESSERA / path
    return file.read_bytes() if file.is_file() else None


@needs_shared
def test_a_log_that_another_implementation_wrote_is_rebuilt_to_each_of_its_checkpoints():
    key = checkpoint.parse_vkey(VKEY)
    notes = [(TESSERA / f"checkpoint.{at}").read_bytes() for at in range(16)]
    for note in notes:
        signed = checkpoint.opened(note, key)
        content = published(tile.path(tile.ENTRIES, 0, signed.size)) if signed.size else b""
        entries = tile.entries_of(content)
        grown = tile.append(tile.Edge(), entries)
        assert grown.root == signed.root
        assert all(published(path) == data for path, data in grown.paths().items())
        for index, entry in enumerate(entries):
            shown = proof.inclusion(published, index, signed.size)
            assert merkle.verify_inclusion(merkle.leaf_hash(entry), index, signed.size, shown, signed.root)
    seen = audit(published, key, notes)
    assert (seen.lie, seen.leaves, seen.size) == (None, 15, 15)
