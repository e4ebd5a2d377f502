"""Repetition: which rows say the same as one before them in the same declaration."""

from collections.abc import Mapping

import polars as pl
from polars import col

from .rows import FEW, Rows, constant

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


def repeated(rows: Rows) -> pl.Series:
    """Whether each row of a frame whose rows should differ is the same as one before."""
    same = _SAME[rows.frame]
    none = constant(rows.height, value=False)
    if rows.height < _MANY:
        if any(rows[column].n_unique() == rows.height for column in same):
            return none
        return rows.table(same).select_seq(~pl.struct(same).is_first_distinct()).to_series()
    suspects = _suspects(rows, same)
    if not len(suspects):
        return none
    again = pl.DataFrame([rows[column][suspects] for column in same]).select(~pl.struct(same).is_first_distinct())
    return none.scatter(suspects.filter(again.to_series()), values=True)


_MANY = 1000  # rows; to compare fewer is cheaper than to look which need comparing


def _suspects(rows: Rows, same: tuple[str, ...]) -> pl.Series:
    """The rows that share their place, and a hash of the telling column, with another."""
    nobody = pl.Series([], dtype=pl.UInt32)
    place = rows["d"]
    if "i" in same:
        place = rows["i"] if rows.look("i").given else rows.select(pl.coalesce("i", col("d") | 2**31))
    ordered = place.is_sorted()
    if ordered and not (place[1:] == place[:-1]).any():
        return nobody
    hashes = rows[same[0]].hash()
    if ordered and _differ(place, hashes):
        return nobody
    telling = (place.cast(pl.UInt64) * 2**32) | (hashes & (2**32 - 1))
    return telling.is_duplicated().arg_true()


def _differ(places: pl.Series, hashes: pl.Series) -> bool:
    """Whether no two rows of a place, which stand together and are few, have the same hash."""
    for apart in range(1, FEW):
        neighbours = places[apart:] == places[:-apart]
        if not neighbours.any():
            return True
        if (neighbours & (hashes[apart:] == hashes[:-apart])).any():
            return False
    return False
