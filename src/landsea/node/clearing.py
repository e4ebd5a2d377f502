"""The clearing thread: lodgements wait in a bounded queue and are cleared in lots, without a timer.

Whatever queued while the last lot ran is the next lot, at most `lot` of them: an idle node clears one at once, a busy
one clears many together. The answer to a declaration never depends on the company it travels in: an unexpected
exception halves the lot until the offender stands alone, and that one is held with a finding.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from landsea.errors import EnvironmentFault, LandseaError

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Busy(LandseaError):
    """The queue is full: the caller answers 429 and the sender tries again later."""


class Stopping(LandseaError):
    """The node is stopping and takes nothing more."""


def isolated(
    clear: Callable[[Sequence[Given]], Sequence[Answer]],
    holds: Sequence[Callable[[Given, Exception], Answer]],
    lot: Sequence[Given],
) -> list[Answer | Exception]:
    """An answer to each of the lot, in order; one that brings `clear` to fall is answered by the first of `holds` that
    does not fall too, and else with the exception.

    Raises EnvironmentFault: what is wrong with the machine is nobody's declaration's fault.
    """
    try:
        return list(clear(lot))
    except EnvironmentFault:
        raise
    except Exception as fault:  # noqa: BLE001 - the lot is halved until the offender stands alone
        if len(lot) == 1:
            return [_held(holds, lot[0], fault)]
        middle = len(lot) // 2
    return isolated(clear, holds, lot[:middle]) + isolated(clear, holds, lot[middle:])


def _held(holds: Sequence[Callable[[Given, Exception], Answer]], given: Given, fault: Exception) -> Answer | Exception:
    for hold in holds:
        try:
            return hold(given, fault)
        except EnvironmentFault:
            raise
        except Exception:  # noqa: BLE001, S112 - the next one needs less
            continue
    return fault


class Clearing(Generic[Given, Answer]):
    """A thread that clears what is put into its queue. `answers` gives one answer, or one exception, for each."""

    def __init__(
        self, answers: Callable[[Sequence[Given]], Sequence[Answer | Exception]], waiting: int, lot: int
    ) -> None:
        self._answers = answers
        self._lot = lot
        self._queue: queue.Queue[tuple[Given, Future[Answer]] | None] = queue.Queue(waiting)
        self._gate = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="clearing", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many wait to be cleared."""
        return self._queue.qsize()

    def put(self, given: Given) -> Future[Answer]:
        """The future answer. Raises Busy where the queue is full, Stopping where the node takes nothing more."""
        future: Future[Answer] = Future()
        with self._gate:
            if not self._open:
                raise Stopping("the node is stopping; lodge again once it has started")
            try:
                self._queue.put_nowait((given, future))
            except queue.Full:
                raise Busy(f"{self._queue.maxsize} lodgements wait already; lodge again in a moment") from None
        return future

    def stop(self) -> None:
        """Nothing more is taken, and what had been taken is answered."""
        with self._gate:
            first, self._open = self._open, False
        if first:
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            lot = [self._queue.get()]
            while lot[-1] is not None and len(lot) < self._lot:
                try:
                    lot.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            running = lot[-1] is not None
            self._answer([pair for pair in lot if pair and pair[1].set_running_or_notify_cancel()])

    def _answer(self, lot: list[tuple[Given, Future[Answer]]]) -> None:
        if not lot:
            return
        try:
            answers = self._answers([given for given, _ in lot])
        except Exception as fault:  # noqa: BLE001 - each waiting caller is told, the thread goes on
            answers = [fault] * len(lot)
        for (_, future), answer in zip(lot, answers, strict=True):
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
