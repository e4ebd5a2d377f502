"""Acts: what officers, carriers, the treasury and the declarant do to a declaration after it was lodged.

An act is somebody's statement under a reference of their own: the goods arrived, they are as declared, the duties are
paid. `ACTS` is the one list of them: who may make which, the record it becomes, what it must contain and which parts of
that only officers read. What an act leads to is ruled apart (`ruling`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=70, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,16}(\.[0-9]{1,6})?$(?!\n)")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Position = Annotated[int, msgspec.Meta(ge=1, le=99_999)]
Examination = Literal["scan", "physical", "sample"]
Verdict = Literal["as-declared", "quantity", "description", "classification", "origin", "value", "marks", "prohibited"]
Instance = Literal["administrative", "judicial"]


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an act says besides its kind. Fields named in `Row.closed` are for officers only."""


class Plain(Content, frozen=True):
    """Nothing more."""


class Removal(Content, frozen=True):
    """The goods left; `exit` where they left the territory."""

    exit: bool = False


class Findings(Content, frozen=True):
    """What an examination found."""

    findings: Text
    conform: bool = True


class Looked(Content, frozen=True):
    """One goods item as it was looked at: which packages were opened, what it weighed (kg), what was found."""

    item: Position
    result: Verdict
    packages: tuple[Name, ...] = ()
    net_mass: Amount | None = None
    gross_mass: Amount | None = None
    note: Text | None = None


class Sampled(Content, frozen=True):
    """A sample that was taken, by the number it bears, and of which goods item."""

    number: Name
    item: Position


class Examined(Findings, frozen=True):
    """What was examined, how, when and by whom besides the actor, seal numbers before and after, samples, weights. The
    declarant reads whether the goods conform and the new seals."""

    method: Literal["documents", "scan", "physical", "sample"] | None = None
    began: Instant | None = None
    ended: Instant | None = None
    second: Name | None = None
    items: tuple[Looked, ...] = ()
    samples: tuple[Sampled, ...] = ()
    gross_mass: Amount | None = None
    seals_before: tuple[Name, ...] = ()
    seals: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where the record contradicts itself."""
        if self.began and self.ended and self.ended < self.began:
            raise ValueError("the examination ends before it begins")
        if self.conform and any(one.result == "prohibited" for one in self.items):
            raise ValueError("prohibited goods do not conform")
        for numbers in ([one.item for one in self.items], [one.number for one in self.samples], self.seals):
            if len({*numbers}) < len(numbers):
                raise ValueError(f"{max(numbers, key=list(numbers).count)} is told twice")


class Audit(Content, frozen=True):
    """What an audit found, and what is claimed from now on; its declarant is told both (TFA 7.5)."""

    findings: Text
    conform: bool = True
    claim: Amount | None = None


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
    """Why an officer stops what nothing had selected, and how it is examined; `stop` where an entry of the stop list
    asks for it. Only that may ask for documents: an officer who wants some asks a question, which no amendment ends."""

    reason: Text
    control: Literal["documents", "scan", "physical", "sample"] = "physical"
    stop: Name | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where documents are asked for without an entry."""
        if self.control == "documents" and self.stop is None:
            raise ValueError("documents are asked for with the act queried")


class Route(Content, frozen=True):
    """Which control takes the place of the one ordered, and why."""

    reason: Text
    control: Literal["documents", "scan", "physical", "sample"]


class Grant(Content, frozen=True):
    """What is claimed from now on, in the administration's currency; without it what the amended document leads to."""

    claim: Amount | None = None


class Money(Content, frozen=True):
    """An amount of the administration's currency."""

    amount: Amount
    currency: Name


class Security(Money, frozen=True):
    """An amount reserved on an instrument."""

    instrument: Name


class Call(Content, frozen=True):
    """The instrument whose guarantor paid what was overdue."""

    instrument: Name


class Appeal(Content, frozen=True):
    """Before whom what was decided is contested, and why."""

    instance: Instance
    grounds: Text


class Judgement(Content, frozen=True):
    """What the review came to, with its reasons, which the declarant is told (TFA 4.5), and what is claimed from now
    on; without a claim it is as it was."""

    instance: Instance
    annulled: bool
    reasons: Text
    claim: Amount | None = None


class Supplement(Content, frozen=True):
    """The supplementary declaration that completes a simplified one."""

    declaration: Name


