"""Workbooks: the rows of the first visible sheet of an .xlsx as texts, in bounded memory.

ECMA-376 (Office Open XML), part 1, chapter 18. A cell gives what was last seen in it: shared and inline strings
without their phonetic runs, a formula's kept value, a number as its shortest decimal of 15 digits, and a number shown
as a share or a date as that (`7.5 %`, `2026-01-01`). A formula whose value was not kept gives `#FORMULA`, which is no
rate, code or date anywhere.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, reduce
from itertools import islice
from typing import Any, Final, NamedTuple

from lxml import etree

from landsea.errors import InputError

from .archive import Archive

MOST_BYTES: Final = 4_000_000
"""Of one row or string as it is written; what is held of a sheet at a time is a small multiple of it."""

_HARDENED: Final[dict[str, bool]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
}
MOST_STRINGS: Final = 2_000_000

_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_SHARES: Final = frozenset((9, 10))
_FIRST_DAYS: Final = {False: date(1899, 12, 30), True: date(1904, 1, 1)}


class _Book(NamedTuple):
    """What a cell's text depends on: shared strings, how each style shows numbers, the day others are counted from."""

    strings: list[str]
    shown: list[str]  # share, date or nothing, by style
    first_day: date


def rows_of_workbook(body: bytes, unpacked: int, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The line and the cells of each row that stands in the sheet, gaps as empty texts.

    Raises InputError where this is no workbook, unpacks to more bytes than allowed or has more columns.
    """
    archive = Archive(body, unpacked)
    sheet, counted_from_1904 = _first_sheet(archive)
    if sheet not in archive.members:
        raise InputError(f"the workbook cannot be read: it has no {sheet}")
    book = _Book(_strings(archive), _shown(archive), _FIRST_DAYS[counted_from_1904])
    line = 0
    for row in _elements(archive, sheet, "row"):
        stated = row.get("r", "")
        line = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 9 else line + 1
        yield line, _cells(row, book, line, columns)


def _strings(archive: Archive) -> list[str]:
    strings = [_text(e) for e in islice(_elements(archive, "xl/sharedStrings.xml", "si"), MOST_STRINGS + 1)]
    if len(strings) > MOST_STRINGS:
        raise InputError(f"the workbook cannot be read: more than {MOST_STRINGS} strings")
    return strings


def _elements(archive: Archive, member: str, tag: str) -> Iterator[Any]:
    """The elements of this local name in a member, each gone when the next is asked for; none where it is absent."""
    if member not in archive.members:
        return
    parser = etree.XMLPullParser(events=("end",), tag=f"{{*}}{tag}", **_HARDENED)
    waiting = 0
    try:
        for piece in archive.pieces(member):
            waiting += len(piece)
            if waiting > MOST_BYTES:
                raise InputError(f"the workbook cannot be read: {member} has more than {MOST_BYTES} bytes in one {tag}")
            parser.feed(piece)
            for _, element in parser.read_events():
                if element.getroottree().docinfo.internalDTD is not None:
                    raise InputError(f"the workbook cannot be read: {member} has a document type declaration")
                yield element
                waiting = 0
                _forget(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise InputError(f"the workbook cannot be read: {member}: {error.msg}") from error


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _first_sheet(archive: Archive) -> tuple[str, bool]:
    """The member with the first sheet that is shown, and whether days are counted from 1904."""
    if "xl/workbook.xml" not in archive.members:
        raise InputError("the archive cannot be read: it is no workbook")
    book = next(_elements(archive, "xl/workbook.xml", "workbook"), None)
    targets = {r.get("Id"): r.get("Target", "") for r in _kept(archive, "xl/_rels/workbook.xml.rels", "Relationship")}
    parts = [] if book is None else list(book.iter())
    sheets = [e for e in parts if _local(e) == "sheet" and e.get("state", "visible") == "visible"]
    if not sheets:
        raise InputError("the workbook cannot be read: no sheet of it is shown")
    named = next((value for key, value in sheets[0].attrib.items() if str(key).endswith("}id")), None)
    target = targets.get(named) or "worksheets/sheet1.xml"
    from_1904 = any(_local(e) == "workbookPr" and e.get("date1904") in ("1", "true") for e in parts)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}", from_1904


def _kept(archive: Archive, member: str, tag: str) -> list[Any]:
    """Copies of the attributes of small elements, which outlive them."""
    return [dict(element.attrib) for element in _elements(archive, member, tag)]


def _shown(archive: Archive) -> list[str]:
    """How each style shows a number: as a share, as a date or as it is."""
    try:
        formats = {int(f["numFmtId"]): f.get("formatCode", "") for f in _kept(archive, "xl/styles.xml", "numFmt")}
        for styles in _elements(archive, "xl/styles.xml", "cellXfs"):
            return [_kind(int(style.get("numFmtId", "0")), formats) for style in styles]
    except (KeyError, ValueError) as error:
        raise InputError(f"the workbook cannot be read: its styles are damaged: {error}") from error
    return []


def _kind(number: int, formats: dict[int, str]) -> str:
    # what stands in quotes, in brackets or behind a backslash is shown as it is
    code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", formats.get(number, "")).lower()
    if number in _SHARES or "%" in code:
        return "share"
    return "date" if number in _DATES or re.search(r"[yd]", code) else ""


def _cells(row: Any, book: _Book, line: int, columns: int) -> list[str]:
    cells: list[str] = []
    space = row.tag[: -len("row")]
    for cell in row.iterchildren(f"{space}c"):
        at = _column(cell.get("r", ""), len(cells))
        if at >= columns:
            raise InputError(f"line {line}: more than {columns} columns")
        cells += [""] * (at + 1 - len(cells))
        try:
            cells[at] = _shown_in(cell, space, book)
        except (ValueError, IndexError, InvalidOperation, OverflowError) as error:
            raise InputError(f"line {line}, column {at + 1}: the cell is damaged: {error}") from error
    return cells


def _column(reference: str, following: int) -> int:
    """The place of a cell in its row, from 0, by the letters of its reference; without one it follows the last."""
    return _place(reference.rstrip("0123456789")) if reference else following


@cache
def _place(letters: str) -> int:
    """The place, from 0, of a column named by these letters. Raises InputError where none is named so."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise InputError(f"the workbook cannot be read: there is no column {letters[:9]!r}")
    return reduce(lambda place, letter: place * 26 + ord(letter) - 64, letters, 0) - 1


def _shown_in(cell: Any, space: str, book: _Book) -> str:
    kind, value, kept = cell.get("t", "n"), "", f"{space}v"
    for part in cell:  # quicker than a search by name
        if part.tag == kept:
            value = part.text or ""
    if kind == "inlineStr":
        return _text(cell)
    if not value:
        return "#FORMULA" if kind == "n" and cell.find(f"{space}f") is not None else ""
    if kind == "s":
        return book.strings[int(value)]
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind != "n":
        return value
    style = int(cell.get("s", "0"))
    return _number(value, book.shown[style] if style < len(book.shown) else "", book.first_day)


def _number(value: str, shown: str, first_day: date) -> str:
    if not shown and value.isascii() and value.isdigit() and len(value) <= 15 and (value[0] != "0" or value == "0"):
        return value
    # fifteen digits are what a workbook shows of the binary number it holds
    number = Decimal(f"{float(value):.15g}")
    if shown == "date":
        return (first_day + timedelta(days=int(number))).isoformat()
    if shown == "share":
        return f"{_plain(number * 100)} %"
    return _plain(number)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(item: Any) -> str:
    """The text of a string, its runs joined; phonetic runs say how it is read and are left out."""
    return "".join(e.text or "" for e in item.iter("{*}t") if _local(e.getparent()) != "rPh")
