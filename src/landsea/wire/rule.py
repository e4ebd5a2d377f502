"""The rules of reading: what can be wrong with the form of a message, each with its number, gravity and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity

E, W, INFO = Severity.ERROR, Severity.WARNING, Severity.INFORMATION


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement on the form of a message. Its id is never reused."""

    id: str
    severity: Severity
    requirement: str
    source: str
    version: int = 1


_XML, _JSON = "W3C XML 1.0 (5th ed.)", "RFC 8259"
_WCO, _NODE = "WCO Data Model 3.6, DEC", "limit of this node"
_BESIDE = "what a file of a national system says of itself"

_TABLE = (
    ("WIR-001", E, "A message has content.", _NODE),
    ("WIR-002", E, "A message is no larger than the node admits.", _NODE),
    ("WIR-003", E, "A message is written in the character encoding it names.", f"{_XML} 4.3.3; {_JSON} 8.1"),
    ("WIR-004", E, "A message is XML or JSON.", "WCO Data Model 3.6, information packages"),
    ("WIR-005", E, "XML is well-formed.", f"{_XML} 2.1"),
    ("WIR-006", E, "A message has no document type declaration and no entities of its own.", _NODE),
    ("WIR-007", E, "Elements are nested no deeper than the node admits.", _NODE),
    ("WIR-008", E, "A message has no more elements than the node admits.", _NODE),
    ("WIR-009", E, "JSON is well-formed.", f"{_JSON} 2"),
    ("WIR-010", E, "A JSON object has each name once.", f"{_JSON} 4"),
    ("WIR-011", E, "A JSON number is a plain number; NaN and Infinity are not.", f"{_JSON} 6"),
    ("WIR-012", E, "A JSON message has the shape of the declaration: classes are objects, elements are text.", _WCO),
    ("WIR-013", E, "A message is a goods declaration (DEC).", _WCO),
    ("WIR-014", E, "A message holds one declaration.", "WCO Data Model 3.6, document metadata"),
    ("WIR-015", E, "A declaration has no more goods items than the node admits.", _NODE),
    ("WIR-016", E, "A message uses no more namespace prefixes than the node admits.", _NODE),
    ("WIR-019", INFO, "Further faults of form are not listed.", _NODE),
    ("WIR-020", W, "An element stands where the data model knows it.", _WCO),
    ("WIR-021", INFO, "Elements of other vocabularies are kept and not interpreted.", _WCO),
    ("WIR-022", E, "Elements stand in the order of the data model.", f"{_WCO} (XML sequence)"),
    ("WIR-023", E, "An element repeats no more often than its cardinality.", _WCO),
    ("WIR-024", E, "A mandatory element is present.", _WCO),
    ("WIR-025", W, "An attribute is one the element's data type knows.", "UN/CEFACT unqualified data types, release 6"),
    ("WIR-026", E, "A class holds elements, not text.", _WCO),
    ("WIR-027", E, "An element of value holds text, not elements.", _WCO),
    ("WIR-030", E, "A text is no longer than its format.", f"{_WCO}, element formats"),
    ("WIR-031", E, "A value has the characters and length its format asks for.", f"{_WCO}, element formats"),
    ("WIR-032", E, "A number is a plain decimal within the digits of its format.", f"{_WCO}, element formats"),
    ("WIR-033", E, "A date and time is written as its format code says.", "UN/EDIFACT 2379; ISO 8601"),
    ("WIR-034", E, "A date and time names a format code this node reads.", "UN/EDIFACT 2379"),
    ("WIR-035", E, "An element that is sent has a value.", f"{_WCO}, element formats"),
    ("WIR-040", E, "The function of the message is one a declarant may ask for.", "UN/EDIFACT 1225; WCO 017"),
    ("WIR-050", E, "A pointer of an amendment leads to an element of the data model.", "WCO 06A, 97A"),
    ("WIR-051", E, "A pointer of an amendment leads to a place in the declaration or the amendment.", "WCO 06A, 97A"),
    ("WIR-052", E, "An amendment leaves unchanged what identifies the declaration.", "WCO 06A; RKC General Annex 3.27"),
    ("WIR-053", E, "An amendment names what it changes.", "WCO 06A, 97A"),
    ("WIR-060", W, "What is said twice of one declaration is the same both times.", _BESIDE),
    ("WIR-061", W, "A lane of the national system is one whose meaning this node was told.", _BESIDE),
    ("WIR-062", W, "A status of the national system is one whose meaning this node was told.", _BESIDE),
    ("WIR-063", W, "An act of the national system took place on a day of the calendar that has come.", _BESIDE),
    ("WIR-064", W, "The national system assesses after it registers, and releases after it assesses.", _BESIDE),
    ("WIR-065", W, "An amount of the national system is a plain number, not negative, and could be paid.", _BESIDE),
)

RULES: Mapping[str, Rule] = {id_: Rule(id_, severity, text, source) for id_, severity, text, source in _TABLE}
"""Every rule of this package by id."""


def severities(edition: Edition, profile: str | None) -> dict[str, int]:
    """The gravity of each rule under a message profile, 0 where switched off; the table's own where it is silent."""
    document: Mapping[str, Any] = edition.documents.get("landsea/message_profiles", {})
    stated: Mapping[str, Any] = document.get(profile or "landsea", {})
    words = {"error": E, "warning": W, "information": INFO, "off": 0}
    graded = {id_: int(rule.severity) for id_, rule in RULES.items()}
    if word := stated.get("unknown_elements"):
        graded["WIR-020"] = graded["WIR-025"] = int(words[word])
    graded |= {id_: int(words[word]) for id_, word in stated.get("severity", {}).items() if id_ in RULES}
    return graded
