"""Commitments, held to fixed vectors: the exact bytes of docs/protocol/record.md."""

import json
import pathlib

import pytest

import honest
from landsea.dossier.blob import Blob
from landsea.dossier.commitment import commitment, commitments, ordered, tree
from landsea.transparency import merkle

CASES = (pathlib.Path(__file__).parents[1] / "cases" / "commitments.txt").read_text("utf-8").strip().split("\n\n\n")


@pytest.mark.parametrize("case", CASES, ids=[str(at) for at in range(len(CASES))])
def test_a_commitment_is_these_bytes_for_ever(case):
    situation, _, expected = case.partition("\n\n")
    of = json.loads(situation)
    salt, data = bytes.fromhex(of["salt"]), bytes.fromhex(of["data"])
    assert commitment(of["record"], Blob(of["group"], of["item"], data), salt).hex() == expected
    alone = honest.landsea_verify.commitment({"id": of["record"]}, {**of, "salt": salt}, data)
    assert alone.hex() == expected


def test_no_two_blobs_have_one_commitment_by_the_way_their_parts_join():
    salt = bytes(32)
    made = [
        commitment("R", Blob("goods@1", 1, b"x"), salt),
        commitment("Rg", Blob("oods@1", 1, b"x"), salt),
        commitment("R", Blob("goods@", 1, b"1x"), salt),
        commitment("R", Blob("goods@1", 0, b"x"), salt),
        commitment("R", Blob("goods@1", 1, b"x\x00"), salt),
    ]
    assert len(set(made)) == len(made)


def test_blobs_are_ordered_by_group_then_item():
    blobs = [Blob("b@1", 0, b""), Blob("a@1", 10, b""), Blob("a@1", 2, b""), Blob("a@10", 0, b"")]
    assert [(b.group, b.item) for b in ordered(blobs)] == [("a@1", 2), ("a@1", 10), ("a@10", 0), ("b@1", 0)]
    with pytest.raises(ValueError, match="same group and item"):
        ordered([*blobs, Blob("b@1", 0, b"other")])


def test_the_group_root_is_the_rfc_6962_root_over_the_commitments():
    blobs = [Blob("a@1", item, b"") for item in range(3)]
    one, two, three = (merkle.leaf_hash(c) for c in commitments("R", blobs, bytes(96)))
    root = merkle.node_hash(merkle.node_hash(one, two), three)
    assert tree("R", blobs, bytes(96)).root == root
    with pytest.raises(ValueError, match="bytes of salt"):
        commitments("R", blobs, bytes(95))
