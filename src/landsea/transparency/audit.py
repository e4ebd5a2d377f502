"""The audit: a log rebuilt from its public files alone, and the first lie in it named.

The auditor's obligations, discharged in this order:

1. The checkpoint is signed by the log's key and speaks of the log that key is named after.
2. It is not smaller than a checkpoint seen before, and at the same size it has the same root.
3. Every bundle of entries is there and complete, and its entries hash to the tile above it.
4. Every tile of the upper levels is there, complete, and follows from the tiles below it.
5. The root over all entries is the one signed, and at the size of every earlier checkpoint it was the one signed then.

Entries pass through one bundle at a time: memory does not grow with the log.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from landsea.errors import InputError

from . import merkle, tile
from .checkpoint import Checkpoint, Key, opened
from .proof import Fetch, Unpublished, fetch_tile, nodes

Kind = Literal["signature", "shrunk", "fork", "missing", "truncated", "entry", "tile", "root"]


@dataclass(frozen=True, slots=True)
class Lie:
    """What is wrong with a log: of what kind, in which file, and one sentence."""

    kind: Kind
    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit saw. The log is whole if `lie` is None; `leaves` of its `size` entries were read."""

    origin: str
    size: int
    root: bytes
    leaves: int
    lie: Lie | None


class _Found(Exception):
    """Carries a lie out of the walk; it never leaves this module."""

    def __init__(self, kind: Kind, path: str, sentence: str):
        super().__init__(sentence)
        self.lie = Lie(kind, path, sentence)


def audit(
    fetch: Fetch,
    key: Key,
    seen: Iterable[bytes] = (),
    progress: Callable[[int, int], None] = lambda _done, _size: None,
) -> Audit:
    """What the log published under `fetch` is worth, held to `key` and to checkpoints `seen` (saved) before.

    `progress(leaves read, leaves in all)` is called for each bundle. Raises InputError for a saved checkpoint that is
    not signed by `key`: that is the auditor's material, not the log's.
    """
    earlier = sorted((opened(note, key) for note in seen), key=lambda c: c.size)
    walk = _Walk(fetch)
    signed: Checkpoint | None = None
    lie = None
    try:
        signed = _signed(fetch, key)
        _compare(signed, earlier)
        _rebuild(walk, signed, earlier, progress)
    except _Found as found:
        lie = found.lie
    if signed is None:
        return Audit(key.name, 0, merkle.EMPTY_ROOT, 0, lie)
    return Audit(signed.origin, signed.size, signed.root, walk.leaves, lie)


def _signed(fetch: Fetch, key: Key) -> Checkpoint:
    note = fetch("checkpoint")
    if note is None:
        raise _Found("missing", "checkpoint", "the log has no checkpoint")
    try:
        signed = opened(note, key)
    except InputError as error:
        raise _Found("signature", "checkpoint", str(error)) from error
    if signed.origin != key.name:
        raise _Found("signature", "checkpoint", f"the checkpoint is of {signed.origin!r}, not of {key.name!r}")
    return signed


def _compare(signed: Checkpoint, earlier: list[Checkpoint]) -> None:
    for before in earlier:
        if before.size > signed.size:
            raise _Found("shrunk", "checkpoint", f"the log had {before.size} entries before and has {signed.size} now")
        if before.size == signed.size and before.root != signed.root:
            raise _Found("fork", "checkpoint", f"two checkpoints of size {signed.size} have different roots")


@dataclass(slots=True)
class _Walk:
    fetch: Fetch
    leaves: int = 0
    frontier: list[tuple[int, bytes]] = field(default_factory=list)  # (level, hash), largest subtree first
    uppers: list[list[bytes]] = field(default_factory=list)  # hashes of the unfinished tile of each level from 1

    def root(self) -> bytes:
        return merkle.frontier_root([one for _, one in self.frontier])

    def add(self, level: int, one: bytes) -> None:
        """Adds the root of a full subtree of that level."""
        self.leaves += 1 << level
        while self.frontier and self.frontier[-1][0] == level:
            one = merkle.node_hash(self.frontier.pop()[1], one)
            level += 1
        self.frontier.append((level, one))


