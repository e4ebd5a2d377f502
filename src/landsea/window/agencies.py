"""Agencies over HTTP: the declarations that wait for one, and of each the groups its law allows, proved.

An agency answers with the act `agency-answered`. Of a declaration it has no say in it learns nothing, not even that
there is one.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.node.access import Caller

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import Problem, described

routes = APIRouter(tags=["agencies"])
_COUNT = {"type": "integer"}
_WAITING = {
    "type": "object",
    "required": ["mrn", "since", "version", "documents", "declared"],
    "properties": {
        "mrn": {"type": "string"},
        "since": {"type": "string", "format": "date-time"},
        "version": _COUNT,
        "documents": {**_COUNT, "description": "Documents this agency asks for"},
        "declared": {**_COUNT, "description": "Of these, declared"},
    },
}
_SEEN = {
    "type": "object",
    "required": ["mrn", "version", "open", "asks", "receipt"],
    "properties": {
        "mrn": {"type": "string"},
        "version": _COUNT,
        "open": {"type": "boolean", "description": "Release waits for this agency"},
        "asks": {"type": "array", "items": {"$ref": "#/components/schemas/Ask"}},
        "receipt": {"type": "object", "description": "landsea/receipt/1 that shows this agency's groups only"},
    },
}
_FIGURE = {
    "type": "object",
    "required": ["agency", "declarations", "documents", "declared", "standing", "examinations"],
    "properties": {
        "agency": {"type": "string"},
        "declarations": {**_COUNT, "description": "In which it has a say"},
        "documents": {**_COUNT, "description": "Asked for a consignment"},
        "declared": {**_COUNT, "description": "Of these, declared when lodged"},
        "standing": {**_COUNT, "description": "Asked, but good for a period"},
        "examinations": {**_COUNT, "description": "Examinations and samples, of goods items"},
    },
}


def _told(schema: dict[str, Any], *problems: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {JSON: {"schema": schema}}}, **described("no-key", "not-allowed", *problems)}


@routes.get(
    "/v1/agency/declarations",
    operation_id="agency_queue",
    response_class=Response,
    responses=_told({"type": "array", "items": _WAITING}),
)
def queue(request: Request, caller: Caller = Depends(allowed("agency_queue"))) -> Response:  # noqa: B008
    """The declarations that wait for this agency, the longest waiting first."""
    node = node_of(request)
    rows = [
        {**one._asdict(), "since": datetime.fromtimestamp(one.since / 1_000_000, UTC).isoformat()}
        for one in node.agencies.queue(caller.party)
    ]
    return Response(encoded(rows), media_type=JSON)


@routes.get(
    "/v1/agency/declarations/{mrn}",
    operation_id="agency_declaration",
    response_class=Response,
    responses=_told(_SEEN, "not-found", "erased"),
)
def seen(request: Request, mrn: str, caller: Caller = Depends(allowed("agency_declaration"))) -> Response:  # noqa: B008
    """What this agency asks of the declaration, and a receipt of what it may see of it."""
    node = node_of(request)
    found = node.agencies.seen(caller.party, mrn) if mrn.isprintable() else None
    if found is None:
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you have a say in.")
    return Response(encoded({**found._asdict(), "receipt": msgspec.Raw(found.receipt)}), media_type=JSON)


@routes.get(
    "/v1/figures/agencies",
    operation_id="agency_figures",
    response_class=Response,
    responses=_told({"type": "array", "items": _FIGURE}),
)
def figures(request: Request, caller: Caller = Depends(allowed("agency_figures"))) -> Response:  # noqa: ARG001, B008
    """How many documents and examinations each agency asked for, of all declarations that were taken up."""
    node = node_of(request)
    return Response(encoded([one._asdict() for one in node.agencies.figures()]), media_type=JSON)
