"""`landsea schedule`: what an operator sees of a national tariff, and what stands in the folder afterwards."""

import re
import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from conftest import ROOT
from landsea.cli.app import app
from landsea.errors import BuildFault, InputError
from landsea.node.law import edition_in
from sheets import csv_text, number, rate_line, workbook

HEADINGS = ["Cấp", "Mã hàng", "NK TT", "", "", "NK ưu đãi", "", "", "ACFTA", "", ""]
LINES = [
    ["4", "08106000", "45", "", "", "25", "12/2026/NĐ-CP", "01/01/2027", "0", "", "01/01/2027"],
    ["4", "09011100", "22.5", "", "", "15", "", "01/01/2027", "*", "", ""],
]


@pytest.fixture
def folder(tmp_path):
    """A copy of the illustrative schedule of Viet Nam."""
    shutil.copytree(ROOT / "schedules/VN", tmp_path / "schedules/VN")
    return tmp_path / "schedules/VN"


@pytest.fixture
def sheet(tmp_path):
    """A small tariff of Viet Nam as a workbook."""
    file = tmp_path / "bieu-thue.xlsx"
    file.write_bytes(workbook([HEADINGS, *LINES]))
    return file


def landsea(*arguments, code=0):
    run = CliRunner().invoke(app, ["schedule", *map(str, arguments)])
    if isinstance(run.exception, InputError | BuildFault):
        raise run.exception
    assert run.exit_code == code, run.output
    return run.output.splitlines()


def test_a_preview_counts_by_regime_and_writes_nothing(sheet):
    said = landsea("preview", sheet, "--layout", "vn")
    assert "       2  A00 general (NK ưu đãi)" in said
    assert "       1  A00 302 (ACFTA)" in said
    assert "       3  measures of 2 codes" in said
    assert any("NK TT: ordinary rates" in line for line in said)
    assert said[-1] == "0 faults"


def test_a_preview_lists_the_first_faults_and_counts_all(tmp_path):
    bad = [["4", f"0810600{n}", "", "", "", "5 or 6", "", "01/01/2027", "", "", ""] for n in range(5)]
    file = tmp_path / "bad.csv"
    file.write_text(csv_text([HEADINGS, *bad]), "utf-8")
    said = landsea("preview", file, "--layout", "vn", "--shown", 2, code=1)
    assert [line for line in said if line.startswith("line")] == [
        "line 2, column F (NK ưu đãi): '5 or 6' is no single rate in percent",
        "line 3, column F (NK ưu đãi): '5 or 6' is no single rate in percent",
    ]
    assert said[-1] == "5 faults, 2 shown"


def test_a_difference_lists_old_and_new_rates(sheet, folder):
    before = (folder / "measures.csv").read_bytes()
    said = landsea("diff", sheet, "--layout", "vn", "--into", folder, "--since", "2027-01-01", "--shown", 500)
    assert "added    08106000 A00 general ERGA OMNES: 25 %" in said
    assert "removed  081060 A00 302 ACFTA: Free" in said
    assert said[-1].startswith("3 added, ")
    assert said[-1].endswith("0 changed on 2027-01-01")
    assert (folder / "measures.csv").read_bytes() == before


def test_an_imported_sheet_is_law_from_its_day_and_the_old_before_it(sheet, folder):
    arguments = ("import", sheet, "--layout", "vn", "--into", folder, "--since", "2027-01-01", "--source", "Ministry")
    with pytest.raises(InputError, match=r"does not name \d+ rates .* --whole"):
        landsea(*arguments)
    assert re.search(r"3 from bieu-thue.xlsx; \d+ rates end on 2027-01-01$", landsea(*arguments, "--whole")[-1])
    edition = edition_in(str(folder.parent))
    measures = edition.table("measures")
    assert measures.filter(pl.col("preference").is_null(), code="08106000")["rate"].to_list() == ["25 %"]
    assert [str(day) for day in measures.filter(code="081060", preference="302")["valid_to"]] == ["2027-01-01"]
    assert measures.filter(tax="A30").height == 1
    assert 'source = "Ministry"' in (folder / "manifest.toml").read_text("utf-8")
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in (ROOT / "schedules/VN").iterdir())


def test_the_sheet_imported_again_differs_in_nothing(sheet, folder):
    arguments = (sheet, "--layout", "vn", "--into", folder, "--since", "2027-01-01")
    landsea("import", *arguments, "--whole")
    assert landsea("diff", *arguments)[-1] == "0 added, 0 removed, 0 changed on 2027-01-01"


