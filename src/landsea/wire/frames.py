"""Frames made of rows once per lot: a column nobody filled costs next to nothing."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl

from landsea.declaration.finding import SCHEMA
from landsea.declaration.lot import Lot, derive, schemas

from .projection import Rows


@cache
def _empty(frame: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schemas()[frame]))


def frame_of(schema: Mapping[str, pl.DataType], rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The frame of these rows; what a row does not name is null. Instants are microseconds since 1970 in UTC."""
    return pl.DataFrame(rows, schema=dict(schema))


def lot_from(rows: Rows) -> Lot:
    """The complete lot of these rows, derived columns computed."""
    frames = {
        name: frame_of(schema, rows.frames[name]) if rows.frames.get(name) else _empty(name)
        for name, schema in schemas().items()
    }
    return derive(Lot(frames))


def findings_from(rows: Rows) -> pl.DataFrame:
    """The findings of these rows as a frame."""
    return frame_of(SCHEMA, rows.findings) if rows.findings else pl.DataFrame(schema=SCHEMA)
