"""What the node tells its operator: one JSON line an event, and counters for a monitoring system.

Lines and counters carry record ids, counts and durations; never a body, a key, a party or anything else personal.
"""

import json
import sys
import threading
from collections import defaultdict
from typing import TextIO

from .clock import Clock

Told = str | int | bool | None


class Observation:
    """Where events are told and counted; safe to use from several threads."""

    def __init__(self, clock: Clock, out: TextIO | None = None) -> None:
        self._clock = clock
        self._out = out or sys.stderr
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = defaultdict(int)

    def tell(self, event: str, **what: Told) -> None:
        """A line with this event stands in the log."""
        line = json.dumps({"at": self._clock.now().isoformat(), "event": event, **what}, ensure_ascii=False)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        """The counter has grown by this much. `label` is a Prometheus label, such as `outcome="held"`."""
        with self._lock:
            self._counts[name, label] += by

    def metrics(self, **gauges: int) -> str:
        """All counters and these gauges in Prometheus' text form."""
        with self._lock:
            counts = sorted(self._counts.items())
        lines = []
        for name in sorted({name for (name, _), _ in counts}):
            lines.append(f"# TYPE landsea_{name} counter")
            for (counter, label), value in counts:
                if counter == name:
                    lines.append(f"landsea_{name}{{{label}}} {value}" if label else f"landsea_{name} {value}")
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE landsea_{name} gauge", f"landsea_{name} {value}"]
        return "\n".join(lines) + "\n"
