"""Reporting: what is told back to the national system, and what somebody over there has to look at.

Each file is answered by a file. What was refused, and what cannot be right (`wire.doubt`), stands besides in one report
for the whole folder, a line each, appended as it comes: nobody has to open every answer to find it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from landsea.declaration.element import element
from landsea.declaration.finding import Finding, Severity
from landsea.declaration.pointer import pointer
from landsea.errors import EnvironmentFault
from landsea.wire import RULES
from landsea.wire.adapter import Translated
from landsea.wire.doubt import DOUBTS, LANE
from landsea.wire.reply import Reply
from landsea.wire.sniff import Unreadable

from . import records
from .relay import Kept

REPORT: Final = "report.tsv"
COLUMNS: Final = ("at", "file", "reference", "rule", "place", "said")
_decode = msgspec.json.decode


def doubtful(reply: Reply) -> bool:
    """Whether something of it cannot be right."""
    return any(finding.rule in DOUBTS for finding in reply.findings)


def report_lines(name: str, replies: Sequence[Reply], at: datetime) -> Iterator[str]:
    """What of this file somebody has to look at, as lines of the report."""
    for reply in replies:
        about = (f"{at:%Y-%m-%dT%H:%M:%SZ}", name, reply.reference)
        if reply.refused:
            yield _line(*about, "", "", reply.refused)
        for one in reply.findings:
            if one.rule in DOUBTS:
                yield _line(*about, one.rule, one.place, one.value or "")


def _line(*cells: str) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells) + "\n"


def reported(report: Path, lines: Sequence[str]) -> None:
    """The lines stand in the report, on the disk. Raises EnvironmentFault where the disk refuses."""
    if not lines:
        return
    try:
        with report.open("a", encoding="utf-8") as opened:
            head = "" if opened.tell() else "\t".join(COLUMNS) + "\n"
            opened.write(head + "".join(lines))
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise EnvironmentFault(f"{report} cannot be written: {error.strerror}; nothing is lost, make room") from error


def written(target: Path, content: bytes) -> None:
    """The file has this content, its bytes are on the disk, or it is as it was before: never half of it.

    Its name is there for good once its folder is `synced`. Raises EnvironmentFault where the disk refuses.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(target)
    except OSError as error:
        raise EnvironmentFault(f"{target} cannot be written: {error.strerror}; nothing is lost, make room") from error


def synced(folder: Path) -> None:
    """The names in the folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sentence(unreadable: Unreadable) -> str:
    rule = RULES.get(unreadable.rule)
    said = rule.requirement if rule else "A declaration is told from others by a number or a reference of its own."
    return " ".join(
        part for part in (said, unreadable.value and f"Found: {unreadable.value}.", unreadable.place) if part
    )


def replied(part: Any, place: Any, stored: Mapping[int, records.Stored]) -> Reply:
    """What is answered on one declaration of a file: by its records where it has some, else why it has none."""
    reference = part.national.reference if isinstance(part, Translated) else ""
    if isinstance(place, Kept):
        return reply([stored[leaf] for leaf in place.leaves], reference)
    said = _sentence(place) if isinstance(place, Unreadable) else str(place)
    return Reply(reference, refused=said or type(place).__name__)


def reply(stored: Sequence[records.Stored], reference: str) -> Reply:
    """What the records of a relayed declaration say to the national system: findings, and what officers are hinted."""
    shown = {(blob.group, blob.item): blob.data for record in stored for blob in record.blobs or ()}
    if ("advice@1", 0) not in shown:
        return Reply(reference, stored[0].id, refused="its content was erased here at the end of its term")
    said, hints = _decode(shown["advice@1", 0]), _decode(shown["hints@1", 0])
    listed = _decode(shown[found])["findings"] if (found := ("findings@1", 0)) in shown else []
    lane = _decode(shown[told]) if (told := ("lane@1", 0)) in shown else {"control": "none"}
    return Reply(
        reference,
        stored[0].id,
        said["outcome"],
        said["status"],
        hints["hint"],
        "" if hints["hint"] == "none" else hints["control"],
        said["ours"] or "",
        said["theirs"] or "",
        "",
        [*([] if lane["control"] else [_unknown(lane["lane"])]), *map(_finding, listed)],
    )


def _unknown(lane: str) -> Finding:
    rule = RULES[LANE]
    return Finding(rule.id, rule.version, rule.severity, None, "national/lane", lane)


def _finding(said: dict[str, Any]) -> Finding:
    where = None
    if said["element"] is not None:
        where = pointer(element(said["element"]).at, said["item"], said["n"], said["m"])
    severity = Severity(said["severity"])
    return Finding(said["rule"], said["version"], severity, where, said["place"] or "", said["value"])
