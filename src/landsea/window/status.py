"""What became of a declaration: its answer, customs' responses, its receipt. A trader sees their own and no other."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.codes.administration import coinage, law_of
from landsea.node.access import Caller
from landsea.node.register import Declared

from .access import allowed, node_of
from .answer import Answer, answer_in, encoded
from .body import JSON
from .problem import Problem, described
from .response import responses, together

routes = APIRouter(tags=["declarations"])
_REFUSALS = described("no-key", "not-allowed", "not-found", "erased")


def _declared(request: Request, mrn: str, caller: Caller) -> Declared:
    """The declaration, if the caller may know of it."""
    declared = node_of(request).register.declared(mrn)
    if declared is None or (caller.role == "trader" and caller.party != declared.sender):
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    return declared


def _answers(request: Request, declared: Declared) -> list[Answer]:
    """All answers on this declaration in order."""
    return [answer_in(receipt.document) for receipt in node_of(request).register.receipts(declared.mrn)]


def _in_force(request: Request, mrn: str, caller: Caller) -> Answer:
    """The answer that is in force: that of the last message which changed where the declaration stands."""
    declared = _declared(request, mrn, caller)
    return next(answer for answer in _answers(request, declared) if answer.leaf == declared.decided)


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
    node = node_of(request)
    country = node.settings.administration
    places = coinage(law_of(node.edition, country)).places
    form = "xml" if "xml" in request.headers.get("accept", "").partition(",")[0] else "json"
    sentences = request.app.state.sentences
    answers = _answers(request, _declared(request, mrn, caller))
    given = [one for answer in answers for one in responses(answer, sentences, country, places)]
    body = together(given, form)
    return Response(body, media_type=f"application/{form}", headers={"Vary": "Accept"})


@routes.get("/v1/declarations/{mrn}/receipt", operation_id="receipt", response_class=Response, responses=_REFUSALS)
def receipt(request: Request, mrn: str, caller: Caller = Depends(allowed("receipt"))) -> Response:  # noqa: B008
    """The receipt of the decision in force, byte for byte as it was first given."""
    return Response(_in_force(request, mrn, caller).receipt, media_type=JSON)
