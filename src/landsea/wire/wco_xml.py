"""XML in and out: a hardened parser, and a writer that changes nothing.

No document type, no entities, no network, no schema hints: what a message may do to the node ends at its own text.
Comments are not part of a message and are left out; processing instructions and white space stay.
"""

import re
from functools import cache
from typing import Any

from lxml import etree

from .limits import Limits
from .sniff import Unreadable, has_doctype

_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_CHAR,
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
    }
)

_PREFIXES = re.compile(rb"xmlns:([^\s=]+)")


def parse(body: bytes, limits: Limits, encoding: str | None = None) -> Any:
    """The root of this XML, an lxml element. Raises Unreadable with line and column."""
    # Refused before a tree of them is built: every element begins with a `<` that starts no end tag.
    if len(body) > 4 * limits.elements and body.count(b"<") - body.count(b"</") > limits.elements:
        raise Unreadable("WIR-008", "", f"more than {limits.elements} elements")
    # Each element is asked for the prefixes in scope when it is written as JSON; their number must stay small.
    if body.count(b"xmlns:") > limits.prefixes and len(set(_PREFIXES.findall(body))) > limits.prefixes:
        raise Unreadable("WIR-016", "", f"more than {limits.prefixes} prefixes")
    if has_doctype(body):
        raise Unreadable("WIR-006", "line 1", "<!DOCTYPE")
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error
    except (ValueError, LookupError) as error:  # an encoding name the parser cannot even look up
        raise Unreadable("WIR-003", "line 1", str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("WIR-006", "line 1", "<!DOCTYPE")
    if deeper_than(root, min(16, limits.depth)) and deeper_than(root, limits.depth):
        raise Unreadable("WIR-007", "", f"deeper than {limits.depth}")
    return root


def _unreadable(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    sentence = str(error.msg or "").split(", line ")[0].strip()
    rule = "WIR-005"
    if error.code in _ENCODING_ERRORS or "encoding" in sentence.lower():
        rule = "WIR-003"
    elif "depth" in sentence.lower():
        rule = "WIR-007"
    return Unreadable(rule, f"line {line}, column {column}", sentence)


@cache
def _depth_test(depth: int) -> Any:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def deeper_than(root: Any, depth: int) -> bool:
    """Whether an element of the document stands below this many others; it costs a part of one pass over the tree."""
    return bool(_depth_test(depth)(root))


def write(root: Any) -> bytes:
    """The bytes of this tree in UTF-8, with all its white space, prefixes and processing instructions."""
    text: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return text + b"\n"