class AgencyAnswer(Content, frozen=True):
    """What an agency says to what it asks: of all goods items, or of some; to all its rules, or to one. Whatever is
    against the goods has its reason, which the declarant is told; `remarks` are for officers."""

    answer: Literal[
        "grant", "refuse", "examine", "sample", "conform", "not-conform", "second-conform", "second-not-conform"
    ]
    reason: Text | None = None
    items: tuple[Position, ...] = ()
    rule: Name | None = None
    laboratory: Name | None = None
    remarks: Text | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where a reason is owed and none is given."""
        if self.reason is None and self.answer in ("refuse", "not-conform", "second-not-conform"):
            raise ValueError(f"{self.answer} needs a reason")


class SecondTest(Content, frozen=True):
    """The agency whose first result is adverse; the declarant asks for a second test (TFA 5.3)."""

    agency: Name
    rule: Name | None = None


class Measured(Content, frozen=True):
    """What the carrier reported and what is declared of one measure; masses in kilograms."""

    measure: Literal["packages", "gross_mass"]
    reported: Text
    declared: Text


class Differing(Content, frozen=True):
    """What of a cargo report differs from what is declared, beyond the tolerance."""

    differences: tuple[Measured, ...]


class OfRight(Content, frozen=True):
    """The right, by its number at this node, on whose holder's application release is suspended; and why."""

    right: Name
    reason: Text


class Infringement(OfRight, frozen=True):
    """What its holder is told after the goods were found to infringe: names, addresses, quantity (TRIPS 57)."""

    told: Text


class Row(NamedTuple):
    """Who may make an act of a kind, the record it becomes, what it contains, and what only officers read of that."""

    roles: frozenset[str]
    record: str
    content: type[Content]
    closed: frozenset[str] = frozenset()
    eyes: int = 2  # four of them where two officers are needed
    partly: bool = False  # the declarant reads what is not closed; otherwise nothing of an act with a closed part

    @property
    def hidden(self) -> bool:
        """Whether the declarant reads nothing of the act itself, only what was decided on it."""
        return bool(self.closed) and not self.partly


_OFFICER, _DECLARANT, _TREASURY = frozenset({"officer"}), frozenset({"trader"}), frozenset({"treasury"})
_AT_THE_GATE, _AGENCY = frozenset({"carrier", "officer"}), frozenset({"agency"})
_REASON, _FOUND = frozenset({"reason"}), frozenset(Examined.__struct_fields__) - {"conform", "seals"}
ACTS: Final[Mapping[str, Row]] = {
    "arrived": Row(_AT_THE_GATE, "goods-arrived", Plain),
    "presented": Row(_AT_THE_GATE, "goods-shown", Plain),
    "removed": Row(_AT_THE_GATE, "goods-removed", Removal),
    "examined": Row(_OFFICER, "examination", Examined, _FOUND, partly=True),
    "released": Row(_OFFICER, "satisfaction", Plain),
    "suspended": Row(_OFFICER, "suspension", OfRight, _REASON, partly=True),
    "suspension-extended": Row(_OFFICER, "suspension-extended", OfRight, _REASON, partly=True),
    "proceedings-begun": Row(_OFFICER, "proceedings", OfRight, _REASON, partly=True),
    "suspension-lifted": Row(_OFFICER, "suspension-lifted", OfRight, _REASON, partly=True),
    "infringing": Row(_OFFICER, "infringement", Infringement, _REASON | {"told"}, partly=True),
    "queried": Row(_OFFICER, "query", Question),
    "answered": Row(_DECLARANT, "answer", Reply),
    "intercepted": Row(_OFFICER, "interception", Interception, _REASON | {"control", "stop"}),
    "differed": Row(frozenset({"node"}), "cargo-difference", Differing),
    "waived": Row(_OFFICER, "control-waived", Reason, _REASON, eyes=4),
    "rerouted": Row(_OFFICER, "control-rerouted", Route, _REASON | {"control"}, eyes=4),
    "granted": Row(_OFFICER, "request-granted", Grant),
    "refused": Row(_OFFICER, "request-refused", Reason),
    "paid": Row(_TREASURY, "payment", Money),
    "secured": Row(_TREASURY | _DECLARANT, "security", Security),
    "settled": Row(_TREASURY, "settlement", Money),
    "called": Row(_TREASURY, "guarantee-called", Call),
    "repaid": Row(_TREASURY, "repayment", Money),
    "review-requested": Row(_DECLARANT, "review-request", Appeal),
    "review-decided": Row(_OFFICER, "review-decision", Judgement),
    "audited": Row(_OFFICER, "audit", Audit),
    "supplemented": Row(_DECLARANT, "supplement", Supplement),
    "agency-answered": Row(_AGENCY, "agency-answer", AgencyAnswer, frozenset({"remarks"}), partly=True),
    "second-test-requested": Row(_DECLARANT, "second-test-request", SecondTest),
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


NODE: Final = "this node"
"""The actor of what follows by itself."""


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
        others = " or ".join(sorted(row.roles))
        raise Refused("role-may-not", f"the role {role} may not make the act {kind}; {others} may")
    try:
        return msgspec.convert(content, row.content)
    except msgspec.ValidationError as error:
        raise Refused("content", f"the content of {kind} does not fit: {error}") from None
