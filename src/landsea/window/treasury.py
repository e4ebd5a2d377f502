"""The treasury over HTTP: instruments of security, lines of the bank, and statements.

Who holds an instrument or an account sees it; the treasury sees all. What is not one's own is not told of: a trader who
asks for another's statement is refused without being told whether there is one.
"""

from datetime import date
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from landsea.clearance.act import Name
from landsea.clearance.instrument import CONTENTS, Form, content_of
from landsea.node.access import Caller
from landsea.node.bank import MOST, BankLine, lines_in
from landsea.node.statement import COLUMNS, statement
from landsea.node.treasury import Confirmed, Secures

from .access import admitted, allowed, node_of
from .answer import encoded
from .body import JSON, whole
from .problem import Problem, described
from .said import REFUSALS, answered, inlined, of_kind, read, receipted, recording, tried

routes = APIRouter(tags=["treasury"])
CSV: Final = "text/csv"
_TEXT: Final = {"type": "string"}


class _Said(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    reference: Name
    content: dict[str, Any] = {}


def _listed(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "required": list(properties), "properties": properties}}


_INSTRUMENTS: Final = _listed(
    **dict.fromkeys(("instrument", "holder", "guarantor", "currency", "free", "reserved"), _TEXT),
    form=inlined(Form),
    last_day={"type": "string", "format": "date"},
    secures=_listed(mrn=_TEXT, amount=_TEXT, falls_due={"type": "string", "format": "date"}),
)
_CONFIRMED: Final = _listed(
    reference=_TEXT,
    outcome={"enum": ["booked", "repeated", "unmatched"]},
    reason={**_TEXT, "description": "Why it is unmatched, as a fixed code; empty otherwise"},
    detail=_TEXT,
    paid=_listed(mrn=_TEXT, amount=_TEXT),
)
_DAY: Final = {"type": ["string", "null"], "format": "date"}
_STATEMENT: Final = {
    "type": "object",
    "required": ["operator", "currency", "first", "last", "opening", "lines", "closing"],
    "properties": {
        **dict.fromkeys(("operator", "currency", "opening", "closing"), _TEXT),
        **dict.fromkeys(("first", "last"), _DAY),
        "lines": _listed(**dict.fromkeys(COLUMNS, _TEXT)),
    },
}
_SEEN: Final = described("malformed", "no-key", "not-allowed", "fault")


@routes.post(
    "/v1/instruments",
    operation_id="institute",
    **recording(
        {"oneOf": [of_kind(_Said, kind, content) for kind, content in CONTENTS.items()]},
        answered(kind=_TEXT),
        "On record and in the books",
        "Done before",
    ),
)
async def institute(request: Request) -> Response:
    """Registers, raises, lowers or ends an instrument of security; a deferment account is one."""
    caller = await admitted(request, "institute")
    said = await read(request, _Said)
    node = node_of(request)

    def made() -> Any:
        return node.treasury.institute(caller.party, said.reference, said.kind, content_of(said.kind, said.content))

    return receipted({"reference": said.reference, "kind": said.kind}, await tried(made))


@routes.get(
    "/v1/instruments",
    operation_id="instruments",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _INSTRUMENTS}}}, **_SEEN},
)
def instruments(
    request: Request,
    holder: Annotated[str | None, Query(max_length=70)] = None,
    caller: Caller = Depends(allowed("instruments")),  # noqa: B008
) -> Response:
    """The instruments there are, what is free on them, and which declarations they secure; a trader's own."""
    node = node_of(request)
    found = node.treasury.instruments(_own(caller, holder))
    return Response(encoded([_shown(one) for one in found]), media_type=JSON)


@routes.post(
    "/v1/payments",
    operation_id="pay",
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": {**inlined(list[BankLine]), "maxItems": MOST}},
                CSV: {"schema": {"type": "string"}},
            },
        }
    },
    responses={200: {"content": {JSON: {"schema": _CONFIRMED}}}, **REFUSALS},
)
async def pay(request: Request) -> Response:
    """Takes lines of the bank, each once whoever brings it; says of each what it paid, or why it paid nothing."""
    await admitted(request, "pay")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, CSV):
        raise Problem("wrong-media-type", f"Send {JSON} or {CSV}.", {"Accept-Post": f"{JSON}, {CSV}"})
    node = node_of(request)
    text = await whole(request)
    if kind == JSON and text.lstrip()[:1] != b"[":
        raise Problem("malformed", "The body is not as this path wants it: a list of lines.")
    lines = await tried(partial(lines_in, text))
    done = await tried(partial(node.treasury.confirm, lines))
    return Response(encoded([confirmed(one) for one in done]), media_type=JSON)


@routes.get(
    "/v1/statement",
    operation_id="statement",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _STATEMENT}, CSV: {"schema": {"type": "string"}}}}, **_SEEN},
)
def stated(
    request: Request,
    operator: Annotated[str | None, Query(max_length=70)] = None,
    first: date | None = None,
    last: date | None = None,
    caller: Caller = Depends(allowed("statement")),  # noqa: B008
) -> Response:
    """What an operator and customs owe each other: opening balance, lines, closing balance; CSV where preferred."""
    whose = _own(caller, operator)
    if whose is None:
        raise Problem("malformed", "Say whose statement: operator=….")
    node = node_of(request)
    with node.store.reading() as connection:
        found = statement(connection, whose, node.treasury.law, (first, last))
    if CSV in request.headers.get("accept", "").partition(",")[0]:
        return Response(found.table(), media_type=CSV, headers={"Vary": "Accept"})
    return Response(encoded(found.document()), media_type=JSON, headers={"Vary": "Accept"})


def _own(caller: Caller, asked_for: str | None) -> str | None:
    """Whose it may be: for a trader only their own."""
    if caller.role != "trader":
        return asked_for
    if asked_for not in (None, caller.party):
        raise Problem("not-allowed", "You may see your own and no other's.")
    return caller.party


def _shown(one: Secures) -> dict[str, Any]:
    name, *rest = one.pledge
    members = dict(zip(("form", "holder", "guarantor", "currency", "last_day"), rest, strict=True))
    return {"instrument": name, **members, "free": one.free, "reserved": one.reserved, "secures": list(one.secures)}


def confirmed(one: Confirmed) -> dict[str, Any]:
    """What a line of the bank came to, as JSON says it."""
    return {**one._asdict(), "paid": [{"mrn": mrn, "amount": amount} for mrn, amount in one.paid]}
