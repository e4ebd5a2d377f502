"""Acts over HTTP: what officers, carriers, the treasury and declarants do to a declaration, and goods that arrive.

The table of operations lets a role in, `clearance.act.ACTS` says which acts it may make. What stands in the way of an
act is a problem with a fixed reason; nothing was recorded then.
"""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.clearance.act import ACTS, Act, Name, act_of

from .access import admitted, node_of
from .problem import Problem
from .said import answered, inlined, of_kind, read, receipted, recording, tried

if TYPE_CHECKING:
    from landsea.node.access import Caller
    from landsea.node.assemble import Node

routes = APIRouter(tags=["acts"])


class _Said(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    reference: Name
    content: dict[str, Any] = {}


class _Named(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Literal["mrn", "ucr", "container", "waybill", "cargo-report"]
    value: Name


class _Arrival(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    reference: Name
    goods: Annotated[list[_Named], msgspec.Meta(min_length=1, max_length=1_000)]


_ACTED = answered(kind={"enum": list(ACTS)}, proposed={"type": "boolean"})
_ARRIVED = answered(found={"type": "integer", "description": "declarations that waited for these goods"})


@routes.post(
    "/v1/declarations/{mrn}/acts",
    operation_id="act",
    **recording(
        {"oneOf": [of_kind(_Said, kind, row.content) for kind, row in ACTS.items()]},
        _ACTED,
        "On record; where `proposed`, another officer has to confirm it",
    ),
)
async def act(request: Request, mrn: str) -> Response:
    """Makes an act on this declaration, under a reference of the actor's own."""
    caller = await admitted(request, "act")
    if not mrn.isprintable():
        raise Problem("not-found", "There is no such number.")
    said = await read(request, _Said)
    node = node_of(request)
    done = await tried(partial(_made, node, caller, mrn, said))
    members = {"reference": said.reference, "kind": said.kind, "proposed": done.proposed}
    return receipted(members, done)


@routes.post(
    "/v1/arrivals",
    operation_id="arrive",
    **recording(inlined(_Arrival), _ARRIVED, "On record; declarations lodged later find it too", "Told before"),
)
async def arrive(request: Request) -> Response:
    """Tells that goods arrived, by MRN, UCR, container, waybill or cargo report; what waited for them goes on."""
    caller = await admitted(request, "arrive")
    said = await read(request, _Arrival)
    node = node_of(request)
    names = [(one.kind, one.value) for one in said.goods]
    done = await tried(partial(node.arriving.arrive, caller.party, said.reference, names))
    return receipted({"reference": said.reference, "found": done.found}, done)


def _made(node: "Node", caller: "Caller", mrn: str, said: _Said) -> Any:
    content = act_of(said.kind, said.content, caller.role)
    return node.acting.act(Act(said.kind, caller.party, caller.role, said.reference, mrn, content))
