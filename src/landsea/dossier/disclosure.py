"""Disclosure: some blobs of a record with their salts, and of the rest only hashes, checkable against the header.

The tree over the commitments is walked from the root, left half first. A subtree from which nothing is shown is
one hash, so withholding costs about as many hashes as there are gaps. A blob can be shown *closed*: its group, item and
salt but not its data, only the commitment, so that who has the data can check that they are the ones committed to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from landsea.errors import InputError
from landsea.transparency import merkle

from .blob import SALT, Blob
from .commitment import commitment, commitments
from .record import Sealed, read_header


@dataclass(frozen=True, slots=True)
class Shown:
    """A blob shown at its position in the tree; `data` is None where it is shown closed, by its commitment."""

    position: int
    group: str
    item: int
    salt: bytes
    data: bytes | None
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The blobs shown, by position, and the hashes that stand for the rest, in the order of the walk."""

    shown: tuple[Shown, ...]
    withheld: tuple[bytes, ...]


def disclose(
    sealed: Sealed, wanted: Callable[[str, int], bool], closed: Callable[[str, int], bool] = lambda *_: False
) -> Disclosure:
    """The blobs for which `wanted(group, item)`; those for which `closed(group, item)` without their data."""
    found = commitments(sealed.id, sealed.blobs, sealed.salts)
    shown = {}
    for at, (group, item, data) in enumerate(sealed.blobs):
        salt = sealed.salts[at * SALT : at * SALT + SALT]
        if wanted(group, item):
            shown[at] = Shown(at, group, item, salt, data, found[at])
        elif closed(group, item):
            shown[at] = Shown(at, group, item, salt, None, found[at])
    leaves = [merkle.leaf_hash(one) for one in found]
    gaps = _gaps(0, len(leaves), sorted(shown))
    return Disclosure(tuple(shown.values()), tuple(merkle.root_of(leaves[start:end]) for start, end in gaps))


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


def _gaps(start: int, end: int, shown: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The largest subtrees with nothing shown in them, from left to right."""
    inside = [at for at in shown if start <= at < end]
    if not inside:
        if end > start:
            yield start, end
    elif end - start > 1:
        middle = _split(start, end)
        yield from _gaps(start, middle, inside)
        yield from _gaps(middle, end, inside)


def _root(start: int, end: int, leaves: Mapping[int, bytes], withheld: Iterator[bytes]) -> bytes:
    if not any(start <= at < end for at in leaves):
        return next(withheld)
    if end - start == 1:
        return leaves[start]
    middle = _split(start, end)
    return merkle.node_hash(_root(start, middle, leaves, withheld), _root(middle, end, leaves, withheld))
