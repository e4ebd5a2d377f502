"""Rights of others over HTTP: officers accept applications; a holder sees their own and what was done for them."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.node.rights import Application, Told
from landsea.node.stopping import Step

from .access import admitted, node_of
from .answer import encoded
from .body import JSON
from .problem import described
from .said import answered, inlined, read, receipted, recording, tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from landsea.node.on_record import Stepped

routes = APIRouter(tags=["rights"])
_TEXT: Final = {"type": ["string", "null"]}
_LIST: Final = {"type": ["array", "null"], "items": {"type": "string"}}
_DONE: Final = answered(id={"type": "string"}, state={"enum": ["in-force", "ended"]})
_RIGHT: Final = {
    "type": "object",
    "required": ["id", "holder", "kind", "title", "goods", "marks", "hs", "contact", "valid_from", "valid_to"],
    "properties": {
        **dict.fromkeys(("kind", "title", "goods", "contact", "valid_from", "valid_to", "actor"), _TEXT),
        **dict.fromkeys(("marks", "hs"), _LIST),
    },
}
_STATES: Final = ["suspended", "extended", "proceedings", "ended", "infringing"]
_SUSPENSION: Final = {
    "type": "object",
    "required": list(Told._fields),
    "properties": {
        **dict.fromkeys(("right", "began", "until", "told", "mrn"), _TEXT),
        "state": {"enum": _STATES},
    },
}


def _lists(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    whole = {"type": "array", "items": schema}
    return {200: {"content": {JSON: {"schema": whole}}}, **described("no-key", "not-allowed")}


@routes.post("/v1/rights", operation_id="right_accept", **recording(inlined(Application), _DONE))
async def accept(request: Request) -> Response:
    """Accepts the application of the holder of a right: goods that may infringe it are controlled from now on."""
    caller = await admitted(request, "right_accept")
    said = await read(request, Application)
    return await _done(said.reference, partial(node_of(request).rights.accept, caller.party, said))


@routes.post("/v1/rights/{right}/end", operation_id="right_end", **recording(inlined(Step), _DONE))
async def end(request: Request, right: str) -> Response:
    """Ends the protection of this right; suspensions made for it stand."""
    caller = await admitted(request, "right_end")
    said = await read(request, Step)
    return await _done(said.reference, partial(node_of(request).rights.end, caller.party, right, said))


@routes.get("/v1/rights", operation_id="rights", response_class=Response, responses=_lists(_RIGHT))
async def rights(request: Request) -> Response:
    """The rights protected here; to others than officers, their own."""
    caller = await admitted(request, "rights")
    holder = None if caller.role == "officer" else caller.party
    return Response(encoded(await run_sync(node_of(request).rights.listed, holder)), media_type=JSON)


@routes.get(
    "/v1/rights/suspensions", operation_id="suspensions", response_class=Response, responses=_lists(_SUSPENSION)
)
async def suspensions(request: Request) -> Response:
    """Suspensions of release, the last first; to others than officers, those made for them, and of no declaration."""
    caller = await admitted(request, "suspensions")
    holder = None if caller.role == "officer" else caller.party
    found = await run_sync(node_of(request).rights.suspensions, holder)
    return Response(encoded([one._asdict() for one in found]), media_type=JSON)


async def _done(reference: str, made: "Callable[[], Stepped]") -> Response:
    done = await tried(made)
    return receipted({"reference": reference, "id": done.id, "state": done.state}, done)
