"""Subscriptions over HTTP: a party says where it wants to hear of what is decided, and when no more."""

from typing import Annotated, Any

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.errors import InputError
from landsea.node.access import Caller
from landsea.node.notice_subscription import CHANNELS, Subscription

from .access import admitted, allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import Problem, described
from .said import read

routes = APIRouter(tags=["notices"])
PATH = "/v1/subscriptions"


class _Asked(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    channel: Annotated[str, msgspec.Meta(max_length=20)]
    target: Annotated[str, msgspec.Meta(max_length=2_000)]


_TEXT = {"type": "string"}
_ONE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "channel", "target", "created", "failures"],
    "properties": {
        "id": _TEXT,
        "channel": {"enum": list(CHANNELS)},
        "target": _TEXT,
        "created": {"type": "string", "format": "date-time"},
        "failures": {"type": "integer", "description": "How often in a row nothing was taken there"},
        "secret": {"type": "string", "description": "What its notices are signed with; told here once"},
    },
}
_BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["channel", "target"],
    "properties": {"channel": {"enum": list(CHANNELS)}, "target": {"type": "string", "maxLength": 2_000}},
}


@routes.post(
    PATH,
    operation_id="subscribe",
    response_class=Response,
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": _BODY}}}},
    responses={
        201: {"description": "The party hears of what is decided from now on", "content": {JSON: {"schema": _ONE}}},
        **described("malformed", "no-key", "not-allowed", "too-large", "wrong-media-type", "fault"),
    },
)
async def subscribe(request: Request) -> Response:
    """Makes a subscription of the caller's: a webhook, an e-mail address or a telephone number."""
    caller = await admitted(request, "subscribe")
    asked = await read(request, _Asked)
    node = node_of(request)
    try:
        made = await run_sync(node.sending.subscriptions.make, caller.party, caller.role, asked.channel, asked.target)
    except InputError as reason:
        raise Problem("malformed", f"{str(reason)[:1].upper()}{str(reason)[1:]}.") from None
    return Response(encoded(_shown(made)), 201, media_type=JSON, headers={"Cache-Control": "no-store"})


@routes.get(
    PATH,
    operation_id="subscriptions",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "array", "items": _ONE}}}},
        **described("no-key", "not-allowed"),
    },
)
def listed(request: Request, caller: Caller = Depends(allowed("subscriptions"))) -> Response:  # noqa: B008
    """The caller's subscriptions, without their secrets."""
    node = node_of(request)
    own = node.sending.subscriptions.of(caller.party, caller.role)
    return Response(encoded([_shown(one) for one in own]), media_type=JSON)


@routes.delete(
    PATH + "/{identity}",
    operation_id="unsubscribe",
    response_class=Response,
    status_code=204,
    responses={204: {"description": "Nothing more is sent there"}, **described("no-key", "not-allowed", "not-found")},
)
def unsubscribe(request: Request, identity: str, caller: Caller = Depends(allowed("unsubscribe"))) -> Response:  # noqa: B008
    """Ends a subscription of the caller's."""
    node = node_of(request)
    if not (identity.isprintable() and node.sending.subscriptions.end(caller.party, caller.role, identity)):
        raise Problem("not-found", "You have no such subscription.")
    return Response(status_code=204)


def _shown(one: Subscription) -> dict[str, Any]:
    return {name: value for name, value in one._asdict().items() if value is not None}
