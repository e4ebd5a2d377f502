"""The node's transparency log in its database: the head, the tiles, and what is published of them.

Everything that enters the log does so under the lock of the head's row. The head says where the next leaf goes, and
its signed checkpoint covers every leaf that any reader can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from landsea.errors import EnvironmentFault, InputError
from landsea.transparency import checkpoint, tile

from . import tables
from .clock import Clock
from .keys import Keys
from .store import Store

_UPSERT = (
    "INSERT INTO tiles (level, number, content) VALUES (?, ?, ?) "
    "ON CONFLICT (level, number) DO UPDATE SET content = excluded.content"
)
_HEAD = 'SELECT size, "at", frontier, vkey FROM log_head'
_MOVE = 'UPDATE log_head SET size = ?, "at" = ?, frontier = ?, checkpoint = ?'
_TILE = "SELECT content FROM tiles WHERE level = ? AND number = ?"


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
        self._last = tile.Edge()
        self._origin = origin
        self._outgoing: checkpoint.Key | None = None
        self.key = self._named(keys.public("log"))
        with store.writing() as connection:
            if not store.rows(connection, _HEAD):
                empty = self._signed(tile.append(tile.Edge(), []))
                row = (1, origin, str(self.key), 0, clock.log_time(0), b"", empty)
                store.insert_new(connection, tables.log_head, [row])  # several processes may start at once
            head = connection.execute(select(tables.log_head)).one()
            self._adopt(head.vkey)

    def time(self, connection: Connection) -> int:
        """The instant of the commit under way, under the head's lock. Raises EnvironmentFault where time ran back."""
        ((_, at, *_),) = self._store.rows(connection, _HEAD)
        return self._clock.log_time(at)

    def size(self, connection: Connection) -> int:
        """How many leaves the log has."""
        ((size, *_),) = self._store.rows(connection, _HEAD)
        return int(size)

    def in_force(self) -> checkpoint.Key:
        """The key that signs the log now, whichever process put it in force."""
        with self._store.reading() as connection:
            ((*_, vkey),) = self._store.rows(connection, _HEAD)
        self._adopt(vkey)
        return self.key

    def signer(self, note: bytes) -> checkpoint.Key:
        """The newest key of this log that signed the checkpoint. Raises EnvironmentFault where it is not held."""
        lines = {(line.name, line.key_id) for line in checkpoint.read(note).signatures}
        for again in (False, True):
            if again:
                self._keys.refresh()
            for key in map(self._named, reversed(self._keys.publics("log"))):
                if (key.name, key.id) in lines:
                    return key
        raise EnvironmentFault("a log key that signed an earlier checkpoint is gone; restore it from the backup")

    def turn(self, connection: Connection, public: bytes) -> None:
        """From the next checkpoint on the log is signed by this key, and that one by the key before it as well; once
        the transaction is committed."""
        self._outgoing, self.key = self.key, self._named(public)
        self._store.run(connection, "UPDATE log_head SET vkey = ?", [(str(self.key),)])

    def append(self, connection: Connection, entries: Sequence[bytes], at: int) -> Appended:
        """The entries are leaves of the log, covered by a new checkpoint, once the transaction is committed."""
        edge = self._edge(connection)
        growth = tile.append(edge, entries)
        note = self._signed(growth)
        rows = [(level, number, content) for (level, number), content in growth.changed.items()]
        self._store.run(connection, _UPSERT, rows)
        self._store.run(connection, _MOVE, [(growth.edge.size, at, b"".join(growth.edge.frontier), note)])
        self._store.insert(connection, tables.checkpoints, [(growth.edge.size, note)])
        self._last = growth.edge
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
            return tile.narrowed(level, self._load(connection, level, number), width)

    def _edge(self, connection: Connection) -> tile.Edge:
        """The edge the log has; the one this process left it with, if nobody appended or rolled back since then.

        A frontier and a size stand for all entries, as a root does: where they agree the tiles do.
        """
        ((size, _, frontier, vkey),) = self._store.rows(connection, _HEAD)
        self._adopt(vkey)
        if (size, frontier) != (self._last.size, b"".join(self._last.frontier)):
            return tile.edge_of(size, lambda level, number: self._load(connection, level, number), frontier)
        return self._last

    def _signed(self, growth: tile.Growth) -> bytes:
        grown = checkpoint.Checkpoint(self.key.name, growth.edge.size, growth.root)
        note = self._note(grown, self.key)
        if (
            self._outgoing and self._outgoing != self.key
        ):  # what holds the log to the key before learns here which one follows it
            note += self._note(grown, self._outgoing).rpartition(b"\n\n")[2]
        self._outgoing = None
        return note

    def _note(self, grown: checkpoint.Checkpoint, key: checkpoint.Key) -> bytes:
        return checkpoint.signed(grown, key, lambda text: self._keys.sign("log", text, key.public))

    def _named(self, public: bytes) -> checkpoint.Key:
        return checkpoint.public_key(self._origin, public)

    def _adopt(self, vkey: str) -> None:
        """The log is signed by the key that its head names: another process may have put a new one in force."""
        if vkey == str(self.key):
            return
        held: dict[str, checkpoint.Key] = {}
        for again in (False, True):
            if again:
                self._keys.refresh()
            held = {str(key): key for key in map(self._named, self._keys.publics("log"))}
            if vkey in held:
                self.key = held[vkey]
                return
        raise EnvironmentFault(_other_log(vkey, str(self.key)))

    def _load(self, connection: Connection, level: int, number: int) -> bytes:
        ((content,),) = self._store.rows(connection, _TILE, (level, number))
        return bytes(content)


def _other_log(kept: str, ours: str) -> str:
    """Why this is not the log of the node that the settings speak of."""
    (name, _, key), (other, _, others) = (vkey.split("+", 2) for vkey in (ours, kept))
    if key == others:
        return (
            f"this is the node whose log is named {other}, the settings make it {name}; "
            "set LANDSEA_ADMINISTRATION (or the origin) to what it was made with"
        )
    return (
        f"the log in the database is signed by {kept}, the log key in the key folder is {ours}; "
        "restore the keys that belong to this database"
    )
