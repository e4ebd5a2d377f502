"""What a foreign file says under `national/`, as one national decision: the same for every adapter.

Names with a part in front are acts: `registered/number`, `assessed/date`. `number`, or else the act of registration
with office and year, is the registration. `status`, in the system's own word, comes before what the acts tell.
"""

from collections.abc import Iterable, Mapping, Sequence

from landsea.declaration.national import Act, National, Status, Tax
from landsea.declaration.stage import Control

from .adapter import Draft, Translated
from .doubt import Doubt, doubts
from .foreign_value import Day, is_zero
from .sniff import Unreadable

LANES = {"green": "none", "blue": "audit", "yellow": "documents", "red": "physical"}
"""What lanes mean where an installation does not say otherwise."""
_REACHED = (Status.LEFT, Status.RELEASED, Status.PAID, Status.ASSESSED, Status.SELECTED, Status.REGISTERED)
_ACTS = {*(status.value for status in _REACHED), Status.REFUSED.value, Status.CANCELLED.value}
_DECIDED = frozenset({"lane", "status", "number", "declarant", "own_reference"})


def translated(draft: Draft, body: bytes, unmapped: Iterable[str], contradictions: Sequence[Doubt] = ()) -> Translated:
    """The draft as a message under the number the national system gave, with what it decided and what is doubted of it.

    `body` is what is kept of the file. Raises Unreadable where nothing tells the declaration from others.
    """
    decided = national(draft)
    if decided.number:
        draft.root.child("ID").text = decided.number
    doubted = (*contradictions, *doubts(decided, draft.national.get("status", ""), draft.system.statuses))
    return Translated(draft.message(), body, decided, tuple(dict.fromkeys(unmapped)), doubted)


def national(draft: Draft) -> National:
    """What the national system decided. Raises Unreadable where nothing tells the declaration from others."""
    said, system = draft.national, draft.system
    acts = tuple(act for status in Status if (act := _act(status, said, Day(system.days))))
    number = said.get("number") or _number(said, acts)
    own = "/".join(part for part in (said.get("declarant"), said.get("own_reference")) if part)
    if not number and not said.get("own_reference"):
        raise Unreadable("HDR-003", "", "neither a registration nor a declarant's reference")
    lane = said.get("lane")
    meant = {**LANES, **{word.lower(): control for word, control in system.lanes.items()}}.get((lane or "").lower())
    return National(
        system=system.name,
        reference=number or own,
        number=number,
        status=_status(said, acts, system.statuses, lane),
        acts=acts,
        lane=lane,
        control=Control[meant.upper()] if meant else None,
        currency=said.get("currency") or system.currency or None,
        stated={name: text for name, text in said.items() if "/" not in name and name not in _DECIDED},
        taxes=tuple(
            Tax(item, *(part.get(name) for name in ("tax", "base", "rate", "amount", "payment")))
            for item, part in draft.parts
            if part.get("tax") or part.get("amount")
        ),
    )


def _act(status: Status, said: dict[str, str], day: Day) -> Act | None:
    number, written = said.get(f"{status}/number"), said.get(f"{status}/date")
    number = None if number is None or is_zero(number) else said.get(f"{status}/serial", "") + number
    if status.value not in _ACTS or not (number or written):
        return None
    if status is Status.REGISTERED and not number:
        return None  # a day alone is that of a draft
    on = day.read(written) if written else None
    return Act(status, number, on, written if on is None else None)


def _number(said: Mapping[str, str], acts: Sequence[Act]) -> str | None:
    """Office, year, serial and number, as far as they are said; nothing where it is not registered under a number."""
    registered = next((act for act in acts if act.status is Status.REGISTERED and act.number), None)
    if registered is None:
        return None
    year = said.get("registered/year") or (f"{registered.on.year}" if registered.on else None)
    return "-".join(part for part in (said.get("office"), year, registered.number) if part)


def _status(said: Mapping[str, str], acts: Sequence[Act], words: Mapping[str, str], lane: str | None) -> Status:
    stated = {word.lower(): meant for word, meant in words.items()}
    if (word := said.get("status", "").lower()) and (meant := stated.get(word, word)) in set(Status):
        return Status(meant)
    done = {act.status for act in acts} | ({Status.SELECTED} if lane else set())
    return next((status for status in _REACHED if status in done), Status.STORED)
