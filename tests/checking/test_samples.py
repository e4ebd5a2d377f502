"""Real declarations under `uk-dms`: what customs accepted has no error, what it refused has ours at the place."""

import datetime
import re

import pytest

from conftest import SHARED, needs_shared
from landsea.checking.check import check
from landsea.declaration.finding import findings_of
from landsea.declaration.stage import Known, Lodgement
from landsea.wire.read import read

RECEIVED = datetime.datetime(2026, 11, 2, 4, 0, tzinfo=datetime.UTC)
SCENARIOS = SHARED / "samples" / "wco" / "scenarios"
ORIGINAL = re.compile(rb"<(?:\w+:)?FunctionCode>\s*9\s*</")

# scenario's file, and where the place is that customs, or the scenario's own text, names as wrong
REFUSED = {
    "TT_IM001b.xml": ("PRM-004", "42A/17C[1]/R144"),  # notification: incorrect authorisation
    "TT_IM014a.xml": ("HDR-013", "42A/023"),  # notification: the date of acceptance
    "TT_FI005b.xml": ("PTY-015", "42A/67A/55B[1]/R119"),  # text: a foreign tax number
    "TT_IM047a.xml": ("PRM-012", "42A/67A/68A[1]/70A[1]/166"),  # text: procedure 42 without the statement
    "TT_EX021a_Declaration1_(Step1).xml": ("PTY-003", "42A/57A"),  # text: refused for want of an exporter
}


def declarations():
    """The files that hold a new declaration; not those that are no XML (two) or lost every colon of theirs (one)."""
    for path in sorted(SCENARIOS.rglob("*")):
        if path.suffix.lower() == ".xml" and not re.search("Notif|DMS|DIS_|Movement", str(path.relative_to(SCENARIOS))):
            body = path.read_bytes()
            if ORIGINAL.search(body) and not re.search("EX022a_Declaration1|IM084a|IM222a", path.name):
                yield path, body


@pytest.fixture(scope="module")
def found(edition):
    files = list(declarations())
    lodged = read([Lodgement(body, "", RECEIVED, None, "uk-dms") for _, body in files], edition)
    findings = check(lodged, Known(), edition).findings
    return {path: list(findings_of(findings, d)) for d, (path, _) in enumerate(files)}


@needs_shared
def test_what_customs_accepted_has_no_error(found):
    assert len(found) >= 180
    wrong = {
        path.name: [(f.rule, f.where, f.value) for f in findings if f.severity == 3]
        for path, findings in found.items()
        if path.name not in REFUSED
    }
    assert {name: errors for name, errors in wrong.items() if errors} == {}


@needs_shared
@pytest.mark.parametrize("name", REFUSED)
def test_what_customs_refused_has_an_error_at_the_place(found, name):
    (findings,) = [findings for path, findings in found.items() if path.name == name]
    errors = [(f.rule, f.pointer.wco if f.pointer else None) for f in findings if f.severity == 3]
    assert errors == [REFUSED[name]]
