"""The lie: something shown that is not what the record was written over."""

import base64

import pytest

import honest


def edit_text(shown):
    shown[0]["text"] = shown[0]["text"].replace("1", "2")


def edit_data(shown):
    shown[-1]["text"] = base64.b64decode(shown[-1].pop("commitment")).hex()


def edit_item(shown):
    shown[0]["item"] = 2


def edit_group(shown):
    shown[0]["group"] = "goods@2"


def edit_salt(shown):
    shown[0]["salt"], shown[1]["salt"] = shown[1]["salt"], shown[0]["salt"]


def edit_position(shown):
    shown[0]["position"], shown[1]["position"] = shown[1]["position"], shown[0]["position"]


def show_twice(shown):
    shown.append(dict(shown[0]))


def show_beyond_the_end(shown):
    shown[0]["position"] = 5


@pytest.mark.parametrize(
    "lie",
    [edit_text, edit_data, edit_item, edit_group, edit_salt, edit_position, show_twice, show_beyond_the_end],
    ids=lambda lie: lie.__name__,
)
def test_what_is_shown_is_what_was_committed_to(lie):
    node, receipt = honest.case()
    lie(receipt["records"][0]["shown"])
    assert honest.verdict(honest.document(receipt), str(node.key)) == "blobs"


@pytest.mark.parametrize(
    "change", [lambda hashes: hashes[1:], lambda hashes: [*hashes, hashes[0]]], ids=["one less", "one more"]
)
def test_what_is_withheld_is_counted(change):
    node, receipt = honest.case()
    record = receipt["records"][0]
    record["withheld"] = change(record["withheld"])
    assert honest.verdict(honest.document(receipt), str(node.key)) == "blobs"


def test_a_body_that_was_not_lodged_is_found_out():
    node, receipt = honest.case()
    assert honest.verdict(honest.document(receipt), str(node.key), body=honest.LODGED) is None
    assert honest.verdict(honest.document(receipt), str(node.key), body=honest.LODGED + b" ") == "body"
    receipt["records"] = receipt["records"][1:]
    assert honest.verdict(honest.document(receipt), str(node.key), body=honest.LODGED) == "body"
