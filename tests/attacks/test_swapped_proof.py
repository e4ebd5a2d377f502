"""The lie: a proof that belongs to another entry, another size or another order."""

import base64

import pytest

import honest


def swap_proofs(records):
    records[0]["proof"], records[1]["proof"] = records[1]["proof"], records[0]["proof"]


def swap_indexes(records):
    records[0]["index"], records[1]["index"] = records[1]["index"], records[0]["index"]


def reverse(records):
    records[0]["proof"].reverse()


def shorten(records):
    records[0]["proof"].pop()


def lengthen(records):
    records[0]["proof"].append(base64.b64encode(bytes(32)).decode())


def wrap_around(records):
    records[0]["index"] += 512


def negate(records):
    records[0]["index"] = -1


@pytest.mark.parametrize(
    "lie",
    [swap_proofs, swap_indexes, reverse, shorten, lengthen, wrap_around, negate],
    ids=lambda lie: lie.__name__,
)
def test_a_proof_fits_one_entry_at_one_place_only(lie):
    node, receipt = honest.case()
    lie(receipt["records"])
    assert honest.verdict(honest.document(receipt), str(node.key)) == "inclusion"
