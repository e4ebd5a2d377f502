"""The edition: the same bytes are the same law, and nothing enters that a manifest does not account for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.codes.edition import digest_of, edition_of, published
from landsea.errors import InputError

MANIFEST = """
[tables.rates]
source = "decree 1"
licence = "public"
date = 2026-01-01
rows = 2
key = ["code"]
columns = { code = "text", rate = "decimal", valid_from = "date", valid_to = "date", places = "integer", on = "boolean"}
"""
HEADER = "code,rate,valid_from,valid_to,places,on\n"
RATES = HEADER + "A,0.5,2026-01-01,2026-07-01,2,true\nA,0.6,2026-07-01,,2,false\n"
PROFILES = b'[[profile]]\nname = "secret"\n'


def files(rates: str = RATES, manifest: str = MANIFEST, **more: bytes) -> dict[str, bytes]:
    return {"AA/manifest.toml": manifest.encode(), "AA/rates.csv": rates.encode(), **more}


def with_profiles(profiles: bytes = PROFILES) -> dict[str, bytes]:
    return files() | {"AA/risk_profiles.toml": profiles}


def test_a_table_is_read_by_the_types_its_manifest_states():
    table = edition_of(files()).table("rates")
    first = table.row(0, named=True)
    assert (first["code"], first["rate"], first["places"], first["on"], first["issuer"]) == (
        "A",
        500_000,
        2,
        True,
        "AA",
    )
    assert (first["valid_from"], first["valid_to"]) == (date(2026, 1, 1), date(2026, 7, 1))


def test_the_law_of_a_day_is_what_is_in_force_on_it():
    edition = edition_of(files())
    assert edition.in_force("rates", date(2026, 6, 30))["rate"].to_list() == [500_000]
    assert edition.in_force("rates", date(2026, 7, 1))["rate"].to_list() == [600_000]
    assert edition.in_force("rates", date(2025, 12, 31)).is_empty()


def test_a_table_of_several_issuers_is_one_frame():
    both = files() | {"BB/manifest.toml": MANIFEST.encode(), "BB/rates.csv": RATES.encode()}
    assert edition_of(both).table("rates")["issuer"].to_list() == ["AA", "AA", "BB", "BB"]


def test_documents_are_found_by_name_over_all_issuers():
    edition = edition_of(files() | {"AA/administration.toml": b'currency = "LAK"'})
    assert edition.named("administration") == {"AA": {"currency": "LAK"}}


@given(st.data())
def test_any_changed_byte_is_another_edition(data):
    given_files = with_profiles()
    path = data.draw(st.sampled_from(sorted(given_files)))
    at = data.draw(st.integers(0, len(given_files[path]) - 1))
    changed = bytearray(given_files[path])
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        other = edition_of(given_files | {path: bytes(changed)}, b"salt")
    except InputError:
        return
    assert other.digest != edition_of(given_files, b"salt").digest
    assert other != edition_of(given_files, b"salt")


def test_the_order_of_the_files_changes_nothing():
    given_files = with_profiles()
    assert edition_of(dict(reversed(given_files.items()))).digest == edition_of(given_files).digest
    assert hash(edition_of(given_files)) == hash(edition_of(given_files))


def test_who_holds_only_what_is_published_can_check_the_digest():
    edition = edition_of(with_profiles(), b"a salt of 16 byte")
    shown = published(with_profiles())
    assert "AA/risk_profiles.toml" not in shown
    assert digest_of(shown, edition.commitment) == edition.digest
    assert edition.documents["AA/risk_profiles"] == {"profile": [{"name": "secret"}]}


def test_without_the_salt_a_guess_at_the_profiles_is_not_confirmed():
    edition = edition_of(with_profiles(), b"a salt of 16 byte")
    assert edition_of(with_profiles()).commitment != edition.commitment
    assert edition_of(with_profiles(b"")).commitment != edition_of(with_profiles()).commitment
    assert edition_of(files(), b"a salt of 16 byte").commitment == ""


@pytest.mark.parametrize(
    ("given_files", "message"),
    [
        ({"AA/rates.csv": RATES.encode()}, r"AA/manifest.toml is missing"),
        ({"AA/manifest.toml": MANIFEST.encode()}, r"AA/rates.csv is missing; AA/manifest.toml lists it"),
        (files() | {"AA/other.csv": b"a\n1\n"}, r"AA/manifest.toml does not list the table 'other'"),
        (files() | {"AA/readme.md": b""}, r"AA/readme.md: a schedule holds .csv and .toml files only"),
        (files() | {"loose.csv": b""}, r"loose.csv: a schedule holds"),
        (files() | {"AA/broken.toml": b"a ="}, r"AA/broken.toml: "),
        (files() | {"AA/broken.toml": b"\xff"}, r"AA/broken.toml: "),
        (files(manifest=MANIFEST.replace('source = "decree 1"', "")), r"\[tables.rates\] does not say source"),
        (files(manifest=MANIFEST.replace("rows = 2", 'rows = "2"')), r"rows is '2', not a int"),
        (files(manifest=MANIFEST.replace("rows = 2", "rows = 3")), r"rates.csv: 2 rows, the manifest says 3"),
        (files(manifest=MANIFEST.replace('"decimal"', '"float"')), r"column rate is of type 'float'; known are text"),
        (files(manifest=MANIFEST.replace('["code"]', '["cod"]')), r"the key names 'cod', which is no column"),
        (files("code\nA\n"), r"rates.csv: columns are \['code'\], the manifest says"),
        (files(""), r"rates.csv: is not a table"),
        (files(RATES.replace("0.5", "0,5")), r"rates.csv: is not a table"),
        (files(RATES.replace("0.5", "1e5")), r"rates.csv, line 2, column rate: '1e5' is not a plain decimal number"),
        (files(RATES.replace("2026-07-01,,2", "2026-7-1,,2")), r"line 3, column valid_from: '2026-7-1' is not a date"),
        (files(RATES.replace("2026-07-01,,2", "2026-02-30,,2")), r"line 3, column valid_from: '2026-02-30'"),
        (files(RATES.replace(",2,true", ",2.0,true")), r"line 2, column places: '2.0' is not a whole number"),
        (files(RATES.replace(",2,true", ",1_0,true")), r"line 2, column places: '1_0' is not a whole number"),
        (files(RATES.replace(",2,true", "," + "9" * 19 + ",true")), r"column places: '9+' is not a whole number"),
        (files(RATES.replace("true", "yes")), r"line 2, column on: 'yes' is neither true nor false"),
        (files(RATES.replace("2026-07-01,,", "2026-06-30,,")), r"line 3: code A stands already in line 2"),
        (files(RATES.replace("2026-07-01,2,true", ",2,true")), r"line 3: code A stands already in line 2"),
        (files(RATES.replace("2026-07-01,,", "2026-07-01,2026-07-01,")), r"line 3: is in force on no day"),
        (files(RATES.replace("2026-01-01,", ",")), r"line 2: is in force on no day"),
    ],
)
def test_what_a_manifest_does_not_account_for_is_refused_with_its_place(given_files, message):
    with pytest.raises(InputError, match=message):
        edition_of(given_files)


def test_without_validity_a_key_stands_once():
    manifest = MANIFEST.replace(', valid_from = "date", valid_to = "date"', "").replace('"code"]', '"code", "places"]')
    twice = "code,rate,places,on\nA,1,2,true\nA,2,{},true\n"
    assert edition_of(files(twice.format(3), manifest)).table("rates").height == 2
    with pytest.raises(InputError, match="line 3: code A, places 2 stands already in line 2"):
        edition_of(files(twice.format(2), manifest))


def test_issuers_must_agree_on_the_types_of_a_table():
    other = MANIFEST.replace('rate = "decimal"', 'rate = "text"')
    both = files() | {"BB/manifest.toml": other.encode(), "BB/rates.csv": RATES.encode()}
    with pytest.raises(InputError, match="the tables 'rates' of AA, BB give a column different types"):
        edition_of(both)


def test_a_table_nobody_has_is_named_with_those_that_are():
    with pytest.raises(InputError, match="no table 'quotas'; it has rates"):
        edition_of(files()).table("quotas")


def test_the_shipped_schedules_are_an_edition(edition):
    assert {"correlation", "procedures", "country_codes"} <= set(edition.tables)
