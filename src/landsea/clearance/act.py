"""Acts: what officers, carriers, the treasury and the declarant do to a declaration after it was lodged.

An act is somebody's statement under a reference of their own: the goods arrived, they are as declared, the duties are
paid. `ACTS` is the one list of them: who may make which, the record it becomes, what it must contain and which parts of
that only officers read. What an act leads to is ruled apart (`ruling`).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=70, pattern=r"^[^\x00-\x1f\x7f]+$")]
Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,16}(\.[0-9]{1,6})?$")]
Examination = Literal["scan", "physical", "sample"]
Instance = Literal["administrative", "judicial"]


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an act says besides its kind. Fields named in `Row.closed` are for officers only."""


class Plain(Content, frozen=True):
    """Nothing more."""


class Removal(Content, frozen=True):
    """The goods left; `exit` where they left the territory."""

    exit: bool = False


class Findings(Content, frozen=True):
    """What an examination or an audit found."""

    findings: Text
    conform: bool = True


class Reason(Content, frozen=True):
    """Why."""

    reason: Text


class Question(Content, frozen=True):
    """What the declarant is asked."""

    question: Text


class Reply(Content, frozen=True):
    """What the declarant answers."""

    answer: Text


class Interception(Content, frozen=True):
    """Why an officer stops what nothing had selected, and how it is examined."""

    reason: Text
    control: Examination = "physical"


class Route(Content, frozen=True):
    """Which control takes the place of the one ordered, and why."""

    reason: Text
    control: Literal["documents", "scan", "physical", "sample"]


class Grant(Content, frozen=True):
    """What is claimed from now on, in the administration's currency; without it the claim is as it was."""

    claim: Amount | None = None


class Money(Content, frozen=True):
    """An amount of the administration's currency."""

    amount: Amount
    currency: Name


class Security(Money, frozen=True):
    """An amount reserved on an instrument."""

    instrument: Name


class Appeal(Content, frozen=True):
    """Before whom what was decided is contested, and why."""

    instance: Instance
    grounds: Text


class Judgement(Content, frozen=True):
    """What the review came to, with its reasons, which the declarant is told (TFA 4.5)."""

    instance: Instance
    annulled: bool
    reasons: Text


class Supplement(Content, frozen=True):
    """The supplementary declaration that completes a simplified one."""

    declaration: Name


class Row(NamedTuple):
    """Who may make an act of a kind, the record it becomes, what it contains, and what only officers read of that."""

    roles: frozenset[str]
    record: str
    content: type[Content]
    closed: frozenset[str] = frozenset()
    eyes: int = 2  # four of them where two officers are needed


_OFFICER, _DECLARANT, _TREASURY = frozenset({"officer"}), frozenset({"trader"}), frozenset({"treasury"})
_AT_THE_GATE = frozenset({"carrier", "officer"})
_REASON, _FOUND = frozenset({"reason"}), frozenset({"findings"})
ACTS: Final[Mapping[str, Row]] = {
    "arrived": Row(_AT_THE_GATE, "goods-arrived", Plain),
    "presented": Row(_AT_THE_GATE, "goods-shown", Plain),
    "removed": Row(_AT_THE_GATE, "goods-removed", Removal),
    "examined": Row(_OFFICER, "examination", Findings, _FOUND),
    "released": Row(_OFFICER, "satisfaction", Plain),
    "queried": Row(_OFFICER, "query", Question),
    "answered": Row(_DECLARANT, "answer", Reply),
    "intercepted": Row(_OFFICER, "interception", Interception, _REASON | {"control"}),
    "waived": Row(_OFFICER, "control-waived", Reason, _REASON, eyes=4),
    "rerouted": Row(_OFFICER, "control-rerouted", Route, _REASON | {"control"}, eyes=4),
    "granted": Row(_OFFICER, "request-granted", Grant),
    "refused": Row(_OFFICER, "request-refused", Reason),
    "paid": Row(_TREASURY, "payment", Money),
    "secured": Row(_TREASURY, "security", Security),
    "settled": Row(_TREASURY, "settlement", Money),
    "repaid": Row(_TREASURY, "repayment", Money),
    "review-requested": Row(_DECLARANT, "review-request", Appeal),
    "review-decided": Row(_OFFICER, "review-decision", Judgement),
    "audited": Row(_OFFICER, "audit", Findings, _FOUND),
    "supplemented": Row(_DECLARANT, "supplement", Supplement),
}
"""Every kind of act there is."""


class Act(NamedTuple):
    """An act: its kind, who made it and in which role, under which reference of theirs, about which declaration."""

    kind: str
    actor: str
    role: str
    reference: str
    mrn: str
    content: Content


class Refused(Exception):
    """The act was not taken up; `reason` is a fixed code, the message one sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = str(reason)


def act_of(kind: str, content: Mapping[str, Any], role: str) -> Content:
    """The content of an act of this kind, made in this role. Raises Refused where there is none, the role may not
    make it, or the content is not what the table asks."""
    row = ACTS.get(kind)
    if row is None:
        raise Refused("unknown-kind", f"there is no act {kind[:40]!r}; there are {', '.join(ACTS)}")
    if role not in row.roles:
        raise Refused("role-may-not", f"the role {role} may not make the act {kind}; {' or '.join(sorted(row.roles))}")
    try:
        return msgspec.convert(content, row.content)
    except msgspec.ValidationError as error:
        raise Refused("content", f"the content of {kind} does not fit: {error}") from None
