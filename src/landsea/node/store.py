"""The store: one database, SQLite (WAL, synchronous FULL) or PostgreSQL, behind the same few verbs.

Nothing is acknowledged before COMMIT returned, and COMMIT returns only after the disk has it. What fails below (a full
disk, a lock that is not given, a lost connection) is an EnvironmentFault and leaves nothing half done.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError

from landsea.errors import EnvironmentFault

from . import tables
from .settings import Settings

if TYPE_CHECKING:
    import psycopg

_COPY_FROM = 64  # rows from which COPY beats prepared inserts on PostgreSQL
_MIGRATION_LOCK = 0x1A9D5EA
_LOCK = select(tables.log_head.c.one).with_for_update()


class Store:
    """An open database at the newest schema."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _engine(settings)
        self._reader = self.engine.execution_options(begin="BEGIN")
        self.sqlite = self.engine.dialect.name == "sqlite"
        self.lock_timeout = settings.lock_timeout
        migrate(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with _faults(), self._reader.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that alone may write to the log; committed on leaving, rolled back on any exception."""
        with _faults(), self.engine.begin() as connection:  # on SQLite this is BEGIN IMMEDIATE
            if not self.sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self.lock_timeout}s'")
                connection.execute(_LOCK)
            yield connection

    def insert(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], otherwise: str = ""
    ) -> None:
        """The rows, in the order of the table's columns, are in the table."""
        if not rows:
            return
        if self.sqlite or len(rows) < _COPY_FROM:
            connection.exec_driver_sql(_insertion(table, "?" if self.sqlite else "%s") + otherwise, list(rows))
            return
        driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        with driver.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)') as copy:
            copy.set_types([_BINARY[str(column.type)] for column in table.columns])
            for row in rows:
                copy.write_row(row)

    def insert_new(self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """The rows whose key was not there are in the table; what was there is as it was."""
        if self.sqlite or len(rows) < _COPY_FROM:
            self.insert(connection, table, rows, " ON CONFLICT DO NOTHING")
            return
        staging = table.to_metadata(MetaData(), name=f"new_{table.name}")
        connection.execute(text(f"CREATE TEMP TABLE {staging.name} (LIKE {table.name}) ON COMMIT DROP"))
        self.insert(connection, staging, rows)
        connection.execute(text(f"INSERT INTO {table.name} SELECT * FROM {staging.name} ON CONFLICT DO NOTHING"))  # noqa: S608

    def forget(self) -> None:
        """What was deleted is gone from the files too, as far as the database can tell them."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin="") as connection:
            if self.sqlite:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            else:
                connection.execute(text("VACUUM FULL record_keys"))

    def close(self) -> None:
        """All connections are closed."""
        self.engine.dispose()


@cache
def _insertion(table: Table, mark: str) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join([mark] * len(table.columns))
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - our own names only


_BINARY = {"BIGINT": "int8", "SMALLINT": "int2", "TEXT": "text", "BLOB": "bytea", "BYTEA": "bytea"}
_PRAGMAS = "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-65536", "temp_store=MEMORY"


def _engine(settings: Settings) -> Engine:
    if not settings.database_url.startswith("sqlite"):
        return create_engine(settings.database_url, pool_pre_ping=True)
    engine = create_engine(settings.database_url, connect_args={"timeout": settings.lock_timeout})

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, see below
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        if begin := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise EnvironmentFault(
            f"the database refused: {error.orig}; nothing of this was stored, repeat it once the cause is gone"
        ) from error


def migrate(engine: Engine, revision: str = "head") -> None:
    """The database has the newest schema. Several processes may start at once: one migrates, the others wait."""
    config = Config()
    config.set_main_option("script_location", "landsea.node:migrations")
    with _faults(), engine.connect() as connection, connection.begin():
        if engine.dialect.name != "sqlite":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
