"""The commitment to a blob, and the tree over a record's commitments.

commitment = SHA-256("landsea/blob/1" ‖ record id ‖ group ‖ item ‖ salt ‖ data), where record id and group stand behind
their length in two bytes, item in four, the salt in 32, data behind its length in eight; all lengths big-endian.

The *group root* is the RFC 6962 root over the commitments as entries, ordered by group name (as bytes), then item.
"""

import hashlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from landsea.transparency import merkle

from .blob import SALT, Blob, label, prefixed

TAG: Final = b"landsea/blob/1"

_sha256 = hashlib.sha256
_place = attrgetter("group", "item")


def ordered(blobs: Sequence[Blob]) -> list[Blob]:
    """The blobs in tree order. Raises ValueError where two have the same group and item."""
    placed = sorted(blobs)
    if len(set(map(_place, placed))) != len(placed):
        raise ValueError("two blobs of one record have the same group and item")
    return placed


def commitments(record_id: str, blobs: Sequence[Blob], salts: bytes) -> list[bytes]:
    """The commitment to each blob; `salts` has 32 bytes for each, in the same order."""
    if len(salts) != SALT * len(blobs):
        raise ValueError(f"{len(blobs)} blobs need {SALT * len(blobs)} bytes of salt, not {len(salts)}")
    start = TAG + prefixed(record_id)
    return [
        _sha256(
            start + label(blob.group, blob.item) + salts[at : at + SALT] + len(blob.data).to_bytes(8) + blob.data
        ).digest()
        for at, blob in zip(range(0, len(salts), SALT), blobs, strict=True)
    ]


def commitment(record_id: str, blob: Blob, salt: bytes) -> bytes:
    """The commitment to one blob."""
    return commitments(record_id, [blob], salt)[0]


class Tree(NamedTuple):
    """The commitments to the blobs of a record, in tree order, and all levels of the tree over them, root last."""

    commitments: list[bytes]
    levels: list[list[bytes]]

    @property
    def root(self) -> bytes:
        """The group root."""
        return self.levels[-1][0] if self.levels else merkle.EMPTY_ROOT


def tree(record_id: str, blobs: Sequence[Blob], salts: bytes) -> Tree:
    """The tree over the commitments to these blobs, in this order; `salts` as for `commitments`."""
    found = commitments(record_id, blobs, salts)
    return Tree(found, merkle.levels_of(merkle.leaf_hashes(found)))
