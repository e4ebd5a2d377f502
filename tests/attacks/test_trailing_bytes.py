"""The lie: something that one reader sees and another does not: behind the end, twice, or under a name nobody reads."""

import json

import pytest

import honest
from landsea.errors import InputError
from landsea.transparency import checkpoint


@pytest.mark.parametrize("more", [b"{}", b"\x00", b",", b"\xef\xbb\xbf", b"garbage"])
def test_bytes_behind_the_receipt_are_refused(more):
    _, receipt = honest.case()
    content = honest.document(receipt)
    assert honest.verdict(content + b"\n") is None
    assert honest.verdict(content + more) == "form"


@pytest.mark.parametrize("more", [b"x", b"\n", "— x y\n".encode(), b"\n\n"])
def test_bytes_behind_a_checkpoint_are_refused(more):
    node, receipt = honest.case()
    with pytest.raises(InputError):
        checkpoint.opened(node.files["checkpoint"] + more, node.key)
    receipt["checkpoint"] += more.decode()
    assert honest.verdict(honest.document(receipt)) == "checkpoint"


@pytest.mark.parametrize("more", ["\n", " ", "="])
def test_bytes_behind_a_key_are_refused(more):
    node, receipt = honest.case()
    receipt["vkey"] += more
    assert honest.verdict(honest.document(receipt), str(node.key)) == "key"


@pytest.mark.parametrize("level", ["receipt", "record", "shown"])
def test_a_name_nobody_reads_is_refused(level):
    _, receipt = honest.case()
    record = receipt["records"][0]
    {"receipt": receipt, "record": record, "shown": record["shown"][0]}[level]["answer"] = "released"
    assert honest.verdict(honest.document(receipt)) == "form"


def test_a_name_that_stands_twice_is_refused():
    node, receipt = honest.case()
    content = honest.document(receipt)
    assert honest.verdict(content.replace(b'{"format"', b'{"node":"hanoi.example/log","format"', 1)) == "form"
    header = receipt["records"][0]["header"]
    receipt["records"][0]["header"] = header.replace('"kind"', '"kind":"decision","kind"', 1)
    assert honest.verdict(honest.document(receipt), str(node.key)) == "headers"


WRITINGS = {
    "no padding": lambda text: text.rstrip("="),
    "a newline": lambda text: text + "\n",
    "a space": lambda text: " " + text,
    "bits nobody reads": lambda text: text[:-2] + "B=",
    "the alphabet of addresses": lambda text: "-_" + text[2:],
}


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_base64_has_one_writing(write):
    _, receipt = honest.case()
    record = receipt["records"][0]
    record["salt"] = write(record["salt"])
    assert honest.verdict(honest.document(receipt)) == "form"


@pytest.mark.parametrize("value", [None, [], "x", 1.5, {"records": []}], ids=repr)
def test_another_document_is_no_receipt(value):
    assert honest.verdict(json.dumps(value).encode()) == "form"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[" * 100_000, b'{"a":NaN}', b'{"a":"\\ud800"}', b"1" * 10_000],
    ids=["empty", "not UTF-8", "deep", "NaN", "half a character", "a huge number"],
)
def test_what_is_not_plain_json_is_no_receipt(content):
    assert honest.verdict(content) == "form"
