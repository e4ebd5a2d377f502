"""The bulk path: lots of a nation's size, prepared in worker processes and committed chunk by chunk in order.

Preparing (hops 2 to 5, sealing, encrypting) is most of the work and needs no lock; committing is one writer's. A chunk
is committed whole or not at all, so that lodging the same folder again goes on where it broke off. Receipts are made
when they are first asked for.
"""

import gc
import multiprocessing
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from landsea.declaration.finding import no_findings
from landsea.declaration.stage import Decided, Known, Lodged
from landsea.errors import EnvironmentFault

from .clearing import isolated
from .clock import Clock
from .commit import Conflict, Ledger, Receipt
from .holding import held
from .keys import open_keys
from .law import edition_in
from .lodging import TRIES, Lodging, boxed, rounds, sealed_of, spoken, subset
from .log import Log
from .observation import Observation
from .parquet import Arrival, Rows
from .recording import Case, Draft
from .records import Boxed
from .seeds import Seeds
from .settings import Settings, cores
from .store import Store

Stretch = tuple[int, int]
"""The first row of a chunk, and the one behind its last."""
PREPARED_AHEAD = 2
"""Chunks that each worker may be ahead of the commit: bounded memory, no worker idle."""


class Prepared(NamedTuple):
    """A round of a chunk, ready to be committed; `rows` are those of the chunk."""

    rows: Sequence[int]
    cases: list[Case]
    boxes: list[list[Boxed]]


def committed(settings: Settings, ledger: Ledger, folder: Path, arrival: Arrival) -> Iterator[Counter[str]]:
    """For each chunk of the lot in the folder, once it is committed: how many declarations were recorded, repeated
    (committed before), or in conflict.

    Raises InputError where the folder holds no lot.
    """
    count = len(Rows(folder))
    stretches = [(at, min(at + settings.chunk, count)) for at in range(0, count, settings.chunk)]
    workers = max(1, min(cores(), len(stretches)))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (settings, folder, arrival)) as pool:
        waiting: deque[tuple[Stretch, Future[list[Prepared]]]] = deque()
        for stretch in stretches:
            waiting.append((stretch, pool.submit(_stretch, *stretch)))
            if len(waiting) > PREPARED_AHEAD * workers:
                yield _through(pool, ledger, *waiting.popleft())
        while waiting:
            yield _through(pool, ledger, *waiting.popleft())


def _through(
    pool: ProcessPoolExecutor, ledger: Ledger, stretch: Stretch, chunk: Future[list[Prepared]]
) -> Counter[str]:
    """The chunk is committed. What was decided on what is no longer so, as near the end of a quota, is decided anew."""
    done = Counter[str]()
    for _ in range(TRIES):
        left = _commit(ledger, _ready(chunk), done)
        if not left:
            return done
        chunk = pool.submit(_stretch, *stretch, left)
    raise EnvironmentFault(
        "declarations of the lot were changed by others again and again meanwhile; lodge the folder again, it goes on "
        "where it broke off"
    )


def _ready(chunk: Future[list[Prepared]]) -> list[Prepared]:
    try:
        return chunk.result()
    except BrokenProcessPool as fault:
        raise EnvironmentFault(
            "a worker process died, most likely for want of memory; set a smaller chunk and lodge the folder again, "
            "it goes on where it broke off"
        ) from fault


def _commit(ledger: Ledger, parts: Sequence[Prepared], done: Counter[str]) -> list[int]:
    """The rows that are to be decided anew; all others are committed, and counted."""
    left = []
    for part in parts:
        for row, answer in zip(part.rows, ledger.commit(part.cases, part.boxes), strict=True):
            if answer is None:
                left.append(row)
                continue
            repeated = isinstance(answer, Receipt) and answer.repeated
            done["conflict" if isinstance(answer, Conflict) else "repeated" if repeated else "recorded"] += 1
    return left


_WORK: list[tuple[Lodging, Rows, Arrival]] = []
"""What a worker process opened at its start."""


def _start(settings: Settings, folder: Path, arrival: Arrival) -> None:
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)  # a chunk makes a million small tuples, and none of them is in a cycle
    clock, keys, store = Clock(settings.clock_step), open_keys(settings.data / "keys"), Store(settings)
    log = Log(store, keys, clock, settings.log_origin)
    edition, seeds = edition_in(settings.schedules, keys.profile_salt()), Seeds(store, keys, log)
    ledger = Ledger(store, log, keys)
    lodging = Lodging(ledger, seeds, edition, clock, settings.administration, Observation(clock))
    _WORK.append((lodging, Rows(folder), arrival))


def _stretch(first: int, end: int, only: Sequence[int] = ()) -> list[Prepared]:
    lodging, rows, arrival = _WORK[0]
    lodged = Lodged(rows.lot(first, end, arrival), no_findings())
    chosen = only or range(len(lodged.lot))
    chunk = subset(lodged, chosen)
    parts = ([chosen[n] for n in part] for part in rounds(spoken(chunk)))
    return [Prepared(part, *prepared(lodging, subset(lodged, part))) for part in parts]


def prepared(lodging: Lodging, lodged: Lodged) -> tuple[list[Case], list[list[Boxed]]]:
    """The round, decided, sealed and encrypted; one that brings the node to fall is held."""

    def draft(rows: Sequence[int]) -> list[Draft]:
        return [_numbered(one, d) for one, d in zip(lodging.drafted(subset(lodged, rows))[1], rows, strict=True)]

    def hold(row: int, _fault: Exception) -> Draft:
        decided: Decided = held(subset(lodged, [row]))
        return _numbered(lodging.recording().drafts(decided, Known())[0], row)

    drafts = []
    for one in isolated(draft, [hold], range(len(lodged.lot))):
        if isinstance(one, Exception):
            raise one
        drafts.append(one)
    cases = [one.case for one in drafts]
    return cases, boxed(lodging.ledger.keys, cases, sealed_of(drafts))


def _numbered(draft: Draft, d: int) -> Draft:
    return draft._replace(case=draft.case._replace(d=d))
