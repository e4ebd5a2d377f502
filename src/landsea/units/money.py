"""Exact decimals as whole millionths.

Every amount, measure and rate in a lot is an Int128 count of millionths (`MICRO`). WCO formats admit at most six
decimals (n..16,6), so nothing is lost on reading, and a product of two stays within 128 bits as long as both are within
`Range`: 10^16 whole units times 10^12 whole units is 10^40 millionths², hence amounts are held below 10^16 units and
factors (rates, exchange rates, quantities in a product) below 10^9 units: 10^22 x 10^15 = 10^37 < 1.7 x 10^38.
"""

import re
from typing import Final

MICRO: Final = 1_000_000

_DECIMAL = re.compile(r"([+-]?)(\d{0,25})(?:\.(\d*))?", re.ASCII)


class Range:
    """The checked ranges, in millionths, within which a product of one amount and one factor cannot overflow."""

    AMOUNT: Final = 10**22
    FACTOR: Final = 10**15


def micro(text: str) -> int:
    """The decimal in `text` as whole millionths.

    Raises ValueError, saying why, where it is no plain decimal (exponents, NaN, thousands separators, non-ASCII digits
    are not), has more than six decimals that are not zero, or lies outside `Range.AMOUNT`.
    """
    match = _DECIMAL.fullmatch(text)
    if not match or not (match[2] or match[3]):
        raise ValueError("is not a plain decimal number")
    sign, whole, fraction = match[1], match[2] or "0", match[3] or ""
    if fraction[6:].strip("0"):
        raise ValueError("has more than six decimals")
    value = int(whole) * MICRO + int(fraction[:6].ljust(6, "0"))
    if value >= Range.AMOUNT:
        raise ValueError("is larger than ten thousand million million")
    return -value if sign == "-" else value


def decimal_text(value: int, places: int | None = None) -> str:
    """The decimal text of a count of millionths; exactly `places` decimals, or as many as are not zero.

    With `places` the value must already be rounded to them: ValueError otherwise, so that no figure is cut silently.
    """
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, fraction = divmod(value, MICRO)
    digits = f"{fraction:06d}"
    if places is None:
        digits = digits.rstrip("0")
    elif digits[places:].strip("0"):
        raise ValueError(f"{sign}{whole}.{digits} is not rounded to {places} places")
    else:
        digits = digits[:places].ljust(places, "0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def coin(places: int) -> int:
    """The smallest payable unit, in millionths, of a currency that is paid with this many decimals (0 to 6)."""
    step: int = MICRO // 10**places
    return step
