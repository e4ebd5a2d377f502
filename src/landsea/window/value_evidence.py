"""Evidence of value over HTTP: declarants lodge what methods 4 and 5 need, customs what is usual."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.node.value_evidence import Evidence

from .access import admitted, node_of
from .said import answered, inlined, read, receipted, recording, tried

routes = APIRouter(tags=["valuation"])
_DONE = answered(id={"type": "string"}, state={"const": "kept"})


@routes.post(
    "/v1/valuation-evidence",
    operation_id="value_evidence",
    **recording(
        inlined(Evidence), _DONE, "On record; a declaration that cites its reference is valued by it", "Lodged before"
    ),
)
async def value_evidence(request: Request) -> Response:
    """Lodges evidence of value under a reference of the caller's: a declarant's for its own declarations that cite it,
    an officer's for all goods it names."""
    caller = await admitted(request, "value_evidence")
    said = await read(request, Evidence)
    node = node_of(request)
    done = await tried(partial(node.value_evidence.lodge, caller.party, said, customs=caller.role == "officer"))
    return receipted({"reference": said.reference, "id": done.id, "state": done.state}, done)