def test_a_thai_file_is_imported_into_the_schedule_of_thailand(tmp_path):
    folder = tmp_path / "TH"
    shutil.copytree(ROOT / "schedules/TH", folder)
    file = tmp_path / "REFDRT.txt"
    lines = [
        rate_line("08106000", "000", "40.000", specific="2.500", unit="KGM", law="ม.12"),
        *(rate_line("08106000", privilege) for privilege in ("ACN", "WTO")),
    ]
    file.write_bytes("\n".join(lines).encode("tis-620"))
    landsea("import", file, "--layout", "th", "--into", folder, "--whole")
    law = edition_in(str(tmp_path)).table("measures").filter(code="08106000").sort("preference")
    assert law.select("preference", "rate").rows() == [(None, "40 % MIN 2.5 THB / kg"), ("302", "Free")]


def test_a_sheet_with_faults_changes_nothing(tmp_path, folder):
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    file = tmp_path / "bad.csv"
    file.write_text(csv_text([HEADINGS, *LINES, ["4", "x", "", "", "", "5", "", "", "", "", ""]]), "utf-8")
    with pytest.raises(InputError, match="1 faults, so nothing is taken; the first: line 4, column B"):
        landsea("import", file, "--layout", "vn", "--into", folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_schedule_that_would_not_hold_together_is_not_written(sheet, folder):
    groups = [line for line in (folder / "country_groups.csv").read_text().splitlines() if "ACFTA" not in line]
    (folder / "country_groups.csv").write_text("\n".join(groups) + "\n")
    manifest = (folder / "manifest.toml").read_text("utf-8").replace("rows = 118", f"rows = {len(groups) - 1}")
    (folder / "manifest.toml").write_text(manifest, "utf-8")
    before = (folder / "measures.csv").read_bytes()
    with pytest.raises(BuildFault, match="ACFTA"):
        landsea("import", sheet, "--layout", "vn", "--into", folder, "--whole")
    assert (folder / "measures.csv").read_bytes() == before


def test_what_breaks_between_the_two_files_is_refused_by_the_manifest(sheet, folder, monkeypatch):
    from pathlib import Path

    replace, done = Path.replace, []

    def once(path, target):
        if done:
            raise OSError("the power went")
        done.append(target)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", once)
    run = CliRunner().invoke(
        app, ["schedule", "import", str(sheet), "--layout", "vn", "--into", str(folder), "--whole"]
    )
    assert isinstance(run.exception, OSError)
    with pytest.raises(InputError, match="the manifest says"):
        edition_in(str(folder.parent))
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("preview", "{sheet}", "--layout", "xx"), "there is no layout 'xx'"),
        (("preview", "{sheet}", "--layout", "none.toml"), "none.toml"),
        (("preview", "nothing.csv", "--layout", "vn"), "nothing.csv"),
        (("diff", "{sheet}", "--layout", "vn", "--into", "nowhere"), "no manifest.toml"),
        (("preview", "{sheet}", "--layout", "th"), "is not TIS-620|null byte|no rate"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(arguments, why, sheet):
    with pytest.raises(InputError, match=why):
        landsea(*(argument.format(sheet=sheet) for argument in arguments))


def test_an_operators_own_layout_is_a_file(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'title = "own"\nadministration = "XA"\nshape = "table"\nencoding = "utf-8"\ndigits = 6\ncode = ["HS"]\n'
        '[[regimes]]\nheadings = ["Duty"]\ntax = "A00"\n'
    )
    file = tmp_path / "own.xlsx"
    file.write_bytes(workbook([["HS", "Duty", "Law", "From"], [number("81060"), number("5"), "", "2026-01-01"]]))
    assert "       1  measures of 1 codes" in landsea("preview", file, "--layout", own)


def test_the_sheet_of_one_nation_is_not_written_into_the_law_of_another(sheet, tmp_path):
    shutil.copytree(ROOT / "schedules/LA", tmp_path / "LA")
    with pytest.raises(InputError, match=r"layout vn is of VN, the folder is LA"):
        landsea("import", sheet, "--layout", "vn", "--into", tmp_path / "LA", "--whole")


def test_rows_of_an_illustrative_table_stay_marked_as_such(sheet, folder):
    landsea("import", sheet, "--layout", "vn", "--into", folder, "--since", "2027-01-01", "--whole")
    section = (folder / "manifest.toml").read_text("utf-8").partition("[tables.measures]")[2].partition("[tables.")[0]
    assert "illustrative = true" in section


def test_the_sheet_of_the_guide_is_read_as_the_guide_says(tmp_path):
    guide = (ROOT / "docs/guides/operator.md").read_text("utf-8")
    (tmp_path / "sheet.csv").write_text(guide.partition("```csv\n")[2].partition("```")[0], "utf-8")
    said = landsea("preview", tmp_path / "sheet.csv", "--layout", "vn")
    assert "       3  measures of 2 codes" in said
    assert said[-1] == "0 faults"
