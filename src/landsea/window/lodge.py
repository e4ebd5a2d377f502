"""Lodging: a request becomes lodgements, and what the clearing thread answers becomes the response.

The order is what protects the node: first the key, then the media type, then the body within its limit, then the
bounded queue. Before the first nothing is read; before the last nothing is kept; nothing of it is ever logged.
"""

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.declaration.stage import Lodgement
from landsea.errors import EnvironmentFault, Relays
from landsea.node.assemble import Node
from landsea.node.clearing import Busy, Stopping
from landsea.node.commit import Conflict, Receipt

from .access import admitted, node_of
from .answer import UNUSABLE, Answer, answer_in, encoded
from .body import JSON, LINES, XML, carried
from .problem import MEDIA_TYPE, Problem, described
from .sentence import Sentences

if TYPE_CHECKING:
    from concurrent.futures import Future

PATH = "/v1/declarations"
AGAIN = {"Retry-After": "1"}

routes = APIRouter(tags=["declarations"])
_ANSWER = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Answer"}}}}
_SEVERAL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["status", "answer"],
        "properties": {"status": {"type": "integer"}, "answer": {"type": "object"}},
    },
}
_MESSAGE = {"$ref": "#/components/schemas/Message"}
_BODY = {
    **{kind: {"schema": {"type": "string"}} for kind in sorted(XML)},
    JSON: {"schema": {"oneOf": [_MESSAGE, {"type": "array", "items": _MESSAGE}]}},
    LINES: {"schema": {"type": "string"}},
}


@routes.post(
    PATH,
    operation_id="lodge",
    response_class=Response,
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
    responses={
        200: {"description": "Lodged before: the same answer again, byte for byte", **_ANSWER},
        201: {"description": "Recorded and decided; the outcome says how", **_ANSWER},
        207: {
            "description": "Several: each with the status it would have had alone",
            "content": {JSON: {"schema": _SEVERAL}},
        },
        **described("malformed", "no-key", "not-allowed", "conflict", "relays", "too-large", "wrong-media-type"),
        **described("unreadable", "not-a-declaration", "queue-full", "fault"),
    },
)
async def lodge(request: Request) -> Response:
    """Lodges one declaration, amendment, invalidation or presentation, or several in an array or in lines."""
    caller = await admitted(request, "lodge")
    node = node_of(request)
    sentences: Sentences = request.app.state.sentences
    body = await carried(request)
    now = node.clock.now()
    waiting = [_lodged(node, Lodgement(message, caller.party, now)) for message in body.messages]
    answered = [await _answered(one, sentences) for one in waiting]
    if not body.several:
        return answered[0]
    parts = [b'{"status":%d,"answer":%s}' % (one.status_code, bytes(one.body)) for one in answered]
    return Response(b"[" + b",".join(parts) + b"]", 207, media_type=JSON)


def _lodged(node: Node, lodgement: Lodgement) -> "Future[Receipt] | Problem":
    try:
        return node.lodge(lodgement)
    except Busy as busy:
        return Problem("queue-full", f"{busy}.".capitalize(), AGAIN)
    except Relays as relays:
        return Problem("relays", f"{relays}.".capitalize())
    except Stopping as stopping:
        return Problem("fault", f"{stopping}.".capitalize(), AGAIN)


async def _answered(waiting: "Future[Receipt] | Problem", sentences: Sentences) -> Response:
    if isinstance(waiting, Problem):
        return waiting.response()
    try:
        receipt = await asyncio.wrap_future(waiting)
    except Conflict as conflict:
        return Problem("conflict", f"{conflict}.".capitalize()).response()
    except EnvironmentFault as fault:
        return Problem("fault", f"{fault}.".capitalize(), AGAIN).response()
    answer = answer_in(receipt.document)
    if answer.outcome in UNUSABLE:
        return _unusable(answer, sentences)
    headers = {"Location": f"/v1/declarations/{answer.mrn}"} if answer.mrn else {}
    return Response(encoded(answer.document(sentences)), 200 if receipt.repeated else 201, headers, JSON)


def _unusable(answer: Answer, sentences: Sentences) -> Response:
    """What no reader could use is a problem to its sender, and on record all the same: the receipt comes with it."""
    document = answer.document(sentences)
    detail = " ".join(finding["message"] for finding in document["findings"])
    problem = Problem(answer.outcome, detail, **{n: document[n] for n in ("outcome", "record", "findings", "receipt")})
    return Response(encoded(problem.document()), problem.status, media_type=MEDIA_TYPE)
