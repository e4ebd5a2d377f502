"""The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1, over SHA-256.

A tree of `size` leaves has levels. Level 0 holds the leaf hashes. Node `j` of level `k` covers the leaves from
`j * 2^k` up to `(j + 1) * 2^k`, or up to `size` if the tree ends before: the last node of a level may be ragged, and
where it has no right sibling it is its own parent. So the sibling of a node is `j ^ 1` wherever that exists, a proof is
the siblings on the way up, and one walk (`siblings`) makes and checks every proof.

A *frontier* is what is left of a tree that only grows: the roots of its maximal full subtrees, one for each bit set in
`size`, largest first. Appending N leaves to S needs it and N + log S hashes, nothing else.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

_sha256 = hashlib.sha256

EMPTY_ROOT: Final = _sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""(level, index) → the hash of that node."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf that holds `entry`."""
    return _sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hashes of leaves that hold these entries."""
    # _sha256 stands here inline, as in `parents`: these two lines are the cost of the whole log
    return [_sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others."""
    return _sha256(b"\x01" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above an even number of nodes that begins at an even index; an odd last one is left out."""
    one = iter(hashes)
    return [_sha256(b"\x01" + a + b).digest() for a, b in zip(one, one, strict=False)]


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels over these leaf hashes, ragged last nodes included; the last level holds the root. Empty for none."""
    if not leaves:
        return []
    levels = [nodes := list(leaves)]
    while len(nodes) > 1:
        above = parents(nodes)
        if len(nodes) % 2:
            above.append(nodes[-1])
        levels.append(nodes := above)
    return levels


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return levels_of(leaves)[-1][0] if leaves else EMPTY_ROOT


def frontier_root(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree whose frontier this is, largest subtree first."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def siblings(index: int, size: int, level: int = 0) -> Iterator[tuple[int, int, bool]]:
    """(level, index, whether it stands on the left) of each sibling on the way from a node to the root."""
    last = (size - 1) >> level
    while last:
        if index & 1:
            yield level, index - 1, True
        elif index < last:
            yield level, index + 1, False
        index, last, level = index >> 1, last >> 1, level + 1


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The siblings that lead from leaf `index` to the root of the tree of `size`; `node` knows ragged nodes too."""
    _demand(0 <= index < size, f"leaf {index} is not in a tree of {size}")
    return [node(level, sibling) for level, sibling, _ in siblings(index, size)]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes that show the tree of `old` leaves to be the beginning of the tree of `new`."""
    _demand(0 < old <= new, f"there is no proof from size {old} to size {new}")
    if old == new:
        return []
    level, index = _last_full(old)
    start = [node(level, index)] if index else []
    return start + [node(k, sibling) for k, sibling, _ in siblings(index, new, level)]


def _last_full(size: int) -> tuple[int, int]:
    """Level and index of the last full subtree in the frontier of `size`: where a consistency proof starts."""
    level = (size & -size).bit_length() - 1
    return level, (size - 1) >> level


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf hash at `index` to the root of the tree of `size`."""
    if not 0 <= index < size or not all(len(h) == 32 for h in (leaf, root, *proof)):
        return False
    steps = list(siblings(index, size))
    if len(steps) != len(proof):
        return False
    for (_, _, on_left), other in zip(steps, proof, strict=True):
        leaf = node_hash(other, leaf) if on_left else node_hash(leaf, other)
    return leaf == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows the old tree to be the beginning of the new one.

    Nothing can be shown from size 0 (any log begins with nothing), so that is false, as in RFC 9162 §2.1.4.2.
    """
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if not all(len(h) == 32 for h in (old_root, new_root, *proof)):
        return False
    level, index = _last_full(old)
    steps = list(siblings(index, new, level))
    hashes = list(proof) if index else [old_root, *proof]
    if len(hashes) != len(steps) + 1:
        return False
    before = after = hashes[0]
    for (_, _, on_left), other in zip(steps, hashes[1:], strict=True):
        if on_left:
            before, after = node_hash(other, before), node_hash(other, after)
        else:
            after = node_hash(after, other)
    return before == old_root and after == new_root


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
