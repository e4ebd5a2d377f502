"""A finding says the requirement, what was found and where."""

import pytest

from landsea.declaration.element import element
from landsea.declaration.finding import Finding, Severity
from landsea.declaration.pointer import pointer
from landsea.window.sentence import Sentences

SAYS = Sentences({"HDR-001": "A currency is one of ISO 4217."})
AT = pointer(element("InvoiceAmount").at)


def finding(at=None, place="", value=None, rule="HDR-001", severity=Severity.ERROR):
    return Finding(rule, 1, severity, at, place, value)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (finding(AT, value="XQZ"), "A currency is one of ISO 4217. Found: XQZ, at InvoiceAmount."),
        (finding(AT), "A currency is one of ISO 4217. See InvoiceAmount."),
        (finding(place="line 3", value="<"), "A currency is one of ISO 4217. Found: <, at line 3."),
        (finding(value="12"), "A currency is one of ISO 4217. Found: 12."),
        (finding(), "A currency is one of ISO 4217."),
        (finding(rule="ZZZ-999"), "Rule ZZZ-999 is not met."),
    ],
)
def test_a_finding_is_said_in_words(found, sentence):
    assert SAYS.message(found) == sentence


def test_a_finding_points_in_names_and_in_wco_ids():
    document = SAYS.document(finding(AT, value="XQZ"))
    assert document["pointer"] == "Declaration/InvoiceAmount"
    assert document["wco"] == "42A/109"
    assert document["severity"] == "error"


def test_the_gravest_is_said_first():
    mild, grave = finding(severity=Severity.WARNING), finding()
    assert [d["severity"] for d in SAYS.documents([mild, grave])] == ["error", "warning"]
