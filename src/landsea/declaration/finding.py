"""The finding: one thing a check has to say about a declaration. A value, never an exception.

Within the core findings are a frame (`SCHEMA`), so that a million declarations cost no million objects; at the edge
`findings_of` makes values of them. Sentences are rendered per language at the edge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import polars as pl

from .element import element
from .pointer import Pointer, pointer


class Severity(IntEnum):
    """How grave. The numbers are wire codes and are never reused."""

    INFORMATION = 1
    WARNING = 2
    ERROR = 3


SCHEMA: dict[str, pl.DataType] = {
    "d": pl.UInt32(),  # declaration row
    "rule": pl.String(),
    "version": pl.UInt16(),  # of the rule
    "severity": pl.UInt8(),
    "at": pl.UInt16(),  # Element.at of what it points at; null where the place is not an element
    "item": pl.UInt32(),  # position of the goods item within its declaration, from 1
    "n": pl.UInt32(),
    "m": pl.UInt32(),
    "value": pl.String(),  # what was found there
    "place": pl.String(),  # where it is, if not at an element: a line and column, or the path of an unknown element
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: which rule at which version, how grave, where, and the value found."""

    rule: str
    version: int
    severity: Severity
    pointer: Pointer | None
    place: str
    value: str | None

    @property
    def where(self) -> str:
        """The place in words a declarant can look up."""
        return str(self.pointer) if self.pointer else self.place


def no_findings() -> pl.DataFrame:
    """An empty frame of findings."""
    return pl.DataFrame(schema=SCHEMA)


_NONE = no_findings()


def findings_frame(rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    """A frame of findings from rows that name only what they know; the rest is null."""
    return pl.DataFrame({c: [r.get(c) for r in rows] for c in SCHEMA}, schema=SCHEMA)


def breaches(
    rule: str, severity: Severity, path: str, rows: pl.DataFrame, value: pl.Expr | None = None
) -> pl.DataFrame:
    """One finding of the rule, at version 1, per row; rows have d, and item and n where the place is a goods item's.

    It points at the element of this path, or at that of the rows' own `at`. `value` is what was found there.
    """
    if rows.is_empty():
        return _NONE
    here: dict[str, pl.Expr] = {
        "rule": pl.lit(rule),
        "version": pl.lit(1),
        "severity": pl.lit(int(severity)),
        "at": pl.col("at") if "at" in rows.columns else pl.lit(element(path).at),
        "value": pl.lit(None) if value is None else value,
    }
    found = rows.select(
        here.get(name, pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )
    return found.unique(maintain_order=True)


def findings_of(frame: pl.DataFrame, d: int | None = None) -> Iterator[Finding]:
    """The findings as values, of declaration `d` or of all."""
    chosen = frame if d is None else frame.filter(pl.col("d") == d)
    for row in chosen.iter_rows(named=True):
        where = None if row["at"] is None else pointer(row["at"], row["item"], row["n"], row["m"])
        yield Finding(row["rule"], row["version"], Severity(row["severity"]), where, row["place"] or "", row["value"])
