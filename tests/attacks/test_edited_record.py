"""The lie: a header that says something else than the one recorded."""

import pytest

import honest


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("declaration.lodged", "declaration.amended"),
        ("2026-03-01T08", "2026-02-01T08"),
        ("LRN-1", "LRN-2"),
        ("sha256:0", "sha256:1"),
        ('"blobs":5', '"blobs":6'),
        ('{"format"', '{ "format"'),
    ],
)
def test_a_header_changed_in_one_place_is_no_longer_in_the_log(was, now):
    node, receipt = honest.case()
    record = receipt["records"][0]
    assert was in record["header"]
    record["header"] = record["header"].replace(was, now)
    receipt["records"] = [record]
    assert honest.verdict(honest.document(receipt), str(node.key)) == "inclusion"


def test_another_salt_makes_another_entry():
    node, receipt = honest.case()
    first, second = receipt["records"]
    first["salt"], second["salt"] = second["salt"], first["salt"]
    assert honest.verdict(honest.document(receipt), str(node.key)) == "inclusion"
