"""Proofs from a log's public files: that an entry is in it, and that a later log begins with an earlier one."""

from collections.abc import Callable

from landsea.errors import InputError

from . import merkle, tile

Fetch = Callable[[str], bytes | None]
"""A published path, relative to the log, → its bytes; None where there is no such file."""


class Unpublished(InputError):
    """A file of the log is not there."""


def inclusion(fetch: Fetch, index: int, size: int) -> list[bytes]:
    """The inclusion proof of entry `index` in the log at `size`. Raises InputError for a missing or cut tile."""
    return merkle.inclusion_proof(index, size, nodes(fetch, size))


def consistency(fetch: Fetch, old: int, new: int) -> list[bytes]:
    """The consistency proof from size `old` to `new`. Raises InputError for a tile that is missing or cut short."""
    return merkle.consistency_proof(old, new, nodes(fetch, new))


def nodes(fetch: Fetch, size: int) -> merkle.Node:
    """Any node of the log at `size`, ragged ones included, hashed from its tiles; each tile is fetched once."""
    seen: dict[tuple[int, int], list[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        end = (index + 1) << level
        if end > size:
            return _ragged(node, level, index, size)
        tile_level, height = divmod(level, 8)
        number, at = divmod(index << height, tile.WIDTH)
        if (tile_level, number) not in seen:
            seen[tile_level, number] = tile.hashes_of(fetch_tile(fetch, tile_level, number, size))
        return merkle.root_of(seen[tile_level, number][at : at + (1 << height)])

    return node


def _ragged(node: merkle.Node, level: int, index: int, size: int) -> bytes:
    """The node whose leaves end before its range does: the frontier of what there is, folded."""
    at, frontier = index << level, []
    for height in reversed(range(level)):
        if (size - at) >> height & 1:
            frontier.append(node(height, at >> height))
            at += 1 << height
    return merkle.frontier_root(frontier)


def fetch_tile(fetch: Fetch, level: int, index: int, size: int) -> bytes:
    """A tile or bundle as it is at `size`, from its partial file or the full one it became.

    Raises Unpublished where neither is there, InputError where it has not the right length.
    """
    width = tile.width_at(level, index, size)
    where = tile.path(level, index, width)
    content = fetch(where)
    if content is None and width < tile.WIDTH:
        where = tile.path(level, index)
        content = fetch(where)
        if content is not None:
            content = tile.narrowed(level, content, width)
    if content is None:
        raise Unpublished(f"{tile.path(level, index, width)} is not published")
    if level != tile.ENTRIES and len(content) != 32 * width:
        raise InputError(f"{where} has {len(content)} bytes, not the {32 * width} of {width} hashes")
    return content
