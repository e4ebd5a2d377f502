"""An honest log and an honest receipt, for tests that then tell a lie; and both verifiers, which must always agree."""

import hashlib
import importlib.util
import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conftest import ROOT
from landsea.dossier import disclosure, evidence, record
from landsea.dossier.blob import Blob
from landsea.dossier.group import BODY
from landsea.transparency import checkpoint, tile

_spec = importlib.util.spec_from_file_location("landsea_verify", ROOT / "verifier" / "landsea_verify.py")
assert _spec
assert _spec.loader
landsea_verify = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(landsea_verify)

INSTANT = datetime(2026, 3, 1, 8, tzinfo=UTC)
LODGED = b"<Declaration><FunctionalReferenceID>LRN-1</FunctionalReferenceID></Declaration>"


def randomness(count: int, seed: str = "salts") -> bytes:
    """Bytes that are the same in every run."""
    return hashlib.shake_256(seed.encode()).digest(count)


class Node:
    """A node that has a key and a log, and tells the truth."""

    def __init__(self, name: str = "vientiane.example/log", secret: str = ""):
        self.secret = Ed25519PrivateKey.from_private_bytes(randomness(32, secret or name))
        self.key = checkpoint.public_key(name, self.secret.public_key().public_bytes_raw())
        self.edge = tile.Edge()
        self.files: dict[str, bytes] = {}
        self.saved: list[bytes] = []

    def note(self, size: int, root: bytes, origin: str = "") -> bytes:
        """Any checkpoint, signed."""
        return checkpoint.signed(checkpoint.Checkpoint(origin or self.key.name, size, root), self.key, self.secret.sign)

    def append(self, entries: list[bytes]) -> tile.Growth:
        """The log with these entries, published."""
        grown = tile.append(self.edge, entries)
        self.edge = grown.edge
        self.files.update(grown.paths())
        self.files["checkpoint"] = self.note(grown.edge.size, grown.root)
        self.saved.append(self.files["checkpoint"])
        return grown


def noise(count: int, seed: str = "entries") -> list[bytes]:
    """Entries of other records."""
    return [b"\x01" + randomness(32, f"{seed} {at}") for at in range(count)]


def records(reference: str) -> list[record.Unsealed]:
    """A declaration as lodged and the decision on it."""
    goods = [Blob("goods@1", item, f'{{"SequenceNumeric":{item}}}'.encode()) for item in (1, 2, 3)]
    lodged = [*goods, Blob("header@1", 0, '{"TypeCode":"IMA","名":"货物"}'.encode()), Blob(BODY, 0, LODGED)]
    decided = [Blob("answer@1", 0, b'{"outcome":"released"}'), Blob("reasons@1", 0, b"\xff\x00")]
    return [
        record.Unsealed("declaration.lodged", f"D-{reference}", INSTANT, "sha256:0", lodged, [("lrn", reference)]),
        record.Unsealed("decision", f"E-{reference}", INSTANT, "sha256:0", decided, [], [f"D-{reference}"]),
    ]


def receipt(node: Node, reference: str = "LRN-1") -> dict:
    """An honest receipt of a declaration just recorded by the node, as a JSON value."""
    return json.loads(written(node, reference))


def written(node: Node, reference: str = "LRN-1") -> bytes:
    """That receipt as the node writes it."""
    drafts = records(reference)
    sealed = record.seal(drafts, randomness(record.salt_bytes(drafts), reference))
    first = node.edge.size
    grown = node.append([one.entry for one in sealed])
    proved = [
        evidence.Proved(
            one.header,
            one.salt,
            first + at,
            grown.inclusion_proofs()[at],
            disclosure.disclose(one, lambda group, item: item < 2 and group != BODY, lambda group, _: group == BODY),
        )
        for at, one in enumerate(sealed)
    ]
    return evidence.assemble(node.key, node.files["checkpoint"], proved)


def document(value: object) -> bytes:
    """The value as a JSON document."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def case() -> tuple[Node, dict]:
    """A node with some history and an honest receipt of it."""
    node = Node()
    node.append(noise(300))
    return node, receipt(node)


def verdict(content: bytes, vkey: str | None = None, **given: object) -> str | None:
    """The step at which the receipt fails, None if it holds. The node's verifier and the stand-alone one must agree."""
    here = evidence.verify_receipt(content, vkey, **given)
    alone = landsea_verify.verify(content, vkey, **given)
    failed = [step.name for step in here if step.holds is False]
    assert [name for name, holds, _ in alone if holds is False] == failed, (here, alone)
    assert [(step.name, step.holds) for step in here] == [(name, holds) for name, holds, _ in alone]
    return failed[0] if failed else None
