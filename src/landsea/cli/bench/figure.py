"""A figure: what was measured, in which unit, and the limit measured in the same run that it is held against."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `ratio` is value to limit for rates, limit to value for durations: 1 would be the limit."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_is: str = ""

    @property
    def ratio(self) -> float | None:
        """How near the limit it comes; None where no limit was measured."""
        if not self.limit:
            return None
        return self.value / self.limit if self.unit.endswith("/s") else self.limit / self.value

    def document(self) -> dict[str, float | str | None]:
        """As it stands in the JSON output."""
        return {
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "ratio": self.ratio,
            "limit_is": self.limit_is,
        }


def rate(
    count: int,
    work: Callable[[], object],
    seconds: float = 1.0,
    least: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """How many a second of this clock: the best of several runs of `work`, each of which does `count`, after one run
    to warm up.
    """
    work()
    best, runs, end = 0.0, 0, time.perf_counter() + seconds
    while runs < least or time.perf_counter() < end:
        began = clock()
        work()
        best = max(best, count / (clock() - began))
        runs += 1
    return best
