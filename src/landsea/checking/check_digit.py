"""Check digits of the means of transport and of registration numbers, asked once per distinct value."""

import re
from typing import Final

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# ISO 6346 Annex A, which registration numbers share: letters count from 10 without the multiples of 11
_VALUES = {str(n): n for n in range(10)} | dict(zip(_LETTERS, (n for n in range(10, 39) if n % 11), strict=True))

MRN: Final = r"\d{2}[A-Z]{2}[A-Z0-9]{13}\d"


def is_ship(number: str) -> bool:
    """Whether this is an IMO ship number: seven digits, of which the first six weigh 7 to 2 and end in the last."""
    if not re.fullmatch(r"\d{7}", number, re.ASCII):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, range(7, 1, -1), strict=False)) % 10 == int(
        number[6]
    )


def is_wagon(number: str) -> bool:
    """Whether this is a wagon number of UIC 438-2: twelve digits, the last by the Luhn formula."""
    if not re.fullmatch(r"\d{12}", number, re.ASCII):
        return False
    return sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(number)) % 10 == 0


def is_registration(number: str) -> bool:
    """Whether this is a registration number: eighteen characters, the last the remainder by eleven of the others."""
    if not re.fullmatch(MRN, number, re.ASCII):
        return False
    total = sum(_VALUES[character] << at for at, character in enumerate(number[:17]))
    return total % 11 % 10 == int(number[17])
