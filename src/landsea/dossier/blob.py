"""A blob: the content of one group for one goods item of a record, or for its header level (item 0).

Written once, kept and forwarded byte for byte. The blobs of a record lie packed in one container, which the node
encrypts as a unit under a key of the record's own: `pack` and `unpack`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from landsea.errors import InputError

MAGIC: Final = b"landsea/blobs/1\n"
SALT: Final = 32

_AFTER_NAME = 4 + SALT + 4


class Blob(msgspec.Struct, frozen=True, order=True, gc=False):
    """The bytes of `group` (a name with its version, `goods@1`) for goods item `item`, 0 for the header level."""

    group: str
    item: int
    data: bytes


def pack(blobs: Sequence[Blob], salts: bytes) -> bytes:
    """All blobs with their salts (32 bytes each, in the same order) as one container.

    After `landsea/blobs/1` and a newline, for each blob: length of the group's name (2), name, item (4), salt (32),
    length of the data (4), data.
    """
    if len(salts) != SALT * len(blobs):
        raise ValueError(f"{len(blobs)} blobs need {SALT * len(blobs)} bytes of salt, not {len(salts)}")
    parts = [MAGIC]
    for blob, at in zip(blobs, range(0, len(salts), SALT), strict=True):
        data = blob.data
        parts += (label(blob.group, blob.item), salts[at : at + SALT], len(data).to_bytes(4), data)
    return b"".join(parts)


@lru_cache(maxsize=65536)
def label(group: str, item: int) -> bytes:
    """What names a blob in bytes: the group behind its length in two bytes, the item in four."""
    return prefixed(group) + item.to_bytes(4)


def prefixed(text: str) -> bytes:
    """The text in UTF-8 behind its length in two bytes."""
    data = text.encode()
    return len(data).to_bytes(2) + data


def unpack(container: bytes) -> tuple[list[Blob], bytes]:
    """The blobs of a container and their salts. Raises InputError where it is cut short or not a container."""
    if not container.startswith(MAGIC):
        raise InputError("this is not a container of blobs")
    blobs: list[Blob] = []
    salts: list[bytes] = []
    at, end = len(MAGIC), len(container)
    while at < end:
        name_end = at + 2 + int.from_bytes(container[at : at + 2])
        data_at = name_end + _AFTER_NAME
        data_end = data_at + int.from_bytes(container[data_at - 4 : data_at])
        if data_at > end or data_end > end:
            raise InputError(f"the container breaks off in blob {len(blobs)}")
        item = int.from_bytes(container[name_end : name_end + 4])
        blobs.append(Blob(str(container[at + 2 : name_end], "utf-8"), item, container[data_at:data_end]))
        salts.append(container[name_end + 4 : name_end + 4 + SALT])
        at = data_end
    return blobs, b"".join(salts)
