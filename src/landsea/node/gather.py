"""Gathering: what the node already holds that bears on a lot, as frames, at one log position.

The core computes with nothing else. A declaration is found for its own sender only: nobody amends another's.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known, Lodged
from landsea.risk import sampling
from landsea.tariff.first_proof import stocks_named

from . import heard, mandated, quota, stop_list, supplementing, tables, value_known
from .keys import Keys
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
    "awaits": pl.String(),
}
STANDING = {"operator": pl.String(), "grade": pl.String(), "since": pl.Date()}
_STEP = 5_000  # values in one query: below the limits of both databases

AMONG: BindParameter[Any] = bindparam("among", expanding=True)
"""The values that `among` puts into a query."""
_DRAWN = select(tables.draws.c.consignment, tables.draws.c.draw).where(tables.draws.c.consignment.in_(AMONG))
_STANDING = select(tables.standing).where(tables.standing.c.operator.in_(AMONG))
_DECLARED = tables.declarations.c
_EARLIER = select(_DECLARED.sender, _DECLARED.lrn, *(_DECLARED[name] for name in EARLIER if name != "d"))
_BY_MRN = _EARLIER.where(_DECLARED.mrn.in_(AMONG))
_BY_LRN = _EARLIER.where(_DECLARED.lrn.in_(AMONG)).order_by(_DECLARED.at)


class Sources(NamedTuple):
    """What says where to look: the law, the keys that open what is on record, and earlier declarations, if given."""

    edition: Edition
    keys: Keys
    earlier: pl.DataFrame | None = None


def gather(store: Store, log: Log, lodged: Lodged, seed: bytes, sources: Sources | None = None) -> Known:
    """What is known about the declarations of the lot: draws, operators' standing, earlier declarations (unless they
    are given), what is drawn of the quotas they claim and, with `sources`, of the first proofs of origin they name, and
    evidence of values that are not plain prices.
    """
    lot, earlier = lodged.lot, sources.earlier if sources else None
    firsts = stocks_named(lot, sources.edition) if sources else []
    draws = sampling.draws(lot, seed)
    with store.reading() as connection:
        frames = {
            "draws": _standing_draws(connection, draws),
            "standing": _standing(connection, lot),
            "earlier": _earlier(connection, lot) if earlier is None else earlier,
        }
        frames |= heard.known(connection, frames["earlier"])
        frames |= mandated.known(store, connection, lot)
        frames |= stop_list.known(store, connection, lot)
        frames |= quota.known(store, connection, lot, frames["earlier"], firsts)
        frames |= supplementing.known(connection, lot, frames["earlier"])
        frames |= value_known.known(store, connection, lot, sources.edition, sources.keys) if sources else {}
        return Known(log.size(connection), frames)


def among(connection: Connection, query: Select[Any], values: Iterable[Any], **said: Any) -> Iterator[Any]:
    """The rows of the query, `AMONG` these values, however many they are; nothing is asked where there is none."""
    asked = list({value for value in values if value is not None})
    for at in range(0, len(asked), _STEP):
        yield from connection.execute(query, {"among": asked[at : at + _STEP], **said})


def _standing_draws(connection: Connection, draws: pl.DataFrame) -> pl.DataFrame:
    """An earlier draw of the same consignment stands, so that to cancel and lodge again does not roll again."""
    keys = draws["key"].to_list()
    stood = {key: draw % (1 << 64) for key, draw in among(connection, _DRAWN, keys)}  # kept as if they had a sign
    new = draws.hstack([pl.Series("new", [key not in stood for key in keys], pl.Boolean)])
    if not stood:
        return new
    drawn = [stood.get(key, draw) for key, draw in draws.select("key", "draw").iter_rows()]
    return new.with_columns(draw=pl.Series(drawn, dtype=pl.UInt64))


def _standing(connection: Connection, lot: Lot) -> pl.DataFrame:
    named = among(connection, _STANDING, lot["parties"]["id"].to_list())
    found = [(*of, date.fromisoformat(since)) for *of, since in named]
    return pl.DataFrame(found, schema=STANDING, orient="row") if found else _NO_STANDING


def _earlier(connection: Connection, lot: Lot) -> pl.DataFrame:
    """The declaration each row refers to by its MRN, or else the one its sender lodged under the same reference."""
    rows = lot["declarations"]
    named = list(zip(*(rows[column].to_list() for column in ("d", "sender", "mrn", "lrn")), strict=True))
    by_mrn = among(connection, _BY_MRN, (mrn for *_, mrn, _ in named))
    by_lrn = among(connection, _BY_LRN, (lrn for *_, mrn, lrn in named if mrn is None))
    mrns = {(row.sender, row.mrn): row for row in by_mrn}
    lrns = {(row.sender, row.lrn): row for row in by_lrn}  # the last stays
    if not mrns and not lrns:
        return _NOTHING_EARLIER
    found = (
        (d, mrns.get((sender, mrn)) if mrn is not None else lrns.get((sender, lrn))) for d, sender, mrn, lrn in named
    )
    return pl.DataFrame([(d, *row[2:]) for d, row in found if row], schema=EARLIER, orient="row")


_NO_STANDING = pl.DataFrame(schema=STANDING)
_NOTHING_EARLIER = pl.DataFrame(schema=EARLIER)
