"""An adapter: a foreign file told by a table how to become the message every reader of this node makes rows of.

A `Line` says where a value stands in the foreign file and where it belongs in the data model; a new national system is
a list of lines. A file is first a `Source`: values by path, and groups of further sources where something repeats.

Targets are paths below `Declaration`. Of a class that repeats, what stands behind its name tells which is meant:
`{Leaf=value}` the one in which that element has that value (`@`: what stands beside), `[1]` the first. Targets that
begin with `national/` belong to what the national system decided (`declaration.national`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from landsea.declaration.national import National
from landsea.declaration.pointer import Pointer
from landsea.errors import InputError

from . import wco_xml
from .doubt import Doubt
from .foreign_value import FORMS, JOINING, Day
from .mapping import DATE_TIME_STRING, DEC, DEC_TYPES, METADATA, Place, declaration

NATIONAL = "national/"
_STEP = re.compile(r"([A-Za-z]+)(?:\{([A-Za-z]+)=([^{}]+)\}|\[(\d+)\])?")
_ATTRIBUTE = {"amount": "currencyID", "measure": "unitCode"}


class Line(NamedTuple):
    """One line of a mapping: from where, to where, in which form (`foreign_value.FORMS`, `each` or `known`).

    `beside` is where the currency or unit stands, or `=CODE`; `flow` is I or E where the line holds for one only.
    """

    source: str
    target: str = ""
    form: str = "text"
    beside: str = ""
    flow: str = ""


@dataclass(slots=True)
class Source:
    """A foreign file, or a part of it that repeats: values by path in small letters, and its parts by path."""

    values: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list["Source"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """The lines that hold in one kind of source, and the blocks of what repeats in it."""

    source: str
    target: str
    lines: tuple[Line, ...]
    blocks: tuple["Block", ...]


class System(NamedTuple):
    """The national system a file comes from, and how it writes: its name, currency, days, and what its lanes mean."""

    name: str
    administration: str
    currency: str = ""
    days: str = "mdy"
    lanes: Mapping[str, str] = {}
    statuses: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Translated:
    """One foreign declaration: the message to be read, the bytes it is kept by, what was decided, what has no line, and
    what of it cannot be right."""

    message: bytes
    body: bytes
    national: National
    unmapped: Sequence[str] = ()
    doubts: Sequence[Doubt] = ()


def block(lines: Iterable[Line], source: str = "", target: str = "", above: str = "") -> Block:
    """The lines put into the blocks they belong to: those below an `each` stand in it, with paths below its own.

    `above` is the target of the block around this one. Raises InputError for a form nobody knows or a target the data
    model does not have.
    """
    given = [line._replace(source=line.source.lower(), beside=line.beside.lower()) for line in lines]
    repeating = [line for line in given if line.form == "each"]
    blocks, rest, within = [], [line for line in given if line.form != "each"], f"{above}/{target}".strip("/")
    for each in (one for one in repeating if not any(_below(one.source, o.source) for o in repeating)):
        parts = [_inside(line, each) for line in given if _below(line.source, each.source)]
        rest = [line for line in rest if not _below(line.source, each.source)]
        blocks.append(block(parts, each.source, each.target, within))
    for line in rest:
        _check(line, within)
    return Block(source, target, tuple(rest), tuple(blocks))


def _below(path: str, above: str) -> bool:
    return path.startswith(above + "/") and path != above


def _inside(line: Line, each: Line) -> Line:
    start, within = each.source + "/", each.target + "/"
    beside = line.beside.removeprefix(start) if line.beside.startswith(start) else line.beside
    return line._replace(source=line.source.removeprefix(start), beside=beside, target=line.target.removeprefix(within))


def _check(line: Line, within: str) -> None:
    if line.form == "known" or line.target.startswith(NATIONAL):
        return
    if line.form not in FORMS:
        raise InputError(f"the mapping of {line.source!r} has form {line.form!r}; known are {', '.join(FORMS)}")
    place = declaration()
    for name, leaf, *_ in _steps(f"{within}/{line.target}".strip("/")):
        found = (place.children or {}).get(f"{{{DEC}}}{name}")
        if found is None or (leaf and f"{{{DEC}}}{leaf}" not in (found.children or {})):
            raise InputError(f"the mapping of {line.source!r} leads to {line.target!r}, which the data model has not")
        place = found
    if place.children is not None:
        raise InputError(f"the mapping of {line.source!r} leads to {line.target!r}, which holds elements, not a value")


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, str, str, str], ...]:
    """Name, then leaf and value that tell it apart, or its position."""
    steps = []
    for part in re.findall(r"[^/{]+(?:\{[^}]*\})?", path):
        match = _STEP.fullmatch(part)
        if match is None:
            raise InputError(f"{path!r} is no path of the data model: {part!r}")
        steps.append((match[1], match[2] or "", match[3] or "", match[4] or ""))
    return tuple(steps)


@dataclass(slots=True)
class Node:
    """An element to be: its place in the model, its text and attribute, and its children by place and key."""

    place: Place
    text: str = ""
    attribute: str = ""
    children: dict[tuple[int, str], "Node"] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether it holds anything."""
        return bool(self.text) or any(self.children.values())

    def child(self, name: str, key: str = "") -> "Node":
        """The child of that name and key, made where there is none yet."""
        place = (self.place.children or {})[f"{{{DEC}}}{name}"]
        return self.children.setdefault((place.at, key), Node(place))


