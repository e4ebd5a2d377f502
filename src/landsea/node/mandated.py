"""Mandated: the mandates that bear on a lot, as the core knows them; `node.mandates` gives and revokes them.

Mandates bind principals who keep theirs here: one who never gave any is not asked about. Nothing more is asked where
nobody did.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from landsea.clearance.mandate import MANDATES
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Decided

from .store import Store

_ANY: Final = "SELECT 1 FROM mandates LIMIT 1"
_OF: Final = f"SELECT {', '.join(MANDATES)} FROM mandates WHERE principal IN"  # noqa: S608 - names of columns
_STORED: Final = {name: pl.Int64() if isinstance(kind, pl.Datetime) else kind for name, kind in MANDATES.items()}
_PRINCIPALS: Final = ("importer_id", "exporter_id")


def known(store: Store, connection: Connection, lot: Lot) -> dict[str, pl.DataFrame]:
    """The frame `mandates` of what the importers and exporters of the lot gave; none where they gave none."""
    if not store.rows(connection, _ANY):
        return {}
    named = pl.concat([lot["declarations"][name] for name in _PRINCIPALS]).drop_nulls().unique().to_list()
    return recalled(sorted(store.among(connection, _OF, named)))


def recalled(rows: Iterable[Sequence[Any]]) -> dict[str, pl.DataFrame]:
    """The frame of these rows, whose instants are microseconds since 1970; none where there are none."""
    given = [tuple(row) for row in rows]
    frame = pl.DataFrame(given, schema=_STORED, orient="row")
    return {"mandates": frame.cast(dict(MANDATES))} if given else {}  # type: ignore[arg-type]


def remembered(frames: Mapping[str, pl.DataFrame], decided: Decided) -> dict[int, list[tuple[Any, ...]]]:
    """Declaration row → the mandates its importer and exporter gave, with instants as microseconds."""
    if "mandates" not in frames:
        return {}
    found: dict[int, list[tuple[Any, ...]]] = {}
    stored = frames["mandates"].cast(_STORED)  # type: ignore[arg-type]
    named = decided.lot["declarations"].select("d", *_PRINCIPALS).unpivot(index="d", value_name="principal")
    told = (
        named.select("d", "principal").unique(maintain_order=True).join(stored, on="principal", maintain_order="left")
    )
    for d, *row in told.select("d", *MANDATES).iter_rows():
        found.setdefault(d, []).append(tuple(row))
    return found
