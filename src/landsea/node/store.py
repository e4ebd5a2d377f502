"""The store: one database, SQLite (WAL, synchronous FULL) or PostgreSQL, behind the same few verbs.

Nothing is acknowledged before COMMIT returned, and COMMIT returns only after the disk has it. What fails below (a full
disk, a lock that is not given, a lost connection) is an EnvironmentFault and leaves nothing half done.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
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
_STEP = 5_000  # values in one query: below the limits of both databases
_MIGRATION_LOCK = 0x1A9D5EA
_LOCK = select(tables.log_head.c.one).with_for_update()


class Store:
    """An open database at the newest schema."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _engine(settings)
        self._reader = self.engine.execution_options(begin="BEGIN")
        self.sqlite = self.engine.dialect.name == "sqlite"
        self.lock_timeout = settings.lock_timeout
        with ExitStack() as opened:
            opened.callback(self.close)
            migrate(self.engine)
            opened.pop_all()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with _faults(self.engine), self._reader.connect() as connection:
            connection.begin()
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that alone may write to the log; committed on leaving, rolled back on any exception."""
        with _faults(self.engine), self.engine.begin() as connection:  # on SQLite this is BEGIN IMMEDIATE
            if not self.sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self.lock_timeout}s'")
                connection.execute(_LOCK)
            yield connection

    def rows(self, connection: Connection, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of the query, in which a `?` stands for each value.

        This and `run` go past SQLAlchemy, whose every call costs more than what the database does for a declaration.
        """
        cursor = _driver(connection).cursor()
        cursor.execute(self._written(query), values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def among(self, connection: Connection, query: str, values: Sequence[Any], *said: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that ends with IN, for these values, however many they are; `said` stands before IN."""
        for at in range(0, len(values), _STEP):
            part = values[at : at + _STEP]
            yield from self.rows(connection, f"{query} ({', '.join('?' * len(part))})", (*said, *part))

    def run(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """The statement, in which a `?` stands for each value, is done with every row."""
        _driver(connection).cursor().executemany(self._written(statement), rows)

    def _written(self, sql: str) -> str:
        return sql if self.sqlite else sql.replace("?", "%s")

    def insert(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], otherwise: str = ""
    ) -> None:
        """The rows, in the order of the table's columns, are in the table."""
        if not rows:
            return
        if self.sqlite or otherwise or len(rows) < _COPY_FROM:
            self.run(connection, _insertion(table) + otherwise, rows)
            return
        driver: psycopg.Connection = _driver(connection)
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


def _driver(connection: Connection) -> Any:
    """The connection as the database's driver knows it."""
    return connection.connection.driver_connection


@cache
def _insertion(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - our own names only


_BINARY = {"BIGINT": "int8", "SMALLINT": "int2", "TEXT": "text", "BLOB": "bytea", "BYTEA": "bytea"}
_PRAGMAS = "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-65536", "temp_store=MEMORY"
_WAL = "wal_autocheckpoint=4000"  # pages: a lot writes a thousand, and the next lots some of these again


def _engine(settings: Settings) -> Engine:
    if not settings.database_url.startswith("sqlite"):
        return create_engine(settings.database_url, pool_pre_ping=True)
    engine = create_engine(settings.database_url, connect_args={"timeout": settings.lock_timeout})
    if (file := engine.url.database) and not file.startswith(("file:", ":memory:")):
        _own(Path(file))

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, see below
        for pragma in (*_PRAGMAS, _WAL):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        if begin := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
            _driver(connection).execute(begin)

    return engine


def _own(file: Path) -> None:
    """The file is there, for its owner only, whatever the umask; what SQLite lays beside it is like it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        file.chmod(0o600)
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be opened: {error.strerror}") from error


@contextmanager
def _faults(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        raise EnvironmentFault(
            f"the database refused: {said}; nothing of this was stored, repeat it once the cause is gone"
        ) from error


def migrate(engine: Engine, revision: str = "head") -> None:
    """The database has the newest schema. Several processes may start at once: one migrates, the others wait."""
    config = Config()
    config.set_main_option("script_location", "landsea.node:migrations")
    with _faults(engine), engine.connect() as connection, connection.begin():
        if engine.dialect.name != "sqlite":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
