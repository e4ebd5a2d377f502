"""Papers as data and as sheets: what stands on them, their dates, and what a machine without fonts prints."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from landsea.clearance.relayed import STATE
from landsea.clearance.state import ADVANCE, State
from landsea.node.paper import Basis
from landsea.window.paper import PAPERS, Absent, Issuer, paper
from landsea.window.paper.html import as_html
from landsea.window.paper.pdf import as_pdf
from landsea.window.paper.qr import qr
from landsea.window.paper.title import TITLES, moment

AT = datetime(2026, 11, 21, 18, 30, 5, tzinfo=UTC)
CONTROL = {"control": "physical", "law": "Law on Customs, Article 7", "action": "Open the goods."}
TOLD = {"outcome": "released", "control": None, "law": None, "action": None, "version": 1, "state": "cleared"}
TAX = {"tax": "A00", "amount": "1234567.5", "currency": "THB", "state": "payable"}


def basis(told=TOLD, goods=1, duties=(), **header):
    one = {
        "Commodity/Description": "Durians (synthetic)",
        "Commodity/Classification": [{"ID": "08106000"}],
        "Packaging": [{"QuantityQuantity": 900, "TypeCode": "CT"}],
        "Commodity/GoodsMeasure/GrossMassMeasure": "18000.5 KGM",
    }
    lodged = {("goods@1", item): one for item in range(1, goods + 1)} | {("header@1", 0): header}
    return Basis("26TH00000000000001", "ab" * 16, 3, AT, told, duties, lodged, bytes(32))


def issuer(country="TH", languages=("th", "en"), zone="Asia/Bangkok"):
    law = {"name": "Customs (synthetic)", "languages": list(languages), "timezone": zone, "places": 2}
    return Issuer(law, country, "landsea.invalid/th", "https://node.example")


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("state", [*State, STATE, "registered", "erased"])
def test_a_paper_exists_in_the_states_of_its_row_and_in_no_other(kind, state):
    told = {**TOLD, **CONTROL, "state": str(state)}
    if state in PAPERS[kind].states:
        assert paper(kind, basis(told), issuer()).kind == kind
    else:
        with pytest.raises(Absent, match=str(state)):
            paper(kind, basis(told), issuer())


def test_no_paper_is_printed_of_what_was_decided_in_advance_or_by_another_system():
    printed = {state for row in PAPERS.values() for state in row.states}
    assert not printed & {*ADVANCE, STATE, "registered"}


def test_an_order_needs_a_control():
    with pytest.raises(Absent, match="no control is ordered"):
        paper("examination-order", basis({**TOLD, "state": "held"}), issuer())


@pytest.mark.parametrize(
    ("zone", "languages", "expected"),
    [
        ("Asia/Bangkok", ["th"], "22/11/2569 B.E. = 2026-11-22, 01:30 (UTC+07:00)"),
        ("Asia/Yangon", ["my"], "2026-11-22, 01:00 (UTC+06:30)"),
        ("Asia/Almaty", ["kk", "ru"], "2026-11-21, 23:30 (UTC+05:00)"),
        ("UTC", ["en"], "2026-11-21, 18:30 (UTC+00:00)"),
    ],
)
def test_a_paper_is_dated_by_the_clocks_and_the_calendar_of_the_administration(zone, languages, expected):
    assert moment(AT, zone, languages) == expected


def test_amounts_are_summed_by_tax_and_currency_to_the_cent():
    more = [TAX, {**TAX, "amount": "0.25"}, {**TAX, "tax": "B00", "amount": "2"}, {**TAX, "state": "suspended"}]
    sums = dict(paper("release-note", basis(duties=more), issuer()).sums)
    assert sums == {
        "Tax A00": "1\u00a0234\u00a0567.75 THB",
        "Tax B00": "2.00 THB",
        "Payable in all": "1\u00a0234\u00a0569.75 THB",
    }


def test_goods_items_beyond_the_sheet_are_counted():
    made = paper("release-note", basis(goods=503), issuer())
    assert len(made.goods) == 500
    assert made.more.startswith("3 more goods items")
    assert [row[0] for row in made.goods[:3]] == ["1", "2", "3"]


def test_every_kind_has_a_title_in_the_languages_of_each_administration(edition):
    spoken = {one for law in edition.named("administration").values() for one in law["languages"]}
    for kind in PAPERS:
        assert spoken <= set(TITLES[kind]), kind


def pdf_text(made):
    """The letters of a PDF, as its maps to Unicode tell."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    maps = []
    for stream in streams:
        try:
            maps.append(zlib.decompress(stream))
        except zlib.error:
            continue
    found = b"".join(one for one in maps if b"beginbfchar" in one)
    return {
        bytes.fromhex(code.decode()).decode("utf-16-be") for code in re.findall(rb"<[0-9A-F]+> <([0-9A-F]+)>", found)
    }


def test_a_machine_without_fonts_names_the_script_and_prints_no_empty_box():
    named = replace(paper("release-note", basis(), issuer()), goods=(("1", "榴莲 ทุเรียน durian", "0810", "", "", ""),))
    made = as_pdf(named, fonts=False)
    letters = pdf_text(made)
    assert made.startswith(b"%PDF-")
    assert "d" in letters
    assert not {"榴", "ท"} & letters
    assert as_pdf(named, fonts=False) == made


def test_latin_and_cyrillic_need_no_fonts_of_the_machine():
    kazakh = paper("release-note", basis(), issuer("KZ", ("kk", "ru", "en"), "Asia/Almaty"))
    letters = pdf_text(as_pdf(kazakh, fonts=False))
    assert {"ғ", "Т", "ш"} <= letters


def test_a_pdf_has_no_date_but_that_of_the_decision():
    made = as_pdf(paper("release-note", basis(), issuer()), fonts=False)
    assert set(re.findall(rb"D:(\d{14})", made)) == {b"20261121183005"}
    assert b"pdfaid" in made


def test_text_that_looks_like_markup_is_text_in_every_form():
    nasty = '#read("/etc/passwd") $x$ </td><img src=x> \\ @preview'
    named = replace(paper("release-note", basis(), issuer()), goods=(("1", nasty, "", "", "", ""),))
    assert as_pdf(named, fonts=False).startswith(b"%PDF-")
    assert "<img" not in as_html(named)


def test_the_code_is_one_path_in_black():
    drawn = qr("https://node.example/v1/proof/" + "ab" * 16)
    assert drawn.count("<path") == 1
    assert "fill" not in drawn or 'fill="#000"' in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
