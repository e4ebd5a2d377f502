"""The commitment to a blob, and the tree over a record's commitments.

commitment = SHA-256("landsea/blob/1" ‖ record id ‖ group ‖ item ‖ salt ‖ data), where record id and group stand behind
their length in two bytes, item in four, the salt in 32, data behind its length in eight; all lengths big-endian.

The *group root* is the RFC 6962 root over the commitments as entries, ordered by group name (as bytes), then item.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from landsea.transparency import merkle

from .blob import SALT, Blob

TAG: Final = b"landsea/blob/1"

_sha256 = hashlib.sha256


def ordered(blobs: Sequence[Blob]) -> list[Blob]:
    """The blobs in tree order. Raises ValueError where two have the same group and item."""
    placed = sorted(blobs)
    if len({blob[:2] for blob in placed}) != len(placed):
        raise ValueError("two blobs of one record have the same group and item")
    return placed


def commitments(record_id: str, blobs: Sequence[Blob], salts: bytes) -> list[bytes]:
    """The commitment to each blob; `salts` has 32 bytes for each, in the same order."""
    if len(salts) != SALT * len(blobs):
        raise ValueError(f"{len(blobs)} blobs need {SALT * len(blobs)} bytes of salt, not {len(salts)}")
    start = TAG + _prefixed(record_id)
    return [
        _sha256(start + _label(group, item) + salts[at : at + SALT] + len(data).to_bytes(8) + data).digest()
        for at, (group, item, data) in zip(range(0, len(salts), SALT), blobs, strict=True)
    ]


def commitment(record_id: str, blob: Blob, salt: bytes) -> bytes:
    """The commitment to one blob."""
    return commitments(record_id, [blob], salt)[0]


def group_root(found: Sequence[bytes]) -> bytes:
    """The root over these commitments, in this order."""
    return merkle.root_of([merkle.leaf_hash(one) for one in found])


@lru_cache(maxsize=65536)
def _label(group: str, item: int) -> bytes:
    return _prefixed(group) + item.to_bytes(4)


def _prefixed(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2) + data
