"""Sniffing: a body is XML, JSON, an archive or something else, judged by its bytes and never by its name."""

import codecs
import re
from dataclasses import dataclass

from .limits import Limits

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (
    (re.compile(rb"[<{\[\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]"), "utf-32-be"),
    (re.compile(rb"[<{\[\s]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\[\s]"), "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_DOCTYPE = re.compile(rb"(?:\s+|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*+<!DOCTYPE", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a body cannot be read: the rule, the place in it, and what was found there."""

    rule: str
    place: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a body is, and its bytes in an encoding a parser takes; `encoding` is set where it is not the parser's
    to find out."""

    format: str  # xml, json, zip or other
    body: bytes
    encoding: str | None = None


def sniff(body: bytes, limits: Limits) -> Sniffed | Fault:
    """The format of a body, with UTF-16 and UTF-32 turned into UTF-8; a fault where it cannot be anything readable."""
    if len(body) > limits.bytes:
        return Fault("WIR-002", "", f"{len(body)} bytes, at most {limits.bytes}")
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Sniffed("zip", body)
    named = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    if named is None:
        named = next((name for pattern, name in _UNMARKED if pattern.match(body)), None)
    if named is not None:
        try:
            body = body.decode(named).removeprefix("\ufeff").encode()
        except UnicodeDecodeError as error:
            return Fault("WIR-003", f"byte {error.start + 1}", f"the bytes are not {named.upper()}")
    start = body.lstrip(b" \t\r\n")[:1]
    if not start:
        return Fault("WIR-001")
    if start == b"<":
        declared = _DECLARED.match(body)
        if named == "utf-8" and declared and declared[1].lower() not in (b"utf-8", b"utf8"):
            return Fault("WIR-003", "line 1", f"marked as UTF-8 but declared as {declared[1].decode()}")
        return Sniffed("xml", body, "utf-8" if named else None)
    if start in b"{[":
        return Sniffed("json", body)
    return Sniffed("other", body)


def has_doctype(body: bytes) -> bool:
    """Whether the prolog of this XML holds a document type declaration."""
    return _DOCTYPE.match(body) is not None
