"""The log as files: tiles of 256 hashes and bundles of 256 entries (C2SP tlog-tiles).

Tile `n` of level `l` holds nodes `256 n` to `256 n + 255` of tree level `8 l`; a bundle holds the entries below a tile
of level 0, each behind its length in two bytes. The rightmost tile of each level may be partial, `.p/W` with W hashes.
A partial tile is the beginning of the tile it becomes, so a store keeps one row per (level, index) and cuts
(`narrowed`).

`append` is the whole log: from the `Edge` of a tree and new entries to the new edge, its root, and the tiles and
bundles that changed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from landsea.errors import InputError

from . import merkle

WIDTH: Final = 256
ENTRIES: Final = -1
"""The level under which bundles of entries are kept."""
LONGEST_ENTRY: Final = 0xFFFF

_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])((?:/x\d{3})*/\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


def path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile or bundle is published: `tile/0/x001/234/067`, `tile/entries/000.p/15`."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{g}" for g in groups[:-1]] + groups[-1:])
    return f"tile/{'entries' if level == ENTRIES else level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def coordinates(where: str) -> tuple[int, int, int]:
    """(level, index, width) of a published path. Raises InputError for what is not written exactly as `path` does."""
    match = _PATH.fullmatch(where)
    if match:
        level = ENTRIES if match[1] == "entries" else int(match[1])
        index = int(match[2].replace("/", "").replace("x", ""))
        width = int(match[3] or WIDTH)
        if path(level, index, width) == where:
            return level, index, width
    raise InputError(f"{where!r} is no path of a tile or a bundle of entries")


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes or entries tile `index` of `level` has in a log of `size`; 0 if it does not exist."""
    there = (size >> (8 * max(level, 0))) - index * WIDTH
    return max(0, min(WIDTH, there))


def narrowed(level: int, content: bytes, width: int) -> bytes:
    """The first `width` hashes or entries of a tile or bundle. Raises InputError if it has fewer."""
    if level != ENTRIES:
        if len(content) < 32 * width:
            raise InputError(f"the tile has {len(content) // 32} hashes, not {width}")
        return content[: 32 * width]
    end = 0
    for _ in range(width):
        if end + 2 > len(content):
            raise InputError(f"the bundle has fewer than {width} entries")
        end += 2 + int.from_bytes(content[end : end + 2])
    return content[:end]


def bundle(entries: Sequence[bytes]) -> bytes:
    """These entries, each behind its length in two bytes."""
    if any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise ValueError(f"an entry is longer than {LONGEST_ENTRY} bytes")
    return b"".join([len(entry).to_bytes(2) + entry for entry in entries])


