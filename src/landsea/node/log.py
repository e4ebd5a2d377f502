"""The node's transparency log in its database: the head, the tiles, and what is published of them.

Everything that enters the log does so under the lock of the head's row. The head says where the next leaf goes, and
its signed checkpoint covers every leaf that any reader can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from landsea.errors import EnvironmentFault, InputError
from landsea.transparency import checkpoint, tile

from . import tables
from .clock import Clock
from .keys import Keys
from .store import Store

_UPSERT = (
    "INSERT INTO tiles (level, number, content) VALUES ({0}, {0}, {0}) "
    "ON CONFLICT (level, number) DO UPDATE SET content = excluded.content"
)
_HEAD = tables.log_head.c
_AT, _SIZE, _EDGE = select(_HEAD.at), select(_HEAD.size), select(_HEAD.size, _HEAD.frontier)
_TILE = select(tables.tiles.c.content).where(
    tables.tiles.c.level == bindparam("level"), tables.tiles.c.number == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class Appended:
    """Leaves that just entered the log: where the first stands, how the log grew, the checkpoint over them."""

    first: int
    growth: tile.Growth
    checkpoint: bytes
    at: int


class Log:
    """The log of one node, under its origin and its log key."""

    def __init__(self, store: Store, keys: Keys, clock: Clock, origin: str) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self.key = checkpoint.public_key(origin, keys.public("log"))
        with store.writing() as connection:
            head = connection.execute(select(tables.log_head)).one_or_none()
            if head is None:
                empty = self._signed(tile.append(tile.Edge(), []))
                row = (1, origin, str(self.key), 0, clock.log_time(0), b"", empty)
                store.insert(connection, tables.log_head, [row])
            elif head.vkey != str(self.key):
                raise EnvironmentFault(
                    f"the log in the database is signed by {head.vkey}, the log key in the key folder is {self.key}; "
                    "restore the keys that belong to this database, or set the origin it has"
                )

    def time(self, connection: Connection) -> int:
        """The instant of the commit under way, under the head's lock. Raises EnvironmentFault where time ran back."""
        return self._clock.log_time(connection.execute(_AT).scalar_one())

    def size(self, connection: Connection) -> int:
        """How many leaves the log has."""
        size: int = connection.execute(_SIZE).scalar_one()
        return size

    def append(self, connection: Connection, entries: Sequence[bytes], at: int) -> Appended:
        """The entries are leaves of the log, covered by a new checkpoint, once the transaction is committed."""
        edge = self._edge(connection)
        growth = tile.append(edge, entries)
        note = self._signed(growth)
        rows = [(level, number, content) for (level, number), content in growth.changed.items()]
        connection.exec_driver_sql(_UPSERT.format("?" if self._store.sqlite else "%s"), rows)
        frontier = b"".join(growth.edge.frontier)
        head = {"size": growth.edge.size, "at": at, "frontier": frontier, "checkpoint": note}
        connection.execute(update(tables.log_head), head)
        self._store.insert(connection, tables.checkpoints, [(growth.edge.size, note)])
        return Appended(edge.size, growth, note, at)

    def published(self, where: str) -> bytes | None:
        """What stands at this path of the public log (`checkpoint`, a tile, a bundle of entries), or None."""
        with self._store.reading() as connection:
            if where == "checkpoint":
                return bytes(connection.execute(select(tables.log_head.c.checkpoint)).scalar_one())
            try:
                level, number, width = tile.coordinates(where)
            except InputError:
                return None
            if tile.width_at(level, number, self.size(connection)) < width:
                return None
            return tile.narrowed(level, _load(connection, level, number), width)

    def _edge(self, connection: Connection) -> tile.Edge:
        head = connection.execute(_EDGE).one()
        return tile.edge_of(head.size, lambda level, number: _load(connection, level, number), head.frontier)

    def _signed(self, growth: tile.Growth) -> bytes:
        grown = checkpoint.Checkpoint(self.key.name, growth.edge.size, growth.root)
        return checkpoint.signed(grown, self.key, lambda text: self._keys.sign("log", text))


def _load(connection: Connection, level: int, number: int) -> bytes:
    content: bytes = connection.execute(_TILE, {"level": level, "number": number}).scalar_one()
    return content
