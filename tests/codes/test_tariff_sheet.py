"""Tariff sheets: what Viet Nam's workbook and Thailand's master file say becomes measures, faults all told at once."""

import datetime

import pytest

from landsea.codes.layout import KNOWN, folded, known_layout, layout_of
from landsea.codes.tariff_sheet import read_tariff
from landsea.errors import InputError
from landsea.tariff.duty_expression import parse
from landsea.wire.sheet import rows
from sheets import DAY, SHARE, csv_text, number, rate_line, workbook

SINCE = datetime.date(2026, 1, 1)
HEADINGS = ["Cấp", "Mã hàng", "Mô tả", "NK TT", "", "", "NK ưu đãi", "Văn bản", "Hiệu lực"]
HEADINGS += ["VAT", "", "", "ACFTA", "", "", "ATIGA", "", "", "TTĐB", "", "", "Ghi chú"]
DURIAN = ["4", "08106000", "Sầu riêng", "45", "", "", "30", "26/2023/NĐ-CP", "15/07/2023"]
DURIAN += ["*", "", "", "0", "118/2022/NĐ-CP", "30/12/2022", "0", "", "2022-12-30", "", "", "", "x"]
BEER = [
    "4",
    "2203.00.91",
    "Bia",
    "52,5",
    "",
    "",
    "35",
    "",
    "",
    "10",
    "",
    "",
    "*",
    "",
    "",
    "0",
    "",
    "",
    "65 %",
    "",
    "",
    "",
]


def vietnamese(*lines, headings=HEADINGS, since=SINCE):
    body = csv_text([["BIỂU THUẾ XUẤT NHẬP KHẨU 2026"], headings, *lines]).encode()
    return read_tariff(rows(body), known_layout("vn"), since)


def thai(*lines):
    layout = known_layout("th")
    body = "\r\n".join(lines).encode("tis-620")
    return read_tariff(rows(body, layout.shape, layout.encoding), layout)


def told(reading, *columns):
    return reading.measures.select("code", "tax", "preference", "rate", *columns).rows()


def test_each_regime_of_a_vietnamese_line_is_a_measure_with_its_law_and_its_line():
    reading = vietnamese(DURIAN)
    assert told(reading, "origin", "reference", "source_line") == [
        ("08106000", "A00", "302", "Free", "ACFTA", "118/2022/NĐ-CP", 3),
        ("08106000", "A00", "304", "Free", "ATIGA", None, 3),
        ("08106000", "A00", None, "30 %", "ERGA OMNES", "26/2023/NĐ-CP", 3),
    ]
    assert reading.measures["valid_from"].to_list() == [
        datetime.date(2022, 12, 30),
        datetime.date(2022, 12, 30),
        datetime.date(2023, 7, 15),
    ]
    assert not reading.faults


def test_consumption_and_value_added_taxes_stand_beside_the_duty():
    assert told(vietnamese(BEER)) == [
        ("22030091", "A00", "304", "Free"),
        ("22030091", "A00", None, "35 %"),
        ("22030091", "B00", None, "10 %"),
        ("22030091", "C00", None, "65 %"),
    ]


def test_the_workbook_reads_as_its_csv():
    cells = [number("22030091") if c == "2203.00.91" else number("0.65", SHARE) if c == "65 %" else c for c in BEER]
    durian = [number("45122", DAY) if c == "15/07/2023" else c for c in DURIAN]
    body = workbook([["BIỂU THUẾ"], HEADINGS, durian, cells])
    read = read_tariff(rows(body), known_layout("vn"), SINCE)
    assert read.measures.equals(vietnamese(DURIAN, BEER).measures)


def test_a_code_that_lost_its_leading_zero_is_set_right_and_counted():
    line = ["4", "8106000", *DURIAN[2:]]
    reading = vietnamese(line)
    assert set(reading.measures["code"]) == {"08106000"}
    assert reading.passed["codes that had lost their leading zero, set right"] == 1


