"""Dates on paper: of the Buddhist era, as Lao and Thai documents write them, or of the common era.

The Buddhist era counts 543 years more, its months and days are the Gregorian ones; so it has been since 2484 (1941),
when the Thai year first began in January, and no earlier year is read. The eras cannot be confused, as the years read
are 1900 to 2199 of one and 2484 to 2742 of the other. What can be is left to a person: a year of two digits, and a day
and month that could change places where nothing tells that the writer puts the day first, as Lao and Thai writers do.
"""

import re
from datetime import date
from typing import Final

BUDDHIST_ERA: Final = 543
"""The years by which the Buddhist era is ahead of the common era."""

_COMMON: Final = range(1900, 2200)
_BUDDHIST: Final = range(2484, 2743)
_DIGITS: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙", "01234567890123456789")
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d+)-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d+)", re.ASCII)


def paper_date(text: str) -> date:
    """The day that `2569-11-21`, `21/11/2569`, `21.11.2569` or the same in Thai or Lao digits names: 21 November 2026.

    A year of the common era is read as such. Raises ValueError, saying why, where the text is no such date, names no
    day of the calendar, or could name two.
    """
    plain = text.strip().translate(_DIGITS)
    match = _YEAR_FIRST.fullmatch(plain) or _DAY_FIRST.fullmatch(plain)
    if not match:
        raise ValueError("is not a date such as 2569-11-21 or 21/11/2569")
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    if len(match["year"]) != 4:
        raise ValueError("has a year that is not of four digits, so its era is not known")
    if year not in _COMMON and year not in _BUDDHIST:
        raise ValueError("has a year of neither era; read are 1900 to 2199 and, of the Buddhist era, 2484 to 2742")
    if match.re is _DAY_FIRST and year in _COMMON and day != month and max(day, month) <= 12:
        raise ValueError("can be read with the day or the month first; only a Buddhist year tells which")
    try:
        return date(year if year in _COMMON else year - BUDDHIST_ERA, month, day)
    except ValueError:
        raise ValueError("names no day of the calendar") from None


def buddhist_text(day: date) -> str:
    """The day as Lao and Thai documents write it: `21/11/2569`. `paper_date` reads it back from 1941 on."""
    return f"{day:%d/%m}/{day.year + BUDDHIST_ERA}"
