"""What became of a declaration: its answer, customs' responses, its receipt. A trader sees their own and no other."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.node.access import Caller

from .access import allowed
from .answer import Answer, answer_in, encoded
from .body import JSON
from .problem import Problem, described
from .response import responses, together

if TYPE_CHECKING:
    from landsea.node.assemble import Node

routes = APIRouter(tags=["declarations"])
_REFUSALS = described("no-key", "not-allowed", "not-found", "erased")


def _answers(request: Request, mrn: str, caller: Caller) -> list[Answer]:
    """All answers on this declaration in order, if the caller may know of it."""
    node: Node = request.app.state.node
    declared = node.register.declared(mrn)
    if declared is None or (caller.role == "trader" and caller.party != declared.sender):
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    return [answer_in(receipt.document) for receipt in node.register.receipts(mrn)]


def _in_force(request: Request, mrn: str, caller: Caller) -> Answer:
    """The answer that is in force: that of the last message which changed where the declaration stands."""
    answers = _answers(request, mrn, caller)
    decided = request.app.state.node.register.declared(mrn).decided
    return next(answer for answer in answers if answer.leaf == decided)


@routes.get(
    "/v1/declarations/{mrn}",
    operation_id="status",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Answer"}}}}, **_REFUSALS},
)
def status(request: Request, mrn: str, caller: Caller = Depends(allowed("status"))) -> Response:  # noqa: B008
    """Where the declaration stands: the decision in force, its findings and duties, and the receipt."""
    answer = _in_force(request, mrn, caller)
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
    country = node.settings.administration
    places = node.edition.named("administration").get(country, {}).get("places", 2)
    form = "xml" if "xml" in request.headers.get("accept", "").partition(",")[0] else "json"
    sentences = request.app.state.sentences
    given = [one for answer in _answers(request, mrn, caller) for one in responses(answer, sentences, country, places)]
    body = together(given, form)
    return Response(body, media_type=f"application/{form}", headers={"Vary": "Accept"})


@routes.get("/v1/declarations/{mrn}/receipt", operation_id="receipt", response_class=Response, responses=_REFUSALS)
def receipt(request: Request, mrn: str, caller: Caller = Depends(allowed("receipt"))) -> Response:  # noqa: B008
    """The receipt of the decision in force, byte for byte as it was first given."""
    return Response(_in_force(request, mrn, caller).receipt, media_type=JSON)
