"""What is said to the window in JSON of our own shape, and how a refusal of the node becomes a problem.

Acts, arrivals, instruments and payments are read, tried and described in the same way; this is the way.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import msgspec
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from landsea.clearance.act import Refused
from landsea.clearance.state import Refusal
from landsea.errors import InputError, Relays
from landsea.node.acting import OtherAct

from .answer import encoded
from .body import JSON, carried
from .problem import Problem, described

REFUSALS = described(
    *("malformed", "no-key", "not-allowed", "not-found", "refused", "other-act", "relays", "erased", "too-large"),
    *("wrong-media-type", "fault"),
)
"""The problems of whatever is said here, as OpenAPI lists them."""
_REASONS = {
    "role-may-not": "not-allowed",
    **dict.fromkeys((Refusal.UNKNOWN_DECLARATION.value, "unknown-report", "unknown-mandate"), "not-found"),
    **dict.fromkeys(("unknown-kind", "content", "currency", "fraction"), "malformed"),
}
"""Reason of a refusal → problem; every other is that what stands does not allow it."""


def inlined(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type, all in one piece."""
    (whole,), parts = msgspec.json.schema_components([kind], ref_template="{name}")

    def opened(schema: Any) -> Any:
        if isinstance(schema, list):
            return [opened(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return opened(parts[schema["$ref"]])
        return {name: opened(value) for name, value in schema.items()}

    described_as: dict[str, Any] = opened(whole)
    return described_as


def of_kind(said: type, kind: str, content: type) -> dict[str, Any]:
    """The JSON schema of what is said of this kind, with this content."""
    schema = inlined(said)
    properties = {**schema["properties"], "kind": {"const": kind}, "content": inlined(content)}
    required = ["kind", "reference", *(["content"] if properties["content"].get("required") else [])]
    return {**schema, "title": kind, "required": required, "properties": properties}


def asked(schema: dict[str, Any]) -> dict[str, Any]:
    """A body of this schema, as OpenAPI shows it."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def answered(**members: dict[str, Any]) -> dict[str, Any]:
    """An answer with these members behind its reference and before its receipt, as OpenAPI shows it."""
    properties = {"reference": {"type": "string"}, **members, "receipt": {"type": "object"}}
    return {"content": {JSON: {"schema": {"type": "object", "required": list(properties), "properties": properties}}}}


def recording(
    schema: dict[str, Any], done: dict[str, Any], now: str = "On record", before: str = "Made before"
) -> dict[str, Any]:
    """What every path has in common that puts a body of this schema on record and gives a receipt of it (`done`)."""
    told = {200: f"{before}: the same receipt again", 201: now}
    responses = {status: {"description": said, **done} for status, said in told.items()}
    common = {"response_class": Response, "status_code": 201, "openapi_extra": asked(schema)}
    return {**common, "responses": {**responses, **REFUSALS}}


async def read(request: Request, kind: Any) -> Any:
    """The body as this type. Raises Problem where it is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Problem("wrong-media-type", f"Send {JSON}.", {"Accept-Post": JSON})
    body = await carried(request)
    try:
        return msgspec.json.decode(body.messages[0] if len(body.messages) == 1 else b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem("malformed", f"The body is not as this path wants it: {error}.") from None


async def tried(made: Callable[[], Any]) -> Any:
    """What this gives, done off the event loop. Raises Problem where the node refuses."""
    try:
        return await run_sync(made)
    except Refused as refused:
        _refuse(refused)
    except OtherAct as other:
        raise Problem("other-act", f"{other}.".capitalize()) from None
    except Relays as relays:
        raise Problem("relays", f"{relays}.".capitalize()) from None
    except InputError as fault:
        raise Problem("malformed", f"{fault}.".capitalize()) from None


def _refuse(refused: Refused) -> NoReturn:
    name = _REASONS.get(refused.reason, "refused")
    detail = str(refused)
    raise Problem(name, f"{detail[:1].upper()}{detail[1:]}.", reason=refused.reason) from None


def receipted(members: dict[str, Any], done: Any) -> Response:
    """The answer to what is on record now: 201, or 200 where it had been before."""
    document = {**members, "receipt": msgspec.Raw(done.receipt)}
    return Response(encoded(document), 200 if done.repeated else 201, media_type=JSON)
