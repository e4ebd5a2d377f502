import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from landsea.dossier import disclosure
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import EnvironmentFault
from landsea.node import records, tables
from landsea.node.clock import Clock
from landsea.node.keys import open_keys
from landsea.node.log import Log
from landsea.node.store import Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = b"4 pallets of gallium"


@pytest.fixture
def node(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store, keys = Store(settings), open_keys(settings.data / "keys")
    yield store, keys, Log(store, keys, Clock(), settings.log_origin)
    store.close()


def stored(node, count=2):
    store, keys, log = node
    made = [Unsealed("lodged", f"r{n}", NOON, "sha256:0", [Blob("goods@1", 1, SECRET)]) for n in range(count)]
    sealed = seal(made, os.urandom(salt_bytes(made)))
    with store.writing() as connection:
        records.write(store, connection, log, records.boxed(keys, [(s, "d1") for s in sealed]), log.time(connection))
    return sealed


def test_a_record_is_read_back_byte_for_byte(node):
    store, keys, _ = node
    sealed = stored(node)
    with store.reading() as connection:
        found = records.read(connection, keys, [0, 1, 2])
    assert [(r.header, r.salt, tuple(r.blobs), r.salts) for r in found.values()] == [
        (s.header, s.salt, s.blobs, s.salts) for s in sealed
    ]
    assert disclosure.verify(sealed[0].header, disclosure.disclose(sealed[0], lambda *_: True)) == found[0].blobs


def test_nothing_of_a_blob_stands_readable_in_the_database(node):
    store, _, _ = node
    salts = stored(node)[0].salts
    with store.reading() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert not any(isinstance(v, bytes) and (SECRET in v or salts in v) for v in row), table.name


def test_without_its_key_header_and_leaf_stay_and_the_blobs_are_gone(node):
    store, keys, _ = node
    sealed = stored(node)
    with store.writing() as connection:
        connection.execute(delete(tables.record_keys).where(tables.record_keys.c.leaf == 0))
    with store.reading() as connection:
        found = records.read(connection, keys, [0, 1])
    assert (found[0].blobs, found[0].salts, found[0].header) == (None, None, sealed[0].header)
    assert found[1].blobs == list(sealed[1].blobs)


def test_a_box_put_in_another_records_place_does_not_open(node):
    store, keys, _ = node
    stored(node)
    with store.writing() as connection:
        for table, column in ((tables.sealed, "box"), (tables.record_keys, "wrapped")):
            other = select(table.c[column]).where(table.c.leaf == 1).scalar_subquery()
            connection.execute(update(table).where(table.c.leaf == 0).values({column: other}))
    with store.reading() as connection, pytest.raises(EnvironmentFault):
        records.read(connection, keys, [0])


def test_blobs_that_rotted_on_the_disk_are_named(node):
    store, keys, _ = node
    stored(node)
    with store.writing() as connection:
        connection.execute(update(tables.sealed).where(tables.sealed.c.leaf == 1).values(box=b"rotten" * 9))
    with store.reading() as connection, pytest.raises(EnvironmentFault, match="blobs of record r1 were changed"):
        records.read(connection, keys, [1])
