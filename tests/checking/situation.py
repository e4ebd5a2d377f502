"""A situation: a declaration written as one element assignment a line, made into a lot.

`GoodsShipment/GovernmentAgencyGoodsItem[2]/Packaging[1]/TypeCode = BX` gives an element its value; amounts and measures
may name a currency or unit behind the number (`1000 CNY`). `- GoodsShipment/Importer` takes an element or a class away
with all below it, `@administration = LA` sets the context. `Declaration/` in front and `[1]` are understood.
"""

import datetime
import re

import polars as pl

from landsea.declaration.element import GOODS_ITEM_PATH, Element, container, element
from landsea.declaration.lot import CONTEXT, SUFFIX, Lot, lot_of, schemas
from landsea.units import micro

Steps = tuple[tuple[str, int], ...]
Situation = dict[Steps | str, str]

CONTEXT_NOW = {
    "body": 0,
    "message": "declaration",
    "sender": "tester",
    "administration": "CN",
    "message_profile": "landsea",
    "model_version": "3.6",
    "version": 1,
    "received_at": datetime.datetime(2026, 11, 2, 4, 0, tzinfo=datetime.UTC),
    "applicable_on": datetime.date(2026, 11, 2),
}


def steps_of(path: str) -> Steps:
    """The steps of a path, `Declaration` first, each with its position among its like siblings from 1."""
    parts = path.removeprefix("Declaration/").split("/")
    matches = [re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part) for part in ["Declaration", *parts]]
    return tuple((m[1], int(m[2] or 1)) for m in matches)


def amended(situation: Situation, lines: list[str]) -> Situation:
    """The situation after these lines; a line that names an unknown element or takes nothing away is an error."""
    changed = dict(situation)
    for line in filter(None, (text.split("#")[0].strip() for text in lines)):
        if line.startswith("- "):
            gone = steps_of(line[2:].strip())
            under = [s for s in changed if not isinstance(s, str) and s[: len(gone)] == gone]
            assert under, f"nothing to take away: {line}"
            for steps in under:
                del changed[steps]
            continue
        path, _, value = (part.strip() for part in line.partition("="))
        if path.startswith("@"):
            changed[path[1:]] = value
        else:
            element("/".join(name for name, _ in steps_of(path)))
            changed[steps_of(path)] = value
    return changed


def lot_from(situations: list[Situation]) -> Lot:
    """The lot of these declarations, one a situation, as a reader would have made it."""
    rows: dict[str, list[dict]] = {name: [] for name in schemas()}
    for d, situation in enumerate(situations):
        rows["declarations"].append(_declaration(d, situation, rows))
    frames = {
        name: pl.DataFrame({c: [r.get(c) for r in rows[name]] for c in schema}, schema=dict(schema))
        for name, schema in schemas().items()
    }
    return lot_of(frames)


def _declaration(d: int, situation: Situation, rows: dict[str, list[dict]]) -> dict:
    head = dict(CONTEXT_NOW, d=d, body=d) | {k: _context(k, v) for k, v in situation.items() if isinstance(k, str)}
    made: dict[Steps, dict] = {(("Declaration", 1),): head}
    items: dict[int, int] = {}
    for steps in sorted((s for s in situation if not isinstance(s, str)), key=_order):
        row = _row(d, steps, made, items, rows)
        leaf = element("/".join(name for name, _ in steps))
        if leaf.column:
            row.update(_cells(leaf, situation[steps]))
    return head


def _order(steps: Steps) -> list[tuple[int, int]]:
    paths = ["/".join(name for name, _ in steps[: k + 1]) for k in range(len(steps))]
    return [(element(path).at, position) for path, (_, position) in zip(paths, steps, strict=True)]


def _row(d: int, steps: Steps, made: dict[Steps, dict], items: dict[int, int], rows: dict[str, list[dict]]) -> dict:
    held = container("/".join(name for name, _ in steps[:-1]))
    key = steps[: held.path.count("/") + 1]
    if key in made:
        return made[key]
    position = next((k for name, k in key if name == "GovernmentAgencyGoodsItem"), None)
    if position is not None and position not in items:
        items[position] = len(rows["goods_items"])
        item = key[: GOODS_ITEM_PATH.count("/") + 1]
        made[item] = {"d": d, "i": items[position], "n": position, "m": 1, "at": element(GOODS_ITEM_PATH).at}
        rows["goods_items"].append(made[item])
        if key == item:
            return made[item]
    repeating = [
        k
        for depth, (_, k) in enumerate(key)
        if (e := element("/".join(name for name, _ in key[: depth + 1]))).repeats and e.path != GOODS_ITEM_PATH
    ]
    row = {"d": d, "i": None if position is None else items[position], "at": held.at}
    row |= {"n": repeating[-1] if held.repeats else 1, "m": 1, "role": held.role}
    if (held.repeats and len(repeating) > 1) or (not held.repeats and repeating):
        row["m"] = repeating[-2] if held.repeats else repeating[-1]
    made[key] = row
    rows[held.frame].append(row)
    return row


def _cells(leaf: Element, text: str) -> dict:
    if leaf.kind in SUFFIX:
        number, _, unit = text.partition(" ")
        return {leaf.column: micro(number), leaf.column + SUFFIX[leaf.kind]: unit or None}
    if leaf.kind == "number":
        return {leaf.column: micro(text)}
    if leaf.kind == "count":
        return {leaf.column: int(text)}
    if leaf.kind == "datetime":
        return {leaf.column: _instant(text)}
    return {leaf.column: text}


def _instant(text: str) -> datetime.datetime:
    digits = re.sub(r"\D", "", text)[:14].ljust(14, "0")
    return datetime.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=datetime.UTC)


def _context(name: str, text: str) -> object:
    if CONTEXT[name] == pl.Date:
        return datetime.date.fromisoformat(text)
    if CONTEXT[name] == pl.UInt32:
        return int(text)
    return _instant(text) if name == "received_at" else text or None


def variants(text: str) -> dict[str, list[str]]:
    """The named parts of a file of situations; the part before the first `== name` is the base, named ''."""
    parts: dict[str, list[str]] = {"": []}
    for line in text.splitlines():
        if line.startswith("== "):
            parts[line[3:].strip()] = []
        else:
            parts[list(parts)[-1]].append(line)
    return parts
