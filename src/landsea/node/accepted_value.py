"""Accepted values: at what transaction values customs let comparable goods in, asked from the node's own records.

Methods 2 and 3 (WTO Valuation Agreement, Articles 2 and 3) compare with values accepted under Article 1, of goods from
the same country at or about the same time. Nothing is kept for it: where a declaration says method 2 or 3, released
imports of its commodity are looked up by their clocks, and their goods and duties are read from the record. So it costs
those declarations something and no other. Of each commodity the latest are read, and no more than a few hundred.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from landsea.declaration.lot import Lot
from landsea.dossier.blob import Blob
from landsea.tariff.comparable_value import ACCEPTED
from landsea.units import MICRO, micro

from . import records
from .clock import instant
from .keys import Keys
from .store import Store

_RELEASED: Final = (
    "SELECT d.mrn, d.document, d.decided, c.lodged FROM clocks c JOIN declarations d ON d.mrn = c.mrn"
    " WHERE c.commodity = ? AND c.released IS NOT NULL AND c.direction = 'import' AND d.administration = ?"
    " AND d.state IN ('released', 'cleared') ORDER BY c.released DESC LIMIT 200"
)
_ABOUT: Final = timedelta(days=120)  # wider than any administration's "about the same time"
_NET: Final = "Commodity/GoodsMeasure/NetNetWeightMeasure"
_Asked = tuple[str, str]  # administration, commodity


def into(
    found: Mapping[int, dict[str, list[Sequence[Any]]]],
    store: Store,
    connection: Connection,
    goods: tuple[Lot, pl.DataFrame],
    keys: Keys,
) -> None:
    """`found` has under `accepted` the values that bear on each declaration (`ACCEPTED`); `goods` are the lot, and its
    items that are not at a plain price."""
    lot, items = goods
    by_comparison = items.filter(pl.col("valuation_method").is_in(["2", "3"]), pl.col("commodity_code").is_not_null())
    where = lot["declarations"].select("d", "administration", "applicable_on").drop_nulls()
    asked = by_comparison.select("d", "commodity_code").unique(maintain_order=True).join(where, on="d")
    values: dict[_Asked, list[Sequence[Any]]] = {}
    for d, code, administration, on in asked.iter_rows():
        if (administration, code) not in values:
            values[administration, code] = list(_values(store, connection, (administration, code), keys))
        about = (row for row in values[administration, code] if abs(row[_EXPORTED] - on) <= _ABOUT)
        own = [[*row[:_EXPORTED], row[_EXPORTED].isoformat(), *row[_EXPORTED + 1 :]] for row in about]
        found[d].setdefault("accepted", []).extend(own)


_EXPORTED: Final = list(ACCEPTED).index("exported_on")


def _values(store: Store, connection: Connection, asked: _Asked, keys: Keys) -> Iterator[Sequence[Any]]:
    """The accepted values of a commodity (`ACCEPTED`), the latest first."""
    administration, code = asked
    rows = store.rows(connection, _RELEASED, (code, administration))
    read = records.read(connection, keys, [leaf for _, *leaves, _ in rows for leaf in leaves]) if rows else {}
    for _, document, decided, lodged in rows:
        declared, due = (read[leaf].blobs if leaf in read else None for leaf in (document, decided))
        bases = _bases(due or ())
        for item, said in _items(declared or ()).items():
            if (net := _plain(said, code)) and (base := bases.get(item)):
                (country, *_) = [*_origins(said), None]
                row = {
                    "product": said.get("Commodity/Description"),
                    "kind": code,
                    "origin": country,
                    "exported_on": instant(lodged).date(),
                    "quantity": net,
                    "unit_value": base * MICRO // net,
                }
                yield [row.get(name) for name in ACCEPTED]


def _items(blobs: Sequence[Blob]) -> dict[int, dict[str, Any]]:
    """Goods item → what is declared of it, by WCO paths below it."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for blob in blobs:
        if blob.item and blob.group in ("goods@1", "valuation@1"):
            found[blob.item] |= msgspec.json.decode(blob.data)
    return found


def _bases(blobs: Sequence[Blob]) -> dict[int, int]:
    """Goods item → its customs value: the base of its first tax that stands on no other. Items in doubt, or that claim
    a quota, are left out."""
    found = {}
    for blob in (one for one in blobs if one.group == "duty@1"):
        taxes = msgspec.json.decode(blob.data)["taxes"]
        if taxes and all(tax["base"] is not None and tax["if_granted"] is None for tax in taxes):
            found[blob.item] = micro(taxes[0]["base"])
    return found


def _plain(said: Mapping[str, Any], code: str) -> int | None:
    """The net mass of an item of this commodity that was valued by its price, in millionths; None of another."""
    codes = "".join(one.get("ID", "") for one in said.get("Commodity/Classification", ()))
    net, _, unit = said.get(_NET, "").partition(" ")
    valued = said.get("CustomsValuation/MethodCode", "1") == "1"
    return micro(net) or None if net and valued and codes.startswith(code) and unit in ("", "KGM") else None


def _origins(said: Mapping[str, Any]) -> list[str]:
    return [one["CountryCode"] for one in said.get("Origin", ()) if one.get("TypeCode", "1") == "1"]
