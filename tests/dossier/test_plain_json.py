"""JSON that two readers cannot take for two things."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import honest
from landsea.dossier import plain_json
from landsea.errors import InputError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


@given(VALUES)
def test_plain_json_is_read_as_it_was_written(value):
    content = json.dumps(value, ensure_ascii=False).encode()
    assert plain_json.read(content) == value == honest.landsea_verify.plain_json(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b"[NaN]",
        b"[-Infinity]",
        b"{}{}",
        b"\xfe",
        b'"\\udfff"',
        b"'a'",
    ],
    ids=repr,
)
def test_what_could_be_read_in_two_ways_is_refused(content):
    with pytest.raises(InputError):
        plain_json.read(content)
    with pytest.raises(honest.landsea_verify.Lie):
        honest.landsea_verify.plain_json(content)
