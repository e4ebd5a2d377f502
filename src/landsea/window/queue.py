"""The queue of officers and the clock of a declaration over HTTP.

A clock shows a target: what the administration has undertaken to aim at. It is never a deadline of the law, and the
answer says so each time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from landsea.clearance.condition import Condition
from landsea.clearance.queue import Task
from landsea.clearance.state import State
from landsea.clearance.target import ClockState
from landsea.node.access import Caller

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import Problem, described

routes = APIRouter(tags=["queue"])
MEANING: Final = "A target the administration aims at, not a deadline of the law: nothing lapses when it is missed."
LARGEST: Final = 500
"""The most entries of one page."""
_MINUTE: Final = timedelta(minutes=1)
_TEXT: Final = {"type": ["string", "null"]}
_NUMBER: Final = {"type": ["integer", "null"]}
_INSTANT: Final = {"type": ["string", "null"], "format": "date-time"}
CLOCK: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["state", "target", "meaning", "waits_for"],
    "properties": {
        "state": {"enum": [one.value for one in ClockState]},
        "target": {"enum": ["general", "perishable", "express", None]},
        "name": _TEXT,
        "article": _TEXT,
        "meaning": {"type": "string"},
        "since": {**_INSTANT, "description": "The later of arrival and lodgement of the information needed"},
        "due_at": {**_INSTANT, "description": "In UTC; while a query is open, if it were answered now"},
        "due_local": {**_INSTANT, "description": "The same instant by the administration's clocks"},
        "out_of_hours": {"type": ["boolean", "null"], "description": "Whether the office is closed then"},
        "minutes_left": {**_NUMBER, "description": "Negative where the target is missed"},
        "paused_minutes": {"type": "integer"},
        "waits_for": {"enum": [Condition.ARRIVAL.value, Condition.ANSWER.value, None], "description": "What stops it"},
        "released_at": _INSTANT,
        "timezone": {"type": "string"},
    },
}
_ENTRY: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["place", "task", "action", "mrn", "stands", "clock"],
    "properties": {
        "place": {"type": "integer"},
        "task": {"enum": [one.value for one in Task], "description": "What is to be done"},
        "action": {"type": "string", "description": "The same as a sentence"},
        "mrn": {"type": "string"},
        **{name: {"type": "string"} for name in ("lrn", "sender")},
        **dict.fromkeys(("office", "mode", "commodity", "control", "ground"), _TEXT),
        "stands": {"enum": [one.value for one in State]},
        "awaits": {"type": "array", "items": {"type": "string"}},
        "clock": CLOCK,
    },
}
_PAGE: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["total", "page", "limit", "entries"],
    "properties": {
        **{name: {"type": "integer"} for name in ("total", "page", "limit")},
        "entries": {"type": "array", "items": _ENTRY},
    },
}


def clock_document(told: Mapping[str, Any]) -> dict[str, Any]:
    """How a clock stands, as interfaces give it."""
    waits = {ClockState.WAITING: Condition.ARRIVAL.value, ClockState.PAUSED: Condition.ANSWER.value}
    due, zone = told["due_at"], ZoneInfo(told["timezone"])
    return {
        **{name: told[name] for name in ("state", "target", "name", "article")},
        "meaning": MEANING,
        "since": _written(told["since"]),
        "due_at": _written(due),
        "due_local": None if due is None else due.astimezone(zone).isoformat(timespec="seconds"),
        **{name: told[name] for name in ("out_of_hours", "minutes_left")},
        "paused_minutes": (told["paused"] or timedelta()) // _MINUTE,
        "waits_for": waits.get(ClockState(told["state"])),
        "released_at": _written(told["released_at"]),
        "timezone": told["timezone"],
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


@routes.get(
    "/v1/queue",
    operation_id="queue",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": _PAGE}}},
        **described("malformed", "no-key", "not-allowed", "fault"),
    },
)
def queue(
    request: Request,
    _caller: Annotated[Caller, Depends(allowed("queue"))],
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = 50,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    office: Annotated[str, Query(max_length=17)] = "",
) -> Response:
    """What waits for an officer, in the order of work: perishable goods first, then what has the least time left."""
    node = node_of(request)
    found = node.queue.page(limit, page, office)
    entries = [{**one, "clock": clock_document(one["clock"])} for one in found.entries]
    return Response(encoded({"total": found.total, "page": page, "limit": limit, "entries": entries}), media_type=JSON)


@routes.get(
    "/v1/declarations/{mrn}/clock",
    operation_id="clock",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": CLOCK}}},
        **described("no-key", "not-allowed", "not-found", "fault"),
    },
)
def clock(request: Request, mrn: str, caller: Annotated[Caller, Depends(allowed("clock"))]) -> Response:
    """The target for the release of these goods, how its clock stands, and what stops it."""
    node = node_of(request)
    declared = node.register.declared(mrn)
    told = node.queue.clocks.of(mrn)
    if declared is None or told is None or (caller.role == "trader" and caller.party != declared.sender):
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    return Response(encoded(clock_document(told)), media_type=JSON)
