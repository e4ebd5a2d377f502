"""A worker: a step done again and again beside what the node answers, in threads of its own, until it is stopped.

What goes wrong in a step is told to the operator and the step is tried again after a pause: nobody waits for its answer
who could be told instead.
"""

import threading
from collections.abc import Callable
from typing import Final

from .observation import Observation

EVERY: Final = 1.0
"""Seconds between two looks where there was nothing to do."""
AFTER_FAULT: Final = 10.0


class Worker:
    """Threads that do a step until stopped; the step says whether there may be more to do at once."""

    def __init__(self, name: str, step: Callable[[], bool], observation: Observation, threads: int = 1) -> None:
        self._step = step
        self._observation = observation
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No step is under way, and none is begun any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                more = self._step()
            except Exception as fault:  # noqa: BLE001 - told, and tried again
                self._observation.tell("worker faltered", fault=type(fault).__name__)
                self._stop.wait(AFTER_FAULT)
                continue
            if not more:
                self._stop.wait(EVERY)
