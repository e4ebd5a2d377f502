"""What is public: the log's files, its key, the rules, and whether the node lives. And, for the operator, counters."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from .access import allowed, node_of
from .answer import encoded
from .problem import Problem, described
from .sentence import published_rules

TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=5"

routes = APIRouter(tags=["public"])


@routes.get("/v1/log/vkey", operation_id="log_key", response_class=Response)
def log_key(request: Request) -> Response:
    """The key that receipts and checkpoints are checked with, as a C2SP verifier key."""
    return Response(f"{node_of(request).log.in_force()}\n", media_type=TEXT)


@routes.get("/v1/log/{file:path}", operation_id="log_file", response_class=Response, responses=described("not-found"))
def log_file(request: Request, file: str) -> Response:
    """A file of the transparency log as C2SP tlog-tiles names it: `checkpoint`, `tile/L/N`, `tile/entries/N`."""
    content = node_of(request).log.published(file)
    if content is None:
        raise Problem("not-found", "The log has no such file; begin with checkpoint.")
    if file == "checkpoint":
        return Response(content, media_type=TEXT, headers={"Cache-Control": FOR_A_MOMENT})
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


@routes.get("/v1/rules", operation_id="rules", response_class=Response)
def rules(request: Request) -> Response:
    """Every rule: id, version, severity, requirement and source."""
    return Response(encoded(published_rules(node_of(request).edition)), media_type="application/json")


@routes.get("/v1/health", operation_id="health", response_class=Response)
async def health() -> Response:
    """The node answers."""
    return Response(b'{"status":"up"}', media_type="application/json")


@routes.get("/v1/ready", operation_id="ready", response_class=Response, responses=described("fault"))
def ready(request: Request) -> Response:
    """The node can take what is lodged: its database answers, its clock is not behind its log. Else 503, with why."""
    node_of(request).ready()
    return Response(b'{"status":"ready"}', media_type="application/json")


@routes.get(
    "/v1/metrics",
    operation_id="metrics",
    response_class=Response,
    dependencies=[Depends(allowed("metrics"))],
    responses=described("no-key", "not-allowed"),
)
def metrics(request: Request) -> Response:
    """Counters in Prometheus' text form."""
    return Response(node_of(request).metrics(), media_type=TEXT)
