"""The answer to a lodgement, read out of its receipt: what is answered is what is proved, and nothing else.

A receipt shows the blobs of the decision that its reader may see. So an answer given once, given again to a repeat, or
asked for a year later is made of the same bytes by the same function.

Outcomes are seven words. `released`, `held`, `examine`, `rejected` and `accepted` (an amendment, invalidation or
presentation was taken up) are customs' own; `unreadable` and `not-a-declaration` are rejections before any law was
looked at. What was lodged before the goods arrive is `held` until they are presented, with the state `registered`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from landsea.clearance.records import DECISION
from landsea.clearance.relayed import ADVICE, Advised
from landsea.clearance.told import REGISTERED
from landsea.declaration.element import element
from landsea.declaration.finding import Finding, Severity
from landsea.declaration.pointer import pointer

from .sentence import FINDING_SCHEMA, Sentences

OUTCOMES = (
    *("released", "held", "examine", "rejected", "accepted", "unreadable", "not-a-declaration"),
    *(one.name.lower() for one in Advised),
)
_RELAYED: dict[str, Any] = {"control": None, "law": None, "action": None, "responses": [], "awaits": []}
"""What this node never tells of a declaration that another system decides."""
UNUSABLE = frozenset({"unreadable", "not-a-declaration"})

_decode = msgspec.json.decode
_encode = msgspec.json.Encoder().encode


class _Record(msgspec.Struct, gc=False):
    header: str
    index: int
    shown: msgspec.Raw


class _Shown(msgspec.Struct, gc=False):
    group: str
    item: int
    text: str | None = None


class _Receipt(msgspec.Struct, gc=False):
    records: list[_Record]


_receipt = msgspec.json.Decoder(_Receipt).decode
_blobs = msgspec.json.Decoder(list[_Shown]).decode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receipt says: the record it is about, the leaf of its last decision, and all that was told."""

    record: str
    leaf: int
    references: Mapping[str, str]
    decided_at: datetime
    told: Mapping[str, Any]
    findings: Sequence[Finding]
    duties: Sequence[Mapping[str, Any]]
    receipt: bytes
    agencies: Sequence[Mapping[str, Any]] = ()  # what those with a say ask, by goods item
    act: Mapping[str, Any] | None = None  # from which the decision follows, as far as its reader may know

    @property
    def outcome(self) -> str:
        """One of `OUTCOMES`."""
        if self.told["ground"] in UNUSABLE:
            return str(self.told["ground"])
        return "held" if self.told["outcome"] == REGISTERED else str(self.told["outcome"])

    @property
    def mrn(self) -> str | None:
        """The number customs gave, where it gave one."""
        return self.references.get("mrn")

    def document(self, sentences: Sentences) -> dict[str, Any]:
        """The answer as interfaces give it; the receipt stands in it as the JSON it is."""
        return {
            "record": self.record,
            "reference": self.references.get("lrn"),
            "mrn": self.mrn,
            "outcome": self.outcome,
            "control": self.told["control"],
            **{name: self.told[name] for name in ("ground", "law", "action", "state", "version")},
            "awaits": list(self.told.get("awaits", ())),
            "act": self.act,
            "decided_at": self.decided_at.isoformat(),
            "findings": sentences.documents(self.findings),
            "duties": list(self.duties),
            "agencies": list(self.agencies),
            "receipt": msgspec.Raw(self.receipt),
        }


def answer_in(receipt: bytes) -> Answer:
    """The answer this receipt proves: its last decision, which for an amendment is that on the new version."""
    records = _receipt(receipt).records
    headers = [_decode(record.header) for record in records]
    last = max(at for at, header in enumerate(headers) if header["kind"] in (DECISION, ADVICE))
    decided = headers[last]
    shown = {(one.group, one.item): _decode(one.text) for one in _blobs(records[last].shown) if one.text is not None}
    references = {kind: value for header in headers for kind, value in header["aliases"]}
    return Answer(
        record=headers[0]["id"],
        leaf=records[last].index,
        references=references,
        decided_at=datetime.fromisoformat(decided["instant"]),
        told=shown["decision@1", 0] if ("decision@1", 0) in shown else _RELAYED | shown["advice@1", 0],
        findings=[_finding(f) for f in shown.get(("findings@1", 0), {"findings": []})["findings"]],
        duties=_duties(shown),
        receipt=receipt,
        agencies=[
            {"item": item, **ask}
            for (group, item), one in shown.items()
            if group == "agencies@1"
            for ask in one["asks"]
        ],
        act=next((said for one in records for said in _acted(one)), None),
    )


