"""Many declarations in one body, taken apart before they are read: each is a lodgement of its own.

A JSON array, JSON lines, or, only where the caller asks for it, the files of a zip archive. Nothing is judged here:
what cannot be taken apart comes out whole, and reading says what is wrong with it.
"""

import json
import struct
import zlib
from collections.abc import Iterator

from landsea.errors import InputError

from .limits import DEFAULT, Limits

_STORED, _DEFLATED = 0, 8
_ENTRY = struct.Struct("<4s6H3I5H2I")  # central directory file header
_END = struct.Struct("<4s4H2IH")  # end of central directory
_LOCAL = struct.Struct("<4s5H3I2H")  # local file header


def split(body: bytes, limits: Limits = DEFAULT) -> list[bytes]:
    """The messages of a body: the members of a JSON array, the lines of JSON lines, otherwise the body itself."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"[", b"{") or len(body) > limits.unpacked:
        return [body]
    try:
        return _members(body.decode("utf-8-sig")) if start == b"[" else _lines(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return [body]


def _members(text: str) -> list[bytes]:
    decoder, at, members = json.JSONDecoder(), _after(text, text.index("[") + 1), []
    while text[at] != "]" if at < len(text) else False:
        _, end = decoder.raw_decode(text, at)
        members.append(text[at:end].encode())
        at = _after(text, end)
        if text[at : at + 1] == ",":
            at = _after(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError("not an array")
    if _after(text, at + 1) != len(text) or not members:
        raise ValueError("not an array, or an empty one")
    return members


def _lines(text: str) -> list[bytes]:
    first = _after(text, 0)
    _, end = json.JSONDecoder().raw_decode(text, first)
    if _after(text, end) == len(text):
        return [text.encode()]
    if "\n" not in text[end : _after(text, end)]:
        raise ValueError("not JSON lines")
    return [line.encode() for line in text.split("\n") if line.strip()]


def _after(text: str, at: int) -> int:
    """The index of the next character that is no white space."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def unpack(archive: bytes, limits: Limits = DEFAULT) -> dict[str, bytes]:
    """Name → content of every file in a zip archive, never more than the limits admit, whatever its headers say.

    Raises InputError for a damaged, encrypted or oversized archive, and for compression other than deflate.
    """
    try:
        files = list(_entries(archive))
        if len(files) > limits.files:
            raise InputError(f"the archive has {len(files)} files, at most {limits.files} are unpacked")
        unpacked: dict[str, bytes] = {}
        left = limits.unpacked
        for name, method, data in files:
            content = _inflated(data, min(left, limits.bytes)) if method == _DEFLATED else data[: limits.bytes + 1]
            left -= len(content)
            if len(content) > limits.bytes or left < 0:
                raise InputError(f"{name} in the archive is too large, or the archive as a whole")
            unpacked[name] = content
    except (struct.error, zlib.error, IndexError, UnicodeDecodeError) as error:
        raise InputError(f"the archive is damaged: {error}") from error
    return unpacked


def _entries(archive: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Name, method and packed data of each file, as the central directory lists them."""
    end = archive.rfind(b"PK\x05\x06")
    if end < 0:
        raise InputError("the archive is cut off: it has no directory at its end")
    *_, count, _, at, _ = _END.unpack_from(archive, end)
    for _ in range(count):
        head = _ENTRY.unpack_from(archive, at)
        signature, flags, method, packed, lengths, local = head[0], head[3], head[4], head[8], head[10:13], head[16]
        if signature != b"PK\x01\x02":
            raise InputError("the archive is damaged: its directory is not where it says")
        name = archive[at + _ENTRY.size : at + _ENTRY.size + lengths[0]].decode("utf-8" if flags & 0x800 else "cp437")
        if flags & 1 or method not in (_STORED, _DEFLATED):
            raise InputError(f"{name} in the archive is encrypted or packed in another way than deflate")
        *_, name_length, extra_length = _LOCAL.unpack_from(archive, local)
        start = local + _LOCAL.size + name_length + extra_length
        if not name.endswith("/"):
            yield name, method, archive[start : start + packed]
        at += _ENTRY.size + sum(lengths)


def _inflated(data: bytes, most: int) -> bytes:
    """At most one byte more than `most`, so that a bomb goes off in nobody's memory."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most + 1)
