"""Heard: what agencies said to earlier versions of the declarations of a lot, as far as it holds for the next one."""

from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import Connection, bindparam, select

from landsea.clearance.consulted import SAID
from landsea.clearance.docket import KINDS, Said, held

from . import tables

_ACTS = tables.acts.c
_SPOKEN = (
    select(_ACTS.kind, _ACTS.about, _ACTS.place)
    .where(_ACTS.mrn == bindparam("mrn"), _ACTS.kind.in_(KINDS))
    .order_by(_ACTS.leaf)
)


def known(connection: Connection, earlier: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """The frame of what was said and holds; none where nothing was."""
    said = [
        (d, one)
        for d, mrn, version in earlier.select("d", "mrn", "version").iter_rows()
        for one in held(connection.execute(_SPOKEN, {"mrn": mrn}), version + 1)
    ]
    return recalled(said)


def recalled(said: Iterable[tuple[int, Said]]) -> Mapping[str, pl.DataFrame]:
    """The frame of these answers, each to a declaration row; none where there are none."""
    rows = [row for d, one in said for row in one.rows(d)]
    return {"answers": pl.DataFrame(rows, schema=SAID)} if rows else {}


def remembered(frames: Mapping[str, pl.DataFrame]) -> dict[int, list[Said]]:
    """Declaration row → the answers known to it."""
    found: dict[int, list[Said]] = {}
    for row in frames["answers"].to_dicts() if "answers" in frames else ():
        d, item, at = (row.pop(name) for name in ("d", "item", "at"))
        instant = int(at.timestamp() * 1_000_000 + 0.5)
        found.setdefault(d, []).append(Said(**row, at=instant, items=() if item is None else (item,)))
    return found
