import os
import pickle
import threading

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from landsea.errors import EnvironmentFault
from landsea.node.keys import PURPOSES, open_keys
from landsea.node.settings import Settings
from landsea.node.store import Store


def secrets_in(folder):
    return [f.read_text().split()[2] for f in folder.glob("*.key")]


def test_first_start_creates_one_key_per_purpose_that_only_the_owner_reads(tmp_path):
    before = os.umask(0)
    try:
        open_keys(tmp_path / "keys")
    finally:
        os.umask(before)
    files = sorted((tmp_path / "keys").iterdir())
    assert [f.name for f in files] == sorted(f"{p}-1.key" for p in PURPOSES)
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert len(set(secrets_in(tmp_path / "keys"))) == len(PURPOSES)


def test_the_same_keys_are_there_after_a_restart(tmp_path):
    first, second = open_keys(tmp_path / "keys"), open_keys(tmp_path / "keys")
    assert [first.id(p) for p in PURPOSES] == [second.id(p) for p in PURPOSES]
    assert second.unwrap(first.wrap("data", b"key of a record", b"7"), b"7") == b"key of a record"


def test_two_processes_that_start_at_once_have_the_same_keys(tmp_path):
    held = []
    threads = [threading.Thread(target=lambda: held.append(open_keys(tmp_path / "keys"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len({k.id("log") for k in held}) == 1
    assert len(held) == 8


def test_a_signature_is_of_its_purpose_only(tmp_path):
    keys = open_keys(tmp_path / "keys")
    signature = keys.sign("log", b"tree head")
    Ed25519PublicKey.from_public_bytes(keys.public("log")).verify(signature, b"tree head")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(keys.public("batch")).verify(signature, b"tree head")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    open_keys(tmp_path / "keys")
    (tmp_path / "keys" / "log-1.key").chmod(mode)
    with pytest.raises(EnvironmentFault, match="open to others"):
        open_keys(tmp_path / "keys")


def test_a_folder_that_others_may_enter_is_refused(tmp_path):
    open_keys(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(EnvironmentFault, match="chmod 0700"):
        open_keys(tmp_path / "keys")


@pytest.mark.parametrize("text", ["", "landsea-key/1 data " + "0" * 64, "landsea-key/1 log 00", "landsea-key/1 log zz"])
def test_a_damaged_key_is_named_and_never_replaced(tmp_path, text):
    open_keys(tmp_path / "keys")
    file = tmp_path / "keys" / "log-1.key"
    file.write_text(text)
    with pytest.raises(EnvironmentFault, match=r"log-1\.key"):
        open_keys(tmp_path / "keys")
    assert file.read_text() == text


def test_a_newer_key_is_used_and_the_older_still_opens(tmp_path):
    older = open_keys(tmp_path / "keys")
    wrapped = older.wrap("data", b"k", b"7")
    newer = tmp_path / "keys" / "data-10.key"
    newer.touch(0o600)
    newer.write_text("landsea-key/1 data " + "5" * 64)
    keys = open_keys(tmp_path / "keys")
    assert keys.id("data") != older.id("data")
    assert keys.unwrap(wrapped, b"7") == b"k"
    fresh = keys.wrap("data", b"k", b"7")
    assert older.unwrap(fresh, b"7") == b"k"  # a process that still runs finds the new key
    newer.unlink()
    with pytest.raises(EnvironmentFault, match="not in the key folder"):
        open_keys(tmp_path / "keys").unwrap(fresh, b"7")


def test_what_was_wrapped_for_one_record_does_not_open_as_another(tmp_path):
    keys = open_keys(tmp_path / "keys")
    with pytest.raises(EnvironmentFault, match="was changed"):
        keys.unwrap(keys.wrap("data", b"k", b"7"), b"8")


def test_a_key_is_never_printed(tmp_path):
    keys = open_keys(tmp_path / "keys")
    shown = repr(keys) + str(keys) + "".join(map(repr, keys._held.values()))
    for secret in secrets_in(tmp_path / "keys"):
        assert secret not in shown
        assert repr(bytes.fromhex(secret)) not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keys)


def test_the_salt_of_profiles_stays_with_the_node_and_differs_between_nodes(tmp_path):
    here = open_keys(tmp_path / "here").profile_salt()
    assert here == open_keys(tmp_path / "here").profile_salt()
    assert here != open_keys(tmp_path / "there").profile_salt()


def test_whatever_the_umask_keys_and_database_are_their_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        open_keys(tmp_path / "node" / "keys")
        store = Store(Settings(data=tmp_path / "node"))
        store.close()
    finally:
        os.umask(before)
    assert (tmp_path / "node" / "keys").stat().st_mode & 0o777 == 0o700
    for file in [*(tmp_path / "node" / "keys").iterdir(), *(tmp_path / "node").glob("node.sqlite*")]:
        assert file.stat().st_mode & 0o777 == 0o600, file