def _acted(record: _Record) -> Iterator[Mapping[str, Any]]:
    for one in _blobs(record.shown):
        if one.group == "act@1" and one.text is not None:
            yield _decode(one.text)


def told_in(blobs: Iterable[tuple[str, int, bytes]], sentences: Sentences) -> dict[str, Any]:
    """Findings and duties in blobs of decisions' groups, as answers give them."""
    shown = {(group, item): _decode(data) for group, item, data in blobs}
    findings = shown.get(("findings@1", 0), {"findings": []})["findings"]
    return {"findings": sentences.documents([_finding(f) for f in findings]), "duties": _duties(shown)}


def _duties(shown: Mapping[tuple[str, int], Any]) -> list[dict[str, Any]]:
    return [
        {"item": item, **tax} for (group, item), blob in shown.items() if group == "duty@1" for tax in blob["taxes"]
    ]


def encoded(document: Any) -> bytes:
    """The JSON bytes of a document made here."""
    return _encode(document)


def _finding(said: Mapping[str, Any]) -> Finding:
    at = said["element"]
    where = None if at is None else pointer(element(at).at, said["item"], said["n"], said["m"])
    severity = Severity(said["severity"])
    return Finding(said["rule"], said["version"], severity, where, said["place"] or "", said["value"])


_TEXT = {"type": ["string", "null"]}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["record", "reference", "mrn", "outcome", "control", "findings", "duties", "receipt"],
    "properties": {
        "record": {"type": "string", "description": "The id of the record in the log"},
        "reference": {**_TEXT, "description": "The declarant's own reference (LRN)"},
        "mrn": {**_TEXT, "description": "The number customs gave"},
        "outcome": {"type": "string", "enum": list(OUTCOMES)},
        "control": {"enum": ["documents", "scan", "physical", "sample", "audit", None]},
        "ground": {**_TEXT, "description": "Why, as a fixed code"},
        "law": {**_TEXT, "description": "The legal ground of the control"},
        "action": {**_TEXT, "description": "What the declarant must do"},
        "state": {"type": "string", "description": "Where the declaration stands"},
        "awaits": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Conditions of release still open: arrival, duties, answer, control, agency/…, right/…; "
            "supplement: owed after it",
        },
        "act": {
            "type": ["object", "null"],
            "description": "The act the decision follows from, such as a query with its question",
        },
        "version": {"type": "integer"},
        "decided_at": {"type": "string", "format": "date-time"},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "duties": {"type": "array", "items": {"$ref": "#/components/schemas/Duty"}},
        "agencies": {"type": "array", "items": {"$ref": "#/components/schemas/Ask"}},
        "receipt": {"type": "object", "description": "landsea/receipt/1; check it with the stand-alone verifier"},
    },
}
DUTY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["item", "tax", "amount", "currency", "state"],
    "properties": {
        "item": {"type": "integer"},
        **dict.fromkeys(("tax", "measure", "regime", "base", "quantity", "unit", "rate"), _TEXT),
        **dict.fromkeys(("amount", "currency", "state", "quota_order", "if_granted"), _TEXT),
    },
}
ASK_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["item", "agency", "rule", "why", "action", "wanted", "per", "satisfied", "fee", "fee_currency"],
    "properties": {
        "item": {"type": "integer"},
        "agency": {"type": "string"},
        "name": {"type": ["string", "null"]},
        "rule": {"type": "string"},
        "why": {"type": "string", "description": "The matter, and its legal reference"},
        "action": {"enum": ["none", "documents", "examination", "sample"]},
        "wanted": {"type": ["string", "null"], "description": "Documents, any of which satisfies it"},
        "per": {"enum": ["consignment", "period"]},
        "satisfied": {"type": "boolean", "description": "One of the documents is declared"},
        "fee": {"type": ["string", "null"]},
        "fee_currency": {"type": ["string", "null"]},
    },
}
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Answer": SCHEMA,
    "Finding": FINDING_SCHEMA,
    "Duty": DUTY_SCHEMA,
    "Ask": ASK_SCHEMA,
}
