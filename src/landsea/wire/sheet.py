"""Sheets: the rows of a CSV file, a workbook or a text of fixed width as plain texts, each with its line.

Nothing is guessed of what a text means: that is for a layout to say. Cells of a workbook are read by `workbook`. Rows
without any text are passed over, and the lines of the others stay what they were, so that a fault can be found again.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from landsea.errors import InputError

from .archive import MARK


class Row(NamedTuple):
    """A row with the line it stands in, from 1, and the texts of its cells without the blanks around them."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a sheet may measure; the defaults hold the largest national tariffs several times over."""

    bytes: int = 400_000_000
    unpacked: int = 200_000_000
    rows: int = 2_000_000
    columns: int = 1_024
    characters: int = 32_767  # of one cell, as in workbooks


DEFAULT: Final = Bounds()
_GLANCE: Final = 20_000  # characters from which the delimiter is told
_FOREIGN: Final = {
    b"\xd0\xcf\x11\xe0": "a workbook of the old binary kind; save it as .xlsx or CSV",
    b"\x1f\x8b": "packed by gzip; unpack it first",
    b"%PDF": "a PDF; only tables are read",
}


def rows(body: bytes, shape: str = "table", encoding: str = "utf-8", bounds: Bounds = DEFAULT) -> Iterator[Row]:
    """The rows of a sheet in order: of a `table` (CSV, or the first sheet of an .xlsx) or of `lines`, one cell each.

    Raises InputError, naming the line where there is one, for what is no such sheet or measures more than `bounds`.
    """
    if len(body) > bounds.bytes:
        raise InputError(f"{len(body)} bytes, and a sheet may have {bounds.bytes}")
    for mark, what in _FOREIGN.items():
        if body.startswith(mark):
            raise InputError(f"this is {what}")
    if body.startswith(MARK) and shape == "table":
        from .workbook import rows_of_workbook

        found: Iterator[tuple[int, list[str]]] = rows_of_workbook(body, bounds.unpacked, bounds.columns)
    else:
        text = _decoded(body, encoding)
        found = _delimited(text, bounds) if shape == "table" else _lines(text)
    return _within(found, bounds, blanks_count=shape == "lines")


def _within(found: Iterator[tuple[int, list[str]]], bounds: Bounds, *, blanks_count: bool) -> Iterator[Row]:
    count = 0
    for line, cells in found:
        if len(cells) > bounds.columns or max(map(len, cells), default=0) > bounds.characters:
            raise InputError(
                f"line {line}: more than {bounds.columns} columns, or {bounds.characters} characters in one of them"
            )
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        count += 1
        if count > bounds.rows:
            raise InputError(f"line {line}: more than {bounds.rows} rows")
        # the place of a character counts where columns are places in the line
        yield Row(line, tuple(cells) if blanks_count else tuple(map(_trimmed, cells)))


def _trimmed(cell: str) -> str:
    return " ".join(cell.split()) if cell else cell


def _decoded(body: bytes, encoding: str) -> str:
    try:
        text = body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line}: byte {error.start + 1} of the file is not {encoding.upper()}") from error
    except LookupError as error:
        raise InputError(f"there is no encoding {encoding!r}") from error
    if (at := text.find("\0")) >= 0:
        raise InputError(f"line {text.count(chr(10), 0, at) + 1}: a null byte; this is no text")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    # only line ends count: a text of fixed width may hold other separators as characters
    for number, match in enumerate(re.finditer(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)", text), start=1):
        yield number, [match[1]]


def _delimited(text: str, bounds: Bounds) -> Iterator[tuple[int, list[str]]]:
    delimiter = max(",;\t", key=text[:_GLANCE].count)
    given = csv.reader((cells[0] + "\n" for _, cells in _lines(text)), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(given)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"line {line}: {error}; at most {bounds.characters} characters stand in a cell") from error
        yield line, cells
        line = given.line_num + 1
