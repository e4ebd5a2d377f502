"""Frames made of rows once per lot: a column nobody filled costs next to nothing, a frame without rows nothing."""

from functools import cache
from typing import Any

import polars as pl

from landsea.declaration.finding import SCHEMA, no_findings
from landsea.declaration.lot import DERIVED, Lot, derived, schemas

from .projection import Rows


def lot_from(rows: Rows) -> Lot:
    """The complete lot of these rows, derived columns computed. Instants are microseconds since 1970 in UTC."""
    given = rows.frames

    def told(name: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return [tuple(map(row.get, columns)) for row in given[name]]

    for name, said in derived(told).items():
        for column, values in said.items():
            for row, value in values.items():
                given[name][row][column] = value  # d and i are places in the lists of rows
    return Lot({name: _frame(given[name], schema) if given[name] else empty for name, schema, empty in _frames()})


def _frame(rows: list[dict[str, Any]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema)


@cache
def _frames() -> list[tuple[str, dict[str, pl.DataType], pl.DataFrame]]:
    """Each frame with its schema, and as it is without rows: to make an empty one costs more than to make one."""
    full = {name: {**schema, **DERIVED.get(name, {})} for name, schema in schemas().items()}
    return [(name, schema, pl.DataFrame(schema=schema)) for name, schema in full.items()]


def findings_from(rows: Rows) -> pl.DataFrame:
    """The findings of these rows as a frame."""
    return pl.DataFrame(rows.findings, schema=SCHEMA) if rows.findings else _NONE


_NONE = no_findings()
