"""The audit of an honest log; the dishonest ones stand in tests/attacks."""

import pytest

import honest
from landsea.errors import InputError
from landsea.transparency.audit import audit


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536, 65_537])
def test_an_honest_log_is_whole_at_any_size(size):
    node = honest.Node()
    node.append(honest.noise(size))
    seen = audit(node.files.get, node.key)
    assert (seen.lie, seen.leaves, seen.size, seen.root) == (None, size, size, node.edge.root)


def test_every_earlier_checkpoint_is_held_against_the_log():
    node = honest.Node()
    for part in (1, 1, 253, 1, 1, 255, 700):
        node.append(honest.noise(part, str(part)))
    assert audit(node.files.get, node.key, reversed(node.saved)).lie is None


def test_an_audit_tells_how_far_it_is():
    node = honest.Node()
    node.append(honest.noise(600))
    told: list[tuple[int, int]] = []
    audit(node.files.get, node.key, progress=lambda done, size: told.append((done, size)))
    assert told == [(256, 600), (512, 600), (600, 600)]


def test_a_saved_checkpoint_that_another_key_signed_is_no_lie_of_the_log():
    node, other = honest.Node(), honest.Node("hanoi.example/log")
    node.append(honest.noise(3))
    other.append(honest.noise(3))
    with pytest.raises(InputError, match="signatures by"):
        audit(node.files.get, node.key, other.saved)


def test_memory_does_not_grow_with_the_log():
    import tracemalloc

    peaks = []
    for size in (5_000, 40_000):
        node = honest.Node()
        node.append(honest.noise(size))
        tracemalloc.start()
        audit(node.files.get, node.key)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
