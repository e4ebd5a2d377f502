"""Records at rest: the header stands open, the blobs and their salts lie sealed under a key of the record's own.

Each key seals one container, so its nonces are fixed; it is kept wrapped under the data key in a table apart, and
erasing a record destroys that row: header and leaf stay, and nobody can open the blobs or guess them from commitments.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from landsea.dossier.blob import Blob, pack, unpack
from landsea.dossier.record import Sealed
from landsea.errors import EnvironmentFault

from . import tables
from .keys import Keys
from .log import Appended, Log
from .store import Store

_BLOBS, _RECEIPT = bytes(12), bytes(11) + b"\x01"
"""Nonces: each key encrypts one container of blobs and one receipt, and nothing else ever."""


class Boxed(NamedTuple):
    """A record ready to be written: its dossier, its blobs encrypted, and its key, wrapped to be stored and bare."""

    id: str
    kind: str
    header: bytes
    salt: bytes
    entry: bytes
    dossier: str
    box: bytes
    wrapped: bytes
    secret: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as read back. `blobs` and `salts` are None once it is erased."""

    leaf: int
    id: str
    kind: str
    dossier: str
    at: int
    salt: bytes
    header: bytes
    blobs: list[Blob] | None
    salts: bytes | None


def boxed(keys: Keys, records: Iterable[tuple[Sealed, str]]) -> list[Boxed]:
    """Each record with its dossier, encrypted under a new key of its own."""
    ready = []
    for sealed, dossier in records:
        secret, name = os.urandom(32), sealed.id.encode()
        box = AESGCM(secret).encrypt(_BLOBS, pack(sealed.blobs, sealed.salts), name)
        open_part = (sealed.id, sealed.kind, sealed.header, sealed.salt, sealed.entry)
        ready.append(Boxed(*open_part, dossier, box, keys.wrap("data", secret, name), secret))
    return ready


def write(store: Store, connection: Connection, log: Log, records: Sequence[Boxed], at: int) -> Appended:
    """The records stand in the log and in their tables, in this order, once the transaction is committed."""
    appended = log.append(connection, [r.entry for r in records], at)
    first = appended.first
    leaves = range(first, first + len(records))
    heads = [(n, r.id, r.kind, r.dossier, at, r.salt, r.header) for n, r in zip(leaves, records, strict=True)]
    boxes = [(n, r.box) for n, r in zip(leaves, records, strict=True)]
    wrapped = [(n, r.wrapped) for n, r in zip(leaves, records, strict=True)]
    store.insert(connection, tables.records, heads)
    store.insert(connection, tables.sealed, boxes)
    store.insert(connection, tables.record_keys, wrapped)
    return appended


def read(connection: Connection, keys: Keys, leaves: Sequence[int]) -> dict[int, Stored]:
    """The records at these leaves, opened where they are not erased; leaves without a record are left out."""
    heads, boxes, kept = tables.records, tables.sealed, tables.record_keys
    joined = heads.outerjoin(boxes, boxes.c.leaf == heads.c.leaf).outerjoin(kept, kept.c.leaf == heads.c.leaf)
    found = select(heads, boxes.c.box, kept.c.wrapped).select_from(joined).where(heads.c.leaf.in_(leaves))
    read = {}
    for *head, box, wrapped in connection.execute(found):
        opened = (None, None) if wrapped is None else _opened(keys, head[1], box, wrapped)
        read[head[0]] = Stored(*head, *opened)
    return read


def _opened(keys: Keys, record_id: str, box: bytes, wrapped: bytes) -> tuple[list[Blob], bytes]:
    name = record_id.encode()
    try:
        return unpack(AESGCM(keys.unwrap(wrapped, name)).decrypt(_BLOBS, box, name))
    except InvalidTag:
        raise EnvironmentFault(
            f"the blobs of record {record_id} were changed on the disk; restore the database"
        ) from None


def seal_receipt(secret: bytes, record_id: str, receipt: bytes) -> bytes:
    """The receipt encrypted under the key of the record it opens with; it is erased with that record."""
    return AESGCM(secret).encrypt(_RECEIPT, receipt, record_id.encode())


def open_receipt(keys: Keys, record_id: str, wrapped: bytes, box: bytes) -> bytes:
    """The receipt again, byte for byte."""
    name = record_id.encode()
    try:
        return AESGCM(keys.unwrap(wrapped, name)).decrypt(_RECEIPT, box, name)
    except InvalidTag:
        raise EnvironmentFault(f"the receipt of record {record_id} was changed; restore the database") from None
