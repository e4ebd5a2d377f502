"""The stop list over HTTP: officers see it and change it, two for each change; nobody else learns that it exists."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.node.stopping import Entry, Step, Stopped

from .access import admitted, node_of
from .answer import encoded
from .body import JSON
from .problem import described
from .said import answered, inlined, read, receipted, recording, tried

if TYPE_CHECKING:
    from collections.abc import Callable


routes = APIRouter(tags=["stop list"])
_TEXT: Final = {"type": ["string", "null"]}
_SAID: Final = ("kind", "value", "control", "reason", "basis", "valid_from", "valid_to", "actor")
_ENTRY: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "state", "asked_by", *_SAID],
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["proposed", "in-force", "lifting"]},
        "asked_by": {"type": "string", "description": "Who asked for its last change; another officer confirms it"},
        **dict.fromkeys(_SAID, _TEXT),
    },
}
_DONE: Final = answered(
    id={"type": "string"},
    state={"enum": ["proposed", "in-force", "lifting", "lifted"]},
    intercepted={"type": "integer", "description": "Declarations lodged before and not yet released that it stopped"},
    unread={"type": "integer", "description": "Open declarations that hold no document to look at"},
)


@routes.post("/v1/stops", operation_id="stop", **recording(inlined(Entry), _DONE))
async def stop(request: Request) -> Response:
    """Asks for an entry on the stop list; another officer confirms it."""
    caller = await admitted(request, "stop")
    said = await read(request, Entry)
    return await _done(said.reference, partial(node_of(request).stopping.ask, caller.party, said))


@routes.post("/v1/stops/{entry}/confirm", operation_id="stop_confirm", **recording(inlined(Step), _DONE))
async def confirm(request: Request, entry: str) -> Response:
    """Confirms what another officer asked: the entry takes effect, also on what is lodged and not released; or ends."""
    caller = await admitted(request, "stop_confirm")
    said = await read(request, Step)
    return await _done(said.reference, partial(node_of(request).stopping.confirm, caller.party, entry, said))


@routes.post("/v1/stops/{entry}/lift", operation_id="stop_lift", **recording(inlined(Step), _DONE))
async def lift(request: Request, entry: str) -> Response:
    """Asks to take the entry off the list; it is in force until another officer confirms that."""
    caller = await admitted(request, "stop_lift")
    said = await read(request, Step)
    return await _done(said.reference, partial(node_of(request).stopping.lift, caller.party, entry, said))


@routes.get(
    "/v1/stops",
    operation_id="stops",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "array", "items": _ENTRY}}}},
        **described("no-key", "not-allowed"),
    },
)
async def stops(request: Request) -> Response:
    """The stop list, with who asked for each entry and why."""
    await admitted(request, "stops")
    return Response(encoded(await run_sync(node_of(request).stopping.listed)), media_type=JSON)


async def _done(reference: str, made: "Callable[[], Stopped]") -> Response:
    done = await tried(made)
    told = {name: getattr(done, name) for name in ("id", "state", "intercepted", "unread")}
    return receipted({"reference": reference, **told}, done)
