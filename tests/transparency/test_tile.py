"""Tiles and bundles: where they lie, and that a log grows the same in any steps."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import honest
from landsea.errors import InputError
from landsea.transparency import merkle, tile

PATHS = {
    (0, 0, 256): "tile/0/000",
    (0, 0, 1): "tile/0/000.p/1",
    (3, 1234067, 256): "tile/3/x001/x234/067",
    (3, 1234067, 5): "tile/3/x001/x234/067.p/5",
    (tile.ENTRIES, 1000, 256): "tile/entries/x001/000",
    (63, 0, 255): "tile/63/000.p/255",
}


@pytest.mark.parametrize(("where", "path"), PATHS.items(), ids=PATHS.values())
def test_a_tile_is_published_under_one_path(where, path):
    assert tile.path(*where) == path
    assert tile.coordinates(path) == where


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/entries/000\n",
        "checkpoint",
        "",
    ],
)
def test_a_path_written_otherwise_is_none(path):
    with pytest.raises(InputError, match="no path"):
        tile.coordinates(path)


@given(st.lists(st.integers(0, 600), max_size=6))
@settings(deadline=None)
def test_a_log_grows_the_same_in_any_steps(steps):
    entries = honest.noise(sum(steps))
    edge, files, at = tile.Edge(), {}, 0
    for step in steps:
        grown = tile.append(edge, entries[at : at + step])
        files.update(grown.changed)
        proofs = grown.inclusion_proofs()
        assert len(proofs) == step
        for index in range(at, at + step, 37):
            leaf = merkle.leaf_hash(entries[index])
            assert merkle.verify_inclusion(leaf, index, at + step, proofs[index - at], grown.root)
        edge, at = grown.edge, at + step
    whole = tile.append(tile.Edge(), entries)
    assert edge == whole.edge
    assert files == dict(whole.changed)
    assert whole.root == edge.root == merkle.root_of([merkle.leaf_hash(entry) for entry in entries])
    for kept in (b"", b"".join(edge.frontier)):
        assert tile.edge_of(edge.size, lambda level, index: files[level, index], kept) == edge


def test_an_edge_is_read_from_a_store_that_went_on_growing():
    early = tile.append(tile.Edge(), honest.noise(300)).edge
    later = tile.append(early, honest.noise(70_000, "later"))
    store = {**tile.append(tile.Edge(), honest.noise(300)).changed, **later.changed}
    assert tile.edge_of(300, lambda level, index: store[level, index]) == early


def test_only_what_changed_is_written():
    edge = tile.append(tile.Edge(), honest.noise(256 * 256)).edge
    assert list(tile.append(edge, honest.noise(1)).changed) == [(tile.ENTRIES, 256), (0, 256)]
    assert tile.append(edge, []).changed == {}
    assert tile.append(edge, []).inclusion_proofs() == tile.append(tile.Edge(), []).inclusion_proofs() == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries):
    content = tile.bundle(entries)
    assert tile.entries_of(content) == entries
    for width in range(len(entries) + 1):
        assert tile.narrowed(tile.ENTRIES, content, width) == tile.bundle(entries[:width])
    with pytest.raises(InputError, match="fewer"):
        tile.narrowed(tile.ENTRIES, content, len(entries) + 1)


@given(st.binary(max_size=200))
def test_a_bundle_is_read_whole_or_refused(content):
    with contextlib.suppress(InputError):
        assert tile.bundle(tile.entries_of(content)) == content


def test_an_entry_too_long_for_a_bundle_is_refused():
    with pytest.raises(ValueError, match="longer"):
        tile.bundle([bytes(65536)])