def test_what_the_layout_passes_over_is_told_with_its_reason():
    reading = vietnamese(DURIAN, ["1", "", "Chương 9"])
    assert reading.passed["rows without a code or without rates"] == 1
    assert any("NK TT: ordinary rates" in why for why in reading.passed)
    assert any("column V, Ghi chú: no regime of the layout" in why for why in reading.passed)


def test_every_fault_is_told_at_once_with_line_and_column():
    def line(code, rate, day):
        return ["4", code, "", "", "", "", rate, "", day]

    reading = vietnamese(
        line("0810AB00", "5", ""),
        line("08106000", "5 (8)", ""),
        line("08109000", "5", "31/02/2026"),
        line("09011100", "#REF!", ""),
        line("10063000", "1234567", ""),
        line("40012210", "??", ""),
        line("40012210", "5", "soon"),
        line("40012210", "5", ""),
        line("40012210", "3", ""),
        since=SINCE,
    )
    assert [(fault.line, fault.column) for fault in reading.faults] == [
        (3, "column B"),
        *((line, "column G (NK ưu đãi)") for line in (4, 5, 6, 7, 8, 9, 11)),
    ]
    assert "stands already in line 10" in reading.faults[-1].why
    assert reading.faulty == 8


def test_a_rate_without_a_day_needs_one_to_be_said():
    reading = vietnamese(BEER, since=None)
    assert reading.faulty == 4
    assert "states no day" in reading.faults[0].why


def test_two_columns_of_one_regime_are_refused():
    with pytest.raises(InputError, match="two columns of ACFTA"):
        vietnamese(DURIAN, headings=[*HEADINGS[:15], "ACFTA", *HEADINGS[16:]])


def test_a_sheet_with_other_headings_is_no_vietnamese_tariff():
    with pytest.raises(InputError, match="no row has headings"):
        vietnamese(DURIAN, headings=["a", "b"])


def test_a_sheet_without_any_rate_is_refused():
    with pytest.raises(InputError, match="no rate"):
        vietnamese(["4", "", ""])


def test_a_wide_sheet_with_all_regimes_is_read():
    layout = known_layout("vn")
    regimes = list(dict.fromkeys(layout.regimes.values()))
    headings = ["Cấp", "Mã HS", *(text for regime in regimes for text in (regime.name, "", ""))]
    body = workbook([headings, ["4", "08106000", *(t for n in range(len(regimes)) for t in (number(n), "law", ""))]])
    reading = read_tariff(rows(body), layout, SINCE)
    assert not reading.faults
    assert reading.measures.height == len(regimes)
    assert reading.measures["id"].n_unique() == len(regimes)
    assert dict(reading.measures.select("origin", "rate").iter_rows())["ACFTA"] == "4 %"


def test_a_thai_line_is_a_measure_for_its_privilege_and_days():
    reading = thai(
        rate_line("08106000", "000", "30.000", law="ม.12 (1)"),
        rate_line("08106000", "ACN", "0.000", days="2022010120251231", law="ม.14", note="ทุเรียนสด"),
        rate_line("08106000", "ACN", "0.000", days="2026010199999999"),
    )
    assert told(reading, "origin", "valid_from", "valid_to", "reference") == [
        ("08106000", "A00", "302", "Free", "ACFTA", datetime.date(2022, 1, 1), datetime.date(2026, 1, 1), "ม.14"),
        ("08106000", "A00", "302", "Free", "ACFTA", datetime.date(2026, 1, 1), None, None),
        ("08106000", "A00", None, "30 %", "ERGA OMNES", datetime.date(2022, 1, 1), None, "ม.12 (1)"),
    ]


