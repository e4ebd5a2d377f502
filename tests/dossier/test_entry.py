"""The log entry of a record."""

import hashlib

import pytest

from landsea.dossier.entry import LENGTH, entry


def test_an_entry_is_33_bytes_that_tell_nothing():
    salt, header = bytes(range(32)), b'{"format":"landsea/record/1"}'
    made = entry(salt, header)
    assert made == b"\x01" + hashlib.sha256(b"landsea/record/1" + salt + header).digest()
    assert len(made) == LENGTH
    assert made != entry(bytes(32), header)


def test_a_salt_has_32_bytes():
    with pytest.raises(ValueError, match="32 bytes"):
        entry(b"short", b"")
