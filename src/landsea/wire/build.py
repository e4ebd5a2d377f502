"""A message built from the frames of a lot: the tree of a draft, of an import, of anything that never came as XML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from lxml import etree

from landsea.declaration.element import GOODS_ITEM_PATH, element, elements
from landsea.declaration.lot import SUFFIX, Lot, schemas
from landsea.units import decimal_text

from .mapping import DATE_TIME_STRING, DEC, DEC_TYPES, METADATA, Place, declaration
from .value import written

_ITEM = element(GOODS_ITEM_PATH).at
_ATTRIBUTE = {"amount": "currencyID", "measure": "unitCode"}
_ENVELOPE = {"WCODataModelVersionCode": "model_version", "WCOTypeName": "", "ResponsibleCountryCode": "administration"}

Row = Mapping[str, Any]
Rows = Mapping[tuple[int, int | None], list[Row]]  # (element, goods item) → its rows in order


@dataclass(frozen=True, slots=True)
class _Context:
    """Where the building stands: the goods item, and the positions of the two innermost repeating classes."""

    i: int | None
    n: int
    m: int


def tree_of(lot: Lot, d: int = 0) -> Any:
    """The message of declaration `d`: an lxml element in its envelope, elements in the order of the data model.

    Rows without `at` stand at the first place of their frame and role on their level; rows without `n` in their order.
    Elements no column holds (pointers of amendments, what the table does not know) are not in it.
    """
    header = lot["declarations"].filter(pl.col("d") == d).row(0, named=True)
    root = etree.Element(f"{{{METADATA}}}MetaData", nsmap={"md": METADATA, None: DEC, "ds": DEC_TYPES})
    for name, column in _ENVELOPE.items():
        text = header[column] if column else "DEC"
        if text:
            etree.SubElement(root, f"{{{METADATA}}}{name}").text = text
    made = etree.SubElement(root, declaration().tag)
    _fill(made, declaration(), header, _rows(lot, d), _Context(None, 1, 1))
    return root


def _rows(lot: Lot, d: int) -> Rows:
    found: dict[tuple[int, int | None], list[Row]] = {}
    for name in schemas():
        if name == "declarations":
            continue
        frame = lot[name].filter(pl.col("d") == d)
        for row in frame.sort("n", maintain_order=True, nulls_last=True).iter_rows(named=True):
            i = None if name == "goods_items" else row["i"]
            at = row["at"] if row["at"] is not None else _first(name, row.get("role"), within=row["i"] is not None)
            rows = found.setdefault((at, i), [])
            rows.append(row if row["n"] is not None else {**row, "n": len(rows) + 1, "m": row["m"] or 1})
    return found


def _first(frame: str, role: str | None, *, within: bool) -> int:
    """The first class of the table whose rows are of this frame and role, in goods items or outside them."""
    return next(
        e.at
        for e in elements()
        if e.is_class and e.frame == frame and e.role == (role or "")
        if frame == "goods_items" or within == e.path.startswith(GOODS_ITEM_PATH + "/")
    )


def _fill(holder: Any, place: Place, row: Row, rows: Rows, context: _Context) -> bool:
    """The element holds what the row and the rows below it say; false where that is nothing."""
    for part in place.parts:
        if part.children is None:
            _leaf(holder, part, row)
        elif part.frame:
            for below, inner in _below(part, rows, context):
                made = etree.SubElement(holder, part.tag)
                _fill(made, part, below, rows, inner)
        else:
            made = etree.SubElement(holder, part.tag)
            if not _fill(made, part, row, rows, context):
                holder.remove(made)
    return len(holder) > 0


def _below(part: Place, rows: Rows, context: _Context) -> Iterator[tuple[Row, _Context]]:
    """The rows of a class that stand in this context, each with the context inside it."""
    for row in rows.get((part.at, context.i), ()):
        if part.at == _ITEM:
            yield row, _Context(row["i"], 1, 1)
        elif part.repeats and row["m"] == context.n:
            yield row, _Context(context.i, row["n"], context.n)
        elif not part.repeats and (row["n"], row["m"]) == (context.n, context.m):
            yield row, context


def _leaf(holder: Any, part: Place, row: Row) -> None:
    value = row.get(part.column) if part.column else None
    if value is None or value == "":
        return
    made = etree.SubElement(holder, part.tag)
    if part.kind == "datetime":
        made = etree.SubElement(made, DATE_TIME_STRING, formatCode="304")
        made.text = written(value)
    elif part.kind in ("amount", "measure", "number"):
        made.text = decimal_text(value)
    else:
        made.text = str(value)
    if (attribute := _ATTRIBUTE.get(part.kind)) and row.get(part.column + SUFFIX[part.kind]):
        made.set(attribute, row[part.column + SUFFIX[part.kind]])