@pytest.mark.parametrize(
    ("percent", "specific", "unit", "rate"),
    [
        ("40.000", "3.500", "KGM", "40 % MIN 3.5 THB / kg"),
        ("0.000", "1.250", "LTR", "1.25 THB / l"),
        ("7.500", "0.000", "", "7.5 %"),
        ("0.000", "", "", "Free"),
    ],
)
def test_where_a_share_and_an_amount_stand_whichever_is_more_is_due(percent, specific, unit, rate):
    reading = thai(rate_line("10063000", "000", percent, specific=specific, unit=unit))
    assert reading.measures["rate"].to_list() == [rate]
    assert parse(rate)


def test_thai_privileges_that_are_no_measures_are_counted_with_the_reason():
    reading = thai(rate_line("10063000", "000"), *(rate_line("10063000", p) for p in ("WTO", "999", "R1C", "R1C")))
    assert reading.passed == {
        "WTO: bound rates; the general rate is that of privilege 000": 1,
        "999: ceiling rates of the emergency decree": 1,
        "R1C: no regime of the layout": 2,
    }


def test_every_fault_of_a_thai_file_is_told_with_its_places():
    reading = thai(
        rate_line("1006300", "000"),
        rate_line("10063000", "000", "free"),
        rate_line("10063000", "000", days="20220101"),
        rate_line("10063000", "000", days="2022010120210101"),
        rate_line("10063000", "000", days="2022133199999999"),
        rate_line("10063000", "000", "5.000", specific="1.500", unit="CRT"),
        rate_line("10063000", "ATG", note="เฉพาะ"),
        rate_line("10063000", "ATG", note="อื่น ๆ"),
    )
    assert [(fault.line, fault.column) for fault in reading.faults] == [
        (1, "places 5 to 12"),
        (2, "places 22 to 45"),
        *((line, "places 76 to 9999") for line in (3, 4, 5)),
        (6, "places 22 to 45"),
        (8, "places 22 to 45"),
    ]


@pytest.mark.parametrize("name", KNOWN)
def test_regimes_of_a_layout_are_of_the_schedule_it_fills(name, edition):
    layout = known_layout(name)
    of = {table: edition.table(table).filter(issuer=layout.administration) for table in ("preferences", "taxes")}
    groups = set(edition.table("country_groups").filter(issuer=layout.administration)["group"])
    for regime in layout.regimes.values():
        assert regime.tax in set(of["taxes"]["tax"])
        assert not regime.preference or regime.preference in set(of["preferences"]["preference"])
        assert regime.origin == "ERGA OMNES" or len(regime.origin) == 2 or regime.origin in groups


def test_spellings_of_a_heading_are_one():
    assert folded("  NK Ưu đãi (MFN)") == folded("nk uu dai mfn")
    assert folded("TTĐB") == "ttdb"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'regimes'"),
        ("[[regimes]]\nheadings = []", "'tax'|'title'"),
        ("not toml", "own.toml"),
        ('title = ""\nadministration = ""\nshape = "cube"\nencoding = ""\ndigits = 8\nregimes = []', "cube"),
        ('title = ""\nadministration = ""\nshape = "lines"\nencoding = ""\ndigits = 8\nregimes = []', "code, percent"),
        ("regimes = 5", "own.toml"),
    ],
)
def test_a_layout_that_says_too_little_is_refused_with_what_it_lacks(text, why):
    with pytest.raises(InputError, match=why):
        layout_of(text, "own.toml")


def test_a_layout_may_not_have_two_regimes_that_are_one():
    twice = '[[regimes]]\nheadings = ["A"]\ntax = "A00"\n[[regimes]]\nheadings = ["B"]\ntax = "A00"\n'
    head = 'title = ""\nadministration = "XA"\nshape = "table"\nencoding = "utf-8"\ndigits = 8\ncode = ["HS"]\n'
    with pytest.raises(InputError, match="two regimes"):
        layout_of(head + twice, "own.toml")


def test_an_unknown_layout_is_refused():
    with pytest.raises(InputError, match="vn, th"):
        known_layout("xx")