def _rebuild(walk: _Walk, signed: Checkpoint, earlier: list[Checkpoint], progress: Callable[[int, int], None]) -> None:
    size = signed.size
    waiting = [before for before in earlier if before.size]
    for number in range(-(-size // tile.WIDTH)):
        hashes = _bundle(walk.fetch, number, signed)
        full = merkle.root_of(hashes) if len(hashes) == tile.WIDTH else None
        split = waiting and waiting[0].size < walk.leaves + len(hashes)
        for level, one in [(8, full)] if full and not split else [(0, one) for one in hashes]:
            walk.add(level, one)
            while waiting and waiting[0].size == walk.leaves:
                _same_root(walk, waiting.pop(0), "fork")
        if full:
            _upward(walk, 1, full, size)
        progress(walk.leaves, size)
    for level, rest in enumerate(walk.uppers, start=1):
        if rest:
            _same_tile(walk.fetch, level, rest, (size >> (8 * level)) // tile.WIDTH, size)
    _same_root(walk, signed, "root")


def _same_root(walk: _Walk, stated: Checkpoint, kind: Kind) -> None:
    if walk.root() != stated.root:
        sentence = {
            "fork": f"the log at size {stated.size} is not the one whose checkpoint was saved: history was rewritten",
            "root": f"the entries do not lead to the root signed for size {stated.size}",
        }[kind]
        raise _Found(kind, "checkpoint", sentence)


def _bundle(fetch: Fetch, number: int, signed: Checkpoint) -> list[bytes]:
    """The leaf hashes of a bundle, which are those of the tile above it."""
    where = tile.path(tile.ENTRIES, number, tile.width_at(tile.ENTRIES, number, signed.size))
    content = _content(fetch, tile.ENTRIES, number, signed.size)
    try:
        entries = tile.entries_of(content)
    except InputError as error:
        raise _Found("truncated", where, f"{where}: {error}") from error
    width = tile.width_at(tile.ENTRIES, number, signed.size)
    if len(entries) != width:
        raise _Found("truncated", where, f"{where} has {len(entries)} entries, not {width}")
    hashes = merkle.leaf_hashes(entries)
    stored = _content(fetch, 0, number, signed.size)
    if b"".join(hashes) != stored:
        raise _blame(fetch, number, hashes, stored, signed)
    return hashes


def _blame(fetch: Fetch, number: int, hashes: list[bytes], stored: bytes, signed: Checkpoint) -> _Found:
    """Who is wrong where a bundle and its tile differ: the one that does not lead to the signed root."""
    size = signed.size
    first = next(at for at, one in enumerate(hashes) if one != stored[32 * at : 32 * at + 32])
    index = number * tile.WIDTH + first
    tile_path = tile.path(0, number, len(hashes))
    bundle_path = tile.path(tile.ENTRIES, number, len(hashes))
    try:
        node = nodes(fetch, size)
        proof = merkle.inclusion_proof(index, size, node)
        tile_true = merkle.verify_inclusion(node(0, index), index, size, proof, signed.root)
    except InputError:
        tile_true = False
    if tile_true:
        return _Found("entry", bundle_path, f"entry {index} was edited: it is not the one under the signed root")
    return _Found("tile", tile_path, f"{tile_path} disagrees with {bundle_path} from entry {index} on")


def _upward(walk: _Walk, level: int, one: bytes, size: int) -> None:
    """Adds a full tile's root to the level above, and checks that level's tile when it is full."""
    if len(walk.uppers) < level:
        walk.uppers.append([])
    pending = walk.uppers[level - 1]
    pending.append(one)
    if len(pending) == tile.WIDTH:
        number = (walk.leaves >> (8 * (level + 1))) - 1
        _same_tile(walk.fetch, level, pending, number, size)
        walk.uppers[level - 1] = []
        _upward(walk, level + 1, merkle.root_of(pending), size)


def _same_tile(fetch: Fetch, level: int, hashes: list[bytes], number: int, size: int) -> None:
    if _content(fetch, level, number, size) != b"".join(hashes):
        where = tile.path(level, number, len(hashes))
        raise _Found("tile", where, f"{where} does not follow from the tiles below it")


def _content(fetch: Fetch, level: int, number: int, size: int) -> bytes:
    where = tile.path(level, number, tile.width_at(level, number, size))
    try:
        return fetch_tile(fetch, level, number, size)
    except Unpublished as error:
        raise _Found("missing", where, str(error)) from error
    except InputError as error:
        raise _Found("truncated", where, str(error)) from error
