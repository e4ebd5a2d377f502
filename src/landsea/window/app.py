"""The window: the node's HTTP interface as one ASGI application. Many may live in one process, one for each node."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from landsea.errors import EnvironmentFault, Erased
from landsea.node.assemble import Node

from . import lodge, publication, schema, status
from .access import Door
from .answer import SCHEMAS
from .problem import SCHEMA as PROBLEM
from .problem import Problem, answer_erased, answer_fault, answer_framework, answer_problem
from .sentence import sentences

if TYPE_CHECKING:
    from collections.abc import Mapping


def create_app(node: Node) -> FastAPI:
    """The interface of this node. Its OpenAPI shows every element of a declaration, made from the element table."""
    app = FastAPI(
        title="Landsea",
        summary="The single window of one customs administration",
        version=version("landsea"),
        redoc_url=None,
        docs_url=None,  # its page would fetch a script from elsewhere
    )
    app.state.node = node
    app.state.door = Door(node.access.caller)
    app.state.sentences = sentences(node.edition)
    for routes in (lodge.routes, status.routes, publication.routes):
        app.include_router(routes)
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(EnvironmentFault, answer_fault)
    app.add_exception_handler(Erased, answer_erased)
    app.add_exception_handler(HTTPException, answer_framework)
    app.add_exception_handler(RequestValidationError, answer_framework)
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
