"""Disclosure: any choice of blobs is proved against the header, and nothing else is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import honest
from landsea.dossier import record
from landsea.dossier.blob import Blob
from landsea.dossier.disclosure import disclose, verify
from landsea.errors import InputError


def sealed(count: int) -> record.Sealed:
    blobs = [Blob(f"group-{at % 7}@1", at // 7, honest.randomness(at, str(at))) for at in range(count)]
    draft = record.Unsealed("declaration.lodged", "D-1", honest.INSTANT, "sha256:0", blobs)
    return record.seal([draft], honest.randomness(record.salt_bytes([draft])))[0]


@given(st.integers(0, 70), st.data())
def test_any_choice_of_blobs_is_proved_and_shows_nothing_more(count, data):
    one = sealed(count)
    places = [(blob.group, blob.item) for blob in one.blobs]
    shown = data.draw(st.sets(st.sampled_from(places))) if places else set()
    closed = data.draw(st.sets(st.sampled_from(places))) - shown if places else set()
    given_out = disclose(one, lambda *place: place in shown, lambda *place: place in closed)
    assert verify(one.header, given_out) == [blob for blob in one.blobs if (blob.group, blob.item) in shown]
    assert {(s.group, s.item) for s in given_out.shown} == shown | closed
    assert all(s.data is None for s in given_out.shown if (s.group, s.item) in closed)
    for at in range(len(given_out.withheld)):
        others = (*given_out.withheld[:at], bytes(32), *given_out.withheld[at + 1 :])
        with pytest.raises(InputError):
            verify(one.header, replace(given_out, withheld=others))


def test_withholding_costs_a_hash_for_each_gap_not_for_each_blob():
    assert len(disclose(sealed(1024), lambda *_: False).withheld) == 1
    assert len(disclose(sealed(1024), lambda group, item: (group, item) == ("group-0@1", 0)).withheld) == 10


def test_a_disclosure_of_one_record_proves_nothing_of_another():
    one, other = sealed(5), sealed(6)
    with pytest.raises(InputError):
        verify(other.header, disclose(one, lambda *_: True))


def test_a_closed_blob_is_the_one_whose_data_another_has():
    one = sealed(3)
    given_out = disclose(one, lambda *_: False, lambda *_: True)
    assert verify(one.header, given_out) == []
    opened = tuple(replace(s, data=blob.data) for s, blob in zip(given_out.shown, one.blobs, strict=True))
    assert verify(one.header, replace(given_out, shown=opened)) == list(one.blobs)
    with pytest.raises(InputError, match="not what was committed to"):
        verify(one.header, replace(given_out, shown=(replace(opened[0], data=b"else"), *opened[1:])))
