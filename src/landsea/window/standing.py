"""Standing over HTTP: an operator sees its own grade and every figure that led to it, and nobody else's."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.node.access import Caller

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import described

routes = APIRouter(tags=["standing"])
_STANDING = {
    "type": "object",
    "required": ["operator", "grade", "figures"],
    "properties": {
        "operator": {"type": "string"},
        "grade": {"type": ["string", "null"], "description": "As last reckoned; null where it was not yet"},
        "figures": {"type": "array", "items": {"type": "string"}, "description": "Each figure against its threshold"},
    },
}


@routes.get(
    "/v1/standing",
    operation_id="standing",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _STANDING}}}, **described("no-key", "not-allowed")},
)
def standing(request: Request, caller: Caller = Depends(allowed("standing"))) -> Response:  # noqa: B008
    """The caller's standing with this administration, from its own record."""
    node = node_of(request)
    grade, figures = node.standings.of(caller.party)
    return Response(encoded({"operator": caller.party, "grade": grade, "figures": figures}), media_type=JSON)
