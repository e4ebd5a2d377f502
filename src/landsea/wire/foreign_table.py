"""Tables from systems that have nothing better: CSV or JSON lines, told by a map of columns, one row a goods item.

Rows with the same value in the column `declaration` are one declaration; what stands in its first row holds for all of
it. The map is written in TOML as the same lines every adapter has, the source of a line being a column.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from landsea.declaration.finding import Finding
from landsea.errors import InputError

from . import quoted
from .adapter import NATIONAL, Block, Draft, Line, Source, System, Translated, block, said_by, taken_from
from .doubt import CONTRADICTS, DOUBTS, Doubt
from .limits import DEFAULT, Limits
from .reply import SHOWN, Reply, item_of, shown
from .sniff import Unreadable

_ROWS = "rows"
_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no XML can hold it
_FORMULA = re.compile(r"[=+\-@\t\r]")
_KEYS = frozenset({"files", "declaration", "delimiter", "header", "item"})

Row = dict[str, str]


class Layout(NamedTuple):
    """How one kind of table is read: which files are of it, its columns, and the same as a block of an adapter."""

    files: tuple[str, ...]
    declaration: str
    delimiter: str
    lines: tuple[Line, ...]
    made: Block
    shared: frozenset[str]  # the columns that say something of the whole declaration


def layout(name: str, stated: Mapping[str, Any]) -> Layout:
    """The layout that TOML states. Raises InputError for what is missing, unknown or leads nowhere."""
    where = f"the table {name!r}"
    if unknown := sorted(stated.keys() - _KEYS):
        raise InputError(f"{where} says {', '.join(unknown)}, which is unknown; known are {', '.join(sorted(_KEYS))}")
    if missing := sorted({"files", "declaration", "header"} - stated.keys()):
        raise InputError(f"{where} does not say {', '.join(missing)}")
    header = [line_of(where, row) for row in stated["header"]]
    items = [_in_rows(line_of(where, row)) for row in stated.get("item", ())]
    made = block([Line("=9", "FunctionCode"), *header, Line(_ROWS, _ITEM, "each"), *items])
    delimiter = str(stated.get("delimiter", ","))
    shared = {part for line in header for part in _columns(line)} - {part for line in items for part in _columns(line)}
    return Layout(
        tuple(stated["files"]), stated["declaration"].lower(), delimiter, (*header, *items), made, _named(shared)
    )


def line_of(where: str, stated: Mapping[str, str]) -> Line:
    """The line of a mapping that TOML states. Raises InputError for a word no line has."""
    try:
        return Line(**stated)
    except TypeError as error:
        known = ", ".join(Line._fields)
        raise InputError(f"{where} has the line {dict(stated)}; a line has source and any of {known}") from error


def _in_rows(line: Line) -> Line:
    target = line.target if line.target.startswith(NATIONAL) else f"{_ITEM}/{line.target}"
    beside = line.beside if line.beside[:1] in ("", "=") else f"{_ROWS}/{line.beside}"
    return line._replace(source=f"{_ROWS}/{line.source}", target=target, beside=beside)


def translated(
    body: bytes, form: str, by: Layout, system: System, limits: Limits = DEFAULT
) -> list[Translated | Unreadable]:
    """Each declaration of the table, in order of its first row, or why it cannot be one. `form` is csv or jsonl.

    Raises Unreadable or InputError where the table itself cannot be read.
    """
    if len(body) > limits.unpacked:
        raise Unreadable("WIR-002", "", f"{len(body)} bytes, at most {limits.unpacked}")
    rows = _csv(_text(body), by) if form == "csv" else _lines(_text(body))
    together: dict[str, list[tuple[int, Row]]] = {}
    nameless: list[Translated | Unreadable] = []
    for number, row in rows:
        if name := row.get(by.declaration, ""):
            together.setdefault(name, []).append((number, row))
        else:
            nameless.append(Unreadable("WIR-024", f"row {number}", f"no {by.declaration}"))
    return [*(_one(own, by, system) for own in together.values()), *nameless]


def _one(numbered: Sequence[tuple[int, Row]], by: Layout, system: System) -> Translated | Unreadable:
    rows = [row for _, row in numbered]
    source = Source(dict(rows[0]), {_ROWS: [Source(dict(row)) for row in rows]})
    draft = Draft(system)
    draft.fill(source, by.made, draft.root)
    known = {by.declaration, *(part for line in by.lines for part in _columns(line))}
    unmapped = [name for row in rows for name, text in row.items() if text and name not in known]
    kept = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        return quoted.translated(draft, kept.encode(), unmapped, list(_contradictions(numbered, by)))
    except Unreadable as unreadable:
        return unreadable


def _contradictions(numbered: Sequence[tuple[int, Row]], by: Layout) -> Iterator[Doubt]:
    """What a later row of a declaration says otherwise than the first, of what holds for all of it."""
    (_, first), *others = numbered
    for number, row in others:
        for name in sorted(by.shared & row.keys()):
            if row[name] and row[name] != first.get(name, ""):
                said = f"row {number}: {row[name]}, first row: {first.get(name, '') or 'nothing'}"
                yield Doubt(CONTRADICTS, name, said[:200])


def _named(columns: set[str]) -> frozenset[str]:
    return frozenset(name for name in columns if name and name[0] != "=")


def _columns(line: Line) -> tuple[str, str]:
    return line.source.lower().removeprefix(f"{_ROWS}/"), line.beside.lower().removeprefix(f"{_ROWS}/")


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("WIR-003", f"byte {error.start + 1}", "the bytes are not UTF-8") from error
    if found := _FORBIDDEN.search(text):
        raise Unreadable("WIR-003", f"character {found.start() + 1}", f"U+{ord(found[0]):04X}")
    return text


def _csv(text: str, by: Layout) -> Iterator[tuple[int, Row]]:
    rows = csv.reader(text.splitlines(keepends=True), delimiter=by.delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if by.declaration not in names:
            raise InputError(f"the table has no column {by.declaration!r}, by which rows are one declaration")
        if len(set(names)) < len(names):
            raise InputError("two columns of the table have the same name")
        for cells in rows:
            if not any(cells):
                continue
            if len(cells) != len(names):
                raise InputError(f"line {rows.line_num} has {len(cells)} cells, the first line {len(names)}")
            yield rows.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    except csv.Error as error:
        raise InputError(f"line {rows.line_num} is no row of a CSV table: {error}") from error


def _lines(text: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, {name.strip().lower(): _told(number, name, value) for name, value in _object(number, line)}


def _object(number: int, line: str) -> list[tuple[str, Any]]:
    def pairs(given: list[tuple[str, Any]]) -> Any:
        if len({name.strip().lower() for name, _ in given}) < len(given):
            raise Unreadable("WIR-010", f"line {number}", "a name stands twice")
        return given

    try:
        found = json.loads(line, object_pairs_hook=pairs, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Unreadable("WIR-009", f"line {number}", str(error)[:200]) from error
    if not line.lstrip().startswith("{") or not isinstance(found, list):
        raise InputError(f"line {number} is no JSON object")
    return found


def _told(number: int, name: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        raise InputError(f"line {number}: {name} holds more than one value; a table has one in a cell")
    return value.strip()


class _Written(list[str]):
    """What a CSV writer writes into."""

    write = list.append


def answer(replies: Sequence[Reply], by: Layout | None = None) -> bytes:
    """What is answered to a dropped table, as CSV: a row a finding, or one where there is none.

    A cell that a spreadsheet would take for a formula has an apostrophe in front.
    """
    text = _Written()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*SHOWN, "rule", "severity", "item", "element", "column", "value"])
    for reply in replies:
        about = [value for _, value in shown(reply)]
        for said in [_finding(finding, by) for finding in reply.findings] or [[""] * 6]:
            rows.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in (*about, *said)])
    return "".join(text).encode()


def _finding(finding: Finding, by: Layout | None) -> list[str]:
    place = finding.pointer
    lines = by.lines if by else ()
    source = taken_from(lines, place) if place else said_by(lines, finding.place) if finding.rule in DOUBTS else ""
    column = source.removeprefix(f"{_ROWS}/")
    severity = finding.severity.name.lower()
    return [finding.rule, severity, item_of(finding), finding.where, column, finding.value or ""]
