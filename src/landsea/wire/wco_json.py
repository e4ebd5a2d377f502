"""The JSON twin: the same message under the same names, turned into the same tree and back without loss.

A class is an object, a class that repeats an array, an element of value a string (a number is taken too, digit for
digit). An element of value with attributes is `{"value": "12.50", "currencyID": "CNY"}`. Names stand in the namespace
the data model gives them; any other element is `"{namespace}Name"`. Objects may have their names in any order.

So that any XML comes back as it was, further keys are written where they are needed and understood where they stand:

* `@name`     an attribute of a class; `@{namespace}name` of any element
* `@xmlns`    namespace declarations, prefix → namespace
* `@prefix`   the prefix of this element, where several stand for its namespace
* `@content`  an array of texts, `{"Name": ...}` and `{"?target": "..."}`, where order or mixed text matters
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from lxml import etree

from . import wco_xml
from .limits import Limits
from .mapping import DEC, DEC_TYPES, METADATA, METADATA_LEAVES, PREFIXES, RES, RES_TYPES, Place, declaration
from .sniff import Unreadable

_START = (  # W3C XML 1.0 (5th ed.) 2.3, the colon aside
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(rf"(?:\{{([^{{}}]*)\}})?([{_START}][{_START}\-.0-9\xb7\u0300-\u036f\u203f\u2040]*)")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIXES = 64  # in scope at once, so that looking one up stays cheap
_XML = {"xml": "http://www.w3.org/XML/1998/namespace"}

Scope = Mapping[str, str]  # prefix → namespace


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


_NONE: Mapping[str, Any] = MappingProxyType({})


class _Inside(NamedTuple):
    """What plain names mean inside a class: their namespace, with exceptions, their order and which may repeat."""

    namespace: str = ""
    exceptions: Mapping[str, str] = _NONE
    order: Mapping[str, int] = _NONE
    several: frozenset[str] = frozenset()
    place: Place | None = None

    def of(self, name: str) -> str:
        """The namespace of this plain name."""
        return self.exceptions.get(name, self.namespace)


_TOP = _Inside("", {"MetaData": METADATA, "Declaration": DEC, "Response": RES})
_ENVELOPE = _Inside(
    METADATA,
    {"Declaration": DEC, "Response": RES},
    {name: k for k, name in enumerate((*METADATA_LEAVES, "Declaration", "Response"))},
)
_RESPONSE = _Inside(RES, {"DateTimeString": RES_TYPES})


def _inside(outer: _Inside, namespace: str, local: str) -> _Inside:
    """What plain names mean inside the element of this name that stands in `outer`."""
    if namespace == METADATA:
        return _ENVELOPE
    if namespace == RES:
        return _RESPONSE
    if namespace != DEC:
        return _TOP
    if outer.place is None and local == "Declaration":
        return _in_place(declaration())
    part = ((outer.place and outer.place.children) or {}).get(f"{{{DEC}}}{local}")
    return _UNKNOWN if part is None else _in_place(part)


_UNKNOWN = _Inside(DEC, {"DateTimeString": DEC_TYPES})


@cache
def _in_place(place: Place) -> _Inside:
    order = {part.name: k for k, part in enumerate(place.parts)}
    several = frozenset(part.name for part in place.parts if part.repeats)
    return _Inside(DEC, _UNKNOWN.exceptions, order, several, place)


# ---------------------------------------------------------------------------------------------------- JSON to tree


def parse(body: bytes, limits: Limits) -> Any:
    """The root of this JSON message as the XML tree it stands for. Raises Unreadable with its place."""
    if len(body) > limits.elements and sum(map(body.count, (b",", b"{", b"["))) > limits.elements:
        raise Unreadable("WIR-008", "", f"more than {limits.elements} elements")
    xml = "".join(_document(_loaded(body), limits.depth)).encode()
    try:
        return wco_xml.parse(xml, limits, "utf-8")
    except Unreadable as unreadable:  # lines and columns of the XML in between say nothing to the sender
        rule = "WIR-012" if unreadable.rule in ("WIR-003", "WIR-005") else unreadable.rule
        raise Unreadable(rule, "", unreadable.value) from unreadable


def _loaded(body: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise Unreadable("WIR-010", "", Counter(name for name, _ in pairs).most_common(1)[0][0])
        return found

    def constant(name: str) -> Any:
        raise Unreadable("WIR-011", "", name)

    try:
        return json.loads(
            body.decode(), object_pairs_hook=once, parse_constant=constant, parse_float=_Number, parse_int=_Number
        )
    except UnicodeDecodeError as error:
        raise Unreadable("WIR-003", f"byte {error.start + 1}", "the bytes are not UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unreadable("WIR-009", f"line {error.lineno}, column {error.colno}", error.msg) from error
    except RecursionError as error:
        raise Unreadable("WIR-007", "", "deeper than the reader of JSON goes") from error


def _document(message: Any, depth: int) -> Iterator[str]:
    if not isinstance(message, dict):
        raise Unreadable("WIR-012", "", "the message is not an object")
    parts = list(_pieces(message, "")) if "@content" in message else list(message.items())
    if sum(not name.startswith("?") for name, _ in parts) != 1:
        raise Unreadable("WIR-012", "", "the message does not have one root")
    for name, value in parts:
        yield from _element(name, value, _XML, _TOP, ("", depth))


def _element(name: str, value: Any, scope: Scope, outer: _Inside, at: tuple[str, int]) -> Iterator[str]:
    """The XML of one element that stands in `outer`; `at` is the path so far and the depth left."""
    path, depth = f"{at[0]}/{name}", at[1] - 1
    if depth < 0:
        raise Unreadable("WIR-007", path)
    if name.startswith("?"):
        if not _NAME.fullmatch(name[1:]) or "?>" in _text(value, path):
            raise Unreadable("WIR-012", path, "no processing instruction")
        yield f"<{name} {value}?>"
        return
    if not isinstance(value, dict):
        value = {"value": value}
    namespace, local = _qualified(name, outer, path)
    declared = _declared(value, path)
    scope = {**scope, **declared} if declared else scope
    if len(scope) > _PREFIXES:
        raise Unreadable("WIR-016", path, f"more than {_PREFIXES} prefixes")
    prefix = value.get("@prefix", _prefix(scope, namespace))
    if prefix is None or scope.get(prefix, "") != namespace:
        prefix = PREFIXES.get(namespace, "n") if prefix is None else _text(prefix, path)
        declared, scope = {**declared, prefix: namespace}, {**scope, prefix: namespace}
    tag = f"{prefix}:{local}" if prefix else local
    spaces = (f' xmlns{":" if p else ""}{p}="{_quoted(uri)}"' for p, uri in declared.items())
    yield f"<{tag}{''.join(spaces)}{''.join(_attributes(value, scope, path))}>"
    yield from _within(value, scope, _inside(outer, namespace, local), (path, depth))
    yield f"</{tag}>"


def _declared(value: Mapping[str, Any], path: str) -> dict[str, str]:
    declared = value.get("@xmlns", {})
    if not isinstance(declared, dict) or not all(p == "" or _NAME.fullmatch(p) for p in declared):
        raise Unreadable("WIR-012", path + "/@xmlns")
    return {prefix: _text(uri, path) for prefix, uri in declared.items()}


def _within(value: Mapping[str, Any], scope: Scope, inside: _Inside, at: tuple[str, int]) -> Iterator[str]:
    if "value" in value:
        yield _escaped(_text(value["value"], at[0]))
    elif "@content" in value:
        for name, piece in _pieces(value, at[0]):
            yield from _element(name, piece, scope, inside, at) if name else [_escaped(piece)]
    else:
        for name in _ordered(inside, [key for key in value if not key.startswith("@")]):
            part = value[name]
            for one in part if isinstance(part, list) else [part]:
                yield from _element(name, one, scope, inside, at)


def _pieces(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """The pieces of `@content`, texts under the empty name."""
    pieces = value["@content"]
    for piece in pieces if isinstance(pieces, list) else [None]:
        if isinstance(piece, str):
            yield "", _text(piece, path)
        elif isinstance(piece, dict) and len(piece) == 1:
            yield from piece.items()
        else:
            raise Unreadable("WIR-012", path + "/@content")


def _ordered(inside: _Inside, names: list[str]) -> list[str]:
    """The names in the order of the data model, as JSON leaves order open; unchanged where they already stand in it."""
    order = inside.order
    known = [order[name] for name in names if name in order]
    return names if known == sorted(known) else sorted(names, key=lambda name: order.get(name, len(order)))


def _qualified(name: str, outer: _Inside, path: str) -> tuple[str, str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise Unreadable("WIR-012", path, "no name of an element")
    return outer.of(name) if match[1] is None else match[1], match[2]


def _prefix(scope: Scope, namespace: str) -> str | None:
    """The prefix that stands for a namespace: none where it is the default one, else the first in the alphabet."""
    if scope.get("", "") == namespace:
        return ""
    return min((prefix for prefix, uri in scope.items() if uri == namespace and prefix), default=None)


def _attributes(value: Mapping[str, Any], scope: Scope, path: str) -> Iterator[str]:
    for key, content in value.items():
        if key in ("@xmlns", "@prefix", "@content", "value") or (key[:1] != "@" and "value" not in value):
            continue
        namespace, local = _qualified(key.removeprefix("@"), _Inside(), path)
        prefix = min((p for p, uri in scope.items() if uri == namespace and p), default=None) if namespace else ""
        if prefix is None:
            raise Unreadable("WIR-012", f"{path}/{key}", "its namespace has no prefix in @xmlns")
        yield f' {prefix}{":" if prefix else ""}{local}="{_quoted(_text(content, path))}"'


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Unreadable("WIR-012", path, "neither text nor number")
    if found := _FORBIDDEN.search(value):
        raise Unreadable("WIR-012", path, f"the character U+{ord(found[0]):04X}")
    return value


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


# ---------------------------------------------------------------------------------------------------- tree to JSON


def write(root: Any) -> bytes:
    """The bytes of this tree as JSON."""
    nodes = [*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings()]
    parts = [(_key(node, _TOP), _value(node, _XML, _TOP)) for node in nodes]
    message = dict(parts) if len(parts) == 1 else {"@content": [{key: value} for key, value in parts]}
    return json.dumps(message, ensure_ascii=False, indent=1).encode() + b"\n"


def _key(node: Any, outer: _Inside) -> str:
    if not isinstance(node.tag, str):
        return f"?{node.target}"
    name = etree.QName(node)
    plain = outer.of(name.localname) == (name.namespace or "") and name.localname != "value"
    return str(name.localname) if plain else f"{{{name.namespace or ''}}}{name.localname}"


def _value(node: Any, scope: Scope, outer: _Inside) -> Any:
    """The JSON of one element that stands in `outer`."""
    if not isinstance(node.tag, str):
        return node.text or ""
    name = etree.QName(node)
    namespaces = {prefix or "": uri for prefix, uri in node.nsmap.items()}
    inside = _inside(outer, name.namespace or "", name.localname)
    declared = {p: uri for p, uri in namespaces.items() if scope.get(p, "") != uri}
    scope = {**_XML, **namespaces}
    about: dict[str, Any] = {"@xmlns": declared} if declared else {}
    if (node.prefix or "") != _prefix(scope, name.namespace or ""):
        about["@prefix"] = node.prefix or ""
    text = node.text or ""
    if len(node) == 0 and (inside.place is None or inside.place.children is None or text.strip()):
        about |= {("@" if key[0] == "{" or key == "value" else "") + key: v for key, v in node.items()}
        return {"value": text, **about} if about else text
    about |= {"@" + key: v for key, v in node.items()}
    parts = [(_key(child, inside), _value(child, scope, inside)) for child in node]
    texts = [text, *(child.tail or "" for child in node)]
    return about | (_object(parts, inside.several) if _is_plain(parts, texts, inside) else _mixed(parts, texts))


def _is_plain(parts: list[tuple[str, Any]], texts: list[str], inside: _Inside) -> bool:
    """Whether an object tells all of it: no text between, equal names together, known names in their order."""
    keys = [key for key, _ in parts]
    runs = [key for k, key in enumerate(keys) if k == 0 or keys[k - 1] != key]
    regular = not any(text.strip() for text in texts) and not any(key.startswith("?") for key in keys)
    return regular and len(runs) == len(set(runs)) and _ordered(inside, runs) == runs


def _object(parts: list[tuple[str, Any]], several: frozenset[str]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for key, value in parts:
        found.setdefault(key, []).append(value)
    return {key: values if len(values) > 1 or key in several else values[0] for key, values in found.items()}


def _mixed(parts: list[tuple[str, Any]], texts: list[str]) -> dict[str, Any]:
    pieces: list[Any] = [texts[0]]
    for (key, value), tail in zip(parts, texts[1:], strict=True):
        pieces += [{key: value}, tail]
    return {"@content": [piece for piece in pieces if piece != ""]}
