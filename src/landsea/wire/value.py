"""Values: the text of an element turned into what its column holds, or the rule it breaks.

Numbers become whole numbers or millionths, instants microseconds since 1970 in UTC. Nothing here is a float.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from landsea.units import MICRO, micro

from .mapping import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_DAY, _MINUTES, _SECONDS = "%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"
_FORMATS = {"102": _DAY, "203": _MINUTES, "204": _SECONDS, "205": _MINUTES, "208": _SECONDS, "304": _SECONDS}
"""UN/EDIFACT 2379: 102 a day, 203 to minutes, 204 to seconds; 205, 208 and 304 carry their zone."""
_LENGTHS = {_DAY: 8, _MINUTES: 12, _SECONDS: 14}
_ZONED = frozenset({"205", "208", "304"})
_DATE = re.compile(r"(\d{8,14})(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?", re.ASCII)


def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC where it is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def instant(text: str, format_code: str, local: tzinfo) -> int:
    """Microseconds since 1970 in UTC of this date; without a zone of its own it is read in `local`.

    A day stands for its first moment. Raises LookupError for a format code this node does not read, ValueError for a
    text that is not written so.
    """
    pattern = _FORMATS[format_code]
    match = _DATE.fullmatch(text)
    if match is None or len(match[1]) != _LENGTHS[pattern] or bool(match[2]) != (format_code in _ZONED):
        raise ValueError(text)
    if not 1900 <= int(match[1][:4]) < 2200:  # beyond, a zone can carry an instant out of the calendar
        raise ValueError(text)
    moment = datetime.strptime(match[1], pattern).replace(tzinfo=_offset(match[2]) if match[2] else local)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _offset(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if text[0] == "-" else shift)


def decimal(text: str, place: Place) -> int:
    """Millionths of this decimal. Raises ValueError where it is none or has more digits than its format."""
    value = micro(text)
    if len(text) > place.decimals:  # shorter texts cannot have too many digits of either sort
        size = abs(value)
        fraction = f"{size % MICRO:06d}".rstrip("0")
        if len(fraction) > place.decimals or len(str(size // MICRO)) + len(fraction) > place.length:
            raise ValueError("has more digits than its format")
    return value


def count(text: str, place: Place) -> int:
    """This whole number. Raises ValueError where it is none or has more digits than its format."""
    if text.isascii() and text.isdigit() and len(text) <= place.length:
        return int(text)
    return decimal(text, place) // MICRO


def written(moment: datetime) -> str:
    """An instant as format 304 in UTC, such as `20260102030405Z`."""
    return moment.astimezone(UTC).strftime(_SECONDS) + "Z"
