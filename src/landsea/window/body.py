"""Bodies: what a request carries, read only after its sender is known, and never more of it than is admitted."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from landsea.wire import split
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
        known = ", ".join(MEDIA_TYPES)
        raise Problem("wrong-media-type", f"Send one of {known}.", {"Accept-Post": known})
    body = await _read(request, limits.bytes)
    if kind == JSON and b"".join(body.split()) == b"[]":
        raise Problem("malformed", "The array is empty; send at least one declaration.")
    messages = split(body, limits)
    if len(messages) > TOGETHER:
        raise Problem("too-large", f"{len(messages)} declarations in one request; at most {TOGETHER} are taken.")
    return Carried(messages, several=kind == LINES or len(messages) > 1 or messages != [body])


async def whole(request: Request, limits: Limits = DEFAULT) -> bytes:
    """The body as it is. Raises Problem where it is too large."""
    return await _read(request, limits.bytes)


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
