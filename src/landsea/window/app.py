"""The window: the node's HTTP interface as one ASGI application. Many may live in one process, one for each node.

Lodging is asked so much more often than all else that it goes past the framework's layers, which would cost more than
everything the window does there. What they would have called is called all the same, and OpenAPI shows it as any other.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from landsea.errors import EnvironmentFault, Erased
from landsea.node.assemble import Node

from . import (
    acts,
    agencies,
    cargo,
    drafts,
    lodge,
    mandates,
    offers,
    papers,
    publication,
    queue,
    rights,
    schema,
    standing,
    status,
    stops,
    subscriptions,
    supplements,
    treasury,
    value_evidence,
)
from .access import Door
from .answer import SCHEMAS
from .problem import SCHEMA as PROBLEM
from .problem import Problem, answer_erased, answer_fault, answer_framework, answer_problem
from .sentence import sentences

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastapi.responses import Response
    from starlette.types import Message, Receive, Scope, Send

ANSWERS: "Final[Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]]" = {
    Problem: answer_problem,
    EnvironmentFault: answer_fault,
    Erased: answer_erased,
    HTTPException: answer_framework,
    RequestValidationError: answer_framework,
}


class Window(FastAPI):
    """The framework, and the short way past it for lodging."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """The request is answered."""
        if scope["type"] == "http":
            send = self._counting(send)
            if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # no name holds it, and no PostgreSQL does
                name = "not-found" if "\0" in scope["path"] else "malformed"
                await Problem(name, "No address holds a null character.").response()(scope, receive, send)
                return
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", lodge.PATH):
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        request = Request(scope, receive)
        try:
            response = await lodge.lodge(request)
        except tuple(ANSWERS) as raised:
            answer = next(answer for kind, answer in ANSWERS.items() if isinstance(raised, kind))
            response = await answer(request, raised)
        await response(scope, receive, send)

    def _counting(self, send: "Send") -> "Send":
        """What sends the answer and counts it by its status."""

        async def counted(message: "Message") -> None:
            if message["type"] == "http.response.start":
                self.state.node.observation.count("http_answers", {f'status="{message["status"]}"': 1})
            await send(message)

        return counted


def create_app(node: Node) -> FastAPI:
    """The interface of this node. Its OpenAPI shows every element of a declaration, made from the element table."""
    app = Window(
        title="Landsea",
        summary="The single window of one customs administration",
        version=version("landsea"),
        redoc_url=None,
        docs_url=None,  # its page would fetch a script from elsewhere
    )
    app.state.node = node
    app.state.door = Door(node.access.caller)
    app.state.sentences = sentences(node.edition)
    for routes in (
        lodge.routes,
        acts.routes,
        agencies.routes,
        mandates.routes,
        standing.routes,
        drafts.routes,
        status.routes,
        rights.routes,
        stops.routes,
        treasury.routes,
        supplements.routes,
        offers.routes,
        publication.routes,
        queue.routes,
        cargo.routes,
        papers.routes,
        subscriptions.routes,
        value_evidence.routes,
    ):
        app.include_router(routes)
    for kind, answer in ANSWERS.items():
        app.add_exception_handler(kind, answer)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """OpenAPI has our schemas beside what the framework found, and the way keys are sent."""
    found = app.openapi

    def described() -> dict[str, Any]:
        document = found()
        components = document.setdefault("components", {})
        ours: Mapping[str, Any] = {
            **SCHEMAS,
            "Problem": PROBLEM,
            "Message": schema.message(),
            "Declaration": schema.declaration(),
        }
        components.setdefault("schemas", {}).update(ours)
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for operations in document["paths"].values():
            for operation in operations.values():
                if "401" in operation["responses"]:
                    operation["security"] = [{"key": []}]
        return document

    app.openapi = described  # type: ignore[method-assign]
