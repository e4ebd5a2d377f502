from dataclasses import replace

import pytest

from landsea.errors import EnvironmentFault
from landsea.node.clock import Clock
from landsea.node.keys import open_keys
from landsea.node.log import Log
from landsea.node.store import Store
from landsea.transparency import audit, checkpoint, merkle, proof, tile


@pytest.fixture
def store(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    opened = Store(settings)
    yield opened
    opened.close()


@pytest.fixture
def log(store, settings):
    return Log(store, open_keys(settings.data / "keys"), Clock(), settings.log_origin)


def grow(store, log, *counts):
    leaf = 0
    for count in counts:
        entries = [b"\x01" + n.to_bytes(32) for n in range(leaf, leaf + count)]
        with store.writing() as connection:
            appended = log.append(connection, entries, log.time(connection))
        assert appended.first == leaf
        leaf += count
    return appended


def test_an_empty_log_has_a_signed_checkpoint(log):
    head = checkpoint.opened(log.published("checkpoint"), log.key)
    assert (head.size, head.root) == (0, merkle.EMPTY_ROOT)


def test_what_is_published_is_the_log_of_all_that_was_appended(store, log):
    grow(store, log, 1, 254, 1, 1, 600, 3)
    entries = [b"\x01" + n.to_bytes(32) for n in range(860)]
    head = checkpoint.opened(log.published("checkpoint"), log.key)
    assert (head.size, head.root) == (860, merkle.root_of([merkle.leaf_hash(e) for e in entries]))
    served = [tile.entries_of(proof.fetch_tile(log.published, tile.ENTRIES, n, 860)) for n in range(4)]
    assert [entry for bundle in served for entry in bundle] == entries
    for leaf in (0, 255, 256, 511, 859):
        path = proof.inclusion(log.published, leaf, 860)
        assert merkle.verify_inclusion(merkle.leaf_hash(entries[leaf]), leaf, 860, path, head.root)


def test_a_proof_made_while_appending_is_the_one_the_tiles_give(store, log):
    appended = grow(store, log, 300, 5)
    made = [list(one) for one in appended.growth.inclusion_proofs()]
    assert made == [proof.inclusion(log.published, leaf, 305) for leaf in range(300, 305)]


def test_a_log_goes_on_from_what_was_committed_whoever_appended_before(settings, store, log):
    other = Log(store, open_keys(settings.data / "keys"), Clock(), settings.log_origin)
    grow(store, log, 300)

    def fall():
        with store.writing() as connection:
            log.append(connection, [b"taken back"] * 5, log.time(connection))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall()
    for by, entry in ((other, b"one"), (log, b"two"), (other, b"three")):
        with store.writing() as connection:
            by.append(connection, [entry] * 5, by.time(connection))
    assert audit.audit(log.published, log.key).lie is None
    last = tile.entries_of(proof.fetch_tile(log.published, tile.ENTRIES, 1, 315))[-15:]
    assert last == [b"one"] * 5 + [b"two"] * 5 + [b"three"] * 5


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001.p/1", "tile/0/000.p/4", "tile/1/000.p/1", "entries", "../x"]
)
def test_nothing_is_published_beyond_the_head(store, log, path):
    grow(store, log, 3)
    assert log.published("tile/0/000.p/2") == log.published("tile/0/000.p/3")[:64]
    assert log.published(path) is None


def test_a_database_does_not_open_with_keys_of_another_node(store, log, settings, tmp_path):
    Log(store, open_keys(settings.data / "keys"), Clock(), settings.log_origin)
    with pytest.raises(EnvironmentFault, match="restore the keys"):
        Log(store, open_keys(tmp_path / "others"), Clock(), settings.log_origin)
    with pytest.raises(EnvironmentFault, match=r"the settings make it other\.invalid"):
        Log(store, open_keys(settings.data / "keys"), Clock(), replace(settings, origin="other.invalid").log_origin)
