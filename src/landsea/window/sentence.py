"""Sentences: findings in words, made here at the edge. English for now; a catalogue per language takes this place.

A sentence is the requirement, in the words of the published rule, followed by what was found and where.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from landsea.declaration.finding import Finding


class Sentences:
    """Says findings, given the requirement of each rule by its id."""

    def __init__(self, requirements: Mapping[str, str]) -> None:
        self._requirements = requirements

    def message(self, finding: Finding) -> str:
        """The finding as one or two sentences."""
        requirement = self._requirements.get(finding.rule, f"Rule {finding.rule} is not met.")
        match finding.value, finding.where:
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
