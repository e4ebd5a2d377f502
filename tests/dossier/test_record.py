"""Records sealed: headers and entries held to fixed vectors."""

import json
import pathlib
from datetime import datetime, timedelta, timezone

import pytest

import honest
from landsea.dossier import record
from landsea.errors import InputError

CASES = (pathlib.Path(__file__).parents[1] / "cases" / "entries.txt").read_text("utf-8").strip().split("\n\n\n")


def sealed() -> list[record.Sealed]:
    drafts = honest.records("LRN-1")
    return record.seal(drafts, honest.randomness(record.salt_bytes(drafts), "LRN-1"))


@pytest.mark.parametrize("at", [0, 1])
def test_a_header_and_its_entry_are_these_bytes_for_ever(at):
    salt, _, expected = CASES[at].partition("\n\n")
    header, entry = expected.split("\n")
    one = sealed()[at]
    assert (one.salt.hex(), one.header.decode(), one.entry.hex()) == (salt, header, entry)


def test_a_header_says_what_the_record_is():
    declared, decided = (record.read_header(one.header) for one in sealed())
    assert (declared.kind, declared.id, declared.aliases) == ("declaration.lodged", "D-LRN-1", [("lrn", "LRN-1")])
    assert declared.instant == "2026-03-01T08:00:00.000000Z"
    assert decided.causes == ["D-LRN-1"]
    assert [declared.blobs, decided.blobs] == [5, 2]


def test_records_sealed_together_are_as_if_sealed_alone():
    drafts = honest.records("LRN-1")
    salts = honest.randomness(record.salt_bytes(drafts), "LRN-1")
    cut = record.salt_bytes(drafts[:1])
    assert sealed() == record.seal(drafts[:1], salts[:cut]) + record.seal(drafts[1:], salts[cut:])


def test_a_record_without_blobs_has_the_root_of_nothing():
    draft = record.Unsealed("arrived", "A-1", honest.INSTANT, "sha256:0", [])
    header = record.read_header(record.seal([draft], bytes(32))[0].header)
    assert (header.blobs, header.groups[:8]) == (0, "e3b0c442")


def test_salts_are_counted():
    drafts = honest.records("LRN-1")
    assert record.salt_bytes(drafts) == 32 * (1 + 5 + 1 + 2)
    with pytest.raises(ValueError, match="bytes of salt"):
        record.seal(drafts, bytes(32))


def test_an_instant_is_written_in_utc():
    east = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=7)))
    assert record.instant_text(east) == "2026-03-01T01:00:00.000000Z"
    with pytest.raises(ValueError, match="time zone"):
        record.instant_text(east.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "landsea/record/2"),
        ("kind", 1),
        ("id", "x" * 70_000),
        ("aliases", [["lrn"]]),
        ("causes", "D-1"),
        ("blobs", -1),
        ("blobs", 2**32),
        ("blobs", True),
        ("groups", "AA" * 32),
        ("groups", "aa"),
        ("more", 1),
    ],
)
def test_what_is_no_header_of_version_1_is_refused_by_both_verifiers(name, value):
    header = {**json.loads(sealed()[0].header), name: value}
    with pytest.raises(InputError):
        record.read_header(honest.document(header))
    _, receipt = honest.case()
    receipt["records"][0]["header"] = honest.document(header).decode()
    assert honest.verdict(honest.document(receipt)) == "headers"
