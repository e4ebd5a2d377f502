"""Mandates over HTTP: a principal gives them and takes them back; the agent sees what it was given."""

from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.clearance.mandate import MANDATES
from landsea.node.mandates import Giving

from .access import admitted, node_of
from .answer import encoded
from .body import JSON
from .problem import described
from .said import REFUSALS, answered, inlined, read, receipted, recording, tried

routes = APIRouter(tags=["mandates"])
_TEXT: Final[dict[str, Any]] = {"type": ["string", "null"]}
_DONE: Final = answered(mandate={"type": "string"})
_MANDATE: Final = {"type": "object", "required": list(MANDATES), "properties": dict.fromkeys(MANDATES, _TEXT)}


@routes.post(
    "/v1/mandates",
    operation_id="mandate_give",
    **recording(inlined(Giving), _DONE, "On record; whoever acts for you here needs one from now on", "Given before"),
)
async def give(request: Request) -> Response:
    """Lets an agent act for the caller: directly, in its name, or indirectly, in the agent's own."""
    caller = await admitted(request, "mandate_give")
    said = await read(request, Giving)
    node = node_of(request)
    done = await tried(partial(node.mandates.give, caller.party, said))
    return receipted({"reference": said.reference, "mandate": done.mandate}, done)


@routes.delete(
    "/v1/mandates/{mandate}",
    operation_id="mandate_revoke",
    response_class=Response,
    responses={
        200: {"description": "Revoked before: the same receipt again", **_DONE},
        201: {"description": "Revoked from now on; what was lodged before stands", **_DONE},
        **REFUSALS,
    },
)
async def revoke(request: Request, mandate: str) -> Response:
    """Takes back a mandate of the caller's."""
    caller = await admitted(request, "mandate_revoke")
    node = node_of(request)
    done = await tried(partial(node.mandates.revoke, caller.party, mandate))
    return receipted({"reference": f"revoked {done.mandate}", "mandate": done.mandate}, done)


@routes.get(
    "/v1/mandates",
    operation_id="mandates",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "array", "items": _MANDATE}}}},
        **described("no-key", "not-allowed"),
    },
)
async def mandates(request: Request) -> Response:
    """The mandates the caller gave, and those it was given."""
    caller = await admitted(request, "mandates")
    node = node_of(request)
    return Response(encoded(await run_sync(node.mandates.listed, caller.party)), media_type=JSON)
