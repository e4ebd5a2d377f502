"""Sheets: rows as they stand, with their lines, from CSV, workbooks and fixed width; hostile ones are refused."""

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.errors import InputError
from landsea.wire.sheet import Bounds, rows
from sheets import DAY, MAIN, SHARE, Cell, archive, csv_text, formula, number, shared, sheet, workbook

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), max_size=12)


def cells(body, **more):
    return [(row.line, *row.cells) for row in rows(body, **more)]


def test_rows_keep_their_lines_when_empty_ones_are_passed_over():
    assert cells(b"a,b\n\n,\n 1 ,2\r\n3,4") == [(1, "a", "b"), (4, "1", "2"), (5, "3", "4")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_text(delimiter):
    assert cells(delimiter.join(["code", "5", ""]).encode()) == [(1, "code", "5", "")]


def test_a_cell_over_two_lines_counts_from_where_it_begins():
    assert cells(b'a,"x\ny"\nb,c\n') == [(1, "a", "x y"), (3, "b", "c")]


def test_lines_of_fixed_width_keep_every_place():
    assert cells("  ก  1\n\n 2".encode("tis-620"), shape="lines", encoding="tis-620") == [(1, "  ก  1"), (3, " 2")]


def test_a_byte_order_mark_is_no_part_of_the_first_heading():
    assert cells("\ufeffcode,rate".encode()) == [(1, "code", "rate")]


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=5))
def test_what_is_written_as_csv_is_read_back(table):
    expected = [tuple(" ".join(c.split()) for c in row) for row in table if any(c.strip() for c in row)]
    assert [row.cells for row in rows(csv_text([["h", "i"], *table]).encode())][1:] == expected


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=5))
def test_what_stands_in_a_workbook_is_read_as_what_stands_in_csv(table):
    def texts(body):
        return [(row.line, tuple(c for c in row.cells if c)) for row in rows(body)]

    assert texts(workbook([["h", "i"], *table])) == texts(csv_text([["h", "i"], *table]).encode())


def test_a_workbook_gives_what_was_seen_in_its_cells():
    strings = ["<t>Sầu riêng</t>", "<r><t>ACF</t></r><r><t>TA</t></r><rPh><t>read so</t></rPh>"]
    row = [shared(0), None, shared(1), number("10121"), number("7.4999999999999997E-2"), number("0.075", SHARE)]
    row += [number("46023", DAY), formula(5), formula(), Cell("<v>#REF!</v>", 't="e"'), Cell("<v>1</v>", 't="b"')]
    assert cells(workbook([[], row], strings)) == [
        (2, "Sầu riêng", "", "ACFTA", "10121", "0.075", "7.5 %", "2026-01-01", "5", "#FORMULA", "#REF!", "TRUE")
    ]


def test_days_are_counted_from_1904_where_the_workbook_says_so():
    book = f'<workbook xmlns="{MAIN}"><workbookPr date1904="1"/><sheets><sheet name="a"/></sheets></workbook>'
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>'
    days = sheet([[number("44561", DAY)]])
    # where no relation says so, the first sheet lies where workbooks usually keep it
    members = {"xl/workbook.xml": book, "xl/styles.xml": styles, "xl/worksheets/sheet1.xml": days}
    assert cells(archive(members)) == [(1, "2026-01-01")]
    assert cells(workbook([[number("44561", DAY)]])) == [(1, "2021-12-31")]


def test_a_sheet_said_to_be_visible_is_shown_and_one_that_is_hidden_is_not():
    def book(*states):
        sheets = "".join(f'<sheet name="{n}" state="{state}"/>' for n, state in enumerate(states))
        return workbook([["a"]], workbook=f'<workbook xmlns="{MAIN}"><sheets>{sheets}</sheets></workbook>')

    for states in (["hidden"], ["veryHidden", "hidden"]):
        with pytest.raises(InputError, match="no sheet of it is shown"):
            list(rows(book(*states)))
    with pytest.raises(InputError, match=r"it has no xl/worksheets/sheet1\.xml"):
        list(rows(book("visible")))


def test_rows_and_cells_without_references_follow_each_other():
    bare = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row/></sheetData></worksheet>'
    )
    assert cells(workbook([], tariff=bare)) == [(1, "1", "2")]


def test_stored_members_are_read_too():
    members = {"xl/workbook.xml": f'<workbook xmlns="{MAIN}"><sheets><sheet/></sheets></workbook>'}
    members["xl/worksheets/sheet1.xml"] = sheet([["a"]])
    assert cells(archive(members, zipfile.ZIP_STORED)) == [(1, "a")]


