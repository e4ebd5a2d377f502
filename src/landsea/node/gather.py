"""Gathering: what the node already holds that bears on a lot, as frames, at one log position.

The core computes with nothing else. A declaration is found for its own sender only: nobody amends another's.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, Select, select

from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known, Lodged
from landsea.risk import sampling

from . import tables
from .log import Log
from .store import Store

EARLIER = {
    "d": pl.UInt32(),
    "mrn": pl.String(),
    "outcome": pl.UInt8(),
    "control": pl.UInt8(),
    "ground": pl.String(),
    "state": pl.String(),
    "version": pl.UInt32(),
    "document": pl.Int64(),  # leaf of the record that holds the document in force
    "dossier": pl.String(),
}
STANDING = {"operator": pl.String(), "grade": pl.String(), "since": pl.Date()}
_STEP = 5_000  # values in one query: below the limits of both databases


def gather(store: Store, log: Log, lodged: Lodged, seed: bytes) -> Known:
    """What is known about the declarations of the lot: draws, operators' standing, earlier declarations."""
    lot = lodged.lot
    with store.reading() as connection:
        draws = sampling.draws(lot, seed)
        frames = {
            "draws": _standing_draws(connection, draws),
            "standing": _standing(connection, lot),
            "earlier": _earlier(connection, lot),
        }
        return Known(log.size(connection), frames)


def among(connection: Connection, query: Select[Any], column: Column[Any], values: Sequence[Any]) -> Iterator[Any]:
    """The rows of the query whose column has one of these values, however many they are."""
    for at in range(0, len(values), _STEP):
        yield from connection.execute(query.where(column.in_(values[at : at + _STEP])))


def _standing_draws(connection: Connection, draws: pl.DataFrame) -> pl.DataFrame:
    """An earlier draw of the same consignment stands, so that to cancel and lodge again does not roll again."""
    table = tables.draws
    query = select(table.c.consignment, table.c.draw)
    found = [tuple(row) for row in among(connection, query, table.c.consignment, draws["key"].unique().to_list())]
    earlier = pl.DataFrame(found, schema={"key": pl.Binary, "stood": pl.Int64}, orient="row")
    return draws.join(earlier, on="key", how="left", maintain_order="left").select(
        "d", "key", draw=pl.coalesce(pl.col("stood").reinterpret(signed=False), "draw"), new=pl.col("stood").is_null()
    )


def _standing(connection: Connection, lot: Lot) -> pl.DataFrame:
    table = tables.standing
    named = lot["parties"]["id"].drop_nulls().unique().to_list()
    found = [tuple(row) for row in among(connection, select(table), table.c.operator, named)]
    texts = pl.DataFrame(found, schema={"operator": pl.String, "grade": pl.String, "since": pl.String}, orient="row")
    return texts.with_columns(pl.col("since").str.to_date())


def _earlier(connection: Connection, lot: Lot) -> pl.DataFrame:
    """The declaration each row refers to by its MRN, or else the one its sender lodged under the same reference."""
    table = tables.declarations
    query = select(
        table.c.sender,
        table.c.lrn,
        table.c.mrn,
        table.c.outcome,
        table.c.control,
        table.c.ground,
        table.c.state,
        table.c.version,
        table.c.document,
        table.c.dossier,
    )
    named = lot["declarations"].select("d", "sender", "lrn", "mrn")
    by_mrn = among(connection, query, table.c.mrn, named["mrn"].drop_nulls().unique().to_list())
    by_lrn = among(connection, query.order_by(table.c.at), table.c.lrn, named["lrn"].drop_nulls().unique().to_list())
    schema = {"sender": pl.String(), "lrn": pl.String(), **{c: t for c, t in EARLIER.items() if c != "d"}}
    mrns, lrns = (
        pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").unique(key, keep="last")
        for rows, key in ((by_mrn, ["sender", "mrn"]), (by_lrn, ["sender", "lrn"]))
    )
    referred = named.filter(pl.col("mrn").is_not_null()).select("d", "sender", "mrn")
    same = named.filter(pl.col("mrn").is_null()).select("d", "sender", "lrn")
    found = pl.concat(
        [
            referred.join(mrns, on=["sender", "mrn"]).select(list(EARLIER)),
            same.join(lrns, on=["sender", "lrn"]).select(list(EARLIER)),
        ]
    )
    return found.sort("d")
