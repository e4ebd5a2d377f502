"""Acts over HTTP: what officers, carriers, the treasury and declarants do to a declaration, and goods that arrive.

The table of operations lets a role in, `clearance.act.ACTS` says which acts it may make. What stands in the way of an
act is a problem with a fixed reason; nothing was recorded then.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.clearance.act import ACTS, Act, Name, Refused, act_of
from landsea.clearance.state import Refusal
from landsea.errors import Relays
from landsea.node.acting import OtherAct

from .access import admitted
from .answer import encoded
from .body import JSON, carried
from .problem import Problem, described

if TYPE_CHECKING:
    from landsea.node.access import Caller
    from landsea.node.assemble import Node

routes = APIRouter(tags=["acts"])


class _Said(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    reference: Name
    content: dict[str, Any] = {}


class _Named(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Literal["mrn", "ucr", "container", "waybill"]
    value: Name


class _Arrival(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    reference: Name
    goods: Annotated[list[_Named], msgspec.Meta(min_length=1, max_length=1_000)]


def _inlined(kind: type) -> dict[str, Any]:
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


def _act(kind: str) -> dict[str, Any]:
    schema = _inlined(_Said)
    properties = {**schema["properties"], "kind": {"const": kind}, "content": _inlined(ACTS[kind].content)}
    required = ["kind", "reference", *(["content"] if properties["content"].get("required") else [])]
    return {**schema, "title": kind, "required": required, "properties": properties}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def _done(**members: dict[str, Any]) -> dict[str, Any]:
    properties = {"reference": {"type": "string"}, **members, "receipt": {"type": "object"}}
    return {"content": {JSON: {"schema": {"type": "object", "required": list(properties), "properties": properties}}}}


_ACTED = _done(kind={"enum": list(ACTS)}, proposed={"type": "boolean"})
_ARRIVED = _done(found={"type": "integer", "description": "declarations that waited for these goods"})
_REFUSALS = described(
    *("malformed", "no-key", "not-allowed", "not-found", "refused", "other-act", "relays", "erased", "too-large"),
    *("wrong-media-type", "fault"),
)
_REASONS = {
    "role-may-not": "not-allowed",
    Refusal.UNKNOWN_DECLARATION.value: "not-found",
    **dict.fromkeys(("unknown-kind", "content", "currency", "fraction"), "malformed"),
}
"""Reason of a refusal → problem; every other is that what stands does not allow it."""


@routes.post(
    "/v1/declarations/{mrn}/acts",
    operation_id="act",
    response_class=Response,
    status_code=201,
    openapi_extra=_body({"oneOf": [_act(kind) for kind in ACTS]}),
    responses={
        200: {"description": "Made before: the same receipt again, byte for byte", **_ACTED},
        201: {"description": "On record; where `proposed`, another officer has to confirm it", **_ACTED},
        **_REFUSALS,
    },
)
async def act(request: Request, mrn: str) -> Response:
    """Makes an act on this declaration, under a reference of the actor's own."""
    caller = await admitted(request, "act")
    if not mrn.isprintable():
        raise Problem("not-found", "There is no such number.")
    said = await _read(request, _Said)
    node: Node = request.app.state.node
    done = await _tried(partial(_made, node, caller, mrn, said))
    members = {"reference": said.reference, "kind": said.kind, "proposed": done.proposed}
    return _answer(members, done)


@routes.post(
    "/v1/arrivals",
    operation_id="arrive",
    response_class=Response,
    status_code=201,
    openapi_extra=_body(_inlined(_Arrival)),
    responses={
        200: {"description": "Told before: the same receipt again", **_ARRIVED},
        201: {"description": "On record; declarations lodged later find it too", **_ARRIVED},
        **_REFUSALS,
    },
)
async def arrive(request: Request) -> Response:
    """Tells that goods arrived, by MRN, UCR, container or waybill; what waited for them goes on."""
    caller = await admitted(request, "arrive")
    said = await _read(request, _Arrival)
    node: Node = request.app.state.node
    names = [(one.kind, one.value) for one in said.goods]
    done = await _tried(partial(node.arriving.arrive, caller.party, said.reference, names))
    return _answer({"reference": said.reference, "found": done.found}, done)


def _made(node: "Node", caller: "Caller", mrn: str, said: _Said) -> Any:
    content = act_of(said.kind, said.content, caller.role)
    return node.acting.act(Act(said.kind, caller.party, caller.role, said.reference, mrn, content))


async def _read(request: Request, kind: type[Any]) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Problem("wrong-media-type", f"Send {JSON}.", {"Accept-Post": JSON})
    body = await carried(request)
    try:
        return msgspec.json.decode(body.messages[0] if len(body.messages) == 1 else b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem("malformed", f"The body is not as this path wants it: {error}.") from None


async def _tried(made: Callable[[], Any]) -> Any:
    try:
        return await run_sync(made)
    except Refused as refused:
        _refuse(refused)
    except OtherAct as other:
        raise Problem("other-act", f"{other}.".capitalize()) from None
    except Relays as relays:
        raise Problem("relays", f"{relays}.".capitalize()) from None


def _refuse(refused: Refused) -> NoReturn:
    name = _REASONS.get(refused.reason, "refused")
    detail = str(refused)
    raise Problem(name, f"{detail[:1].upper()}{detail[1:]}.", reason=refused.reason) from None


def _answer(members: dict[str, Any], done: Any) -> Response:
    document = {**members, "receipt": msgspec.Raw(done.receipt)}
    return Response(encoded(document), 200 if done.repeated else 201, media_type=JSON)
