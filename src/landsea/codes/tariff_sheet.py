"""Tariff sheets: the rows of a national tariff sheet as rows of the table of measures, under a layout.

Every fault is told at once with its line and column; a rate that says more than one thing is a fault and never a
choice. Rows without a code are headings of the nomenclature and passed over, as are regimes that the layout says are
none; how many of each is told. Each measure keeps the line it came from.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

import polars as pl

from landsea.errors import InputError
from landsea.units import decimal_text, micro

from .layout import Layout, Regime, folded

SCHEMA: Final[dict[str, pl.DataType]] = {
    **{name: pl.String() for name in ("id", "direction", "code", "origin", "tax", "preference", "quota_order", "rate")},
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "reference": pl.String(),
    "source_line": pl.Int64(),
}
MOST_FAULTS: Final = 1_000

_DAYS: Final = (
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: 00:00:00)?", re.ASCII), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII), (3, 2, 1)),
)
_RATE: Final = re.compile(r"(\d{1,4}(?:[.,]\d{1,6})?) ?%?", re.ASCII)


class Fault(NamedTuple):
    """What cannot be imported: its line, the column as its heading or places, what stands there and why not."""

    line: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.value!r} {self.why}"


@dataclass(slots=True)
class Reading:
    """What a sheet holds: the measures (`SCHEMA`), every fault, and what was passed over with its count."""

    measures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    faults: list[Fault] = field(default_factory=list)
    faulty: int = 0  # all faults; the list ends at MOST_FAULTS
    passed: Counter[str] = field(default_factory=Counter)
    regimes: tuple[Regime, ...] = ()  # those the sheet speaks of

    def refuse(self, fault: Fault) -> None:
        """The fault is told, or at least counted."""
        self.faulty += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


class _Stated(NamedTuple):
    """One rate as a sheet states it."""

    line: int
    column: str
    code: str
    regime: Regime
    rate: str
    since: date
    until: date | None
    reference: str


def read_tariff(rows: Iterable[tuple[int, Sequence[str]]], layout: Layout, since: date | None = None) -> Reading:
    """The measures these rows (line, cells) state, in the order of their codes.

    `since` is the first day of rates that state none. Raises InputError where the sheet is not laid out so at all.
    """
    reading = Reading()
    stated = (_of_table if layout.shape == "table" else _of_lines)(iter(rows), layout, reading, since)
    kept = sorted(stated, key=lambda s: (s.code, s.regime.title, s.since, s.line))
    if not kept and not reading.faulty:
        raise InputError("the sheet states no rate under this layout")
    _refuse_overlaps(kept, reading)
    records = [_measure(one, layout) for one in kept]
    reading.measures = pl.DataFrame(records, schema=SCHEMA, orient="row")
    return reading


def _measure(one: _Stated, layout: Layout) -> tuple[object, ...]:
    regime = one.regime
    marks = ("X" if regime.direction == "export" else "") + one.code, regime.tax, regime.preference or "general"
    identifier = f"{layout.administration}-{'-'.join(marks)}-{one.since:%Y%m%d}"
    law = (regime.direction, one.code, regime.origin, regime.tax, regime.preference or None, None)
    return (identifier, *law, one.rate, one.since, one.until, one.reference or None, one.line)


def _refuse_overlaps(kept: list[_Stated], reading: Reading) -> None:
    for one, other in pairwise(kept):
        if (one.code, one.regime) == (other.code, other.regime) and (one.until is None or other.since < one.until):
            why = f"stands already in line {one.line} for the same days"
            reading.refuse(Fault(other.line, other.column, other.code, why))


def _of_table(
    rows: Iterator[tuple[int, Sequence[str]]], layout: Layout, reading: Reading, since: date | None
) -> Iterator[_Stated]:
    """Rates of a sheet with three columns for each regime: rate, legal text, first day."""
    at, columns = _headings(rows, layout, reading)
    none = {text.casefold() for text in layout.stated.get("none", ())} | {""}
    for line, cells in rows:
        stated = [(c, regime) for c, regime in columns.items() if _cell(cells, c).casefold() not in none]
        code = re.sub(r"[.\s]", "", _cell(cells, at))
        if not code or not stated:
            reading.passed["rows without a code or without rates"] += 1
            continue
        if code.isascii() and code.isdigit() and len(code) == layout.digits - 1:
            reading.passed["codes that had lost their leading zero, set right"] += 1
            code = code.zfill(layout.digits)
        if not (code.isascii() and code.isdigit() and len(code) in (4, 6, layout.digits)):
            why = f"is no code of {layout.digits} digits"
            reading.refuse(Fault(line, f"column {_letters(at)}", _cell(cells, at), why))
            continue
        for c, regime in stated:
            column = f"column {_letters(c)} ({regime.name})"
            try:
                first = _first_day(_cell(cells, c + 2), since)
                rate = _rate(cells[c])
            except ValueError as error:
                reading.refuse(Fault(line, column, cells[c], str(error)))
                continue
            yield _Stated(line, column, code, regime, rate, first, None, _cell(cells, c + 1))


def _headings(
    rows: Iterator[tuple[int, Sequence[str]]], layout: Layout, reading: Reading
) -> tuple[int, dict[int, Regime]]:
    """The column of the code, and those of rates with their regimes; the rows up to the headings are read."""
    wanted = {folded(heading) for heading in layout.stated["code"]}
    for _, (_, cells) in zip(range(layout.stated.get("headings_within", 30)), rows, strict=False):
        names = [folded(cell) for cell in cells]
        columns = {c: layout.regimes[name] for c, name in enumerate(names) if name in layout.regimes}
        at = next((c for c, name in enumerate(names) if name in wanted), None)
        if at is None or not columns:
            continue
        twice = [regime.name for regime, count in Counter(columns.values()).items() if count > 1]
        if twice:
            raise InputError(f"the sheet has two columns of {', '.join(twice)}")
        theirs = {c + step for c in columns for step in range(3)}
        for c, name in enumerate(names):
            if name and c != at and c not in theirs:
                why = layout.passed.get(name, "no regime of the layout")
                reading.passed[f"column {_letters(c)}, {cells[c]}: {why}"] += 1
        reading.regimes = tuple(columns.values())
        return at, columns
    raise InputError(f"no row has headings of {layout.title}: one of {', '.join(layout.stated['code'])}, and a regime")


def _cell(cells: Sequence[str], c: int) -> str:
    return cells[c].strip() if c < len(cells) else ""


def _letters(c: int) -> str:
    """The letters of a column, from 0, as workbooks name it."""
    return (_letters(c // 26 - 1) if c >= 26 else "") + chr(65 + c % 26)


def _rate(text: str) -> str:
    """The rate as a duty expression. Raises ValueError where it is not one share and nothing else."""
    match = _RATE.fullmatch(text.strip())
    if not match:
        raise ValueError("is no single rate in percent")
    return _percent(match[1].replace(",", "."))


def _percent(number: str) -> str:
    value = micro(number)
    return f"{decimal_text(value)} %" if value else "Free"


def _first_day(text: str, since: date | None) -> date:
    """The day a text states. Raises ValueError where it states none and no other was given."""
    if not text:
        if since is None:
            raise ValueError("states no day it takes effect; say from when with since")
        return since
    for pattern, order in _DAYS:
        if match := pattern.fullmatch(text):
            return date(*(int(match[n]) for n in order))
    raise ValueError(f"takes effect on {text!r}, which is no day such as 31/12/2026 or 2026-12-31")


def _of_lines(
    rows: Iterator[tuple[int, Sequence[str]]], layout: Layout, reading: Reading, _since: date | None
) -> Iterator[_Stated]:
    """Rates of a text of fixed width, one on each line, with the first and the last day."""
    spoken: dict[Regime, None] = {}
    for line, (text, *_) in rows:
        named, _ = layout.fields["regime"].cut(text)
        regime = layout.regimes.get(folded(named))
        if regime is None:
            why = layout.passed.get(folded(named), "no regime of the layout")
            reading.passed[f"{named or 'no privilege'}: {why}"] += 1
            continue
        spoken[regime] = None
        wrong = "code"
        try:
            code = _code(layout, text)
            wrong = "validity"
            first, until, reference = _validity(layout, text)
            wrong = "percent"
            rate = _rate_of_line(layout, text)
        except ValueError as error:
            place = layout.fields[wrong]
            reading.refuse(Fault(line, _places(place.first, place.last), place.cut(text)[0], str(error)))
            continue
        yield _Stated(line, _places(*_span(layout, "percent")), code, regime, rate, first, until, reference)
    reading.regimes = tuple(spoken)


def _code(layout: Layout, text: str) -> str:
    code, _ = layout.fields["code"].cut(text)
    if not (code.isascii() and code.isdigit() and len(code) == layout.digits):
        raise ValueError(f"is no code of {layout.digits} digits")
    return code


def _span(layout: Layout, name: str) -> tuple[int, int]:
    return layout.fields[name].first, layout.fields[name].last


def _places(first: int, last: int) -> str:
    return f"places {first} to {last}"


def _validity(layout: Layout, text: str) -> tuple[date, date | None, str]:
    """The first day, the day after the last (None: open) and the text before both. Raises ValueError."""
    place = layout.fields["validity"]
    pair, end = place.cut(text)
    if not pair:
        raise ValueError("states no pair of days")
    first = date.fromisoformat(pair[:8])
    until = None if pair[8:] == "99999999" else date.fromisoformat(pair[8:]) + timedelta(days=1)
    if until is not None and until <= first:
        raise ValueError("ends before it begins")
    return first, until, " ".join(text[place.first - 1 : end - len(pair)].split())


def _rate_of_line(layout: Layout, text: str) -> str:
    """The share, the amount for a unit, or where both stand whichever is more. Raises ValueError."""
    share, _ = layout.fields["percent"].cut(text)
    if not share:
        raise ValueError("states no rate in percent")
    specific = layout.fields["specific"].cut(text)[0] if "specific" in layout.fields else ""
    amount = micro(specific) if specific else 0
    if not amount:
        return _percent(share)
    unit = layout.stated.get("units", {}).get(layout.fields["unit"].cut(text)[0])
    if unit is None:
        raise ValueError(f"stands beside an amount of {specific} without a unit the layout knows")
    charged = f"{decimal_text(amount)} {layout.stated['currency']} / {unit}"
    return f"{_percent(share)} MIN {charged}" if micro(share) else charged
