"""What an import changes: the regimes a sheet speaks of, from the day it takes effect, and nothing else."""

import datetime
import tomllib

import polars as pl
import pytest

from conftest import schedule_files
from landsea.codes.edition import edition_of
from landsea.codes.layout import known_layout
from landsea.codes.tariff_change import Source, difference, files_of, merged
from landsea.codes.tariff_sheet import SCHEMA, read_tariff
from landsea.errors import InputError
from landsea.tariff import verify
from landsea.units.validity import in_force

DAY = datetime.date(2027, 1, 1)
HEADINGS = ["Mã hàng", "MFN", "", "", "ACFTA", "", ""]
SOURCE = Source("a sheet", "as its publisher grants", DAY)


def sheet(*lines, since=DAY):
    rows = [(1, HEADINGS), *((n, (*line, *[""] * 7)[:7]) for n, line in enumerate(lines, start=2))]
    return read_tariff(rows, known_layout("vn"), since)


def present(*rows):
    """Measures: code, rate, then what differs from a general import duty in force since 2020."""
    usual = dict.fromkeys(SCHEMA) | {"direction": "import", "origin": "ERGA OMNES", "tax": "A00"}
    usual["valid_from"] = datetime.date(2020, 1, 1)
    made = [usual | {"id": f"P{n}", "code": code, "rate": rate} | more for n, (code, rate, more) in enumerate(rows)]
    return pl.DataFrame(made, schema=SCHEMA)


def on(frame, day):
    return sorted(frame.filter(in_force(pl.lit(day))).select("code", "tax", "rate").iter_rows())


KEPT = present(
    ("081060", "30 %", {}),
    ("081060", "15 %", {"quota_order": "VN0001"}),
    ("720839", "23.1 %", {"tax": "A30", "origin": "CN"}),
    ("081060", "7 %", {"preference": "304", "origin": "ATIGA"}),
)


def test_regimes_of_which_a_sheet_is_silent_stay():
    read = sheet(["08106000", "25"])
    after = merged(KEPT, read.measures, read.regimes, DAY)
    assert on(after, DAY) == [
        ("081060", "A00", "15 %"),
        ("081060", "A00", "7 %"),
        ("08106000", "A00", "25 %"),
        ("720839", "A30", "23.1 %"),
    ]


def test_what_was_law_before_the_day_stays_law_for_those_days():
    read = sheet(["08106000", "25"])
    after = merged(KEPT, read.measures, read.regimes, DAY)
    before = datetime.date(2026, 12, 31)
    assert on(after, before) == on(KEPT, before)


def test_without_a_day_the_sheet_is_all_that_is_known_of_its_regimes():
    read = sheet(["08106000", "25", "", "2021-06-01"])
    after = merged(KEPT, read.measures, read.regimes)
    assert ("081060", "A00", "30 %") not in after.select("code", "tax", "rate").rows()
    assert on(after, datetime.date(2021, 6, 1)) == on(after, DAY)


def test_importing_the_same_sheet_twice_changes_nothing_more():
    read = sheet(["08106000", "25", "", "2021-06-01"], ["081090", "5"])
    once = merged(KEPT, read.measures, read.regimes, DAY)
    twice = merged(once, read.measures, read.regimes, DAY)
    assert twice.drop("id").sort(pl.all()).equals(once.drop("id").sort(pl.all()))
    assert once["id"].n_unique() == once.height


def test_a_second_year_ends_the_first_and_has_ids_of_its_own():
    first, second = sheet(["08106000", "25"]), sheet(["08106000", "20"])
    later = datetime.date(2028, 1, 1)
    after = merged(merged(KEPT, first.measures, first.regimes, DAY), second.measures, second.regimes, later)
    assert [on(after, day)[-2:-1] for day in (DAY, later)] == [
        [("08106000", "A00", "25 %")],
        [("08106000", "A00", "20 %")],
    ]
    assert after["id"].n_unique() == after.height


def test_the_difference_names_added_removed_and_changed_rates():
    was = present(("08106000", "30 %", {}), ("08109000", "10 %", {}), ("09011100", "15 %", {}))
    read = sheet(["08106000", "25", "", "", "0"], ["09011100", "15"])
    rows = difference(was, merged(was, read.measures, read.regimes, DAY), DAY)
    assert rows.select("change", "code", "preference", "was", "is").rows() == [
        ("added", "08106000", "302", None, "Free"),
        ("changed", "08106000", None, "30 %", "25 %"),
        ("removed", "08109000", None, "10 %", None),
    ]


def test_an_imported_schedule_is_an_edition_that_holds_together():
    files = {path: content for path, content in schedule_files().items() if path.startswith("VN/")}
    read = sheet(["08106000", "25", "12/2026/NĐ-CP", "2021-06-01", "0"], ["09011100", "15"])
    was = edition_of(files).table("measures")
    new = files_of(merged(was, read.measures, read.regimes, DAY), files["VN/manifest.toml"], SOURCE)
    edition = edition_of(files | {f"VN/{name}": content for name, content in new.items()})
    verify(edition)
    row = edition.table("measures").filter(pl.col("preference").is_null(), code="08106000").row(0, named=True)
    assert (row["rate"], row["reference"], row["source_line"]) == ("25 %", "12/2026/NĐ-CP", 2)
    stated = tomllib.loads(new["manifest.toml"].decode())["tables"]
    assert stated["measures"]["rows"] == edition.table("measures").height
    assert stated["measures"]["source"] == "a sheet"
    assert stated["taxes"] == tomllib.loads(files["VN/manifest.toml"].decode())["tables"]["taxes"]


def test_a_manifest_without_a_section_on_measures_gets_one():
    manifest = b'[tables.taxes]\nsource = "s"\nlicence = "l"\ndate = 2026-01-01\nrows = 0\ncolumns = {}\n'
    stated = tomllib.loads(files_of(sheet(["081060", "5"]).measures, manifest, SOURCE)["manifest.toml"].decode())
    assert list(stated["tables"]) == ["taxes", "measures"]


def test_a_source_with_quotes_and_line_ends_is_one_text():
    source = Source('a "quoted"\n\\source', "l", DAY)
    stated = tomllib.loads(files_of(sheet(["081060", "5"]).measures, b"", source)["manifest.toml"].decode())
    assert stated["tables"]["measures"]["source"] == 'a "quoted" \\source'


@pytest.mark.parametrize("manifest", [b"not toml", b"[tables]\nmeasures = { rows = 1 }\n"])
def test_a_manifest_that_cannot_be_rewritten_is_refused(manifest):
    with pytest.raises(InputError, match=r"manifest\.toml"):
        files_of(sheet(["081060", "5"]).measures, manifest, SOURCE)
