"""The container a record's blobs are kept in."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.dossier.blob import MAGIC, Blob, pack, unpack
from landsea.errors import InputError

blobs = st.lists(st.builds(Blob, st.text(max_size=20), st.integers(0, 2**32 - 1), st.binary(max_size=100)), max_size=6)


@given(blobs, st.randoms())
def test_a_container_gives_back_its_blobs_and_salts(given_blobs, random):
    salts = random.randbytes(32 * len(given_blobs))
    assert unpack(pack(given_blobs, salts)) == (given_blobs, salts)


@given(blobs.filter(bool), st.data())
def test_a_container_cut_short_is_refused(given_blobs, data):
    whole = pack(given_blobs, bytes(32 * len(given_blobs)))
    ends = {len(pack(given_blobs[:n], bytes(32 * n))) for n in range(len(given_blobs) + 1)}
    cut = data.draw(st.integers(0, len(whole) - 1).filter(lambda at: at not in ends))
    with pytest.raises(InputError):
        unpack(whole[:cut])


@given(st.binary(max_size=100))
def test_any_bytes_are_unpacked_whole_or_refused(content):
    with contextlib.suppress(InputError):
        found, salts = unpack(MAGIC + content)
        assert pack(found, salts) == MAGIC + content


def test_each_blob_has_one_salt():
    with pytest.raises(ValueError, match="bytes of salt"):
        pack([Blob("a@1", 0, b"")], bytes(31))
