"""The log entry of a record: 33 bytes that tell nothing to who lacks the salt."""

import hashlib
from typing import Final

TAG: Final = b"landsea/record/1"
LENGTH: Final = 33


def entry(salt: bytes, header: bytes) -> bytes:
    """The entry a record has in its owner's log: 0x01 and SHA-256 over tag, salt (32 bytes) and header."""
    if len(salt) != 32:
        raise ValueError(f"a record's salt has 32 bytes, not {len(salt)}")
    return b"\x01" + hashlib.sha256(TAG + salt + header).digest()
