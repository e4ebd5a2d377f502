"""The day seeds of random selection: drawn a day ahead, their commitment on record before the day begins.

The commitment enters the log as a record that anyone may be shown; the seed itself lies wrapped under the seed key and
is opened to the auditor, who computes every draw of the day again.
"""

import os
from datetime import UTC, date, datetime, timedelta

import msgspec
from sqlalchemy import select

from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import EnvironmentFault
from landsea.risk.sampling import SEED_LENGTH, commitment

from . import records, tables
from .clock import instant
from .keys import Keys
from .log import Log
from .store import Store

KIND = "seed-commitment"
GROUP = "seed-commitment@1"


class Seeds:
    """The seeds of one node."""

    def __init__(self, store: Store, keys: Keys, log: Log) -> None:
        self._store = store
        self._keys = keys
        self._log = log
        self._known: dict[date, bytes] = {}

    def of(self, day: date, edition: str) -> bytes:
        """The seed of this day. Those of this day and the next are committed to where they were not."""
        for one in (day, day + timedelta(days=1)):
            if one not in self._known:
                self._known[one] = self.opened(one) or self._drawn(one, edition)
        return self._known[day]

    def opened(self, day: date) -> bytes | None:
        """The seed of this day for the auditor; None where none was drawn."""
        seeds = tables.seeds
        with self._store.reading() as connection:
            row = connection.execute(select(seeds).where(seeds.c.day == day.isoformat())).one_or_none()
        if row is None:
            return None
        seed = self._keys.unwrap(row.wrapped, row.day.encode())
        if commitment(seed) != row.commitment:
            raise EnvironmentFault(f"the seed of {day} is not the one committed to; restore the database")
        return seed

    def commitments(self) -> dict[str, bytes]:
        """Day → commitment, of every seed drawn so far."""
        with self._store.reading() as connection:
            rows = connection.execute(select(tables.seeds.c.day, tables.seeds.c.commitment))
            return {day: bytes(committed) for day, committed in rows}

    def _drawn(self, day: date, edition: str) -> bytes:
        seed, name = os.urandom(SEED_LENGTH), day.isoformat()
        with self._store.writing() as connection:
            drawn = select(tables.seeds.c.wrapped).where(tables.seeds.c.day == name)
            if wrapped := connection.execute(drawn).scalar_one_or_none():  # another process was first
                return self._keys.unwrap(wrapped, name.encode())
            at = self._log.time(connection)
            row = (name, commitment(seed), self._keys.wrap("seed", seed, name.encode()))
            self._store.insert(connection, tables.seeds, [row])
            record = seed_record(day, commitment(seed), instant(at), edition)
            sealed = seal([record], os.urandom(salt_bytes([record])))
            records.write(self._store, connection, self._log, records.boxed(self._keys, [(sealed[0], name)]), at)
        return seed


def seed_record(day: date, committed: bytes, at: datetime, edition: str) -> Unsealed:
    """The record that commits to the seed of this day."""
    said = msgspec.json.encode({"day": day.isoformat(), "commitment": committed.hex()})
    return Unsealed(KIND, f"seed-{day:%Y%m%d}", at.astimezone(UTC), edition, [Blob(GROUP, 0, said)])
