"""Disclosure: some blobs of a record with their salts, and of the rest only hashes, checkable against the header.

The tree over the commitments is walked from the root, left half first. A subtree from which nothing is shown is
one hash, so withholding costs about as many hashes as there are gaps. A blob can be shown *closed*: its group, item and
salt but not its data, only the commitment, so that who has the data can check that they are the ones committed to.
"""

from collections.abc import Callable, Iterator, Mapping, Set

import msgspec

from landsea.errors import InputError
from landsea.transparency import merkle

from .blob import SALT, Blob
from .commitment import commitment
from .record import Sealed, read_header


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A blob shown at its position in the tree; `data` is None where it is shown closed, by its commitment."""

    position: int
    group: str
    item: int
    salt: bytes
    data: bytes | None
    commitment: bytes


class Disclosure(msgspec.Struct, frozen=True, gc=False):
    """The blobs shown, by position, and the hashes that stand for the rest, in the order of the walk."""

    shown: tuple[Shown, ...]
    withheld: tuple[bytes, ...]


def disclose(
    sealed: Sealed, wanted: Callable[[str, int], bool], closed: Callable[[str, int], bool] = lambda *_: False
) -> Disclosure:
    """The blobs for which `wanted(group, item)`; those for which `closed(group, item)` without their data."""
    salts, (commitments, levels) = sealed.salts, sealed.tree
    shown = []
    for at, (blob, own) in enumerate(zip(sealed.blobs, commitments, strict=True)):
        group, item = blob.group, blob.item
        if (opened := wanted(group, item)) or closed(group, item):
            data = blob.data if opened else None
            shown.append(Shown(at, group, item, salts[at * SALT : at * SALT + SALT], data, own))
    gaps = _gaps(len(commitments), {one.position for one in shown})
    return Disclosure(tuple(shown), tuple([levels[level][index] for level, index in gaps]))


def verify(header: bytes, disclosure: Disclosure) -> list[Blob]:
    """The blobs shown with data, proved to be those the header was written over. Raises InputError otherwise."""
    stated = read_header(header)
    leaves = {}
    for shown in disclosure.shown:
        made = shown.commitment
        if shown.data is not None:
            made = commitment(stated.id, Blob(shown.group, shown.item, shown.data), shown.salt)
        if made != shown.commitment:
            raise InputError(f"{shown.group} of item {shown.item} is not what was committed to")
        leaves[shown.position] = merkle.leaf_hash(made)
    if len(leaves) != len(disclosure.shown) or any(not 0 <= at < stated.blobs for at in leaves):
        raise InputError("a position in the record is shown twice or does not exist")
    if len({(s.group, s.item) for s in disclosure.shown}) != len(leaves):
        raise InputError("the record shows one group and item at two positions")
    hashes = iter(disclosure.withheld)
    try:
        root = _root(0, stated.blobs, leaves, hashes) if stated.blobs else merkle.EMPTY_ROOT
    except StopIteration:
        raise InputError("hashes of withheld blobs are missing") from None
    if next(hashes, None) is not None:
        raise InputError("there are more hashes than withheld blobs")
    if root.hex() != stated.groups:
        raise InputError("the blobs do not lead to the group root in the header")
    return [Blob(s.group, s.item, s.data) for s in disclosure.shown if s.data is not None]


def _split(start: int, end: int) -> int:
    """Where the left subtree ends: after the largest power of two below the number of leaves."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _gaps(count: int, shown: Set[int]) -> list[tuple[int, int]]:
    """(level, index) of the largest subtrees with nothing shown in them, from left to right."""
    level, last = 0, count - 1
    if not shown:
        return [(last.bit_length(), 0)] if count else []
    found: list[tuple[int, int, int]] = []
    while last > 0:
        others = {at ^ 1 for at in shown} - shown
        found += [(at << level, level, at) for at in others if at <= last]
        shown, level, last = {at >> 1 for at in shown}, level + 1, last >> 1
    return [(level, index) for _, level, index in sorted(found)]


def _root(start: int, end: int, leaves: Mapping[int, bytes], withheld: Iterator[bytes]) -> bytes:
    if not any(start <= at < end for at in leaves):
        return next(withheld)
    if end - start == 1:
        return leaves[start]
    middle = _split(start, end)
    return merkle.node_hash(_root(start, middle, leaves, withheld), _root(middle, end, leaves, withheld))
