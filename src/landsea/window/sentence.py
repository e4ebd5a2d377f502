"""Sentences: findings in words, made here at the edge. English for now; a catalogue per language takes this place.

A sentence is the requirement, in the words of the published rule, followed by what was found and where.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from landsea import tariff, wire
from landsea.clearance import breach
from landsea.codes.edition import Edition
from landsea.declaration.finding import Finding, Severity


class Sentences:
    """Says findings, given the requirement of each rule by its id."""

    def __init__(self, requirements: Mapping[str, str]) -> None:
        self._requirements = requirements

    def message(self, finding: Finding) -> str:
        """The finding as one or two sentences."""
        requirement = self._requirements.get(finding.rule, f"Rule {finding.rule} is not met.")
        match finding.value, place(finding):
            case None | "", "":
                return requirement
            case None | "", where:
                return f"{requirement} See {where}."
            case value, "":
                return f"{requirement} Found: {value}."
            case value, where:
                return f"{requirement} Found: {value}, at {where}."
        raise AssertionError(finding)

    def document(self, finding: Finding) -> dict[str, Any]:
        """The finding as interfaces give it: rule, version, severity, pointer in names and WCO ids, value, message."""
        return {
            "rule": finding.rule,
            "version": finding.version,
            "severity": finding.severity.name.lower(),
            "pointer": finding.where,
            "wco": finding.pointer.wco if finding.pointer else None,
            "value": finding.value,
            "message": self.message(finding),
        }

    def documents(self, findings: Iterable[Finding]) -> list[dict[str, Any]]:
        """All of them, the gravest first, otherwise as they stand."""
        return [self.document(f) for f in sorted(findings, key=lambda f: -f.severity)]


def place(finding: Finding) -> str:
    """Where it is, as people say it: the goods item first, then the path inside it."""
    return _ITEM.sub(r"goods item \1, ", finding.where).removeprefix("Declaration/")


_ITEM = re.compile(r"^Declaration/GoodsShipment/GovernmentAgencyGoodsItem\[(\d+)\]/")


def published_rules(edition: Edition) -> list[dict[str, Any]]:
    """Every rule by id, of reading, checking, the tariff, clearance and the node, each with requirement and source."""
    columns = ("id", "version", "severity", "requirement", "reference")
    listed = edition.table("rules").select(columns).to_dicts()
    listed += [_rule(r.id, r.version, r.severity, r.requirement, r.source) for r in wire.RULES.values()]
    listed += [_rule(id_, 1, r.severity, r.sentence, r.reference) for id_, r in tariff.RULES.items()]
    listed += [_rule(id_, 1, r.severity, r.sentence, r.reference) for id_, r in breach.RULES.items()]
    return sorted([*listed, *NODE], key=lambda rule: str(rule["id"]))


def _rule(id_: str, version: int, severity: Severity, requirement: str, reference: str) -> dict[str, Any]:
    said = {"id": id_, "version": version, "severity": severity.name.lower()}
    return {**said, "requirement": requirement, "reference": reference}


NODE = (
    _rule(
        *("CLR-001", 1, Severity.WARNING),
        "The node works on every declaration; on this one it could not, and an officer will look at it.",
        "WCO Revised Kyoto Convention, General Annex, 7.1: the node's own fault is no breach of the declarant",
    ),
    _rule(
        *("CLR-002", 1, Severity.ERROR),
        "What is amended is still kept; the content of this declaration was erased, or it was lodged as rows.",
        "WCO 06A; retention of this node",
    ),
    _rule(
        *("CLR-003", 1, Severity.ERROR),
        "A reference belongs to one message: repeat it byte for byte, or lodge under another.",
        "WCO Data Model 3.6, D026; RKC General Annex 3.12",
    ),
    _rule(
        *("CLR-004", 1, Severity.ERROR),
        "A message goes to the administration it is addressed to: each has a node of its own.",
        "WCO Data Model 3.6, document metadata: responsible country",
    ),
)


def sentences(edition: Edition) -> Sentences:
    """Sentences by the rules of this edition."""
    return Sentences({rule["id"]: rule["requirement"] for rule in published_rules(edition)})


FINDING_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["rule", "version", "severity", "pointer", "wco", "value", "message"],
    "properties": {
        "rule": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{3}$"},
        "version": {"type": "integer"},
        "severity": {"type": "string", "enum": ["information", "warning", "error"]},
        "pointer": {"type": "string", "description": "The place as a path of names; empty where there is none"},
        "wco": {"type": ["string", "null"], "description": "The same place as a path of WCO ids"},
        "value": {"type": ["string", "null"], "description": "What was found there"},
        "message": {"type": "string"},
    },
}
