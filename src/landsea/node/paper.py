"""What papers are made of: the decision in force on a declaration, with the document it was taken on. Reads only.

A paper says what the declarant was told and what they declared, and nothing of `reasons@1`, so it is made of those
groups alone. Its mark binds it to them: a digest of the very bytes on record under the salts of the decision, which
nobody else holds, so that it tells nothing of what it covers, and a release that words a paper otherwise leaves it as
it was. A node that relays has no decision, and so nothing a paper could be made of.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select

from landsea.clearance.records import DECISION
from landsea.clearance.supplement import SUPPLEMENTARY
from landsea.dossier.group import groups
from landsea.dossier.record import read_header
from landsea.errors import Erased, Relays

from . import records, tables
from .carriage import brought
from .commit import Ledger
from .records import Stored
from .register import Declared, Register

MARK: Final = 16
"""Bytes of a mark: enough that nobody finds another paper with the same."""


class Basis(NamedTuple):
    """What a paper is made of: the number of the declaration, the decision as it was told, its place in the log and its
    instant, the duties by goods item, and the groups as lodged by (group, goods item)."""

    mrn: str
    record: str
    leaf: int
    at: datetime
    told: Mapping[str, Any]
    duties: Sequence[Mapping[str, Any]]
    lodged: Mapping[tuple[str, int], Mapping[str, Any]]
    sources: bytes  # digest of all of these as they stand on record, under the decision's salts

    def mark(self, kind: str) -> str:
        """The mark of the paper of this kind, in hexadecimal digits."""
        return hashlib.sha256(b"landsea/paper/1" + self.sources + kind.encode()).hexdigest()[: 2 * MARK]


class Proof(NamedTuple):
    """What proves a decision to be in the log, for anyone; what it and the decision in force on its declaration say.

    Where a later version of the declaration stands, `own` has that one's groups.
    """

    evidence: bytes
    own: Basis
    standing: Basis


_ID: Final = tables.records.c
_BY_ID: Final = select(_ID.leaf, _ID.header).where(_ID.id == bindparam("id"), _ID.kind == DECISION)


@dataclass(frozen=True, slots=True)
class Papers:
    """What papers of one node are made of, and what proves them."""

    ledger: Ledger
    register: Register

    def basis(self, declared: Declared) -> Basis:
        """What papers of this declaration are made of. Raises Relays where a national system decides, Erased where the
        content is gone."""
        if self.ledger.relays:
            raise Relays("the national system decides here and prints its own papers; this node has none")
        with self.ledger.store.reading() as connection:
            return self._basis(connection, declared, declared.decided)

    def proof(self, record: str) -> Proof | None:
        """What proves the decision with this record id, if there is one. Raises Erased where the content is gone."""
        with self.ledger.store.reading() as connection:
            found = connection.execute(_BY_ID, {"id": record}).one_or_none()
        if found is None:
            return None
        declared = self.register.declared(dict(read_header(bytes(found.header)).aliases).get("mrn", ""))
        if declared is None or self.ledger.relays:
            return None
        with self.ledger.store.reading() as connection:
            standing = self._basis(connection, declared, declared.decided)
            own = self._basis(connection, declared, found.leaf)
        return Proof(self.ledger.proof(found.leaf), own, standing)

    def brought(self, mrn: str, party: str) -> bool:
        """Whether this carrier told of the arrival of these goods, or acted on the declaration."""
        with self.ledger.store.reading() as connection:
            return party in brought(connection, mrn)

    def _basis(self, connection: Connection, declared: Declared, leaf: int) -> Basis:
        found = records.read(connection, self.ledger.keys, [declared.document, leaf])
        decision, document = found[leaf], found[declared.document]
        said, lodged = _groups(decision, ("decision@1", "duty@1")), _groups(document, groups())
        sources = hashlib.sha256(decision.salts or b"")
        for (group, item), data in sorted({**said, **lodged}.items()):
            sources.update(msgspec.json.encode((group, item, data)))
        return Basis(
            *(declared.mrn, decision.id, leaf, datetime.fromisoformat(read_header(decision.header).instant)),
            told=msgspec.json.decode(said["decision@1", 0]) | {"supplementary": _supplementary(lodged)},
            duties=[
                {"item": item, **tax}
                for (group, item), data in sorted(said.items())
                if group == "duty@1"
                for tax in msgspec.json.decode(data)["taxes"]
            ],
            lodged={place: msgspec.json.decode(data) for place, data in lodged.items()},
            sources=sources.digest(),
        )


def _supplementary(lodged: Mapping[tuple[str, int], bytes]) -> bool:
    header = msgspec.json.decode(lodged.get(("header@1", 0), b"{}"))
    return re.search(SUPPLEMENTARY, str(header.get("TypeCode", ""))) is not None


def _groups(stored: Stored, wanted: Sequence[str]) -> dict[tuple[str, int], bytes]:
    if stored.blobs is None:
        raise Erased(f"the content of record {stored.id} was erased; its header and its leaf stay")
    return {(one.group, one.item): one.data for one in stored.blobs if one.group in wanted}
