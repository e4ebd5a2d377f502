"""Small situations for tests of risk and clearance: declarations told in a few words."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from landsea.declaration.finding import findings_frame, no_findings
from landsea.declaration.lot import Lot, lot_of
from landsea.declaration.stage import Assessed, Known
from landsea.tariff.assess import SCHEMA as ASSESSMENTS
from landsea.units import micro

DAY = date(2026, 3, 2)


def declarations(*told: dict[str, Any]) -> Lot:
    """A lot of these declarations. Keys of one: header columns; parties by role (`importer`, `exporter`, `declarant`);
    `route`, `containers`, `papers` (type, id); and `items`, each with `hs`, `origin` and columns of goods items.
    """
    frames: dict[str, list[dict[str, Any]]] = {name: [] for name in _FRAMES}
    for d, one in enumerate(told):
        header = {k: v for k, v in one.items() if k not in _NOT_HEADER}
        frames["declarations"].append(_HEADER | {"d": d, "body": d, "lrn": f"LRN-{d}"} | header)
        for role in ("importer", "exporter", "declarant", "consignee"):
            if role in one:
                frames["parties"].append({"d": d, "role": role.capitalize(), "id": one[role]})
        frames["itinerary"] += [{"d": d, "n": n, "country": c} for n, c in enumerate(one.get("route", ()), 1)]
        frames["equipment"] += [{"d": d, "n": n, "id": c} for n, c in enumerate(one.get("containers", ()), 1)]
        frames["documents"] += [
            {"d": d, "n": n, "role": "previous", "type": kind, "id": id_}
            for n, (kind, id_) in enumerate(one.get("papers", ()), 1)
        ]
        for n, item in enumerate(one.get("items", ({},)), 1):
            _add_item(frames, {"d": d, "i": len(frames["goods_items"]), "n": n}, item)
    return lot_of({name: _frame(name, rows) for name, rows in frames.items() if rows})


_FRAMES = (
    "declarations",
    "parties",
    "itinerary",
    "equipment",
    "documents",
    "goods_items",
    "classifications",
    "origins",
)
_NOT_HEADER = {"importer", "exporter", "declarant", "consignee", "route", "containers", "papers", "items"}
_HEADER = {
    "message": "declaration",
    "sender": "broker",
    "administration": "LA",
    "version": 1,
    "received_at": datetime(2026, 3, 2, 3, tzinfo=UTC),
    "applicable_on": DAY,
    "type": "IMA",
    "function": "9",
}
_AMOUNTS = {"item_amount", "net_mass", "gross_mass"}


def _add_item(frames: dict[str, list[dict[str, Any]]], keys: dict[str, int], item: dict[str, Any]) -> None:
    row = {k: micro(v) if k in _AMOUNTS else v for k, v in item.items() if k not in ("hs", "origin", "preferential")}
    frames["goods_items"].append(keys | {"item_amount_currency": "LAK"} | row)
    if "hs" in item:
        frames["classifications"].append(keys | {"n": 1, "id": item["hs"], "id_type": "HS"})
    for kind, name in (("1", "origin"), ("2", "preferential")):
        if name in item:
            frames["origins"].append(keys | {"n": int(kind), "country": item[name], "type": kind})


def _frame(name: str, rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    columns = dict.fromkeys(key for row in rows for key in row)
    return {column: [row.get(column) for row in rows] for column in columns}


def assessed(lot: Lot, findings: list[dict[str, Any]] = (), taxes: list[dict[str, Any]] = ()) -> Assessed:
    """The lot with these findings and taxes (`i`, `base`, `amount`; as decimal text)."""
    places = {i: (d, n) for d, i, n in lot["goods_items"].select("d", "i", "n").iter_rows()}
    rows = [
        {"tax": "A00", "state": "payable", "currency": "LAK"}
        | {"d": places[t["i"]][0], "item": places[t["i"]][1]}
        | {k: micro(v) if k in ("base", "amount", "quantity") and v is not None else v for k, v in t.items()}
        for t in taxes
    ]
    assessments = pl.DataFrame({c: [r.get(c) for r in rows] for c in ASSESSMENTS}, schema=ASSESSMENTS)
    found = findings_frame(list(findings)) if findings else no_findings()
    return Assessed(lot, found, (), assessments)


def known(lot: Lot, draw: int = 2**64 - 1, **frames: pl.DataFrame) -> Known:
    """What is known: this draw for every declaration, an empty register, and the frames given."""
    draws = lot["declarations"].select("d", draw=pl.lit(draw, pl.UInt64))
    register = pl.DataFrame(schema={"d": pl.UInt32, "state": pl.String})
    return Known(7, {"draws": draws, "earlier": register, **frames})
