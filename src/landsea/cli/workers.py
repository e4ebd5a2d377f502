"""Workers: `landsea serve` on several cores, a parent that keeps the address and processes that are each a whole node.

Workers share nothing but the database. Whoever takes a declaration commits it under the lock of the log's head, so a
worker that dies takes nothing with it that was acknowledged, and the others go on. Each hangs on a line to the parent:
the parent cuts it to stop the worker, and where the parent dies it is cut all the same.

On Linux each worker listens on a socket of its own under the same address and the kernel spreads connections among
them; that of a dead worker is gone with it. Elsewhere all take from one socket, which the parent hands down.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from landsea.errors import EnvironmentFault, LandseaError
from landsea.node.clock import Clock
from landsea.node.observation import Observation
from landsea.node.settings import Settings, cores

from .door import SPREAD, address_of, listening, run, warmed
from .scratch import node_on

STEADY, LONGEST = 60, 30  # seconds after which a worker stands well; most seconds before a fallen one starts again
READY = ""  # what a worker says once it serves; anything else is the sentence it fell with

_SPAWN = multiprocessing.get_context("spawn")  # a fork would inherit the locks of Polars' threads, not the threads


@dataclass(slots=True)
class Worker:
    """One process, the parent's end of its line, since when it runs, and whether it serves."""

    process: SpawnProcess
    line: Connection
    since: float
    ready: bool = False


class Crew:
    """The workers of one node, at the address that `door` keeps. What befalls them is told in the log."""

    def __init__(self, settings: Settings, door: socket.socket) -> None:
        self._settings = settings
        self._door = door
        self._observation = Observation(Clock(settings.clock_step))
        self._workers: dict[int, Worker] = {}
        self._due = dict.fromkeys(range(1, settings.processes + 1), 0.0)  # when which is to be started
        self._falls = dict.fromkeys(self._due, 0)  # how often in a row it did not stand for long

    def serve(self, announce: Callable[[], None]) -> None:
        """All workers have served until SIGINT or SIGTERM, and have answered what they took.

        `announce` is called once all of them serve. Raises EnvironmentFault where one cannot even start.
        """
        share = max(1, cores() // self._settings.processes)
        os.environ.setdefault("POLARS_MAX_THREADS", str(share))  # read by the workers at their start
        announced = False
        with _signals() as signals:
            try:
                while not signals.poll():
                    self._start_due()
                    for number, said in self._heard(signals):
                        if said == READY:
                            pid = self._workers[number].process.pid
                            self._observation.tell("worker serves", worker=number, pid=pid)
                        else:
                            self._fell(number, said, final=not announced)
                    if not announced and not self._due and all(worker.ready for worker in self._workers.values()):
                        announced = True
                        announce()
            finally:
                self._stop(signals)

    def _start_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            ours, theirs = _SPAWN.Pipe()
            address, door = address_of(self._door).removeprefix("http://"), None if SPREAD else self._door
            process = _SPAWN.Process(target=work, args=(self._settings, address, door, theirs), name=f"worker-{number}")
            reaction = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: Ctrl-C is for the parent to pass on
            process.start()
            signal.signal(signal.SIGINT, reaction)
            theirs.close()
            self._workers[number] = Worker(process, ours, now)

    def _heard(self, signals: Connection) -> Iterator[tuple[int, str | None]]:
        """What workers said, after waiting for anything to happen; None is said by one that ended without a word."""
        until = min(self._due.values(), default=None)
        pause = None if until is None else max(0.0, until - time.monotonic())
        heard = wait([signals, *(worker.line for worker in self._workers.values())], pause)
        for number, worker in [one for one in self._workers.items() if one[1].line in heard]:
            said = None
            with suppress(EOFError, OSError):
                said = worker.line.recv()
            worker.ready = said == READY
            yield number, said

    def _fell(self, number: int, said: str | None, *, final: bool) -> None:
        """A worker that ended is started again, at once or, where it falls again and again, after a while."""
        worker = self._workers.pop(number)
        worker.process.join()
        worker.line.close()
        code = worker.process.exitcode
        if final:
            raise EnvironmentFault(said or f"a worker ended with exit code {code} before it served")
        self._falls[number] = 0 if time.monotonic() - worker.since > STEADY else self._falls[number] + 1
        pause = pause_after(self._falls[number])
        self._observation.tell("worker fell", worker=number, exit=code, fault=said, again_in=pause)
        self._due[number] = time.monotonic() + pause

    def _stop(self, signals: Connection) -> None:
        """Each worker has answered what it took and ended; a second signal ends them at once."""
        for worker in self._workers.values():
            worker.line.close()
            if not worker.ready:
                worker.process.terminate()
        left = [worker.process for worker in self._workers.values()]
        if signals.poll():
            signals.recv()
        while left := [process for process in left if process.is_alive()]:
            if signals in wait([signals, *(process.sentinel for process in left)]):
                signals.recv()
                for process in left:
                    process.kill()


def pause_after(falls: int) -> int:
    """Seconds until a worker starts again that fell so often in a row without having stood for long."""
    return min((1 << max(0, falls - 1)) - 1, LONGEST)


def work(settings: Settings, address: str, door: socket.socket | None, line: Connection) -> None:
    """In a process of its own: the node has served at this address until its line was cut."""
    cut = threading.Event()
    threading.Thread(target=_watch, args=(line, cut), daemon=True).start()
    try:
        with node_on(settings) as node, door or listening(address, shared=True) as own:
            warmed(node)
            run(node, own, lambda: line.send(READY), cut.is_set)
    except LandseaError as fault:
        with suppress(OSError):  # nobody listens any more
            line.send(str(fault))
        sys.exit(1)


def _watch(line: Connection, cut: threading.Event) -> None:
    with suppress(EOFError, OSError):
        line.recv()
    cut.set()


@contextmanager
def _signals() -> Iterator[Connection]:
    """A pipe that can be read once for each SIGINT and SIGTERM that came."""
    hears, tells = multiprocessing.Pipe(duplex=False)
    with hears, tells:
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, lambda *_: tells.send(None)) for number in numbers}
        try:
            yield hears
        finally:
            for number, reaction in before.items():
                signal.signal(number, reaction)
