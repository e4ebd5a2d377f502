"""Repetition: which rows say the same as one before them in the same declaration."""

from collections.abc import Mapping

import polars as pl
from polars import col

_SAME: Mapping[str, tuple[str, ...]] = {  # what makes a row the same as one before, the most telling column first
    "classifications": ("id_type", "d", "i"),
    "procedures": ("current", "previous", "d", "i"),
    "exchange_rates": ("currency", "d"),
    "origins": ("type", "d", "i"),
    "documents": ("id", "d", "i", "role", "category", "type", "line", "exemption", "writeoff_quantity"),
    "equipment": ("id", "d", "i"),
    "seals": ("id", "d"),
    "authorisations": ("id", "category", "d"),
}


def repeated(name: str, frame: pl.DataFrame) -> list[pl.Series]:
    """For a frame whose rows should differ, whether each is the same as one before; nothing for any other frame."""
    if name not in _SAME:
        return []
    same = _SAME[name]
    none = pl.Series("repeated", [False]).new_from_index(0, frame.height)
    if frame.height == 1:
        return [none]
    if frame.height < _MANY:
        return [frame.select(repeated=~pl.struct(same).is_first_distinct()).to_series()]
    rows = _suspects(frame, same)
    again = frame.select(same)[rows].select(~pl.struct(same).is_first_distinct()).to_series()
    return [none.scatter(rows.filter(again), values=True)]


_MANY = 1000  # rows; to compare fewer is cheaper than to look which need comparing


def _suspects(frame: pl.DataFrame, same: tuple[str, ...]) -> pl.Series:
    """The rows that share their place, and a hash of the telling column, with another."""
    nobody = pl.Series([], dtype=pl.UInt32)
    place = frame.get_column("d")
    if "i" in same:
        place = frame.select(pl.coalesce("i", col("d") | 2**31)).to_series()
    if not _has_twins(place):
        return nobody
    telling = (place.cast(pl.UInt64) * 2**32) | (frame.get_column(same[0]).hash() & (2**32 - 1))
    return telling.is_duplicated().arg_true() if _has_twins(telling) else nobody


def _has_twins(numbers: pl.Series) -> bool:
    return numbers.n_unique() < len(numbers)
