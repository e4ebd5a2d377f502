"""Access: which role may do what. What the table does not allow is refused; nothing is read or logged before that.

An API key stands in `Authorization: Bearer …`. What has no role is public by intention: the log proves nothing if it
cannot be looked at, the rules are law, and whether a node lives is no secret.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from fastapi import Request

from landsea.node.access import Caller, Role

from .problem import Problem

if TYPE_CHECKING:
    from landsea.node.assemble import Node

PUBLIC: frozenset[Role] = frozenset()
OPERATIONS: Mapping[str, frozenset[Role]] = {
    "lodge": frozenset({"trader"}),
    "status": frozenset({"trader", "officer"}),
    "responses": frozenset({"trader", "officer"}),
    "receipt": frozenset({"trader", "officer", "auditor"}),
    "act": frozenset({"trader", "officer", "carrier", "treasury", "agency"}),
    "arrive": frozenset({"carrier", "officer"}),
    **dict.fromkeys(("drafts", "draft", "draft_make", "draft_keep", "draft_drop"), frozenset[Role]({"trader"})),
    **dict.fromkeys(("draft_check", "draft_fill", "draft_again"), frozenset[Role]({"trader"})),
    **dict.fromkeys(("right_accept", "right_end"), frozenset[Role]({"officer"})),
    **dict.fromkeys(("rights", "suspensions"), frozenset[Role]({"officer", "trader"})),
    **dict.fromkeys(("stops", "stop", "stop_confirm", "stop_lift"), frozenset[Role]({"officer"})),
    "cargo_lodge": frozenset({"carrier"}),
    **dict.fromkeys(("cargo_report", "gate"), frozenset[Role]({"carrier", "officer"})),
    "cargo_undeclared": frozenset({"officer"}),
    "cargo_of": frozenset({"trader", "officer"}),
    "offers": frozenset({"trader", "officer"}),
    "queue": frozenset({"officer"}),
    "clock": frozenset({"trader", "officer"}),
    **dict.fromkeys(("subscribe", "subscriptions", "unsubscribe"), frozenset[Role]({"trader", "carrier", "agency"})),
    "paper": frozenset({"trader", "officer", "carrier"}),
    "institute": frozenset({"treasury"}),
    "instruments": frozenset({"trader", "treasury", "officer"}),
    "pay": frozenset({"treasury"}),
    "statement": frozenset({"trader", "treasury"}),
    "supplements": frozenset({"trader", "officer"}),
    **dict.fromkeys(("agency_queue", "agency_declaration"), frozenset[Role]({"agency"})),
    "standing": frozenset({"trader"}),
    "value_evidence": frozenset({"trader", "officer"}),
    **dict.fromkeys(("mandate_give", "mandate_revoke", "mandates"), frozenset[Role]({"trader"})),
    "agency_figures": frozenset({"operator", "officer", "auditor"}),
    "metrics": frozenset({"operator"}),
    "log": PUBLIC,
    "rules": PUBLIC,
    "health": PUBLIC,
    "ready": PUBLIC,
    "proof": PUBLIC,
}

REMEMBERED = 1.0  # seconds a key once seen to be valid is believed without asking the store: revocation waits that long


class Door:
    """Tells callers by their key. Holds digests of keys only, and those for a second."""

    def __init__(self, caller: Callable[[str], Caller | None]) -> None:
        self._caller = caller
        self._seen: dict[bytes, tuple[float, Caller]] = {}

    async def knock(self, request: Request) -> Caller:
        """Who asks. Raises Problem where there is no valid key."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Problem("no-key", "Send your API key as Authorization: Bearer KEY.", _CHALLENGE)
        digest, now = hashlib.sha256(key.encode()).digest(), time.monotonic()
        until, known = self._seen.get(digest, (0.0, None))
        if known and now < until:
            return known
        self._seen = {d: s for d, s in self._seen.items() if now < s[0]}
        caller = await run_sync(self._caller, key)
        if caller is None:
            raise Problem("no-key", "This API key is unknown or was revoked.", _CHALLENGE)
        self._seen[digest] = (now + REMEMBERED, caller)
        return caller


_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="landsea"'}


def allowed(operation: str) -> Callable[[Request], Awaitable[Caller | None]]:
    """A dependency: the caller if its role may do this operation, None where the operation is public."""

    async def permitted(request: Request) -> Caller | None:
        return await admitted(request, operation) if OPERATIONS[operation] else None

    return permitted


async def admitted(request: Request, operation: str) -> Caller:
    """The caller, whose role may do this operation. Raises Problem where it may not, or there is no valid key."""
    caller = await door_of(request).knock(request)
    roles = OPERATIONS[operation]
    if caller.role not in roles:
        raise Problem("not-allowed", f"The role {caller.role} may not do this; {' or '.join(sorted(roles))} may.")
    return caller


def door_of(request: Request) -> Door:
    """The door of the node this request came to."""
    door: Any = request.app.state.door
    assert isinstance(door, Door)  # noqa: S101 - create_app put it there
    return door


def node_of(request: Request) -> "Node":
    """The node this request came to."""
    node: Node = request.app.state.node
    return node
