"""The lie: entries, tiles or the end of the log are gone."""

import pytest

import honest
from landsea.transparency.audit import audit


def log():
    node = honest.Node()
    for part in (honest.noise(1), honest.noise(254), honest.noise(45), honest.noise(300)):
        node.append(part)
    return node


def test_a_log_shorter_than_it_was_is_found_out():
    node = log()
    shorter = honest.Node()
    shorter.append(honest.noise(300))
    found = audit(shorter.files.get, node.key, node.saved[-1:]).lie
    assert found
    assert (found.kind, found.path) == ("shrunk", "checkpoint")


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/001", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_missing_file_is_named(path):
    node = log()
    del node.files[path]
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("missing", path)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/001", "tile/0/002.p/88", "tile/1/000.p/2"])
@pytest.mark.parametrize("cut", [-1, -32, -35])
def test_a_file_cut_short_is_named(path, cut):
    node = log()
    node.files[path] = node.files[path][:cut]
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("truncated", path)


def test_a_log_without_a_checkpoint_is_none():
    node = log()
    del node.files["checkpoint"]
    found = audit(node.files.get, node.key)
    assert found.lie
    assert (found.lie.kind, found.leaves) == ("missing", 0)
