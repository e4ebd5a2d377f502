"""What the node tells its operator: one JSON line an event.

Lines carry record ids, counts and durations; never a body, a key, a party or anything else personal.
"""

import json
import sys
import threading
from typing import TextIO

from .clock import Clock

Told = str | int | bool | None


class Observation:
    """Where events are told; safe to use from several threads."""

    def __init__(self, clock: Clock, out: TextIO | None = None) -> None:
        self._clock = clock
        self._out = out or sys.stderr
        self._lock = threading.Lock()

    def tell(self, event: str, **what: Told) -> None:
        """A line with this event stands in the log."""
        line = json.dumps({"at": self._clock.now().isoformat(), "event": event, **what}, ensure_ascii=False)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()
