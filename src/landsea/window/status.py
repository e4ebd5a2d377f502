"""What became of a declaration: its answer, customs' responses, its receipt. A trader sees their own and no other."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.node.access import Caller
from landsea.node.register import Entry, entry

from .access import allowed
from .answer import answer_in, encoded
from .body import JSON
from .problem import Problem, described
from .response import responses, together

if TYPE_CHECKING:
    from landsea.node.assemble import Node

routes = APIRouter(tags=["declarations"])
_REFUSALS = described("no-key", "not-allowed", "not-found")


def _entry(request: Request, mrn: str, caller: Caller) -> Entry:
    """The declaration, if the caller may know of it."""
    node: Node = request.app.state.node
    found = entry(node.ledger, mrn, caller.party if caller.role == "trader" else None)
    if found is None:
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    return found


@routes.get(
    "/v1/declarations/{mrn}",
    operation_id="status",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Answer"}}}}, **_REFUSALS},
)
def status(request: Request, mrn: str, caller: Caller = Depends(allowed("status"))) -> Response:  # noqa: B008
    """Where the declaration stands: the decision in force, its findings and duties, and the receipt."""
    answer = answer_in(_entry(request, mrn, caller).in_force)
    return Response(encoded(answer.document(request.app.state.sentences)), media_type=JSON)


@routes.get(
    "/v1/declarations/{mrn}/responses",
    operation_id="responses",
    response_class=Response,
    responses={200: {"content": {JSON: {}, "application/xml": {}}}, **_REFUSALS},
)
def answered(request: Request, mrn: str, caller: Caller = Depends(allowed("responses"))) -> Response:  # noqa: B008
    """Customs' responses as WCO RES messages, as JSON, or as XML where `Accept` prefers it."""
    node: Node = request.app.state.node
    answers = [answer_in(receipt) for receipt in _entry(request, mrn, caller).receipts]
    country = node.settings.administration
    places = node.edition.named("administration").get(country, {}).get("places", 2)
    form = "xml" if "xml" in request.headers.get("accept", "").partition(",")[0] else "json"
    sentences = request.app.state.sentences
    given = [one for answer in answers for one in responses(answer, sentences, country, places)]
    body = together(given, form)
    return Response(body, media_type=f"application/{form}", headers={"Vary": "Accept"})


@routes.get("/v1/declarations/{mrn}/receipt", operation_id="receipt", response_class=Response, responses=_REFUSALS)
def receipt(request: Request, mrn: str, caller: Caller = Depends(allowed("receipt"))) -> Response:  # noqa: B008
    """The receipt of the decision in force, byte for byte as it was first given."""
    return Response(_entry(request, mrn, caller).in_force, media_type=JSON)
