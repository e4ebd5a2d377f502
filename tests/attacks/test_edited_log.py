"""The lie: an entry changed, or a tile that its entries do not bear out, behind a checkpoint that is genuine."""

import pytest

import honest
from landsea.transparency.audit import audit


def log():
    node = honest.Node()
    node.append(honest.noise(600))
    return node


def changed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("path", "number"), [("tile/entries/000", 0), ("tile/entries/001", 300), ("tile/entries/002.p/88", 599)]
)
def test_an_edited_entry_is_named_by_its_number(path, number):
    node = log()
    node.files[path] = changed(node.files[path], number % 256 * 35 + 20)
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("entry", path)
    assert f"entry {number} " in found.sentence


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_tile_its_entries_do_not_bear_out_is_named(path):
    node = log()
    node.files[path] = changed(node.files[path], 40)
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("tile", path)


def test_an_entry_and_its_tile_edited_together_do_not_lead_to_the_root():
    node = log()
    other = honest.Node()
    other.append([*honest.noise(599), honest.noise(1, "another")[0]])
    other.files["checkpoint"] = node.files["checkpoint"]
    found = audit(other.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("root", "checkpoint")


def test_a_bundle_with_an_entry_too_many_is_named():
    node = log()
    node.files["tile/entries/000"] += node.files["tile/entries/001"][:35]
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("truncated", "tile/entries/000")
