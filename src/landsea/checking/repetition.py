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
    if frame.height == 1 or not _has_twins(place := _place(frame, same)):
        return [none]
    # few declarations name the same thing twice: a hash of the telling column finds those, only they are compared
    telling = (place.cast(pl.UInt64) * 2**32) | (frame.get_column(same[0]).hash() & (2**32 - 1))
    if not _has_twins(telling):
        return [none]
    rows = telling.is_duplicated().arg_true()
    alike = frame.select(same)[rows].select(again=~pl.struct(same).is_first_distinct()).to_series()
    return [none.scatter(rows.filter(alike), values=True)]


def _place(frame: pl.DataFrame, same: tuple[str, ...]) -> pl.Series:
    """The goods item or, at header level, the declaration that holds each row, as one number."""
    d = frame.get_column("d")
    if "i" not in same or frame.get_column("i").null_count() == frame.height:
        return d
    return frame.select(pl.coalesce("i", col("d") | 2**31)).to_series()


def _has_twins(numbers: pl.Series) -> bool:
    return numbers.n_unique() < len(numbers)