HOSTILE = {
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old binary kind"),
    "a packed text": (b"\x1f\x8b\x08", "gzip"),
    "a null byte": (b"a,b\n1,\0", "line 2"),
    "bytes of another encoding": ("a\nกข".encode("tis-620"), "line 2"),
    "a quote that never ends": (b'a,b\n"1,2\n', "line 2"),
    "a cell without end": (b'"' + b"x" * 200_000 + b'"', "line 1"),
    "an archive that is no workbook": (archive({"a.txt": "a"}), "no workbook"),
    "an archive cut short": (workbook([["a"]])[:-30], "cut short"),
    "an archive cut in the middle": (b"PK\x03\x04" + workbook([["a"]])[200:], "archive"),
    "no sheet that is shown": (workbook([], workbook=f'<workbook xmlns="{MAIN}"><sheets/></workbook>'), "no sheet"),
    "a sheet that is no XML": (workbook([], tariff="<worksheet><row>"), "tariff.xml"),
    "a sheet that is not there": (
        archive({"xl/workbook.xml": "<workbook><sheets><sheet/></sheets></workbook>"}),
        "sheet1",
    ),
    "styles without numbers": (workbook([], styles="<a><numFmt/></a>"), "styles"),
    "a string that is not there": (workbook([[shared(7)]]), "line 1, column 1"),
    "a number that is none": (workbook([[None, number("five")]]), "line 1, column 2"),
    "a column beyond all": (workbook([], tariff=sheet([["a"]]).replace("A1", "XFD1")), "columns"),
    "a column that is none": (workbook([], tariff=sheet([["a"]]).replace("A1", "a1")), "no column 'a'"),
    "a day beyond the calendar": (workbook([[number("1e300", DAY)]]), "line 1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_is_refused_with_its_place(name):
    body, where = HOSTILE[name]
    with pytest.raises(InputError, match=where):
        list(rows(body))


def test_a_bomb_costs_no_more_than_its_allowance():
    bomb = workbook([], tariff=f'<worksheet xmlns="{MAIN}">' + " " * 20_000_000 + "</worksheet>")
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="unpacks to more than 1000000 bytes"):
        list(rows(bomb, bounds=Bounds(unpacked=1_000_000)))


def test_what_a_directory_says_of_sizes_is_not_believed():
    bomb = bytearray(workbook([], tariff=f'<worksheet xmlns="{MAIN}">' + " " * 5_000_000 + "</worksheet>"))
    at = bomb.rfind(b"xl/worksheets/tariff.xml") - 46
    assert bomb[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<L", bomb, at + 24, 10)  # the unpacked size, put low
    with pytest.raises(InputError, match="unpacks to more than 1000000 bytes"):
        list(rows(bytes(bomb), bounds=Bounds(unpacked=1_000_000)))


def test_an_altered_member_is_refused():
    body = bytearray(archive({"xl/workbook.xml": "<workbook/>"}, zipfile.ZIP_STORED))
    body[body.find(b"<workbook/>") + 1] ^= 1
    with pytest.raises(InputError, match="altered"):
        list(rows(bytes(body)))


def test_an_encrypted_workbook_is_refused():
    body = bytearray(workbook([["a"]]))
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="encrypted"):
        list(rows(bytes(body)))


def test_entities_are_not_expanded():
    text = (
        f'<!DOCTYPE a [<!ENTITY e "5">]><worksheet xmlns="{MAIN}"><sheetData><row><c><v>&e;</v></c></row></sheetData>'
    )
    with pytest.raises(InputError, match="document type"):
        list(rows(workbook([], tariff=text + "</worksheet>")))


def test_a_row_of_two_million_elements_is_refused_before_it_is_held():
    text = f'<worksheet xmlns="{MAIN}"><sheetData><row>' + "<c/>" * 2_000_000 + "</row></sheetData></worksheet>"
    with pytest.raises(InputError, match="more than 4000000 bytes in one row"):
        list(rows(workbook([], tariff=text)))


@pytest.mark.parametrize(
    ("bounds", "why"), [({"bytes": 3}, "bytes"), ({"rows": 1}, "line 2"), ({"columns": 1}, "line 1")]
)
def test_a_sheet_beyond_its_bounds_is_refused(bounds, why):
    with pytest.raises(InputError, match=why):
        list(rows(b"a,b\nc,d\n", bounds=Bounds(**bounds)))


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04"]))
def test_whatever_the_bytes_are_the_reader_gives_rows_or_refuses(body, mark):
    try:
        found = list(rows(mark + body))
    except InputError:
        return
    assert all(row.line >= 1 for row in found)


@given(st.data())
def test_a_workbook_with_bytes_changed_gives_rows_or_is_refused(data):
    body = bytearray(workbook([["Mã hàng", "MFN"], ["08106000", number("5")]], ["<t>a</t>"]))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = list(rows(bytes(body)))
    except InputError:
        return
    assert all(isinstance(cell, str) for row in found for cell in row.cells)
