"""Sending: what is owed to subscribers is sent until it is taken or too old.

Theory. One sender at a time has a subscription: it claims it by a lease that only one transaction can take, sends what
is owed in the order of the log, and settles what was taken in one transaction that gives the lease back. So a party
hears everything in order, whatever the number of processes. A sender that dies holds its subscription until the lease
runs out; what it had sent and not settled is sent once more under the same id, by which a receiver knows it: at least
once, never out of order. A receiver that does not take a notice holds back the ones behind it, for a pause that
doubles; a notice too old is given up, which is counted as `expired`: the operator's alarm.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update

from . import counters, records, tables
from .clock import Clock, micros
from .commit import Ledger
from .notice import WAITING, Told, pending, told
from .notice_channel import Channels, Unsent
from .notice_subscription import Opened, Subscriptions
from .observation import Observation
from .settings import Settings

SECOND: Final = 1_000_000
FIRST, LONGEST, TERM = 5 * SECOND, 3600 * SECOND, 3 * 86_400 * SECOND
"""The first pause after a failure, the longest one, and the age at which a notice is given up."""
TOGETHER: Final = 16
"""Notices sent under one lease."""
SENDERS: Final = 2
"""Threads that send, in each process: one receiver that is slow leaves the other."""
LEASE: Final = 60 * SECOND
"""How long a sender has a subscription. None begins to send in its last two thirds, in which a name is looked up and a
receiver waited for."""
_OWN, _OWED = tables.subscriptions.c, tables.notices.c
_DUE: Final = (
    select(tables.subscriptions)
    .where(_OWN.lease <= bindparam("now"), _OWN.due <= bindparam("now"), exists().where(_OWED.subscription == _OWN.id))
    .order_by(_OWN.due, _OWN.id)
    .limit(1)
)


class Way(Protocol):
    """What sends a notice. Raises Unsent."""

    def send(self, notice: Told, to: Opened) -> None:
        """The notice was taken by its receiver."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What sends the notices of one node. As many as like may work at once, in one process or in several."""

    ledger: Ledger
    subscriptions: Subscriptions
    way: Way
    clock: Clock
    observation: Observation
    address: str = ""

    def once(self) -> int:
        """The notices owed to one subscription that is due were sent, as far as they were taken; how many were settled.
        Minus one where there was nothing to do."""
        now = micros(self.clock.now())
        with self.ledger.store.reading() as connection:
            if connection.execute(WAITING).first() is None:  # asked every second: not one row to look at
                return -1
            row = connection.execute(_DUE, {"now": now}).one_or_none()
        if row is None:
            return -1
        if not self._claimed(row, now):
            return 0
        with self.ledger.store.reading() as connection:
            owed = pending(connection, row.id, TOGETHER)
        return self._settled(row, now, *self._sent(row, owed, now))

    def _claimed(self, row: Any, now: int) -> bool:
        same = (_OWN.id == row.id, _OWN.lease == row.lease, _OWN.due == row.due)
        with self.ledger.store.writing() as connection:
            taken = connection.execute(update(tables.subscriptions).where(*same).values(lease=now + LEASE))
            return taken.rowcount == 1

    def _sent(self, row: Any, owed: Sequence[Any], now: int) -> tuple[list[tuple[int, str]], bool]:
        """Leaf and what became of it, of each notice that is not owed any more, up to the first that was not taken or
        for which the lease is too short; and whether one was not taken."""
        to, done = self.subscriptions.opened(row), []
        with self.ledger.store.reading() as connection:
            said = [self._told(connection, one) for one in owed]
        for one, notice in zip(owed, said, strict=True):
            if micros(self.clock.now()) > now + LEASE // 3:
                break
            try:
                if notice is not None:
                    self.way.send(notice, to)
                done.append((one.leaf, "erased" if notice is None else "delivered"))
            except Unsent as refused:
                if one.at + TERM > now:
                    fault = str(refused)
                    self.observation.tell("notice not taken", subscription=row.id, fault=fault, times=row.failures + 1)
                    return done, True
                self.observation.tell("notice expired", subscription=row.id, leaf=one.leaf)
                done.append((one.leaf, "expired"))
        return done, False

    def _told(self, connection: Connection, owed: Any) -> Told | None:
        leaves = range(owed.leaf - owed.records + 1, owed.leaf + 1)
        return told(owed, records.read(connection, self.ledger.keys, leaves), self.address)

    def _settled(self, row: Any, now: int, done: Sequence[tuple[int, str]], failed: bool) -> int:
        """What was sent is not owed any more, and the subscription is free for the next sender."""
        store, after = self.ledger.store, micros(self.clock.now())
        failures = row.failures + 1 if failed and not done else int(failed)
        values = {"failures": failures, "due": after + pause(failures, row.id), "lease": 0}
        own = (_OWN.id == row.id, _OWN.lease == now + LEASE)  # a lease that ran out is another's
        with store.writing() as connection:
            leaves = [leaf for leaf, _ in done]
            connection.execute(delete(tables.notices).where(_OWED.subscription == row.id, _OWED.leaf.in_(leaves)))
            connection.execute(update(tables.subscriptions).where(*own).values(values))
            results = Counter(f'result="{result}"' for _, result in done)
            if failed:
                results['result="refused"'] += 1
            counters.count(store, connection, "notices", results)
        return len(done)


def opened(ledger: Ledger, settings: Settings, clock: Clock, observation: Observation) -> Sending:
    """What sends the notices of the node with this ledger and these settings."""
    channels = Channels(settings, clock)
    subscriptions = Subscriptions(ledger.store, ledger.keys, clock, settings, channels.refusal)
    return Sending(ledger, subscriptions, channels, clock, observation, settings.public_address.rstrip("/"))


def pause(failures: int, subscription: str) -> int:
    """Microseconds until a subscription is tried again that failed so often in a row: doubling, a little different for
    each, so that those that failed together do not come back together."""
    if not failures:
        return 0
    spread = hashlib.sha256(subscription.encode()).digest()[0]
    whole = min(FIRST << min(failures - 1, 30), LONGEST)
    return whole - whole * spread // 1024


def gauges(connection: Connection, now: int) -> dict[str, int]:
    """How many notices are still to be sent, and since how many seconds the oldest of them is owed."""
    oldest = connection.execute(WAITING).scalar_one_or_none()
    waiting = connection.execute(select(func.count()).select_from(tables.notices)).scalar_one()
    late = 0 if oldest is None else max(0, now - oldest) // SECOND
    return {"notices_waiting": waiting, "notices_oldest_seconds": late}
