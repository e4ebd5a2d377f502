"""Bodies: what a request carries, read only after its sender is known, and never more of it than is admitted."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from fastapi import Request

from landsea.wire.limits import DEFAULT, Limits

from .problem import Problem

XML = frozenset({"application/xml", "text/xml"})
JSON = "application/json"
LINES = "application/x-ndjson"
MEDIA_TYPES = (*sorted(XML), JSON, LINES)
TOGETHER = 256  # declarations in one request


@dataclass(frozen=True, slots=True)
class Carried:
    """The messages of one request; `several` where they came as an array or as lines, even if there is only one."""

    messages: Sequence[bytes]
    several: bool


async def carried(request: Request, limits: Limits = DEFAULT) -> Carried:
    """What this request carries. Raises Problem where its type is none of ours or it is too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise Problem("wrong-media-type", f"Send one of {', '.join(MEDIA_TYPES)}.", {"Accept-Post": ", ".join(MEDIA_TYPES)})
    body = await _read(request, limits.bytes)
    if kind == LINES:
        return _together([line for line in body.splitlines() if line.strip()])
    if kind == JSON and body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"["):
        return _together(_elements(body))
    return Carried([body], several=False)


async def _read(request: Request, most: int) -> bytes:
    """The body, given up on as soon as it is known to be larger than `most`."""
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _too_large(most: int) -> Problem:
    # The rest of the body is on its way still; the connection cannot carry another request.
    return Problem("too-large", f"At most {most} bytes are taken in one request.", {"Connection": "close"})


def _elements(body: bytes) -> list[bytes]:
    """The elements of a JSON array as the bytes they came in."""
    try:
        return [bytes(element) for element in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", f"The array is not well-formed JSON: {error}.") from error


def _together(messages: list[bytes]) -> Carried:
    if not messages:
        raise Problem("malformed", "There is no declaration in this request.")
    if len(messages) > TOGETHER:
        raise Problem("too-large", f"{len(messages)} declarations in one request; at most {TOGETHER} are taken.")
    return Carried(messages, several=True)
