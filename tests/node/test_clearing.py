import threading

import pytest

from landsea.errors import EnvironmentFault
from landsea.node.clearing import Busy, Clearing, Stopping, isolated


def doubled_but(bad):
    def clear(lot):
        if bad & set(lot):
            raise ZeroDivisionError
        return [2 * n for n in lot]

    return clear


def fallen(n, fault):
    raise ValueError


def test_one_that_cannot_even_be_held_is_told_why():
    (answer,) = isolated(doubled_but({1}), [fallen], [1])
    assert isinstance(answer, ZeroDivisionError)


@pytest.mark.parametrize("bad", [set(), {0}, {7}, {3, 4}, set(range(8))])
def test_the_offender_alone_is_held(bad):
    answers = isolated(doubled_but(bad), [fallen, lambda n, fault: (n, type(fault))], range(8))
    assert answers == [(n, ZeroDivisionError) if n in bad else 2 * n for n in range(8)]


def test_a_broken_machine_is_nobodys_fault():
    def clear(lot):
        raise EnvironmentFault("the disk is full")

    with pytest.raises(EnvironmentFault):
        isolated(clear, [lambda n, _: n], [1, 2])


def test_whatever_queued_while_the_last_lot_ran_is_the_next_lot():
    lots, go, started = [], threading.Event(), threading.Event()

    def answers(lot):
        started.set()
        go.wait(20)
        lots.append(len(lot))
        return [n + 1 for n in lot]

    clearing = Clearing(answers, waiting=100, lot=6)
    first = clearing.put(0)
    started.wait(20)
    rest = [clearing.put(n) for n in range(1, 11)]
    assert clearing.waiting == 10
    go.set()
    assert [f.result(20) for f in [first, *rest]] == list(range(1, 12))
    clearing.stop()
    assert lots == [1, 6, 4]


def test_a_full_queue_refuses_and_forgets_nobody():
    go, started = threading.Event(), threading.Event()

    def answers(lot):
        started.set()
        go.wait(20)
        return lot

    clearing = Clearing(answers, waiting=2, lot=1)
    taken = [clearing.put(0)]
    started.wait(20)
    taken += [clearing.put(1), clearing.put(2)]
    with pytest.raises(Busy, match="2 lodgements wait"):
        clearing.put(3)
    go.set()
    assert [f.result(20) for f in taken] == [0, 1, 2]
    clearing.stop()


def test_stopping_answers_what_was_taken_and_takes_no_more():
    clearing = Clearing(lambda lot: lot, waiting=100, lot=3)
    taken = [clearing.put(n) for n in range(50)]
    clearing.stop()
    assert [f.result(0) for f in taken] == list(range(50))
    with pytest.raises(Stopping):
        clearing.put(1)
    clearing.stop()


def test_a_fault_is_told_to_each_caller_and_the_thread_goes_on():
    def answers(lot):
        if 0 in lot:
            raise EnvironmentFault("the disk is full")
        return [ValueError("conflict") if n == 1 else n for n in lot]

    clearing = Clearing(answers, waiting=10, lot=1)
    with pytest.raises(EnvironmentFault):
        clearing.put(0).result(20)
    with pytest.raises(ValueError, match="conflict"):
        clearing.put(1).result(20)
    assert clearing.put(2).result(20) == 2
    clearing.stop()


def test_a_caller_that_gave_up_is_not_answered_and_harms_nobody():
    go, started = threading.Event(), threading.Event()

    def answers(lot):
        started.set()
        go.wait(20)
        return lot

    clearing = Clearing(answers, waiting=10, lot=5)
    clearing.put(0)
    started.wait(20)
    gone, stays = clearing.put(1), clearing.put(2)
    assert gone.cancel()
    go.set()
    assert stays.result(20) == 2
    clearing.stop()
