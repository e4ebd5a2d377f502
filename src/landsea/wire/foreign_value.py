"""Values as foreign systems write them, in the forms a mapping names, turned into what the data model wants.

A form gives the text to put, or nothing where the foreign system's way of saying "nothing" stands there: an amount of 0
without a currency, a rate of 0, a flag that is none. What cannot be read is put as it is, so that reading says so.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

_SPACE = re.compile(r"\s+")
_ZERO = re.compile(r"[+-]?0*\.?0*")
_PARTS = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ,].*)?", re.ASCII | re.DOTALL)
_PLAIN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d{4,6})?", re.ASCII)
ORDERS: Mapping[str, tuple[int, int, int]] = {"mdy": (3, 1, 2), "dmy": (3, 2, 1), "ymd": (1, 2, 3)}
"""Where year, month and day stand in a written day."""


class Day(NamedTuple):
    """How a system writes its days: `mdy` (11/19/25), `dmy` or `ymd`. A year of four digits in front is always ISO."""

    order: str = "mdy"

    def read(self, text: str) -> date | None:
        """The day, or nothing where the text is none."""
        match = _PLAIN.fullmatch(text.strip()) or _PARTS.fullmatch(text.strip())
        if match is None:
            return None
        iso = len(match[1]) == 4
        year, month, day = (int(match[n]) for n in (ORDERS["ymd"] if iso else ORDERS[self.order]))
        try:
            return date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            return None


Form = Callable[[str, str, Day], str]


def _text(text: str, _beside: str, _day: Day) -> str:
    return _SPACE.sub(" ", text).strip()


def _first_line(text: str, _beside: str, _day: Day) -> str:
    return next((_SPACE.sub(" ", line).strip() for line in text.splitlines() if line.strip()), "")


def _other_lines(text: str, _beside: str, _day: Day) -> str:
    lines = [_SPACE.sub(" ", line).strip() for line in text.splitlines() if line.strip()]
    return ", ".join(lines[1:])


def _code(text: str, _beside: str, _day: Day) -> str:
    return text.strip().upper()


def _date(text: str, _beside: str, day: Day) -> str:
    found = day.read(text)
    return text.strip() if found is None else f"{found:%Y%m%d}"


def _amount(text: str, beside: str, _day: Day) -> str:
    return "" if not beside and is_zero(text) else text.strip()


def _number(text: str, _beside: str, _day: Day) -> str:
    return "" if is_zero(text) else text.strip()


def _whole(text: str, _beside: str, _day: Day) -> str:
    return re.sub(r"\.0*$", "", text.strip())


def _flag(text: str, _beside: str, _day: Day) -> str:
    return {"true": "1", "1": "1", "yes": "1", "false": "0", "0": "0", "no": "0"}.get(text.strip().lower(), text)


def _head(text: str, _beside: str, _day: Day) -> str:
    return text.strip()[:2]


def _tail(text: str, _beside: str, _day: Day) -> str:
    return text.strip()[2:4]


FORMS: Mapping[str, Form] = {
    "text": _text,
    "words": _text,  # further ones stand behind, a space between
    "first-line": _first_line,
    "other-lines": _other_lines,
    "code": _code,
    "more": _code,  # further ones stand behind
    "digits": _number,  # the same, unless they are all noughts
    "slashed": _text,  # further ones stand behind, a slash between
    "date": _date,
    "amount": _amount,
    "sum": _text,  # of money; nought is said and meant
    "number": _number,
    "count": _whole,
    "flag": _flag,
    "head": _head,  # the first two characters
    "tail": _tail,  # the two behind them
}
"""Form → the value it makes of a text that is not empty, what stands beside it, and how days are written."""
JOINING: Mapping[str, str] = {"words": " ", "more": "", "digits": "", "slashed": "/"}
"""Forms whose values are put behind one another, with what comes between; of others the first stays."""


def is_zero(text: str) -> bool:
    """Whether this is nothing, or a nought however many digits it has."""
    return _ZERO.fullmatch(text.strip()) is not None
