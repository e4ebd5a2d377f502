"""ASYCUDAWorld SAD XML: a declaration of that system becomes our message, and what it decided a national decision.

No specification of this format is public. The table `sad_mapping.tsv` names each element its public exports and
generators agree on, the box of the Single Administrative Document it stands for, or that it is `known` and says nothing
of its own (names of codes, figures the system computed from others). `<null/>` and empty elements mean: not given. What
the table does not name is kept in the body as it came and listed once. No public file shows where an installation
writes its selectivity lane; its own lines (`legacy.toml`) are put behind the table's.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from lxml import etree

from landsea.declaration.finding import Finding

from . import quoted, wco_xml
from .adapter import Block, Draft, Line, Source, System, Translated, block, said_by, taken_from
from .doubt import CONTRADICTS, Doubt
from .limits import DEFAULT, Limits
from .reply import Reply, item_of, shown
from .sniff import Unreadable, sniff

ROOT = "asycuda"


@cache
def lines() -> tuple[Line, ...]:
    """The mapping table."""
    text = files(__package__).joinpath("sad_mapping.tsv").read_text("utf-8")
    rows = (row.split("\t") for row in text.splitlines()[1:])
    return tuple(Line(source, target, form or "text", *rest) for source, target, form, *rest in rows)


@lru_cache(maxsize=16)
def _block(own: tuple[Line, ...]) -> Block:
    return block([*lines(), *own])


def translated(body: bytes, system: System, own: tuple[Line, ...] = (), limits: Limits = DEFAULT) -> Translated:
    """The SAD as a message with what was decided on it; `own` are lines of this installation, behind the table's.

    Raises Unreadable with the rule it breaks where it is no SAD, and where nothing in it tells it from others.
    """
    sniffed = sniff(body, limits)
    if sniffed.format != "xml":
        raise Unreadable("WIR-004", "byte 1", sniffed.format)
    root = wco_xml.parse(sniffed.body, limits, sniffed.encoding)
    if _name(root) != ROOT:
        raise Unreadable("WIR-013", f"line {root.sourceline}", str(root.tag)[:200])
    made = _block(own)
    unmapped: list[str] = []
    doubted: list[Doubt] = []
    source = _source(root, made, (unmapped, doubted), "")
    source.values |= {f"@{name}": text for name, text in root.attrib.items()}
    draft = Draft(system, flow=_flow(source))
    draft.fill(source, made, draft.root)
    return quoted.translated(draft, body, unmapped, doubted)


def _flow(source: Source) -> str:
    """I or E, by the flow stated, else by the type of declaration."""
    stated = source.values.get("property/sad_flow", "").strip().upper()
    kind = source.values.get("identification/type/type_of_declaration", "").strip().upper()
    return stated if stated in ("I", "E") else {"IM": "I", "EX": "E"}.get(kind[:2], "")


def _name(element: Any) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _source(holder: Any, made: Block, told: tuple[list[str], list[Doubt]], where: str) -> Source:
    """The values below this element by path, in small letters; what repeats by the table stands in groups.

    Told are what the table does not name, and what is said twice and not the same.
    """
    source, blocks, known = Source(), {one.source: one for one in made.blocks}, _known(made)
    holders: dict[str, Any] = {}
    for path, name, element in _leaves(holder, "", "", frozenset(blocks)):
        if path in blocks:
            part = _source(element, blocks[path], told, f"{where}{name}/")
            source.groups.setdefault(path, []).append(part)
        elif text := (element.text or "").strip():
            first, holder_of = source.values.get(path), holders.setdefault(path, element.getparent())
            if first is not None and first != text and holder_of is element.getparent():
                told[1].append(Doubt(CONTRADICTS, where + name, f"{first} | {text}"[:200]))
            elif first is not None or not known(path):
                told[0].append(where + name)
            source.values.setdefault(path, text)
    return source


def _leaves(holder: Any, path: str, name: str, groups: frozenset[str]) -> Iterator[tuple[str, str, Any]]:
    """Path in small letters, path as written, and element, of all that hold a value or begin a group."""
    for child in holder:
        local = _name(child)
        if not local or local == "null":
            continue
        below, written = path + local, name + etree.QName(child).localname
        if below in groups or all(_name(one) in ("", "null") for one in child):
            yield below, written, child
        else:
            yield from _leaves(child, below + "/", written + "/", groups)


@lru_cache(maxsize=64)
def _known(made: Block) -> Any:
    """Whether a path is one the block has a line for, or stands beside one that it has."""
    exact = {line.source for line in made.lines} | {line.beside for line in made.lines}
    ends = tuple(line.source[1:] for line in made.lines if line.source.startswith("*/") and line.source[-1] != "*")
    within = tuple(line.source[1:-1] for line in made.lines if line.source.startswith("*/") and line.source[-1] == "*")
    return lambda path: path in exact or f"/{path}".endswith(ends) or any(part in f"/{path}" for part in within)


def origin(finding: Finding) -> str:
    """The SAD's own path of the place a finding points at; empty where the SAD has none for it."""
    source = taken_from(lines(), finding.pointer) if finding.pointer else ""
    return source.replace("Item/", f"Item[{item_of(finding)}]/", 1) if source.startswith("Item/") else source


def answer(replies: Sequence[Reply], own: tuple[Line, ...] = ()) -> bytes:
    """What is answered to a dropped SAD, as XML in the manner of that system, which can read it back."""
    mapped = (*lines(), *own)
    root = etree.Element("ASYCUDA_answer")
    for reply in replies:
        one = etree.SubElement(root, "Declaration")
        for name, text in shown(reply):
            _leaf(one, name.capitalize(), text)
        for finding in reply.findings:
            made = etree.SubElement(one, "Finding")
            place = finding.pointer
            _leaf(made, "Rule", finding.rule)
            _leaf(made, "Severity", finding.severity.name.lower())
            _leaf(made, "Item_number", item_of(finding))
            _leaf(made, "Sad_element", origin(finding) or said_by(mapped, finding.place))
            _leaf(made, "Element", str(place) if place else "")
            _leaf(made, "Value", finding.value or "")
    etree.indent(root)
    return wco_xml.write(root)


def _leaf(holder: Any, name: str, text: str) -> None:
    made = etree.SubElement(holder, name)
    if text:
        made.text = text
