"""Merkle trees, roots and proofs, held to RFC 6962's own picture and to published vectors."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SHARED, needs_shared
from landsea.transparency import merkle

VECTORS = SHARED / "vectors" / "merkle" / "testdata"


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(at.to_bytes(4)) for at in range(size)]


def named(size: int) -> tuple[dict[str, bytes], merkle.Node]:
    """The nodes of the tree of seven leaves as RFC 6962 §2.1.3 names them, and any node by level and index."""
    levels = merkle.levels_of(leaves(size))
    a, b, c, d, e, f, j = levels[0]
    g, h, i = (merkle.node_hash(*pair) for pair in ((a, b), (c, d), (e, f)))
    names = {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "g": g, "h": h, "i": i, "j": j}
    names["k"], names["l"] = merkle.node_hash(g, h), merkle.node_hash(i, j)
    return names, lambda level, index: levels[level][index]


@pytest.mark.parametrize(("index", "proof"), [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")])
def test_an_inclusion_proof_is_the_one_the_standard_draws(index, proof):
    names, node = named(7)
    assert merkle.inclusion_proof(index, 7, node) == [names[n] for n in proof]


@pytest.mark.parametrize(("old", "proof"), [(3, "cdgl"), (4, "l"), (6, "ijk")])
def test_a_consistency_proof_is_the_one_the_standard_draws(old, proof):
    names, node = named(7)
    assert merkle.consistency_proof(old, 7, node) == [names[n] for n in proof]


def test_a_tree_without_leaves_has_the_hash_of_nothing():
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.integers(1, 600), st.data())
def test_every_leaf_is_proved_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    levels = merkle.levels_of(hashes)
    proof = merkle.inclusion_proof(index, size, lambda level, at: levels[level][at])
    root = merkle.root_of(hashes)
    assert merkle.verify_inclusion(hashes[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index)) if size > 1 else size
    assert not merkle.verify_inclusion(hashes[index], other, size, proof, root)


@given(st.integers(1, 600), st.data())
def test_every_beginning_is_proved_and_no_other(new, data):
    old = data.draw(st.integers(1, new))
    levels = merkle.levels_of(leaves(new))
    proof = merkle.consistency_proof(old, new, lambda level, at: levels[level][at])
    old_root, new_root = merkle.root_of(leaves(old)), levels[-1][0]
    assert merkle.verify_consistency(old, old_root, new, new_root, proof)
    assert not merkle.verify_consistency(old, merkle.node_hash(old_root, old_root), new, new_root, proof)
    for at in range(len(proof)):
        edited = [*proof[:at], merkle.leaf_hash(proof[at]), *proof[at + 1 :]]
        assert not merkle.verify_consistency(old, old_root, new, new_root, edited)


def test_nothing_is_proved_from_a_log_without_entries():
    root = merkle.root_of(leaves(3))
    assert not merkle.verify_consistency(0, merkle.EMPTY_ROOT, 3, root, [])
    assert not merkle.verify_inclusion(leaves(1)[0], 0, 0, [], merkle.EMPTY_ROOT)
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof(0, 3, lambda _level, _index: b"")
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion_proof(3, 3, lambda _level, _index: b"")


def vectors(kind: str):
    for path in sorted((VECTORS / kind).rglob("*.json")):
        yield path.relative_to(VECTORS), json.loads(path.read_text())


def plain(value: str) -> bytes:
    return base64.b64decode(value)


@needs_shared
def test_the_published_inclusion_vectors_are_judged_as_they_say():
    judged = {
        str(path): merkle.verify_inclusion(
            plain(v["leafHash"]), v["leafIdx"], v["treeSize"], [plain(p) for p in v["proof"] or []], plain(v["root"])
        )
        for path, v in vectors("inclusion")
    }
    assert len(judged) > 90
    assert judged == {str(path): not v["wantErr"] for path, v in vectors("inclusion")}


@needs_shared
def test_the_published_consistency_vectors_are_judged_as_they_say():
    judged = {
        str(path): merkle.verify_consistency(
            v["size1"], plain(v["root1"]), v["size2"], plain(v["root2"]), [plain(p) for p in v["proof"] or []]
        )
        for path, v in vectors("consistency")
    }
    assert len(judged) > 90
    assert judged == {str(path): not v["wantErr"] for path, v in vectors("consistency")}