def entries_of(content: bytes) -> list[bytes]:
    """The entries of a bundle. Raises InputError where a length points beyond its end."""
    step = 2 + int.from_bytes(content[:2])
    count = len(content) // step
    # entries of one length, as landsea writes them, are cut in one go
    if len(content) == count * step and all(content[at::step] == content[at : at + 1] * count for at in (0, 1)):
        return [content[at : at + step - 2] for at in range(2, len(content) + 1, step)]
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2])
        if at + 2 > len(content) or end > len(content):
            raise InputError(f"the bundle breaks off in entry {len(entries)}")
        entries.append(content[at + 2 : end])
        at = end
    return entries


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [content[at : at + 32] for at in range(0, len(content), 32)]


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a log: all that is needed to append to it.

    `frontier` has the maximal full subtrees, largest first; `tiles` the content of the partial tile of each level from
    0 (empty bytes where the level ends with a full tile); `entries` that of the partial bundle.
    """

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    tiles: tuple[bytes, ...] = ()
    entries: bytes = b""

    @property
    def root(self) -> bytes:
        """The root of the log at this size."""
        return merkle.frontier_root(self.frontier)


@dataclass(frozen=True, slots=True)
class Growth:
    """A log after entries were appended: its new edge, its root, and every tile and bundle that is new or longer.

    `changed` is keyed (level, index), bundles under level `ENTRIES`.
    """

    edge: Edge
    root: bytes
    changed: Mapping[tuple[int, int], bytes]
    _first: int
    _levels: tuple[tuple[int, list[bytes]], ...] = field(repr=False)

    def paths(self) -> dict[str, bytes]:
        """What changed, by the path it is published under at the new size."""
        return {path(lv, n, width_at(lv, n, self.edge.size)): data for (lv, n), data in self.changed.items()}

    def inclusion_proofs(self) -> list[tuple[bytes, ...]]:
        """The proof for each of the entries just appended, in order, in the tree of the new size.

        Every sibling is new or stands in the old frontier, so no tile is read. The proof of a node is its sibling and
        the proof of its parent, which it shares with that sibling: from the root down.
        """
        first, last = self._first, self.edge.size - 1
        if first > last:
            return []
        proofs: list[tuple[bytes, ...]] = [()]
        for level in reversed(range(last.bit_length())):
            (start, nodes), above, parents = self._levels[level], first >> level + 1, proofs
            proofs = [
                (nodes[other - start], *parents[(at >> 1) - above]) if other <= last >> level else parents[-1]
                for at in range(first >> level, (last >> level) + 1)
                for other in (at ^ 1,)
            ]
        return proofs


def append(edge: Edge, entries: Sequence[bytes]) -> Growth:
    """The log with `entries` appended; N + log S hashes for N entries on a log of S."""
    size = edge.size + len(entries)
    levels = _grow(edge, merkle.leaf_hashes(entries))
    changed = dict(_cut(ENTRIES, edge.size, edge.entries, entries, bundle))
    tail = changed.get((ENTRIES, size // WIDTH), b"" if size // WIDTH > edge.size // WIDTH else edge.entries)
    tiles: list[bytes] = []
    for level in range(_tile_levels(size)):
        before, now = edge.size >> (8 * level), size >> (8 * level)
        partial = edge.tiles[level] if level < len(edge.tiles) else b""
        if now > before:
            start, nodes = levels[8 * level]
            cut = dict(_cut(level, before, partial, nodes[before - start : now - start], b"".join))
            changed.update(cut)
            partial = cut.get((level, now // WIDTH), b"")
        tiles.append(partial)
    frontier = tuple(
        levels[k][1][(size >> k) - 1 - levels[k][0]] for k in reversed(range(size.bit_length())) if size >> k & 1
    )
    _add_ragged(levels, size)
    grown = Edge(size, frontier, tuple(tiles), tail)
    return Growth(grown, levels[-1][1][-1] if size else merkle.EMPTY_ROOT, changed, edge.size, tuple(levels))


def _tile_levels(size: int) -> int:
    return (size.bit_length() + 7) // 8


def _grow(edge: Edge, nodes: list[bytes]) -> list[tuple[int, list[bytes]]]:
    """Each level's (index of the first, full nodes): the new ones, behind the frontier's node where it has one."""
    old = list(edge.frontier)  # the smallest subtree is last
    levels: list[tuple[int, list[bytes]]] = []
    for level in range((edge.size + len(nodes)).bit_length()):
        start = edge.size >> level
        if start & 1:
            nodes = [old.pop(), *nodes]
            start -= 1
        levels.append((start, nodes))
        nodes = merkle.parents(nodes)
    return levels


def _add_ragged(levels: list[tuple[int, list[bytes]]], size: int) -> None:
    """Each level also has its ragged last node, and the root stands alone at the top."""
    for level, last in ((k, (size - 1) >> k) for k in range(1, (size - 1).bit_length() + 1 if size else 0)):
        if level == len(levels):
            levels.append((0, []))
        start, nodes = levels[level]
        if last - start == len(nodes):
            below, lower = levels[level - 1]
            left = lower[2 * last - below]
            right = 2 * last + 1 - below
            nodes.append(merkle.node_hash(left, lower[right]) if right < len(lower) else left)


def _cut(
    level: int, before: int, partial: bytes, new: Sequence[bytes], join: Callable[[Sequence[bytes]], bytes]
) -> list[tuple[tuple[int, int], bytes]]:
    """The tiles that `new` fills, from position `before` on; the first begins with what it held already."""
    first, held = divmod(before, WIDTH)
    pieces: list[tuple[tuple[int, int], bytes]] = []
    at = 0
    while at < len(new):
        room = WIDTH - held
        pieces.append(((level, first + len(pieces)), partial + join(new[at : at + room])))
        at, held, partial = at + room, 0, b""
    return pieces


def edge_of(size: int, load: Callable[[int, int], bytes], frontier: bytes = b"") -> Edge:
    """The edge of a log of `size` from its stored rows, `load(level, index)` giving a tile or (`ENTRIES`) a bundle.

    `frontier`, if kept (`b"".join(edge.frontier)`), saves hashing the partial tiles again. Only partial tiles are read.
    """
    tiles = []
    for level in range(_tile_levels(size)):
        index = (size >> (8 * level)) // WIDTH
        width = width_at(level, index, size)
        tiles.append(narrowed(level, load(level, index), width) if width else b"")
    width = size % WIDTH
    tail = narrowed(ENTRIES, load(ENTRIES, size // WIDTH), width) if width else b""
    kept = tuple(hashes_of(frontier)) if frontier else _frontier(tiles)
    return Edge(size, kept, tuple(tiles), tail)


def _frontier(tiles: Sequence[bytes]) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for content in reversed(tiles):
        nodes, at = hashes_of(content), 0
        for height in reversed(range(8)):
            if len(nodes) >> height & 1:
                found.append(merkle.root_of(nodes[at : at + (1 << height)]))
                at += 1 << height
    return tuple(found)
