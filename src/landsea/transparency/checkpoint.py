"""The checkpoint: what a log says of itself, signed (C2SP signed-note and tlog-checkpoint).

A note is a text that ends with a newline, an empty line, and signature lines: an em dash, the name of the key, and in
base64 four bytes of the key's id followed by the signature. A checkpoint is a note whose text has the log's origin, its
size and its root. A line by a key nobody here knows is kept and means nothing: cosignatures of witnesses stand there.

Ed25519 keys of low order or in a non-canonical form are refused: with such a key one signature fits any message, so a
signature would prove nothing (CCTV Ed25519 vectors).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from landsea.errors import InputError

ED25519: Final = 1
LONGEST_NOTE: Final = 1_000_000
MOST_SIGNATURES: Final = 100

_LINE = re.compile(r"— (\S+) (\S+)\n")
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


@dataclass(frozen=True, slots=True)
class Key:
    """A verification key: the name that stands in notes, and the Ed25519 public key. `str` gives its vkey."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return _vkey(self)


@lru_cache(maxsize=64)
def _vkey(key: Key) -> str:
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([ED25519]) + key.public).decode()}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note: the name and id of the key, and the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size. `signatures` has every line of the note, checked or not; `note` the bytes it was read from."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    note: bytes = b""

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(line + "\n" for line in lines)


def public_key(name: str, public: bytes) -> Key:
    """The key, admitted: the one way in at registration. Raises InputError for a bad name or a weak key."""
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise InputError(f"{name!r} cannot name a key: it must be printable, without spaces and without '+'")
    refuse_weak_key(public)
    return Key(name, public)


def parse_vkey(vkey: str) -> Key:
    """The key a vkey writes, `name+id+base64`. Raises InputError where it is malformed, weak, or its id is wrong."""
    name, _, rest = vkey.strip().partition("+")
    id_text, _, encoded = rest.partition("+")
    data = canonical_base64(encoded, "the vkey")
    if not data or data[0] != ED25519:
        raise InputError(f"the vkey of {name!r} is of a kind this node does not know; it must be Ed25519")
    key = public_key(name, data[1:])
    if id_text != key.id.hex():
        raise InputError(f"the vkey of {name!r} says id {id_text!r}, but its key has id {key.id.hex()}")
    return key


def refuse_weak_key(public: bytes) -> None:
    """Nothing, if this is a canonical point of the curve whose order is not low. Raises InputError otherwise."""
    if len(public) != 32:
        raise InputError(f"an Ed25519 public key has 32 bytes, this one {len(public)}")
    encoded = int.from_bytes(public, "little")
    sign, y = encoded >> 255, encoded & (1 << 255) - 1
    if y >= _P:
        raise InputError("the Ed25519 public key is not canonical: its y is not below the field's prime")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if square and pow(square, (_P - 1) // 2, _P) != 1:
        raise InputError("the Ed25519 public key is not a point of the curve")
    if square == 0 and sign:
        raise InputError("the Ed25519 public key is not canonical: it writes a zero x as negative")
    if _low_order(y, square):
        raise InputError("the Ed25519 public key has low order: its signatures would prove nothing")


def _low_order(y: int, x_square: int) -> bool:
    """Whether three doublings lead to the neutral element; it takes y and the square of x only."""
    for _ in range(3):
        # -x² + y² = 1 + d x² y², so y(2P) = (y² + x²) / (1 - d x² y²) and x² follows from the curve
        y_square = y * y % _P
        y = (y_square + x_square) * pow(1 - _D * x_square * y_square, -1, _P) % _P
        x_square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return y == 1


def signed(checkpoint: Checkpoint, key: Key, sign: Callable[[bytes], bytes]) -> bytes:
    """The checkpoint as a note with one signature by `key`, which `sign` makes over the bytes given to it."""
    text = checkpoint.text.encode()
    line = base64.b64encode(key.id + sign(text)).decode()
    return text + f"\n— {key.name} {line}\n".encode()


def read(note: bytes) -> Checkpoint:
    """What the note says, unchecked. Raises InputError where it is not a checkpoint exactly as C2SP writes it."""
    text, signatures = _parted(note)
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise InputError("the note is not a checkpoint: it needs an origin, a size and a root, and no empty line")
    origin, size, root = lines[:3]
    if not re.fullmatch(r"0|[1-9]\d{0,18}", size, re.ASCII):
        raise InputError(f"the checkpoint's size {size!r} is not a whole number as a log writes it")
    digest = canonical_base64(root, "the checkpoint's root")
    if len(digest) != 32:
        raise InputError(f"the checkpoint's root has {len(digest)} bytes, not 32")
    return Checkpoint(origin, int(size), digest, tuple(lines[3:]), signatures, note)


def opened(note: bytes, key: Key) -> Checkpoint:
    """What the note says, signed by `key` under its name. Raises InputError where it is not."""
    checkpoint = read(note)
    mine = [s for s in checkpoint.signatures if (s.name, s.key_id) == (key.name, key.id)]
    if len(mine) != 1:
        raise InputError(f"the checkpoint of {checkpoint.origin!r} has {len(mine)} signatures by {key.name!r}, not one")
    if not verified(key.public, mine[0].signature, checkpoint.text.encode()):
        raise InputError(f"the signature by {key.name!r} does not fit the checkpoint of {checkpoint.origin!r}")
    return checkpoint


def verified(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 signature fits. The key must have been admitted by `public_key` before."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _parted(note: bytes) -> tuple[str, tuple[Signature, ...]]:
    if len(note) > LONGEST_NOTE:
        raise InputError(f"the note has more than {LONGEST_NOTE} bytes")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"the note is not UTF-8: {error.reason} at byte {error.start}") from error
    if any(c < " " and c != "\n" for c in whole):
        raise InputError("the note has a control character in it")
    text, mark, tail = whole.rpartition("\n\n")
    if not mark:
        raise InputError("the note has no signatures")
    lines = tail.split("\n")
    if lines[-1] or not 2 <= len(lines) <= MOST_SIGNATURES + 1:
        raise InputError("the note's signatures do not end with one newline, or are none, or too many")
    return text + "\n", tuple(_signature(line + "\n") for line in lines[:-1])


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if not match or "+" in match[1]:
        raise InputError(f"{line!r} is no signature line of a note")
    data = canonical_base64(match[2], "a signature line")
    if len(data) < 5:
        raise InputError("a signature line is too short for a key id and a signature")
    return Signature(match[1], data[:4], data[4:])


def canonical_base64(text: str, where: str) -> bytes:
    """The bytes; only the one canonical writing of them is admitted, so that equal bytes mean equal notes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{where} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise InputError(f"{where} is not written in canonical base64")
    return data
