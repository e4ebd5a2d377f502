"""The record: a header, written once and never changed, over blobs that can each be withheld or erased.

The header is JSON in one fixed order of keys, without spaces. It is stored and forwarded byte for byte and never
written again from what was read, so that its bytes, not its meaning, are what the log entry binds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from landsea.errors import InputError

from . import plain_json
from .blob import SALT, Blob
from .commitment import Tree, ordered, tree
from .entry import entry

FORMAT: Final = "landsea/record/1"


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a record says openly to everyone who is given it. The order of the fields is the order of the keys.

    `aliases` are (kind, value): the references others know the consignment by (lrn, mrn, ucr, container …). `causes`
    are ids of the records this one follows from. `blobs` is how many there are and `groups` their group root in hex.
    """

    format: str
    kind: str
    id: str
    aliases: list[tuple[str, str]]
    instant: str
    edition: str
    causes: list[str]
    blobs: int
    groups: str


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A record before its salts are drawn. `instant` has a time zone; `edition` is the digest of the law applied."""

    kind: str
    id: str
    instant: datetime
    edition: str
    blobs: Sequence[Blob]
    aliases: Sequence[tuple[str, str]] = ()
    causes: Sequence[str] = ()


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """A record as stored: header, its salt, blobs in tree order, their salts in the same order, and the log entry.

    `tree` is what follows from id, blobs and salts; it is not stored, and disclosing does not hash again.
    """

    id: str
    kind: str
    header: bytes
    salt: bytes
    blobs: tuple[Blob, ...]
    salts: bytes
    entry: bytes
    tree: Tree


def salt_bytes(records: Iterable[Unsealed]) -> int:
    """How many random bytes `seal` needs: 32 for each record and each blob."""
    return SALT * sum(1 + len(record.blobs) for record in records)


def seal(records: Sequence[Unsealed], salts: bytes) -> list[Sealed]:
    """The records with their commitments, headers and log entries.

    `salts` is `salt_bytes(records)` bytes from a secure source: for each record its own salt, then one for each blob.
    """
    needed = salt_bytes(records)
    if len(salts) != needed:
        raise ValueError(f"these records need {needed} bytes of salt, not {len(salts)}")
    sealed, at = [], 0
    for record in records:
        blobs = ordered(record.blobs)
        end = at + SALT * (1 + len(blobs))
        salt, blob_salts = salts[at : at + SALT], salts[at + SALT : end]
        own = tree(record.id, blobs, blob_salts)
        header = _header(record, own.root)
        made = entry(salt, header)
        sealed.append(Sealed(record.id, record.kind, header, salt, tuple(blobs), blob_salts, made, own))
        at = end
    return sealed


_encode = msgspec.json.Encoder().encode


def _header(record: Unsealed, root: bytes) -> bytes:
    return _encode(
        Header(
            FORMAT,
            record.kind,
            record.id,
            list(record.aliases),
            instant_text(record.instant),
            record.edition,
            list(record.causes),
            len(record.blobs),
            root.hex(),
        )
    )


@lru_cache(maxsize=1024)
def instant_text(instant: datetime) -> str:
    """The instant in UTC with microseconds, `2026-03-01T08:00:00.000000Z`."""
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_header(header: bytes) -> Header:
    """What a header says. Raises InputError where it is not one of version 1."""
    try:
        read = msgspec.convert(plain_json.read(header), Header)
    except msgspec.ValidationError as error:
        raise InputError(f"this is not the header of a record: {error}") from error
    if read.format != FORMAT:
        raise InputError(f"the header is of format {read.format!r}; this release reads {FORMAT!r}")
    if len(read.groups) != 64 or not set(read.groups) <= set("0123456789abcdef"):
        raise InputError("the header's group root is not 32 bytes in hexadecimal")
    if not 0 <= read.blobs < 2**32 or len(read.id.encode()) >= 2**16:
        raise InputError("the header's number of blobs cannot be, or its id is too long")
    return read
