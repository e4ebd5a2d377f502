"""The stop list as it stands: which entries in force touch a lot. Reads only; `node.stopping` changes them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from landsea.declaration.lot import Lot
from landsea.risk.stops import STOPS, marks

from . import right_list
from .store import Store

_ANY: Final = "SELECT 1 FROM stops WHERE state <> 'proposed' LIMIT 1"
_NEWEST: Final = "SELECT MAX(changed) FROM stops WHERE state <> 'proposed'"
_ALL: Final = "SELECT id, kind, value, control, since, until FROM stops WHERE state <> 'proposed'"
_ENTRIES: Final = f"{_ALL} AND value IN"
_FEW: Final = 5_000
_ENTRY: Final[dict[str, pl.DataType]] = {
    "stop": pl.String(),
    "kind": pl.String(),
    "value": pl.String(),
    "control": pl.UInt8(),
}
_SPAN: Final[dict[str, pl.DataType]] = {"since": pl.Int64(), "until": pl.Int64()}


def known(store: Store, connection: Connection, lot: Lot) -> dict[str, pl.DataFrame]:
    """The frame `stops` of what is known: entries in force when the declarations were received, by what they touch.
    Goods that may infringe a right of others stand among them. There is none where nothing is touched, and nothing more
    is asked where both lists are empty."""
    found = right_list.touched(store, connection, lot)
    if store.rows(connection, _ANY):
        found = pl.concat([found, touched(store, connection, lot)])
    return {"stops": found} if found.height else {}


def touched(store: Store, connection: Connection, lot: Lot, at: int | None = None) -> pl.DataFrame:
    """The entries (`risk.stops.STOPS`) in force when each declaration was received, or at this instant."""
    carried = marks(lot)
    values = carried["value"].unique().to_list()
    many = len(values) > _FEW
    rows: Iterable[Any] = store.rows(connection, _ALL) if many else store.among(connection, _ENTRIES, values)
    entries = pl.DataFrame(list(rows), schema=_ENTRY | _SPAN, orient="row")
    if entries.is_empty():
        return pl.DataFrame(schema=STOPS)
    instant = pl.col("received_at").dt.timestamp("us") if at is None else pl.lit(at)
    received = lot["declarations"].select("d", at=instant)
    met = carried.join(entries, on=["kind", "value"]).join(received, on="d")
    in_force = (pl.col("since") <= pl.col("at")) & (pl.col("until").is_null() | (pl.col("at") < pl.col("until")))
    return met.filter(in_force).select(pl.col(name).cast(kind) for name, kind in STOPS.items()).sort(*STOPS)


def overlooked(store: Store, connection: Connection, positions: Mapping[int, int]) -> set[int]:
    """The rows that were decided on what was known when the log had this size, before an entry took effect."""
    ((newest,),) = store.rows(connection, _NEWEST)
    return set() if newest is None else {d for d, position in positions.items() if position <= newest}


def remembered(frames: Mapping[str, pl.DataFrame]) -> dict[int, list[tuple[Any, ...]]]:
    """Declaration row → the entries that touched it, without that row."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    if "stops" in frames:
        for d, *rest in frames["stops"].iter_rows():
            found.setdefault(d, []).append(tuple(rest))
    return found


def recalled(entries: Sequence[Sequence[Any]]) -> dict[str, pl.DataFrame]:
    """The frame again, for a declaration alone."""
    return {"stops": pl.DataFrame([(0, *one) for one in entries], schema=STOPS, orient="row")} if entries else {}


def midnight(day: str, zone: Any) -> int:
    """The microseconds since 1970 at which this day begins there. Raises ValueError for what is no day."""
    begins = datetime.fromisoformat(day).replace(tzinfo=zone)
    return int(begins.astimezone(UTC).timestamp()) * 1_000_000
