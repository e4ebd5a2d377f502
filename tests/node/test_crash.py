"""SIGKILL at any moment loses nothing that was acknowledged, and repeats nothing."""

import multiprocessing
import random
import signal
import sys
import time

import pytest
from sqlalchemy import func, select
from victim import TOGETHER, digest, live, lodge_many

from databases import quiet
from landsea.node import tables
from landsea.transparency import audit
from lodged import declaration, lodgement


@pytest.fixture(scope="module")
def processes():
    return multiprocessing.get_context("spawn")  # a fork would inherit the locks of Polars' threads, not the threads


def told(pipe, seconds):
    """What the victim told within so many seconds; it may fall silent at any byte."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            if pipe.poll(left):
                yield pipe.recv()
        except (EOFError, OSError):
            return


def until(pipe, what):
    """What the victim told up to this; it has a minute for it."""
    for said in told(pipe, 60):
        yield said
        if said[0] == what:
            return


def killed_once(processes, settings, known, recent, chance):
    """Runs a victim and kills it; the receipts of `recent` must come again. What is new is added to `known`."""
    ours, theirs = processes.Pipe(duplex=False)
    start = max((int(lrn[1:]) for lrn in known), default=-1) + 1
    victim = processes.Process(target=live, args=(theirs, settings, recent, start), daemon=True)
    victim.start()
    theirs.close()
    waits_for = chance.choices((None, "open", "receipt"), (1, 1, 8))[0]  # None: wherever its start has come to
    told_now = list(until(ours, waits_for)) if waits_for else []
    told_now += told(ours, chance.random() * 0.6)
    victim.kill()
    told_now += told(ours, 0.2)
    victim.join(20)
    ours.close()
    assert victim.exitcode == -signal.SIGKILL, "the victim fell by itself"
    for kind, lrn, receipt in told_now:
        assert kind != "lost", f"{lrn} was acknowledged and is gone"
        if lrn:
            assert known.setdefault(lrn, receipt) == receipt, f"{lrn} has two receipts"
    return [lrn for kind, lrn, _ in told_now if kind == "receipt"]


def audited(node):
    """The size of the log, rebuilt from what the node serves without a lie in it."""
    seen = audit.audit(node.log.published, node.log.key)
    assert seen.lie is None
    return seen.size


def counted(node, column):
    with node.store.reading() as connection:
        return connection.execute(select(func.count(column.distinct()), func.count())).one()


def test_sigkill_at_any_moment_loses_nothing_acknowledged_and_repeats_nothing(processes, settings, edition, request):
    runs, seed = request.config.getoption("--crashes"), random.randrange(2**32)
    print(f"seed {seed}", file=sys.stderr)
    chance, known, recent = random.Random(seed), {}, []
    for _ in range(runs):
        recent = killed_once(processes, settings, known, recent[-TOGETHER:], chance) or recent
    with quiet(settings, edition) as node:
        for lrn, receipt in known.items():
            again = node.lodge(lodgement(declaration(lrn))).result(60)
            assert (again.repeated, digest(again)) == (True, receipt)
        assert audited(node) == counted(node, tables.records.c.id)[1] == counted(node, tables.sealed.c.leaf)[1]
        distinct, declarations = counted(node, tables.declarations.c.lrn)
        assert distinct == declarations >= len(known) > 0
    print(f"{runs} kills, {len(known)} acknowledged, {declarations} declarations", file=sys.stderr)


def test_processes_that_commit_at_once_keep_the_log_without_gaps(processes, settings, edition):
    pipes, crowd = [], []
    for prefix in "AB":
        ours, theirs = processes.Pipe(duplex=False)
        crowd.append(processes.Process(target=lodge_many, args=(theirs, settings, prefix, 25), daemon=True))
        crowd[-1].start()
        theirs.close()
        pipes.append(ours)
    for pipe, process in zip(pipes, crowd, strict=True):
        assert pipe.poll(120)
        assert pipe.recv() == "done"
        process.join(20)
        pipe.close()
    with quiet(settings, edition) as node:
        size = audited(node)
        with node.store.reading() as connection:
            leaves = list(connection.execute(select(tables.records.c.leaf).order_by(tables.records.c.leaf)).scalars())
            times = list(connection.execute(select(tables.records.c.at).order_by(tables.records.c.leaf)).scalars())
        assert leaves == list(range(size))
        assert times == sorted(times)
        assert counted(node, tables.declarations.c.mrn) == (50, 50)
