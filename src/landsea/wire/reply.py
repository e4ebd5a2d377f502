"""The reply to a dropped declaration: its record here, and what was found. The other side's system can read it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from landsea.declaration.finding import Finding


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered on one declaration of a dropped file; `refused` says why where nothing was recorded."""

    reference: str = ""
    record: str = ""
    outcome: str = ""
    status: str = ""  # of the national system, as it was understood
    hint: str = ""  # of risk, for the officers of that system
    advised_control: str = ""
    ours: str = ""  # duties as reckoned here, with the currency
    theirs: str = ""
    refused: str = ""
    findings: Sequence[Finding] = ()


SHOWN = ("reference", "record", "outcome", "status", "hint", "advised_control", "ours", "theirs", "refused")
"""What a reply says besides its findings, in order."""


def shown(reply: Reply) -> list[tuple[str, str]]:
    """The names of `SHOWN` with what the reply says."""
    return [(name, getattr(reply, name)) for name in SHOWN]


def item_of(finding: Finding) -> str:
    """The position of the goods item a finding is about; empty where it is about none."""
    steps = finding.pointer.steps if finding.pointer else ()
    return next((str(step.sequence) for step in steps if step.name == "GovernmentAgencyGoodsItem"), "")
