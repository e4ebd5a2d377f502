"""Amendment: a new full document in which only what the pointers of an amendment name is changed.

Positions are those of the declaration as it stands before the amendment: a goods item and everything else that carries
a sequence number is found by that number, other classes by their place among their siblings. In the message the same
holds; where it carries only the occurrences it changes, they are taken in the order of the positions named.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from lxml import etree

from landsea.declaration.amendment import FIXED, Target, target
from landsea.declaration.element import element
from landsea.declaration.finding import findings_frame
from landsea.declaration.stage import Document
from landsea.errors import InputError

from . import wco_json, wco_xml
from .mapping import DEC, Place, place_at
from .read import declaration_in
from .rule import RULES
from .sniff import Unreadable

_D = f"{{{DEC}}}"
_SEQUENCE = _D + "SequenceNumeric"
_AMENDMENT = element("Declaration/Amendment").at

Named = Mapping[tuple[str, tuple[int, ...]], tuple[int, ...]]  # class and positions above it → its positions named


@dataclass(frozen=True, slots=True)
class Amended:
    """The full document after an amendment, and what in the amendment led nowhere (`declaration.finding.SCHEMA`).

    Where there are findings of severity error the document is not to be taken up.
    """

    document: Document
    findings: pl.DataFrame


def amend(document: Document, amendment: Document) -> Amended:
    """The document with the amendment applied; findings name its pointers by their place, `d` is 0.

    Raises InputError where one of the two has no declaration: neither can then have been accepted.
    """
    root = copy.deepcopy(_declaration(document).getroottree()).getroot()
    message = _declaration(amendment)
    findings: list[Mapping[str, Any]] = []
    targets: list[tuple[int, Target]] = []
    for n, holder in enumerate(message.iterchildren(_D + "Amendment"), start=1):
        try:
            targets.append((n, _target(holder)))
        except Unreadable as lost:
            findings.append(_finding(lost.rule, n, lost.value))
    named = _named([one for _, one in targets])
    change = _Change(declaration_in(root), {})
    removed = []
    for n, one in targets:
        new, present = _find(message, one, named), _find(change.root, one, {})
        if new is not None:
            change.put(one, new)
        elif present is not None:
            removed.append(present)  # not yet: positions are those before the amendment
        else:
            findings.append(_finding("WIR-051", n, one.element.path))
    for gone in removed:
        _remove(gone)
    writer = wco_json.write if document.format == "json" else wco_xml.write
    return Amended(Document(writer(root), document.format, root), findings_frame(findings))


def _finding(rule: str, n: int, value: str | None) -> dict[str, Any]:
    broken = RULES[rule]
    about = {"d": 0, "rule": rule, "version": broken.version, "severity": int(broken.severity)}
    return {**about, "at": _AMENDMENT, "n": n, "m": 1, "value": value}


def _declaration(document: Document) -> Any:
    try:
        if document.tree is not None:
            return declaration_in(document.tree)
    except Unreadable:
        pass
    raise InputError("an amendment needs two documents that each hold one declaration; read them first")


def _text(holder: Any, name: str) -> str:
    return (holder.findtext(_D + name) or "").strip()


def _target(amendment: Any) -> Target:
    """What one `Amendment` of a message points at. Raises Unreadable where that is nothing it may change."""
    pointers = list(amendment.iterchildren(_D + "Pointer"))
    steps: list[tuple[str, int | None]] = []
    for pointer in pointers:
        number = _text(pointer, "SequenceNumeric")
        steps.append(
            (_text(pointer, "DocumentSectionCode"), int(number) if number.isdecimal() and len(number) <= 5 else None)
        )
    tag = _text(pointers[-1], "TagID") if pointers else ""
    written = "/".join(f"{code}[{n}]" if n else code for code, n in steps) + (f"/{tag}" if tag else "")
    if not steps:
        raise Unreadable("WIR-053")
    found = target(steps, tag)
    if found is None:
        raise Unreadable("WIR-050", "", written)
    if found.element.path in FIXED:
        raise Unreadable("WIR-052", "", written)
    return found


def _named(targets: list[Target]) -> Named:
    """Which positions of each repeating class the amendment names, below the positions above it."""
    named: dict[tuple[str, tuple[int, ...]], set[int]] = {}
    for one in targets:
        for depth, holder in enumerate(one.classes):
            named.setdefault((holder.path, one.positions[:depth]), set()).add(one.positions[depth])
    return {key: tuple(sorted(positions)) for key, positions in named.items()}


def _find(root: Any, wanted: Target, named: Named) -> Any:
    """The element a target leads to below `root`; None where it is not there."""
    found = root
    for depth, holder in enumerate(wanted.classes[1:], start=1):
        key = (holder.path, wanted.positions[:depth])
        found = _occurrence(found, place_at(holder.path), wanted.positions[depth], named.get(key, ()))
        if found is None:
            return None
    return found if wanted.element.is_class else found.find(_D + wanted.element.name)


def _occurrence(parent: Any, place: Place, position: int, named: tuple[int, ...]) -> Any:
    """The occurrence of a class at this position. `named`: the positions an amendment names, if `parent` is in one."""
    standing = [e for e in parent.iterchildren(place.tag) if not (named and _speaks_of_the_message(e))]
    numbered = [e for e in standing if e.find(_SEQUENCE) is not None]
    if place.repeats and numbered:
        return next((e for e in numbered if _text(e, "SequenceNumeric").lstrip("0") == str(position)), None)
    if named and len(standing) == len(named) < named[-1]:
        return standing[named.index(position)]
    return standing[position - 1] if position <= len(standing) else None


def _speaks_of_the_message(statement: Any) -> bool:
    """Whether a statement explains the amendment: it points at one, and is no statement of the declaration."""
    return statement.find(_D + "Pointer") is not None and statement.getparent().tag == _D + "Declaration"


@dataclass(frozen=True, slots=True)
class _Change:
    """A declaration being amended, and the classes made on the way, by path and positions."""

    root: Any
    made: dict[tuple[str, tuple[int, ...]], Any]

    def put(self, wanted: Target, new: Any) -> None:
        """The new value stands in the declaration, in place of the one there or where the data model has it."""
        holder = self.root
        for depth, step in enumerate(wanted.classes[1:], start=1):
            place, key = place_at(step.path), (step.path, wanted.positions[: depth + 1])
            found = self.made.get(key)
            if found is None:
                found = _occurrence(holder, place, wanted.positions[depth], ())
            if found is None:
                found = self.made[key] = _insert(holder, place, _numbered(place, wanted.positions[depth]))
            holder = found
        if not wanted.element.is_class:
            leaf = holder.find(_D + wanted.element.name)
            holder = _insert(holder, place_at(wanted.element.path), None) if leaf is None else leaf
        _copy(new, holder)


def _numbered(place: Place, position: int) -> int | None:
    """The sequence number a new occurrence of a class must carry; None where the class has none."""
    return position if any(part.name == "SequenceNumeric" for part in place.required) else None


def _insert(parent: Any, place: Place, number: int | None) -> Any:
    """A new element at its place in the order of the data model, behind others of its name, spaced as its siblings."""
    order = {part.tag: part.at for part in place_at(place.element.path.rsplit("/", 1)[0]).parts}
    index = sum(1 for child in parent if order.get(child.tag, -1) <= place.at)
    before = parent[index - 1] if index else None
    made = etree.SubElement(parent, place.tag)
    parent.insert(index, made)
    made.tail = parent.text if before is None else before.tail
    if number is not None:
        etree.SubElement(made, _SEQUENCE).text = str(number)
    return made


def _copy(source: Any, into: Any) -> None:
    """The content of `source` stands in `into`, under the prefixes of the document it comes to."""
    for child in list(into):
        into.remove(child)
    into.text = source.text
    into.attrib.clear()
    into.attrib.update(source.attrib)
    for child in source.iterchildren("*"):
        made = etree.SubElement(into, child.tag)
        _copy(child, made)
        made.tail = child.tail


def _remove(gone: Any) -> None:
    """The element is no longer in the document; the space before what follows stays as it was."""
    parent = gone.getparent()
    if parent is not None:
        before = gone.getprevious()
        if gone.getnext() is None and gone.tail is not None:
            if before is not None:
                before.tail = gone.tail
            else:
                parent.text = gone.tail
        parent.remove(gone)
