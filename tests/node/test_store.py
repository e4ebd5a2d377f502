import sqlite3
import threading
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from landsea.errors import EnvironmentFault
from landsea.node import tables
from landsea.node.settings import Settings
from landsea.node.store import Store


@pytest.fixture
def store(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    opened = Store(settings)
    yield opened
    opened.close()


def test_the_migrations_lead_to_the_tables_the_code_uses(store):
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


@pytest.mark.parametrize("rows", [1, 200])
def test_what_was_inserted_is_read_back_few_or_many(store, rows):
    given = [(f"2026-{n:04}", b"\x00" + bytes([n % 256]), b"w") for n in range(rows)]
    with store.writing() as connection:
        store.insert(connection, tables.seeds, given)
    with store.reading() as connection:
        assert sorted(map(tuple, connection.execute(select(tables.seeds)))) == given


@pytest.mark.parametrize("rows", [1, 200])
def test_what_the_database_refuses_is_a_clear_fault_few_or_many(store, rows):
    with pytest.raises(EnvironmentFault, match="the database refused"), store.writing() as connection:
        store.insert(connection, tables.seeds, [(f"2026-{n:04}", None, b"w") for n in range(rows)])


def test_an_exception_leaves_nothing_half_done(store):
    def fall():
        with store.writing() as connection:
            store.insert(connection, tables.seeds, [("day", b"c", b"w")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall()
    with store.reading() as connection:
        assert connection.execute(select(tables.seeds)).all() == []


def test_a_lock_that_is_not_given_in_time_is_a_clear_fault(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    first, second = Store(settings), Store(replace(settings, lock_timeout=1))
    with first.writing() as one:
        first.insert(one, tables.log_head, [(1, "o", "v", 0, 0, b"", b"")])
    with first.writing(), pytest.raises(EnvironmentFault, match="nothing of this was stored"), second.writing():
        pass
    first.close()
    second.close()


def test_several_processes_may_migrate_at_once(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    opened, faults = [], []

    def start():
        try:
            opened.append(Store(settings))
        except Exception as fault:  # noqa: BLE001 - told by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(opened), faults) == (4, [])
    for store in opened:
        store.close()


def test_sqlite_waits_for_the_disk_and_overwrites_what_is_deleted(tmp_path):
    store = Store(Settings(data=tmp_path))
    with store.reading() as connection:
        pragmas = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("synchronous", "secure_delete")}
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    assert (pragmas, mode) == ({"synchronous": 2, "secure_delete": 1}, "wal")
    assert sqlite3.sqlite_version_info >= (3, 35)
    store.close()
