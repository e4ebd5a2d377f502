"""Rehearsal: what a declarant would hear of a draft, found out without lodging it.

Hops 1 to 3 only: nothing is drawn, selected or decided, and nothing is kept; so whatever is told here, no risk profile,
no stop and no draw is part of it. The law of now is applied; when it is lodged, it is the law of then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from landsea.checking.check import check
from landsea.clearance.agency import asked
from landsea.clearance.records import assessed_blobs, decimal
from landsea.declaration.stage import Known, Lodgement
from landsea.dossier.blob import Blob
from landsea.tariff import assess
from landsea.wire import read

from .gather import EARLIER
from .lodging import Lodging
from .recording import blobs_of

_NOTHING_EARLIER = {"earlier": pl.DataFrame(schema=EARLIER)}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Findings and duties as blobs of the groups decisions have, and what every agency would ask of which item."""

    blobs: Sequence[Blob]
    asks: Sequence[dict[str, Any]]


def rehearsed(lodging: Lodging, lodgement: Lodgement) -> Rehearsed:
    """What this body would be told if it were lodged, as far as that follows from it and from the law alone."""
    edition, known = lodging.edition, Known(0, _NOTHING_EARLIER)
    assessed = assess(check(read([lodgement], edition), known, edition), known, edition)
    (blobs,) = blobs_of(assessed_blobs(assessed), 1)
    asks = asked(assessed.lot, edition)
    items = assessed.lot["goods_items"].select("i", item="sequence") if asks.height else None
    if items is None:
        return Rehearsed(blobs, [])
    told = asks.join(items, on="i", how="left", maintain_order="left").with_columns(decimal("fee").alias("fee"))
    shown = ("item", "agency", "rule", "why", "action", "wanted", "satisfied", "fee", "fee_currency")
    return Rehearsed(blobs, told.select(shown).to_dicts())
