"""The lie: a checkpoint that states another size or root than the one signed, or writes it in another way."""

import pytest

import honest
from landsea.errors import InputError
from landsea.transparency import checkpoint
from landsea.transparency.audit import audit


@pytest.mark.parametrize("size", ["301", "303", "0302", "302 ", "+302", "3e2", "-302", "", "９"])
def test_a_size_edited_under_the_signature_is_refused(size):
    node, receipt = honest.case()
    assert "\n302\n" in receipt["checkpoint"]
    receipt["checkpoint"] = receipt["checkpoint"].replace("\n302\n", f"\n{size}\n")
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


@pytest.mark.parametrize("size", [302, 303, 604, 2**40])
def test_a_size_signed_that_the_entries_do_not_bear_out_is_a_lie_of_the_log(size):
    node, _ = honest.case()
    before = node.saved[0]
    node.files["checkpoint"] = node.note(size, bytes(32))
    found = audit(node.files.get, node.key, [before]).lie
    assert found
    assert found.kind == ("root" if size == 302 else "missing")


def test_a_size_written_in_two_ways_is_signed_in_one_only():
    node, _ = honest.case()
    text = checkpoint.read(node.files["checkpoint"]).text
    for other in (text.replace("302", "0302"), text.replace("=\n", "\n"), text + "\n", text.replace("\n", "\r\n")):
        note = other.encode() + node.files["checkpoint"][len(text) :]
        with pytest.raises(InputError):
            checkpoint.opened(note, node.key)
