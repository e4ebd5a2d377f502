import json
import os
import pathlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from landsea.clearance.state import FINAL, State
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import InputError
from landsea.node import records, tables
from landsea.node.clock import Clock, instant, micros
from landsea.node.keys import open_keys
from landsea.node.log import Log
from landsea.node.retention import Retention
from landsea.node.store import Store
from landsea.transparency import merkle, proof, tile

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = os.urandom(200)


@pytest.fixture
def node(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store, keys = Store(settings), open_keys(settings.data / "keys")
    log = Log(store, keys, Clock(5, lambda: micros(NOON)), settings.log_origin)
    made = [Unsealed("lodged", f"r{n}", NOON, "sha256:0", [Blob("goods@1", 1, SECRET)]) for n in range(4)]
    sealed = seal(made, os.urandom(salt_bytes(made)))
    with store.writing() as connection:
        boxes = records.boxed(keys, [(s, f"d{n % 2}") for n, s in enumerate(sealed)])
        records.write(store, connection, log, boxes, micros(NOON))
        store.insert(connection, tables.lodgements, [("b", "L0", "9", b"digest", 0, 2, 0, b"receipt")])
        row = ("M0", "b", "L0", "CN", "d0", "cleared", 1, 0, None, 1, 0, 2, micros(NOON), "", "")
        store.insert(connection, tables.declarations, [row])
    yield store, keys, log
    store.close()


def retention(node):
    return Retention(*node, days=10)


def test_a_term_ends_when_nothing_was_added_for_so_long(node):
    assert retention(node).due(NOON + timedelta(days=10)) == []
    assert sorted(retention(node).due(NOON + timedelta(days=10, seconds=1))) == ["d0", "d1"]


def test_erasing_leaves_header_and_leaf_and_nothing_to_open(node):
    store, keys, _ = node
    with store.reading() as connection:
        wrapped = list(connection.execute(select(tables.record_keys.c.wrapped)).scalars())
    assert retention(node).erase(retention(node).dossier_of("M0"), "term ended", "sha256:0") == 2
    with store.reading() as connection:
        found = records.read(connection, keys, range(5))
        left = connection.execute(select(tables.lodgements.c.digest, tables.lodgements.c.receipt)).one()
        assert connection.execute(select(tables.declarations.c.state)).scalar_one() == "erased"
        assert len(connection.execute(select(tables.sealed)).all()) == 3
    assert [found[n].blobs is None for n in range(4)] == [True, False, True, False]
    assert (left.digest, left.receipt) == (b"", None)
    assert found[0].header.startswith(b'{"format":"landsea/record/1"')
    if store.sqlite:
        path = store.engine.url.database
        on_disk = b"".join(pathlib.Path(path + end).read_bytes() for end in ("", "-wal"))
        assert [w in on_disk for w in wrapped] == [False, True, False, True]


def test_an_erasure_is_a_record_and_the_log_stays_whole(node):
    store, keys, log = node
    before = proof.nodes(log.published, 4)
    root = merkle.root_of([before(0, n) for n in range(4)])
    retention(node).erase("d0", "term ended", "sha256:0")
    with store.reading() as connection:
        record = records.read(connection, keys, [4])[4]
    assert json.loads(record.blobs[0].data) == {"dossier": "d0", "records": ["r0", "r2"], "ground": "term ended"}
    after = merkle.root_of([merkle.leaf_hash(e) for e in tile.entries_of(log.published("tile/entries/000.p/5"))])
    assert merkle.verify_consistency(4, root, 5, after, proof.consistency(log.published, 4, 5))


def test_nothing_is_erased_twice_and_nothing_unknown(node):
    retention(node).erase("d0", "term ended", "sha256:0")
    assert retention(node).due(instant(micros(NOON)) + timedelta(days=11)) == ["d1"]
    for unknown in ("d0", "d9"):
        with pytest.raises(InputError, match="no record that could be erased"):
            retention(node).erase(unknown, "again", "sha256:0")
    with pytest.raises(InputError, match="no declaration M9"):
        retention(node).dossier_of("M9")


@pytest.mark.parametrize("state", list(State))
def test_what_still_waits_for_anything_is_never_due(node, state):
    store, _, _ = node
    with store.writing() as connection:
        connection.execute(update(tables.declarations).values(state=state.value))
    due = retention(node).due(NOON + timedelta(days=4000))
    assert due == (["d0", "d1"] if state in FINAL else ["d1"])


def test_draws_are_forgotten_at_the_end_of_their_term(node):
    store, _, _ = node
    with store.writing() as connection:
        rows = [(bytes([n]) * 32, n, micros(NOON + timedelta(days=n))) for n in range(3)]
        store.insert(connection, tables.draws, rows)
    assert retention(node).forgotten(NOON + timedelta(days=10)) == 0
    assert retention(node).forgotten(NOON + timedelta(days=11, seconds=1)) == 2
    with store.reading() as connection:
        assert connection.execute(select(tables.draws.c.draw)).scalars().all() == [2]
