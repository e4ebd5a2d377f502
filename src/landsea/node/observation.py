"""What the node tells its operator: one JSON line an event, and figures of what a process did and how long it took.

Lines carry record ids, counts and durations; never a body, a key, a party or anything else personal. Figures wait here
until they are added to the counters in the database (`counters`), which all processes of a node share.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TextIO

from .clock import Clock

Told = str | int | bool | None
WRITTEN_EVERY: Final = 10.0  # seconds after which figures are added to the counters in passing


class Observation:
    """Where events are told and figures are kept; safe to use from several threads."""

    def __init__(self, clock: Clock, out: TextIO | None = None) -> None:
        self._clock = clock
        self._out = out or sys.stderr
        self._lock = threading.Lock()
        self._figures: Counter[tuple[str, str]] = Counter()
        self._written = time.monotonic()

    def tell(self, event: str, **what: Told) -> None:
        """A line with this event stands in the log."""
        line = json.dumps({"at": self._clock.now().isoformat(), "event": event, **what}, ensure_ascii=False)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()

    def count(self, name: str, grown: Mapping[str, int]) -> None:
        """The counter of this name has grown by so much for each label."""
        with self._lock:
            for label, by in grown.items():
                self._figures[name, label] += by

    @contextmanager
    def timed(self, name: str, label: str) -> Iterator[None]:
        """How long what is done meanwhile takes is added up, in microseconds, as `NAME_sum` beside `NAME_count`."""
        begun = time.perf_counter_ns()
        try:
            yield
        finally:
            took = (time.perf_counter_ns() - begun) // 1000
            with self._lock:
                self._figures[f"{name}_sum", label] += took
                self._figures[f"{name}_count", label] += 1

    @property
    def due(self) -> bool:
        """Whether the figures were last written down a while ago."""
        return time.monotonic() - self._written >= WRITTEN_EVERY

    def drained(self) -> dict[str, dict[str, int]]:
        """The figures gathered since the last time, by name and label; they begin anew."""
        with self._lock:
            figures, self._figures = self._figures, Counter()
            self._written = time.monotonic()
        found: dict[str, dict[str, int]] = {}
        for (name, label), by in figures.items():
            found.setdefault(name, {})[label] = by
        return found
