"""Problems: why a request failed, as RFC 9457 `application/problem+json`, for programs and for people alike.

The table is the only list of them. A declaration that was read and rejected is no problem: it was answered, and the
answer says why. A problem means that nothing was lodged, or that what came could not be read at all.
"""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"

PROBLEMS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request is not as the interface wants it"),
    "no-key": (401, "An API key is needed"),
    "not-allowed": (403, "This key does not open this"),
    "not-found": (404, "There is nothing here"),
    "wrong-method": (405, "This cannot be done here"),
    "conflict": (409, "Another declaration was lodged under this reference"),
    "other-act": (409, "Another act was made under this reference"),
    "refused": (409, "What stands does not allow this"),
    "no-paper": (409, "There is no such paper of it now"),
    "relays": (409, "Another system decides here"),
    "full": (409, "There is no room for more"),
    "erased": (410, "What was declared here is erased"),
    "changed": (412, "Somebody else changed this meanwhile"),
    "too-large": (413, "The message is too large"),
    "wrong-media-type": (415, "Declarations are lodged as XML or JSON"),
    "unreadable": (422, "The message cannot be read"),
    "not-a-declaration": (422, "The message is no goods declaration"),
    "version-unsaid": (428, "Which version is changed has to be said"),
    "queue-full": (429, "The node has too much to do"),
    "fault": (503, "The node cannot do this now"),
}


class Problem(Exception):
    """Ends a request with the problem of this name; `detail` is one sentence about this very case."""

    def __init__(self, name: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.name = name
        self.status, self.title = PROBLEMS[name]
        self.headers = dict(headers or {})
        self.more = more

    def document(self) -> dict[str, Any]:
        """The members of the problem, those of RFC 9457 first."""
        members = {"type": f"urn:landsea:problem:{self.name}", "title": self.title, "status": self.status}
        return {**members, "detail": str(self), **self.more}

    def response(self) -> Response:
        """The answer that carries it."""
        body = json.dumps(self.document(), ensure_ascii=False).encode()
        return Response(body, self.status, self.headers, MEDIA_TYPE)


async def answer_problem(_request: Request, problem: Exception) -> Response:
    """The answer to a request that ended in a problem of ours."""
    assert isinstance(problem, Problem)  # noqa: S101 - registered for this class only
    return problem.response()


async def answer_fault(_request: Request, fault: Exception) -> Response:
    """The answer where disk, database or clock refused; the sentence says which and what helps."""
    return Problem("fault", f"{fault}.".capitalize(), {"Retry-After": "1"}).response()


async def answer_erased(_request: Request, erased: Exception) -> Response:
    """The answer where the content is gone for good: asking again does not help."""
    return Problem("erased", f"{erased}.".capitalize()).response()


async def answer_framework(_request: Request, error: Exception) -> Response:
    """The answer where the framework refused: an unknown path, a wrong method, a parameter that does not fit."""
    if isinstance(error, RequestValidationError):
        where = "; ".join(f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return Problem("malformed", f"{where}.").response()
    status = error.status_code if isinstance(error, HTTPException) else 400
    name = {404: "not-found", 405: "wrong-method"}.get(status, "malformed")
    headers = getattr(error, "headers", None)
    details = {"not-found": "No such path; see /openapi.json.", "wrong-method": "See Allow for what is possible."}
    return Problem(name, details.get(name, "The request cannot be understood."), headers).response()


def described(*names: str) -> dict[int | str, dict[str, Any]]:
    """These problems as OpenAPI wants them listed at an operation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[int | str, dict[str, Any]] = {}
    for name in names:
        status, title = PROBLEMS[name]
        before = answers.get(status, {}).get("description")
        answers[status] = {"description": f"{before}; {title}" if before else title, "content": content}
    return answers


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:landsea:problem:{name}" for name in PROBLEMS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "reason": {"type": "string", "description": "Why an act is refused, as a fixed code"},
    },
}
