"""Lines of the bank: what came in, as a file says it, CSV or JSON. There is no link to any bank.

A line has the bank's own reference, an amount, its currency and what the payer wrote (`about`): an MRN, the declarant's
reference, or the name of a deferment account. Columns of a CSV file are found by these names, others are passed over.
"""

import csv
import io
import re
from typing import Annotated, Final

import msgspec

from landsea.clearance.act import Amount, Name
from landsea.errors import InputError

COLUMNS: Final = ("reference", "amount", "currency", "about")
MOST: Final = 100_000
"""Lines in one file; more come in several."""


class BankLine(msgspec.Struct, frozen=True, gc=False):
    """One credit on the account of customs, as its bank tells it."""

    reference: Name
    amount: Amount
    currency: Name
    about: Annotated[str, msgspec.Meta(max_length=2_000)]


def lines_in(text: bytes) -> list[BankLine]:
    """The lines of a file, JSON where it begins like it, else CSV. Raises InputError with the place of what does not
    fit, or where one reference stands for two lines."""
    try:
        said = _json(text) if text.lstrip()[:1] == b"[" else _csv(text.decode("utf-8-sig"))
    except (UnicodeDecodeError, csv.Error, msgspec.DecodeError) as error:
        raise InputError(f"these are no lines of a bank: {error}") from None
    if len(said) > MOST:
        raise InputError(f"{len(said)} lines are too many at once; bring at most {MOST}")
    found: dict[str, BankLine] = {}
    for n, one in enumerate(said, start=1):
        try:
            line = msgspec.convert(one, BankLine)
        except msgspec.ValidationError as error:
            raise InputError(f"line {n} of the bank does not fit: {error}") from None
        if found.setdefault(line.reference, line) != line:
            raise InputError(f"line {n}: another line has the reference {line.reference} too")
    return list(found.values())


def numbers_in(about: str) -> list[str]:
    """What may be a number or a reference in what a payer wrote: all of it, and each word."""
    words = [about.strip(), *re.split(r"[\s,;:]+", about)]
    return list(dict.fromkeys(word.strip(".") for word in words if word and word.isprintable()))[:50]


def _json(text: bytes) -> list[object]:
    found: list[object] = msgspec.json.decode(text, type=list[object])
    return found


def _csv(text: str) -> list[object]:
    head, _, _ = text.partition("\n")
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise InputError(f"the file has no column {', '.join(missing)}; a bank's file has {', '.join(COLUMNS)}")
    return [{name: row[name] for name in COLUMNS} for row in rows]
