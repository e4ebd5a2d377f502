"""Many declarations in one body, taken apart before they are read: each is a lodgement of its own.

A JSON array or JSON lines. Nothing is judged here: what cannot be taken apart comes out whole, and reading says what is
wrong with it.
"""

import json

from .limits import DEFAULT, Limits

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # only the ends of values matter here


def split(body: bytes, limits: Limits = DEFAULT) -> list[bytes]:
    """The messages of a body: the members of a JSON array, the lines of JSON lines, otherwise the body itself.

    Every member is the bytes it came in, so that no number changes its form.
    """
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"[", b"{") or len(body) > limits.unpacked:
        return [body]
    try:
        text = body.decode("utf-8-sig")
        return _members(text) if start == b"[" else _lines(text)
    except (ValueError, RecursionError):
        return [body]


def _members(text: str) -> list[bytes]:
    members = []
    at = _after(text, text.index("[") + 1)
    while True:
        _, end = _DECODER.raw_decode(text, at)
        members.append(text[at:end].encode())
        at = _after(text, end)
        if text[at : at + 1] != ",":
            break
        at = _after(text, at + 1)
    if text[at : at + 1] != "]" or _after(text, at + 1) != len(text):
        raise ValueError("no array")
    return members


def _lines(text: str) -> list[bytes]:
    _, end = _DECODER.raw_decode(text, _after(text, 0))
    after = _after(text, end)
    if after == len(text):
        return [text.encode()]
    if "\n" not in text[end:after]:
        raise ValueError("no JSON lines")
    return [line.encode() for line in text.split("\n") if line.strip()]


def _after(text: str, at: int) -> int:
    """The index of the next character that is no white space."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
