"""Many declarations in one body come apart, byte for byte; anything else stays whole."""

import pytest

from landsea.wire import split
from landsea.wire.limits import Limits


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b'[{"a":1.50},\n {"b":"]"} ]', [b'{"a":1.50}', b'{"b":"]"}']),
        (b'\xef\xbb\xbf[{"a":"\xe4\xb8\xad"}]', ['{"a":"中"}'.encode()]),
        (b"[" + b"9" * 5000 + b",1e999]", [b"9" * 5000, b"1e999"]),
        (b'{"a":1}\n\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}\r']),
        (b'{"a":1}\n{"cut', [b'{"a":1}', b'{"cut']),
        (b'{"a":1}', [b'{"a":1}']),
        (b' {"a":1} ', [b' {"a":1} ']),
    ],
)
def test_arrays_and_lines_come_apart(body, parts):
    assert split(body) == parts


@pytest.mark.parametrize(
    "body", [b"", b"<a/>", b"[]", b"[1,", b"[1 2]", b"[1]2", b'{"a":1} {"b":2}', b"[" * 10**6, b"[\xff]"]
)
def test_what_cannot_be_taken_apart_comes_out_whole(body):
    assert split(body) == [body]


def test_a_body_beyond_the_limits_is_not_even_looked_at():
    assert split(b"[1,2]", Limits(unpacked=4)) == [b"[1,2]"]