@dataclass(slots=True)
class Draft:
    """A message on its way: the tree, what is said under `national/`, and the same of each goods item and its parts."""

    system: System
    flow: str = ""
    root: Node = field(default_factory=lambda: Node(declaration()))
    national: dict[str, str] = field(default_factory=dict)
    parts: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def fill(self, source: Source, made: Block, holder: Node, item: int = 0) -> None:
        """What the source holds stands where the lines of the block say; `item` is the goods item it is about."""
        said: dict[str, str] = {}
        for line in made.lines:
            if line.form != "known" and (not line.flow or line.flow == self.flow):
                self._value(line, source, holder, said)
        if item and said:
            self.parts.append((item, said))
        else:
            self.national |= {name: text for name, text in said.items() if name not in self.national}
        for below in made.blocks:
            for n, one in enumerate(source.groups.get(below.source, ()), start=1):
                inner = holder
                for name, *_ in _steps(below.target):
                    inner = inner.child(name, f"#{n}" if name == below.target.rsplit("/", 1)[-1] else "")
                self.fill(one, below, inner, n if inner.place.is_item else item)

    def _value(self, line: Line, source: Source, holder: Node, said: dict[str, str]) -> None:
        text = line.source[1:] if line.source.startswith("=") else source.values.get(line.source, "")
        beside = self._beside(line, source)
        value = FORMS[line.form](text, beside, Day(self.system.days)) if text else ""
        if not value:
            return
        if line.target.startswith(NATIONAL):
            name = line.target.removeprefix(NATIONAL)
            said[name] = joined(said.get(name, ""), value, line.form)
            return
        for name, leaf, stated, position in _steps(line.target):
            told = beside if stated == "@" else stated
            holder = holder.child(name, f"#{position}" if position else f"{leaf}={told}" if leaf else "")
            if leaf:
                holder.child(leaf).text = told
        if holder.place.kind in _ATTRIBUTE and not holder.text:
            holder.attribute = beside
        holder.text = joined(holder.text, value, line.form)

    def _beside(self, line: Line, source: Source) -> str:
        if not line.beside.startswith("="):
            return source.values.get(line.beside, "").strip() if line.beside else ""
        return self.system.currency if line.beside == "=national" else line.beside[1:].upper()

    def message(self) -> bytes:
        """The whole message as XML, in its envelope."""
        root = etree.Element(f"{{{METADATA}}}MetaData", nsmap={"md": METADATA, None: DEC, "ds": DEC_TYPES})
        envelope = {"WCODataModelVersionCode": "3.6", "WCOTypeName": "DEC"}
        for name, text in (envelope | {"ResponsibleCountryCode": self.system.administration}).items():
            etree.SubElement(root, f"{{{METADATA}}}{name}").text = text
        _write(etree.SubElement(root, self.root.place.tag), self.root)
        return wco_xml.write(root)


def joined(before: str, value: str, form: str) -> str:
    """What stands after one more value: the first stays, unless the form is one that is put behind it."""
    return value if not before else before + JOINING[form] + value if form in JOINING else before


def _write(element: Any, node: Node) -> None:
    """The children stand in the order of the data model, those that repeat in the order they were found, numbered."""
    last, number = -1, 0
    for (at, _), child in sorted(node.children.items(), key=lambda pair: pair[0][0]):
        if not child:
            continue
        last, number = at, number + 1 if at == last else 1
        made = etree.SubElement(element, child.place.tag)
        if child.place.kind == "datetime":
            made = etree.SubElement(made, DATE_TIME_STRING, formatCode="102")
        if child.attribute:
            made.set(_ATTRIBUTE[child.place.kind], child.attribute)
        if child.text:
            made.text = child.text
        if any(part.name == "SequenceNumeric" for part in child.place.required):
            child.child("SequenceNumeric").text = str(number)
        _write(made, child)


def taken_from(lines: tuple[Line, ...], pointer: Pointer) -> str:
    """Where these lines take what a finding points at; empty where none does."""
    names = [step.name for step in pointer.steps[1:]] + ([pointer.name] if pointer.name else [])
    return _sources(lines).get("/".join(names), "")


def said_by(lines: tuple[Line, ...], place: str) -> str:
    """Where these lines take what stands under this name of `national/`; the name itself where none does."""
    return next((line.source for line in lines if line.target == place and line.source[:1] != "="), place)


@lru_cache(maxsize=64)
def _sources(lines: tuple[Line, ...]) -> Mapping[str, str]:
    """Path of the data model, names only → where it is taken from, by the first line that does."""
    found: dict[str, str] = {}
    for line in lines:
        if line.target and line.form != "each" and not line.target.startswith(NATIONAL) and line.source[0] != "=":
            found.setdefault("/".join(name for name, *_ in _steps(line.target)), line.source)
    return found
