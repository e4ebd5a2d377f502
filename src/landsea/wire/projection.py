"""The projection: the tree of a message turned into rows of the lot, and what is wrong with its form into findings.

One walk over the tree, guided by the compiled element table, does all of it: order, cardinality, mandatory elements,
formats and values. What the table does not know stays in the tree and is named by a finding; nothing is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from lxml import etree

from .limits import Limits
from .mapping import DATE_TIME_STRING, DEC, Place, declaration
from .rule import RULES
from .value import count, decimal, instant

Row = dict[str, Any]
_CONTROLLED = {"amount": ("currencyID", "_currency"), "measure": ("unitCode", "_unit")}


@dataclass(slots=True)
class Rows:
    """Rows of every frame of a lot, and the findings, as they grow message by message."""

    frames: dict[str, list[Row]] = field(default_factory=dict)
    findings: list[Row] = field(default_factory=list)

    def add(self, frame: str, row: Row) -> None:
        """One more row of that frame."""
        self.frames.setdefault(frame, []).append(row)

    def height(self, frame: str) -> int:
        """How many rows that frame has."""
        return len(self.frames.get(frame, ()))


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
            self._attributes(root, declaration(), 1, 1)
        self._class(root, declaration(), row, 1, 1)

    def finding(self, rule: str, at: int | None, n: int = 1, m: int = 1, **rest: str | None) -> None:
        """One more finding about the message; `rest` are its value and place."""
        self._left -= 1
        if self._left < 0:
            if self._left == -1:
                self._record("WIR-019", None, None, None, {})
            return
        self._record(rule, at, n, m, rest)

    def _record(self, rule: str, at: int | None, n: int | None, m: int | None, rest: Mapping[str, str | None]) -> None:
        found = {"d": self._context["d"], "rule": rule, "version": RULES[rule].version, "at": at, "item": self._item}
        value = rest.get("value")
        found |= {"severity": self._severity[rule], "n": n, "m": m, "place": rest.get("place")}
        self._rows.findings.append(found | {"value": value[:200] if value else value})

    def _class(self, holder: Any, place: Place, row: Row, n: int, m: int) -> None:
        """The children of one class. `n` and `m` are the positions of the two innermost repeating classes."""
        known = place.children
        assert known is not None
        last, seen = -1, 0
        for child in holder:
            part = known.get(child.tag)
            if part is None:
                self._stranger(child, place, n, m)
                continue
            at = part.at
            if at > last:
                last, seen = at, 1
            elif at == last:
                seen += 1
            else:
                self.finding("WIR-022", at, n, m)
                seen = 1 + sum(1 for _ in child.itersiblings(part.tag, preceding=True))
            if seen > part.most:
                if seen == part.most + 1:
                    self.finding("WIR-023", at, n, m, value=f"more than {part.most}")
                if not part.repeats:
                    continue
            if (tail := child.tail) and not tail.isspace():
                self.finding("WIR-026", place.at, n, m, value=tail.strip())
            if part.children is not None:
                self._inner(child, part, row, seen, n, m)
            elif part.plain and 0 < len(text := (child.text or "").strip()) <= part.length and not child.keys():
                row[part.column] = text  # most leaves end here
            else:
                self._leaf(child, part, row, n, m)
        for part in place.required:
            if part.column not in row:
                self.finding("WIR-024", part.at, n, m)
        if (text := holder.text) and not text.isspace():
            self.finding("WIR-026", place.at, n, m, value=text.strip())

    def _inner(self, holder: Any, place: Place, row: Row, seen: int, n: int, m: int) -> None:
        if holder.keys():
            self._attributes(holder, place, n, m)
        if place.is_item:
            self._goods_item(holder, place, seen)
            return
        if place.repeats:
            n, m = seen, n
        if place.frame:
            row = {**self._context, "n": n, "m": m, "at": place.at}
            if place.role:
                row["role"] = place.role
            self._rows.add(place.frame, row)
        self._class(holder, place, row, n, m)

    def _goods_item(self, holder: Any, place: Place, seen: int) -> None:
        i = self._rows.height(place.frame)
        outside = self._context
        self._item, self._context = seen, {"d": outside["d"], "i": i}
        row = {**self._context, "n": seen, "m": 1, "at": place.at}
        self._rows.add(place.frame, row)
        self._class(holder, place, row, 1, 1)
        self._item, self._context = None, outside

    def _leaf(self, leaf: Any, place: Place, row: Row, n: int, m: int) -> None:
        kind, column = place.kind, place.column
        if column:
            row.setdefault(column)  # present, whatever becomes of its value
        if kind == "datetime":
            self._instant(leaf, place, row, n, m)
            return
        if len(leaf):
            self.finding("WIR-027", place.at, n, m)
        text = (leaf.text or "").strip()
        if attributes := leaf.keys():
            controlled = _CONTROLLED.get(kind)
            if controlled and controlled[0] in attributes:
                row[column + controlled[1]] = leaf.get(controlled[0]).strip()
            self._attributes(leaf, place, n, m)
        if not text:
            self.finding("WIR-035", place.at, n, m)
            return
        if kind in _NUMBERS:
            try:
                value = _NUMBERS[kind](text, place)
            except ValueError:
                self.finding("WIR-032", place.at, n, m, value=text)
                return
            if column:
                row[column] = value
            return
        if place.accepts is not None and not place.accepts(text):
            rule = "WIR-030" if place.element.format.startswith("an..") else "WIR-031"
            self.finding(rule, place.at, n, m, value=text)
        if column:
            row[column] = text

    def _instant(self, leaf: Any, place: Place, row: Row, n: int, m: int) -> None:
        holder = leaf.find(DATE_TIME_STRING)
        if holder is None:
            self.finding("WIR-024", place.at, n, m, place="DateTimeString")
            return
        text, code = (holder.text or "").strip(), (holder.get("formatCode") or "").strip()
        try:
            row[place.column] = instant(text, code, self._local)
        except LookupError:
            self.finding("WIR-034", place.at, n, m, value=code)
        except (ValueError, OverflowError):
            self.finding("WIR-033", place.at, n, m, value=text)

    def _attributes(self, holder: Any, place: Place, n: int, m: int) -> None:
        for name in holder.keys():  # noqa: SIM118 - an lxml element is no mapping
            if name not in place.attributes and name[0] != "{":
                self.finding("WIR-025", place.at, n, m, value=name)

    def _stranger(self, child: Any, place: Place, n: int, m: int) -> None:
        if not isinstance(child.tag, str):  # a processing instruction
            return
        name = etree.QName(child)
        rule = "WIR-020" if name.namespace == DEC else "WIR-021"
        where = f"{place.element.path}/{name.localname if name.namespace == DEC else name.text}"
        self.finding(rule, None, n, m, place=where)


_NUMBERS = {"count": count, "number": decimal, "measure": decimal, "amount": decimal}
