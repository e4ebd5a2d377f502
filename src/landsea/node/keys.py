"""Keys: one per purpose, created on first start, kept in files that only their owner may read.

log (Ed25519) signs checkpoints, batch (Ed25519) signs what goes to peers, seal (X25519) opens what peers sealed for
us, data (AES-256) wraps the keys of records, seed (AES-256) seals the day seeds of random selection, profiles salts the
commitment to risk profiles. Everything that uses a key passes the door here, so that a hardware module can stand behind
it. A key is never printed and never logged. A file holds one line, `landsea-key/1 <purpose> <64 hex digits>`; its
number in the name grows with rotation, and the highest is the one in use.
"""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from landsea.errors import EnvironmentFault

Purpose = Literal["log", "batch", "seal", "data", "seed", "profiles"]
PURPOSES: tuple[Purpose, ...] = ("log", "batch", "seal", "data", "seed", "profiles")
_SIGNING: tuple[Purpose, ...] = ("log", "batch")


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One secret with its purpose; its `id` names it without telling it."""

    purpose: Purpose
    secret: bytes
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        named = hashlib.sha256(b"landsea/key/1" + self.purpose.encode() + self.public)
        object.__setattr__(self, "id", named.digest()[:4])

    @property
    def public(self) -> bytes:
        """The public key; for a symmetric key a digest that tells nothing of it."""
        if self.purpose in _SIGNING:
            return Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        if self.purpose == "seal":
            return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        return hashlib.sha256(b"landsea/key-digest/1" + self.secret).digest()

    def __repr__(self) -> str:
        return f"Key({self.purpose}, {self.id.hex()})"


class Keys:
    """The node's keys. Only this object ever holds a secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.refresh()

    def refresh(self) -> None:
        """The keys are those in the folder now: another process may have rotated one."""
        held = {purpose: _keys_in(self._folder, purpose) for purpose in PURPOSES}
        signers = (key for purpose in _SIGNING for key in held[purpose])
        self._signers = {key.public: Ed25519PrivateKey.from_private_bytes(key.secret) for key in signers}
        self._ciphers = {key.id: AESGCM(key.secret) for key in (*held["data"], *held["seed"])}
        self._held = held

    def add(self, purpose: Purpose) -> bytes:
        """A new key of this purpose is in the folder, the newest; what older ones sealed or signed they still open and
        prove. Its id."""
        number = 1 + max(_number(file) for file in self._folder.glob(f"{purpose}-*.key"))
        _create(self._folder / f"{purpose}-{number}.key", purpose)
        self.refresh()
        return self.id(purpose)

    def __repr__(self) -> str:
        return "Keys(" + ", ".join(f"{p} {self.id(p).hex()}" for p in PURPOSES) + ")"

    def id(self, purpose: Purpose) -> bytes:
        """The four-byte id of the key in use for this purpose."""
        return self._held[purpose][-1].id

    def public(self, purpose: Purpose) -> bytes:
        """The public key in use for a purpose that has one."""
        return self._held[purpose][-1].public

    def publics(self, purpose: Purpose) -> list[bytes]:
        """The public keys held for a purpose that has some, the newest last."""
        return [key.public for key in self._held[purpose]]

    def sign(self, purpose: Literal["log", "batch"], message: bytes, by: bytes = b"") -> bytes:
        """The Ed25519 signature of these exact bytes under the key of this purpose, or that of the public key `by`."""
        return self._signers[by or self.public(purpose)].sign(message)

    def wrap(self, purpose: Literal["data", "seed"], secret: bytes, context: bytes) -> bytes:
        """The secret encrypted under the key in use: key id, nonce, AES-256-GCM box bound to `context`."""
        number = os.urandom(12)
        key_id = self.id(purpose)
        return key_id + number + self._ciphers[key_id].encrypt(number, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret again. Raises EnvironmentFault where the key is not held or the box does not belong here."""
        if wrapped[:4] not in self._ciphers:
            self.refresh()
        cipher = self._ciphers.get(wrapped[:4])
        if cipher is None:
            raise EnvironmentFault(f"key {wrapped[:4].hex()} is not in the key folder; restore it from the backup")
        try:
            return cipher.decrypt(wrapped[4:16], wrapped[16:], context)
        except InvalidTag:
            raise EnvironmentFault(f"what key {wrapped[:4].hex()} wrapped was changed; restore the database") from None

    def profile_salt(self) -> bytes:
        """What keeps the risk profiles from being guessed from the edition's commitment to them; opened to auditors."""
        return hashlib.sha256(b"landsea/profile-salt/1" + self._held["profiles"][-1].secret).digest()


def open_keys(folder: Path) -> Keys:
    """The keys in `folder`, any missing one created (folder 0700, files 0600, written through to the disk).

    Raises EnvironmentFault where folder or file is open to others, or a file holds no key.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # whatever the umask
    except OSError as error:
        raise EnvironmentFault(f"{folder} cannot be made: {error.strerror}; name another folder with --data") from error
    _refuse_open(folder)
    return Keys(folder)


def _keys_in(folder: Path, purpose: Purpose) -> list[Key]:
    files = sorted(folder.glob(f"{purpose}-*.key"), key=_number)
    return [_read(file, purpose) for file in files or [_create(folder / f"{purpose}-1.key", purpose)]]


def _number(file: Path) -> int:
    return int(file.stem.rpartition("-")[2])


def _create(file: Path, purpose: Purpose) -> Path:
    """A new key, complete under its name or not there at all: a torn key file would lose everything it wrapped."""
    draft = file.with_suffix(f".{os.urandom(4).hex()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(f"landsea-key/1 {purpose} {os.urandom(32).hex()}\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)  # fails where another process was first; then that key is the one
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return file


def _read(file: Path, purpose: Purpose) -> Key:
    _refuse_open(file)
    words = file.read_text("ascii", errors="replace").split()
    if words[:2] != ["landsea-key/1", purpose] or len(words) != 3:
        raise EnvironmentFault(f"{file} holds no key for {purpose}; restore it from the backup")
    try:
        secret = bytes.fromhex(words[2])
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise EnvironmentFault(f"{file} holds no 32-byte key; restore it from the backup")
    return Key(purpose, secret)


def _refuse_open(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = "0700" if path.is_dir() else "0600"
        raise EnvironmentFault(
            f"{path} is open to others (mode {mode:04o}); run chmod {wanted} on it and rotate its keys"
        )
