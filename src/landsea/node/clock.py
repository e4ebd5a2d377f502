"""Log time: the instants at which records enter the log. It never runs backward.

A small step back of the machine's clock (an adjustment by the time server) is absorbed: the log's last instant is used
again. After a large one nobody can say which of the two was right, so the node serves reads and refuses commits until
time has caught up.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from landsea.errors import EnvironmentFault

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(instant: datetime) -> int:
    """Whole microseconds since 1970 in UTC, as instants are stored."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant(micros: int) -> datetime:
    """The UTC instant stored as microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def _machine() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """Where instants come from: `source` tells microseconds since 1970. It absorbs a step back of `step` seconds."""

    step: int = 5
    source: Callable[[], int] = _machine

    def now(self) -> datetime:
        """This instant, in UTC."""
        return instant(self.source())

    def log_time(self, last: int) -> int:
        """The instant of the next commit in microseconds, never before `last`.

        Raises EnvironmentFault where the clock stands further behind `last` than a step that may be absorbed.
        """
        now = self.source()
        if now < last - self.step * 1_000_000:
            raise EnvironmentFault(
                f"the clock says {instant(now):%Y-%m-%d %H:%M:%S} UTC but the log was last written at "
                f"{instant(last):%Y-%m-%d %H:%M:%S} UTC; reads are served, commits are refused until time has "
                "caught up: check the machine's time"
            )
        return max(now, last)
