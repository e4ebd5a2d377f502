"""A body is judged by its bytes."""

import pytest

from landsea.wire.limits import DEFAULT
from landsea.wire.sniff import has_doctype, sniff


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b" \n<a/>", "xml"),
        (b'\t{"a":1}', "json"),
        (b"[1]", "json"),
        (b"PK\x03\x04", "zip"),
        (b"UNB+", "other"),
        ("<a/>".encode("utf-16"), "xml"),
        ('{"a":1}'.encode("utf-32-be"), "json"),
    ],
)
def test_a_format_shows_in_the_first_bytes(body, form):
    assert sniff(body, DEFAULT).format == form


@pytest.mark.parametrize(
    ("prolog", "there"),
    [
        (b"<!DOCTYPE a>", True),
        (b"<?xml version='1.0'?>\n<!-- <a> --><?p ?>\n <!DOCTYPE a>", True),
        (b"<a><!DOCTYPE a></a>", False),
        (b"<!-- <!DOCTYPE a -->", False),
        (b"<?p <!DOCTYPE a ?><a/>", False),
    ],
)
def test_a_document_type_is_found_only_where_it_would_count(prolog, there):
    assert has_doctype(prolog) is there
