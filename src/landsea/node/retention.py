"""Retention: at the end of its term the content of a dossier is erased, and the log stays whole.

Erasing destroys the keys of its records and with them the blobs and their salts: what is left are headers, leaves and
the projections, which say "erased". That an erasure happened, of what and on which ground, is a record itself.
"""

import os
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, func, select, tuple_, update

from landsea.clearance.state import FINAL, State
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import InputError

from . import records, rotation, tables
from .clock import instant, micros
from .keys import Keys
from .log import Log
from .store import Store

_STATES = tables.declarations.c
_OPEN = select(_STATES.dossier).where(_STATES.state.in_([state.value for state in State if state not in FINAL]))
"""The dossiers of declarations that still wait for something, however long ago anything happened to them."""
KIND, GROUP, DOSSIER = "erasure", "erasure@1", "erasures"
ERASED = "erased"


class Retention:
    """The terms of one node's records, and their end."""

    def __init__(self, store: Store, keys: Keys, log: Log, days: int) -> None:
        self._store = store
        self._keys = keys
        self._log = log
        self._term = timedelta(days=days)

    def due(self, now: datetime) -> list[str]:
        """The dossiers whose term has ended: nothing was added to them for as long as records are kept, and no
        declaration in them still waits for anything."""
        heads, kept = tables.records, tables.record_keys
        last = func.max(heads.c.at)
        query = (
            select(heads.c.dossier)
            .join(kept, kept.c.leaf == heads.c.leaf)
            .where(heads.c.dossier.not_in((DOSSIER, rotation.DOSSIER)), heads.c.dossier.not_in(_OPEN))
            .group_by(heads.c.dossier)
            .having(last < micros(now - self._term))
            .order_by(last)
        )
        with self._store.reading() as connection:
            return list(connection.execute(query).scalars())

    def forgotten(self, now: datetime) -> int:
        """How many draws were made longer ago than records are kept; they stand no more, and who declares the same
        consignment again is drawn for anew."""
        draws = tables.draws
        with self._store.writing() as connection:
            return connection.execute(delete(draws).where(draws.c.at < micros(now - self._term))).rowcount

    def dossier_of(self, mrn: str) -> str:
        """The dossier this declaration belongs to. Raises InputError where the node has no such declaration."""
        table = tables.declarations
        with self._store.reading() as connection:
            dossier: str | None = connection.execute(
                select(table.c.dossier).where(table.c.mrn == mrn)
            ).scalar_one_or_none()
        if dossier is None:
            raise InputError(f"this node has no declaration {mrn}")
        return dossier

    def erase(self, dossier: str, ground: str, edition: str) -> int:
        """The content of this dossier is gone for good; how many records that were.

        Raises InputError where there is nothing to erase.
        """
        with self._store.writing() as connection:
            erased = self._destroyed(connection, dossier)
            if not erased:
                raise InputError(f"dossier {dossier} has no record that could be erased")
            at = self._log.time(connection)
            said = msgspec.json.encode({"dossier": dossier, "records": erased, "ground": ground})
            record = Unsealed(
                KIND, f"erasure-{os.urandom(16).hex()}", instant(at), edition, [Blob(GROUP, 0, said)], causes=erased
            )
            sealed = seal([record], os.urandom(salt_bytes([record])))
            records.write(self._store, connection, self._log, records.boxed(self._keys, [(sealed[0], DOSSIER)]), at)
        self._store.forget()
        return len(erased)

    def _destroyed(self, connection: Connection, dossier: str) -> list[str]:
        heads, kept = tables.records, tables.record_keys
        own = select(heads.c.leaf, heads.c.id).join(kept, kept.c.leaf == heads.c.leaf).where(heads.c.dossier == dossier)
        found = connection.execute(own.order_by(heads.c.leaf)).all()
        leaves = [row.leaf for row in found]
        for table in (kept, tables.sealed):
            connection.execute(delete(table).where(table.c.leaf.in_(leaves)))
        promises, projection = tables.lodgements, tables.declarations
        connection.execute(update(promises).where(promises.c.leaf.in_(leaves)).values(digest=b"", receipt=None))
        connection.execute(update(projection).where(projection.c.dossier == dossier).values(state=ERASED))
        numbers = select(projection.c.mrn).where(projection.c.dossier == dossier)
        connection.execute(delete(tables.aliases).where(tables.aliases.c.mrn.in_(numbers)))
        reports = tables.cargo_reports
        own_reports = select(reports.c.actor, reports.c.reference).where(reports.c.dossier == dossier)
        for table in (tables.cargo_names, tables.cargo_lines):
            connection.execute(delete(table).where(tuple_(table.c.actor, table.c.reference).in_(own_reports)))
        connection.execute(update(tables.acts).where(tables.acts.c.leaf.in_(leaves)).values(digest=b""))
        return [row.id for row in found]
