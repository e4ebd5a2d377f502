"""The projection: the tree of a message turned into rows of the lot, and what is wrong with its form into findings.

One walk over the tree, guided by the compiled element table, does all of it: order, cardinality, mandatory elements,
formats and values. What the table does not know stays in the tree and is named by a finding; nothing is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from lxml import etree

from landsea.declaration.lot import schemas
from landsea.declaration.pointer import pointer

from .limits import Limits
from .mapping import DATE_TIME_STRING, DEC, Place, declaration
from .rule import RULES
from .value import count, decimal, instant

Row = dict[str, Any]
Where = tuple[int, int]
"""The positions of the two innermost repeating classes around a place, goods items aside: keys `n` and `m`."""
_TOP: Where = (1, 1)
_CONTROLLED = {"amount": ("currencyID", "_currency"), "measure": ("unitCode", "_unit")}


@dataclass(slots=True)
class Rows:
    """Rows of every frame of a lot, each frame present, and the findings, as they grow message by message."""

    frames: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in schemas()})
    findings: list[Row] = field(default_factory=list)


class Projection:
    """One message on its way into the rows of a lot."""

    __slots__ = ("_context", "_item", "_left", "_local", "_rows", "_severity")

    def __init__(self, rows: Rows, local: tzinfo, severity: Mapping[str, int], limits: Limits) -> None:
        self._rows = rows
        self._local = local
        self._severity = severity
        self._left = limits.findings
        self._item: int | None = None
        self._context: Row = {}

    def begin(self, row: Row) -> None:
        """Findings from now on are about this row of `declarations`."""
        self._context = {"d": row["d"], "i": None}

    def read(self, root: Any, row: Row) -> None:
        """All of the declaration at `root` stands in rows; `row` is its row of `declarations`."""
        if root.keys():
            self._attributes(root, declaration(), _TOP)
        self._class(root, declaration(), row, _TOP)

    def finding(self, rule: str, at: int | None, where: Where = _TOP, **rest: str | None) -> None:
        """One more finding about the message; `rest` are its value and place."""
        if not self._severity[rule]:
            return
        self._left -= 1
        if self._left >= 0:
            self._record(rule, at, where, rest)
        elif self._left == -1:
            self._record("WIR-019", None, (None, None), {})

    def _record(
        self, rule: str, at: int | None, where: tuple[int | None, int | None], rest: Mapping[str, str | None]
    ) -> None:
        about = {"d": self._context["d"], "rule": rule, "version": RULES[rule].version, "at": at, "item": self._item}
        value = rest.get("value")
        about |= {"severity": self._severity[rule], "n": where[0], "m": where[1], "place": rest.get("place")}
        self._rows.findings.append(about | {"value": value[:200] if value else value})

    def _class(self, holder: Any, place: Place, row: Row, where: Where) -> None:
        """The children of one class; `where` is where it stands."""
        known = place.children or {}
        last, seen = -1, 0
        late: dict[int, int] = {}  # how often an element came that once came too late
        for child in holder[:]:  # a slice is made in C, and faster than its iterator
            if (tail := child.tail) and not tail.isspace():
                self.finding("WIR-026", place.at, where, value=tail.strip())
            part = known.get(child.tag)
            if part is None:
                self._stranger(child, place, where)
                continue
            if part.at > last:
                last, seen, nth = part.at, 1, 1
            else:
                seen += part.at == last
                nth = self._again(child, part, where, seen if part.at == last else 0, late)
                if nth > 1 and not part.repeats:
                    continue
            if part.children is not None:
                self._inner(child, part, row, nth, where)
            elif (
                part.plain
                and (text := child.text)
                and 0 < len(text := text.strip()) <= part.length
                and not (len(child) or child.keys())
            ):
                row[part.column] = text  # most leaves end here
            else:
                self._leaf(child, part, row, where)
        if (text := holder.text) and not text.isspace():
            self.finding("WIR-026", place.at, where, value=text.strip())
        for part in place.required:
            if part.column not in row:
                self.finding("WIR-024", part.at, where)

    def _again(self, child: Any, part: Place, where: Where, nth: int, late: dict[int, int]) -> int:
        """The position among its like of a child that opens no new name; `nth` is 0 where it comes too late."""
        if not nth and part.at in late:
            nth = late[part.at] = late[part.at] + 1
        elif not nth:
            self.finding("WIR-022", part.at, where)
            nth = late[part.at] = 1 + sum(1 for _ in child.itersiblings(part.tag, preceding=True))
        if nth == part.most + 1:
            self._one_too_many(part, nth, where)
        return nth

    def _one_too_many(self, part: Place, nth: int, where: Where) -> None:
        self._item = nth if part.is_item else self._item
        place = (nth, where[0]) if part.repeats and not part.is_item else where
        self.finding("WIR-023", part.at, place, value=f"more than {part.most}")
        self._item = None if part.is_item else self._item

    def _inner(self, holder: Any, place: Place, row: Row, nth: int, where: Where) -> None:
        if holder.keys():
            self._attributes(holder, place, where)
        if place.is_item:
            self._goods_item(holder, place, nth)
            return
        if place.repeats:
            where = (nth, where[0])
        if place.frame:
            row = {**self._context, "n": where[0], "m": where[1], "at": place.at}
            if place.role:
                row["role"] = place.role
            self._rows.frames[place.frame].append(row)
        self._class(holder, place, row, where)

    def _goods_item(self, holder: Any, place: Place, nth: int) -> None:
        outside = self._context
        items = self._rows.frames[place.frame]
        self._item, self._context = nth, {"d": outside["d"], "i": len(items)}
        row = {**self._context, "n": nth, "m": 1, "at": place.at}
        items.append(row)
        self._class(holder, place, row, _TOP)
        self._item, self._context = None, outside

    def _leaf(self, leaf: Any, place: Place, row: Row, where: Where) -> None:
        kind, column = place.kind, place.column
        if column not in row:
            row[column] = None  # present, whatever becomes of its value
        if kind == "datetime":
            self._instant(leaf, place, row, where)
            return
        if len(leaf) and leaf.find("*") is not None:
            self.finding("WIR-027", place.at, where)
        if leaf.keys():
            attribute, suffix = _CONTROLLED.get(kind, ("", ""))
            if attribute and (stated := (leaf.get(attribute) or "").strip()):
                row[column + suffix] = stated
            self._attributes(leaf, place, where)
        text = (str(leaf.xpath("string()")) if len(leaf) else leaf.text or "").strip()
        if not text:
            self.finding("WIR-035", place.at, where)
        elif kind in _NUMBERS:
            try:
                row[column] = _NUMBERS[kind](text, place)
            except ValueError:
                self.finding("WIR-032", place.at, where, value=text)
        else:
            row[column] = text
            if not place.accepts(text):
                self.finding("WIR-030" if place.plain else "WIR-031", place.at, where, value=text)

    def _instant(self, leaf: Any, place: Place, row: Row, where: Where) -> None:
        holder = leaf.find(DATE_TIME_STRING)
        if holder is None:
            self.finding("WIR-024", place.at, where, value="DateTimeString")
            return
        text, code = (holder.text or "").strip(), (holder.get("formatCode") or "").strip()
        try:
            row[place.column] = instant(text, code, self._local)
        except LookupError:
            self.finding("WIR-034", place.at, where, value=code)
        except (ValueError, OverflowError):
            self.finding("WIR-033", place.at, where, value=text)

    def _attributes(self, holder: Any, place: Place, where: Where) -> None:
        for name in holder.keys():  # noqa: SIM118 - an lxml element is no mapping
            if name not in place.attributes and name[0] != "{":
                self.finding("WIR-025", place.at, where, value=name)

    def _stranger(self, child: Any, place: Place, where: Where) -> None:
        if self._left < 0 or not isinstance(child.tag, str):  # nobody would read it, or a processing instruction
            return
        name = etree.QName(child)
        rule = "WIR-020" if name.namespace == DEC else "WIR-021"
        holder = pointer(place.at, self._item, *where)
        self.finding(rule, None, where, place=f"{holder}/{name.localname if name.namespace == DEC else name.text}")


_NUMBERS = {"count": count, "number": decimal, "measure": decimal, "amount": decimal}
