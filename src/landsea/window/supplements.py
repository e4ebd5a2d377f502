"""Supplementary declarations that are owed, over HTTP: a trader's own, an officer sees all."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from landsea.node.access import Caller
from landsea.node.supplementing import owed

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import Problem, described

routes = APIRouter(tags=["declarations"])
_TEXT: Final = {"type": "string"}
_DUE: Final = {"type": ["string", "null"], "format": "date", "description": "Last day; null before release"}
_PROPERTIES: Final[dict[str, Any]] = {"mrn": _TEXT, "declarant": _TEXT, "type": _TEXT, "due": _DUE}
_OWED: Final = {
    "type": "array",
    "items": {"type": "object", "required": list(_PROPERTIES), "properties": _PROPERTIES},
}


@routes.get(
    "/v1/supplements",
    operation_id="supplements",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _OWED}}}, **described("malformed", "no-key", "not-allowed", "fault")},
)
def supplements(
    request: Request,
    declarant: Annotated[str | None, Query(max_length=70)] = None,
    before: date | None = None,
    caller: Caller = Depends(allowed("supplements")),  # noqa: B008
) -> Response:
    """The supplementary declarations that are owed, the most urgent first; those due before a day only, if one is
    given: before today is overdue."""
    if caller.role == "trader" and declarant not in (None, caller.party):
        raise Problem("not-allowed", "You may see your own and no other's.")
    whose = caller.party if caller.role == "trader" else declarant
    node = node_of(request)
    with node.store.reading() as connection:
        found = list(owed(connection, node.edition, whose, before))
    told = [
        {"mrn": one.mrn, "declarant": one.sender, "type": one.type, "due": one.due and one.due.isoformat()}
        for one in found
    ]
    return Response(encoded(told), media_type=JSON)
