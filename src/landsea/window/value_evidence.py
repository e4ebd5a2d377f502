"""Evidence of value over HTTP: declarants lodge what methods 4 and 5 need, customs what is usual."""

from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.node.value_evidence import Evidence

from .access import admitted
from .said import REFUSALS, answered, asked, inlined, read, receipted, tried

if TYPE_CHECKING:
    from landsea.node.assemble import Node

routes = APIRouter(tags=["valuation"])
_DONE = answered(id={"type": "string"}, state={"const": "kept"})


@routes.post(
    "/v1/valuation-evidence",
    operation_id="value_evidence",
    response_class=Response,
    status_code=201,
    openapi_extra=asked(inlined(Evidence)),
    responses={
        200: {"description": "Lodged before: the same receipt again", **_DONE},
        201: {"description": "On record; a declaration that cites its reference is valued by it", **_DONE},
        **REFUSALS,
    },
)
async def value_evidence(request: Request) -> Response:
    """Lodges evidence of value under a reference of the caller's: a declarant's for its own declarations that cite it,
    an officer's for all goods it names."""
    caller = await admitted(request, "value_evidence")
    said = await read(request, Evidence)
    node: Node = request.app.state.node
    done = await tried(partial(node.value_evidence.lodge, caller.party, said, customs=caller.role == "officer"))
    return receipted({"reference": said.reference, "id": done.id, "state": done.state}, done)
