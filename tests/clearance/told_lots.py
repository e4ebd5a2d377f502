"""Lots told line by line in text cases: declarations, and behind each its items, documents and parties."""

import datetime

from landsea.declaration.element import GOODS_ITEM_PATH, element
from landsea.declaration.lot import lot_of
from landsea.units import micro

WORDS = ("declaration", "item", "document", "party")
_TYPES = {"import": "IMA", "export": "EXA"}
_USUAL = {"administration": "CN", "direction": "import", "on": "2026-07-01", "at": "2026-07-01T02:00:00"}
_OF_HEADER = {"Declarant": "Declaration/Declarant", "Agent": "Declaration/Agent", "Exporter": "Declaration/Exporter"}


def instant(text):
    """The instant in UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def lot_told(situation):
    """The lot of these lines. Items, documents and parties belong to the declaration before them; a document or party
    with `item` stands at that goods item, any other at the header.
    """
    frames = {name: [] for name in ("declarations", "goods_items", "classifications", "origins", "procedures")}
    frames |= {"documents": [], "parties": []}
    first = 0
    for word, said in situation:
        if word == "declaration":
            first = len(frames["goods_items"])
            _declaration(frames, _USUAL | said)
        elif word == "item":
            _item(frames, said, first)
        elif word in ("document", "party"):
            _beside(frames, word, said, first)
    return lot_of({name: _columns(rows) for name, rows in frames.items() if rows})


def _declaration(frames, said):
    d = len(frames["declarations"])
    header = {"type": _TYPES[said["direction"]], "declaration_office": said.get("office"), "body": d}
    header |= {"received_at": instant(said["at"]), "applicable_on": datetime.date.fromisoformat(said["on"])}
    frames["declarations"].append({"d": d, "message": "declaration", "administration": said["administration"]} | header)
    for role in ("declarant", "agent", "importer", "exporter"):
        if role in said:
            _beside(frames, "party", {"role": role.capitalize(), "id": said[role]} | _function(role, said), 0)


def _function(role, said):
    return {"function": said["function"]} if role == "agent" and "function" in said else {}


def _item(frames, said, first):
    i = len(frames["goods_items"])
    keys = {"d": len(frames["declarations"]) - 1, "i": i}
    row = keys | {"n": i - first + 1}
    for name, column in (("net_mass", "net_mass"), ("quantity", "tariff_quantity")):
        amount, _, unit = said.get(name, "").partition(" ")
        row |= {column: micro(amount) if amount else None, f"{column}_unit": unit or None}
    frames["goods_items"].append(row)
    for name, (frame, column, more) in _OF_ITEM.items():
        if name in said:
            frames[frame].append(keys | {"n": 1, column: said[name]} | more)


_OF_ITEM = {
    "code": ("classifications", "id", {"id_type": "TSP"}),
    "origin": ("origins", "country", {"type": "1"}),
    "procedure": ("procedures", "current", {"previous": "00"}),
}


def _beside(frames, word, said, first):
    frame = "documents" if word == "document" else "parties"
    i = first + int(said["item"]) - 1 if "item" in said else None
    row = {"d": len(frames["declarations"]) - 1, "i": i, "id": said.get("id")}
    row["n"] = 1 + sum(one["d"] == row["d"] and one["i"] == i for one in frames[frame])
    if word == "document":
        path = f"{GOODS_ITEM_PATH if 'item' in said else 'Declaration'}/AdditionalDocument"
        row |= {"role": said.get("role", "additional"), "exemption": said.get("exemption")}
        row |= {"category": said["type"][0], "type": said["type"][1:]}
    else:
        role = said["role"]
        path = (
            f"{GOODS_ITEM_PATH}/{role}" if "item" in said else _OF_HEADER.get(role, f"Declaration/GoodsShipment/{role}")
        )
        row |= {"role": role, "function": said.get("function")}
    frames[frame].append(row | {"at": element(path).at})


def _columns(rows):
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(key for row in rows for key in row)}
