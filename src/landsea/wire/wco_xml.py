"""XML in and out: a hardened parser that answers with a tree or a fault, and a writer that changes nothing.

No document type, no entities, no network, no schema hints: what a message may do to the node ends at its own text.
Comments are not part of a message and are left out; processing instructions and white space stay.
"""

from functools import cache
from typing import Any

from lxml import etree

from .limits import Limits
from .sniff import Fault, has_doctype

_ENCODING_ERRORS = {
    etree.ErrorTypes.ERR_INVALID_CHAR: "a character that XML does not admit",
    etree.ErrorTypes.ERR_INVALID_ENCODING: "the bytes do not fit the encoding",
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING: "the encoding is unknown",
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: "the encoding is not supported",
}


def parse(body: bytes, limits: Limits, encoding: str | None = None) -> Any:
    """The root of this XML (an lxml element), or a `Fault` with line and column."""
    if has_doctype(body):
        return Fault("WIR-006", "line 1", "<!DOCTYPE")
    # Refused before a tree of them is built: every element begins with a `<` that starts no end tag.
    if len(body) > 4 * limits.elements and body.count(b"<") - body.count(b"</") > limits.elements:
        return Fault("WIR-008", "", f"more than {limits.elements} elements")
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
        return _fault(error)
    except (ValueError, LookupError) as error:  # an encoding name the parser cannot even look up
        return Fault("WIR-003", "line 1", str(error))
    if root.getroottree().docinfo.internalDTD is not None:
        return Fault("WIR-006", "line 1", "<!DOCTYPE")
    if deeper_than(root, 16) and deeper_than(root, limits.depth):
        return Fault("WIR-007", "", f"deeper than {limits.depth}")
    return root


def _fault(error: etree.XMLSyntaxError) -> Fault:
    line, column = error.position
    place = f"line {line}, column {column}"
    sentence = str(error.msg or "").split(", line ")[0].strip()
    if error.code in _ENCODING_ERRORS or "encoding" in sentence.lower():
        return Fault("WIR-003", place, sentence)
    if "depth" in sentence.lower():
        return Fault("WIR-007", place, sentence)
    return Fault("WIR-005", place, sentence[:200])


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
