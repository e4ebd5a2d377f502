"""The lie: one history for this reader, another for that one."""

import pytest

import honest
from landsea.transparency import merkle, proof
from landsea.transparency.audit import audit


def two_histories(common: int, size: int):
    mine, yours = honest.Node(), honest.Node()
    for node, seed in ((mine, "mine"), (yours, "yours")):
        node.append(honest.noise(common))
        node.append(honest.noise(size - common, seed))
    return mine, yours


def test_two_roots_of_one_size_are_a_fork():
    mine, yours = two_histories(300, 400)
    found = audit(mine.files.get, mine.key, yours.saved).lie
    assert found
    assert (found.kind, found.path) == ("fork", "checkpoint")


@pytest.mark.parametrize("size", [301, 400, 512, 513])
def test_history_rewritten_before_the_present_is_a_fork(size):
    mine, yours = two_histories(300, size)
    mine.append(honest.noise(600, "later"))
    found = audit(mine.files.get, mine.key, yours.saved).lie
    assert found
    assert found.kind == "fork"
    assert str(size) in found.sentence


def test_a_fork_has_no_consistency_proof():
    mine, yours = two_histories(300, 400)
    old = yours.edge
    mine.append(honest.noise(100, "later"))
    shown = proof.consistency(mine.files.get, old.size, mine.edge.size)
    assert not merkle.verify_consistency(old.size, old.root, mine.edge.size, mine.edge.root, shown)


def test_one_honest_history_is_no_fork():
    mine, _ = two_histories(300, 400)
    mine.append(honest.noise(600, "later"))
    assert audit(mine.files.get, mine.key, mine.saved).lie is None
