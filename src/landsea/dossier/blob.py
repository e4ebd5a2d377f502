"""A blob: the content of one group for one goods item of a record, or for its header level (item 0).

Written once, kept and forwarded byte for byte. The blobs of a record lie packed in one container, which the node
encrypts as a unit under a key of the record's own: `pack` and `unpack`.
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from landsea.errors import InputError

MAGIC: Final = b"landsea/blobs/1\n"
SALT: Final = 32

_HEAD = struct.Struct(">H")
_TAIL = struct.Struct(">I32sI")


class Blob(NamedTuple):
    """The bytes of `group` (a name with its version, `goods@1`) for goods item `item`, 0 for the header level."""

    group: str
    item: int
    data: bytes


def salts_of(block: bytes) -> list[bytes]:
    """The salts in a block of them."""
    return [block[at : at + SALT] for at in range(0, len(block), SALT)]


def pack(blobs: Sequence[Blob], salts: bytes) -> bytes:
    """All blobs with their salts (32 bytes each, in the same order) as one container.

    After `landsea/blobs/1` and a newline, for each blob: length of the group's name (2), name, item (4), salt (32),
    length of the data (4), data.
    """
    if len(salts) != SALT * len(blobs):
        raise ValueError(f"{len(blobs)} blobs need {SALT * len(blobs)} bytes of salt, not {len(salts)}")
    parts = [MAGIC]
    for (group, item, data), salt in zip(blobs, salts_of(salts), strict=True):
        name = group.encode()
        parts += (_HEAD.pack(len(name)), name, _TAIL.pack(item, salt, len(data)), data)
    return b"".join(parts)


def unpack(container: bytes) -> tuple[list[Blob], bytes]:
    """The blobs of a container and their salts. Raises InputError where it is cut short or not a container."""
    if not container.startswith(MAGIC):
        raise InputError("this is not a container of blobs")
    blobs, salts, at, end = [], [], len(MAGIC), len(container)
    while at < end:
        if at + _HEAD.size > end:
            raise InputError(f"the container breaks off in blob {len(blobs)}")
        start = at + _HEAD.size
        at = start + _HEAD.unpack_from(container, at)[0]
        if at + _TAIL.size > end:
            raise InputError(f"the container breaks off in blob {len(blobs)}")
        name = container[start:at].decode()
        item, salt, length = _TAIL.unpack_from(container, at)
        at += _TAIL.size
        if at + length > end:
            raise InputError(f"the container breaks off in blob {len(blobs)}")
        blobs.append(Blob(name, item, container[at : at + length]))
        salts.append(salt)
        at += length
    return blobs, b"".join(salts)
