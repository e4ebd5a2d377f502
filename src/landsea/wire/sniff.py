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
_START = re.compile(rb"[ \t\r\n]*([<{\[])")
_FORMATS = {b"<": "xml", b"{": "json", b"[": "json"}
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_DOCTYPE = re.compile(rb"(?:\s+|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*+<!DOCTYPE", re.DOTALL)


class Unreadable(Exception):
    """A body cannot be read: the rule it breaks, the place in it, and what was found there. Ends in one finding."""

    def __init__(self, rule: str, place: str = "", value: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.place = place[:200]
        self.value = value


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a body is (xml, json, zip, other) and its bytes; `encoding` where it is not for the parser to find out."""

    format: str
    body: bytes
    encoding: str | None = None


def sniff(body: bytes, limits: Limits) -> Sniffed:
    """The format of a body, with UTF-16 and UTF-32 turned into UTF-8. Raises Unreadable where it is nothing at all."""
    if len(body) > limits.bytes:
        raise Unreadable("WIR-002", "", f"{len(body)} bytes, at most {limits.bytes}")
    if body.startswith(_ARCHIVES):
        return Sniffed("zip", body)
    if not body.strip(b" \t\r\n\0"):
        raise Unreadable("WIR-001")
    named = _named(body)
    if named is not None:
        try:
            body = body.decode(named).removeprefix("\ufeff").encode()
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            raise Unreadable("WIR-003", f"byte {start + 1}", f"the bytes are not {named.upper()}") from error
    declared = _DECLARED.match(body)
    encoding = declared[1].decode().lower() if declared else ""
    if named == "utf-8" and encoding not in ("", "utf-8", "utf8"):
        raise Unreadable("WIR-003", "line 1", f"marked as UTF-8 but declared as {encoding.upper()}")
    if named is None and encoding.startswith(("utf-16", "utf-32", "ucs-", "iso-10646-ucs")):
        raise Unreadable("WIR-003", "line 1", f"declared as {encoding.upper()} but written in single bytes")
    start = _START.match(body)
    return Sniffed(_FORMATS[start[1]] if start else "other", body, "utf-8" if named else None)


def _named(body: bytes) -> str | None:
    """The encoding the first bytes give away; None where a parser must find it out."""
    if (head := body[:4]).isascii() and b"\0" not in head:  # no mark, and no character of several bytes
        return None
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    return marked or next((name for pattern, name in _UNMARKED if pattern.match(body)), None)


def has_doctype(body: bytes) -> bool:
    """Whether the prolog of this XML holds a document type declaration."""
    return _DOCTYPE.match(body) is not None
