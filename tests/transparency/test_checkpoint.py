"""Checkpoints as signed notes, and the keys that may sign them."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import honest
from conftest import SHARED, needs_shared
from landsea.errors import InputError
from landsea.transparency import checkpoint

VECTORS = SHARED / "vectors"


def test_a_checkpoint_is_read_as_it_was_signed():
    node = honest.Node()
    made = checkpoint.Checkpoint(node.key.name, 302, bytes(range(32)), ("opaque extension",))
    note = checkpoint.signed(made, node.key, node.secret.sign)
    read = checkpoint.opened(note, node.key)
    assert (read.origin, read.size, read.root, read.extensions) == (made.origin, 302, made.root, made.extensions)
    assert read.note == note
    assert note.decode().startswith("vientiane.example/log\n302\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nopaque")


def test_a_witness_may_sign_below_and_its_line_is_kept():
    node, witness = honest.Node(), honest.Node("witness.example")
    note = node.note(1, bytes(32))
    line = checkpoint.signed(checkpoint.read(note), witness.key, witness.secret.sign).rpartition(b"\n\n")[2]
    both = checkpoint.opened(note + line, node.key)
    assert [one.name for one in both.signatures] == [node.key.name, "witness.example"]
    assert both.signatures[1].key_id == witness.key.id
    assert checkpoint.opened(note + line, witness.key).root == bytes(32)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        b"log\n1\n",
        b"log\n1\nAAAA\n\n",
        "log\n1\nAAAA\n\n— log AAAA\n".encode(),
        "log\n1\n\n— log AAAAAAAA\n".encode(),
        b"log\n1\nAAAA\n\n- log AAAAAAAA\n",
        "log\n1\nAAAA\n\n— log AAAAAAAA".encode(),
        "log\n1\nAAAA\n\n— lo+g AAAAAAAA\n".encode(),
        "log\r\n1\r\nAAAA\r\n\n— log AAAAAAAA\n".encode(),
        b"log\n1\nAAAA\n\n\xff",
    ],
)
def test_what_is_no_checkpoint_is_refused(note):
    with pytest.raises(InputError):
        checkpoint.read(note)


def test_a_note_beyond_all_measure_is_refused():
    node = honest.Node()
    text, _, line = node.note(1, bytes(32)).rpartition(b"\n\n")
    assert checkpoint.read(text + b"\n\n" + line * 100)
    with pytest.raises(InputError, match="too many"):
        checkpoint.read(text + b"\n\n" + line * 101)
    with pytest.raises(InputError, match="more than"):
        checkpoint.read(text + b"\n\n" + line * 10_000)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(InputError):
        assert checkpoint.read(content).note == content


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x00b"])
def test_a_key_has_a_name_that_fits_a_note(name):
    with pytest.raises(InputError, match="cannot name"):
        checkpoint.public_key(name, honest.Node().key.public)


def test_a_vkey_writes_a_key():
    key = honest.Node().key
    assert checkpoint.parse_vkey(str(key)) == key
    assert checkpoint.parse_vkey(f"{key}\n") == key
    name, key_id, data = str(key).split("+", 2)
    for other in (
        "",
        "x",
        f"{name}+{key_id}",
        f"{name}+{'0' * 8}+{data}",
        f"{name}+{key_id}+{data}=",
        f"{name}++{data}",
    ):
        with pytest.raises(InputError):
            checkpoint.parse_vkey(other)


def refused(public: bytes) -> bool:
    try:
        checkpoint.refuse_weak_key(public)
    except InputError:
        return True
    return False


@needs_shared
def test_of_the_published_edge_cases_every_key_of_low_order_or_in_another_writing_is_refused():
    cases = json.loads((VECTORS / "cctv-ed25519/ed25519/ed25519vectors.json").read_text())
    weak = {"low_order_A", "non_canonical_A"}
    assert len(cases) > 900
    assert {c["key"]: refused(bytes.fromhex(c["key"])) for c in cases} == {
        c["key"]: bool(weak & set(c["flags"] or [])) for c in cases
    }


@needs_shared
def test_the_published_signatures_are_judged_as_they_say_by_both_verifiers():
    groups = json.loads((VECTORS / "wycheproof/testvectors_v1/ed25519_test.json").read_text())["testGroups"]
    tests = [(g["publicKey"]["pk"], t) for g in groups for t in g["tests"]]
    assert len(tests) > 140
    for public, test in tests:
        key, signature, message = (bytes.fromhex(text) for text in (public, test["sig"], test["msg"]))
        expected = test["result"] == "valid"
        assert checkpoint.verified(key, signature, message) is expected, test["tcId"]
        assert honest.landsea_verify.fits_alone(key, signature, message) is expected, test["tcId"]
