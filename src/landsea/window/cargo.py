"""Cargo reports and the gate over HTTP: carriers tell what is on board, and ask what may leave.

A carrier reads how their own lines stand and nothing of who declared what; a declarant reads the lines of their own
goods; officers read both, and what arrived that nobody declared. At the gate nobody but an officer hears of controls.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from landsea.clearance.cargo import Result
from landsea.clearance.cargo_report import Report
from landsea.node.access import Caller
from landsea.units import decimal_text

from .access import admitted, allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import Problem, described
from .queue import LARGEST
from .said import inlined, read, receipted, recording, tried

if TYPE_CHECKING:
    from landsea.node.cargo import Standing

routes = APIRouter(tags=["cargo"])
_TEXT: Final = {"type": ["string", "null"]}
_STRINGS: Final = {"type": "array", "items": {"type": "string"}}
_DIFFERENCE: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["measure", "reported", "declared"],
    "properties": {
        "measure": {"enum": ["packages", "gross_mass"]},
        **{name: {"type": "string", "description": "masses in kilograms"} for name in ("reported", "declared")},
    },
}
_LINE: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["line", "names", "arrived", "result"],
    "properties": {
        "report": _TEXT,
        "carrier": _TEXT,
        "line": {"type": "integer", "description": "The position of the consignment in the report, from 1"},
        "names": {"type": "array", "items": {"type": "object"}},
        "arrived": {"type": "boolean"},
        "result": {"enum": [one.value for one in Result]},
        "packages": {"type": ["integer", "null"]},
        "gross_mass": _TEXT,
        "mrns": _STRINGS,
        "differences": {"type": "array", "items": _DIFFERENCE},
    },
}
_LINES: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["lines"],
    "properties": {"total": {"type": "integer"}, "lines": {"type": "array", "items": _LINE}},
}
_GATE: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["open", "waits_for"],
    "properties": {
        "open": {"type": "boolean", "description": "Whether it may leave"},
        "waits_for": {**_STRINGS, "description": "declaration, arrival, duties, agency, customs"},
    },
}
_KEPT: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["reference", "version", "lines", "receipt"],
    "properties": {
        "reference": {"type": "string"},
        "version": {"type": "integer"},
        "lines": {"type": "array", "items": _LINE},
        "receipt": {"type": "object"},
    },
}
_READ: Final = described("no-key", "not-allowed", "not-found", "fault")


def _given(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {JSON: {"schema": schema}}}


def _shown(one: "Standing", role: str) -> dict[str, Any]:
    """A line as this role reads it: a carrier is told how it stands, and not by whose declaration or how far."""
    actor, reference, number = one.line.key
    mass = one.line.gross_mass
    shown = {
        "report": reference,
        "carrier": actor,
        "line": number,
        "names": [{"kind": kind, "value": value} for kind, value in sorted(one.line.names)],
        "arrived": one.arrived,
        "result": one.result.value,
        "packages": one.line.packages,
        "gross_mass": None if mass is None else decimal_text(mass),
    }
    if role == "carrier":
        declared = one.result is not Result.NOT_DECLARED
        return shown | {"result": Result.DECLARED.value if declared else Result.NOT_DECLARED.value}
    found = [
        dict(zip(("measure", "reported", "declared"), (d.measure, *d.written()), strict=True)) for d in one.differences
    ]
    return shown | {"differences": found, **({"mrns": list(one.mrns)} if role == "officer" else {})}


@routes.post(
    "/v1/cargo-reports",
    operation_id="cargo_lodge",
    **recording(inlined(Report), _given(_KEPT), "On record, and compared with what is declared", "Lodged before"),
)
async def cargo_lodge(request: Request) -> Response:
    """Takes a cargo report, or a new version of one, under a reference of the carrier's own."""
    caller = await admitted(request, "cargo_lodge")
    report: Report = await read(request, Report)
    node = node_of(request)
    kept = await tried(partial(node.cargo.lodge, caller.party, report))
    lines = await run_sync(node.cargo.standing, caller.party, report.reference) or []
    shown = [_shown(one, caller.role) for one in lines]
    return receipted({"reference": report.reference, "version": kept.version, "lines": shown}, kept)


@routes.get(
    "/v1/cargo-reports/{reference}",
    operation_id="cargo_report",
    response_class=Response,
    responses={200: _given(_LINES), **_READ},
)
def cargo_report(
    request: Request,
    reference: str,
    caller: Annotated[Caller, Depends(allowed("cargo_report"))],
    carrier: Annotated[str, Query(max_length=70)] = "",
) -> Response:
    """How each line of this report stands; an officer names the carrier whose it is."""
    node = node_of(request)
    lines = node.cargo.standing(carrier if caller.role == "officer" else caller.party, reference)
    if lines is None:
        raise Problem("not-found", f"There is no cargo report {reference[:70]} that you may see.")
    return Response(encoded({"lines": [_shown(one, caller.role) for one in lines]}), media_type=JSON)


@routes.get(
    "/v1/cargo/undeclared",
    operation_id="cargo_undeclared",
    response_class=Response,
    responses={200: _given(_LINES), **described("malformed", "no-key", "not-allowed", "fault")},
)
def undeclared(
    request: Request,
    _caller: Annotated[Caller, Depends(allowed("cargo_undeclared"))],
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = 50,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Lines that nobody declared: those whose goods arrived first, then the oldest."""
    node = node_of(request)
    lines, total = node.cargo.undeclared(limit, page)
    return Response(encoded({"total": total, "lines": [_shown(one, "officer") for one in lines]}), media_type=JSON)


@routes.get(
    "/v1/declarations/{mrn}/cargo",
    operation_id="cargo_of",
    response_class=Response,
    responses={200: _given(_LINES), **_READ},
)
def cargo_of(request: Request, mrn: str, caller: Annotated[Caller, Depends(allowed("cargo_of"))]) -> Response:
    """What carriers reported of these goods, and in what it differs from what is declared."""
    node = node_of(request)
    declared = node.register.declared(mrn)
    if declared is None or (caller.role == "trader" and caller.party != declared.sender):
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    return Response(encoded({"lines": [_shown(one, caller.role) for one in node.cargo.of(mrn)]}), media_type=JSON)


@routes.get(
    "/v1/gate/{kind}/{value:path}",
    operation_id="gate",
    response_class=Response,
    responses={200: _given(_GATE), **described("malformed", "no-key", "not-allowed", "not-found", "fault")},
)
def gate(
    request: Request,
    kind: Literal["mrn", "ucr", "waybill", "container"],
    value: str,
    _caller: Annotated[Caller, Depends(allowed("gate"))],
) -> Response:
    """Whether what has this name may leave, with all that is on its lines; and else what is waited for."""
    node = node_of(request)
    found = node.cargo.gate(kind, value)
    return Response(encoded({"open": found.open, "waits_for": list(found.waits_for)}), media_type=JSON)
