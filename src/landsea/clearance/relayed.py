"""Relaying: what this node says of a declaration which another system decides. It advises; it has no way to release.

In this mode hop 5 does not run. A lot that was checked, assessed and selected (`Selected`) meets what the national
system decided (`National`), and out comes `Relayed`: another type than `Decided`, with an outcome of another type than
`Outcome`, in which there is no release. What is recorded of it are these records, the second and third caused by the
first:

* `declaration-relayed`  the declaration's groups and the body as it came
* `national-decision`    group `national@1`: what they decided, quoted, and per goods item the taxes they put on it;
  officers also read `lane@1`, where they told which it was given
* `advice`               groups `advice@1`, `findings@1`, `duty@1`; officers also read `hints@1` and `basis@1`

What a trader may see (`advice@1`) does not depend on any risk profile; the hint of a control does, and stands apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final, NamedTuple

import msgspec
import polars as pl

from landsea.declaration.element import elements
from landsea.declaration.finding import Severity
from landsea.declaration.national import National, Status
from landsea.declaration.stage import Control, Selected
from landsea.dossier.blob import Blob
from landsea.units import decimal_text, micro

from .records import Basis

DECLARATION: Final = "declaration-relayed"
NATIONAL: Final = "national-decision"
ADVICE: Final = "advice"
STATE: Final = "relayed"
"""Where a relayed declaration stands in this node, whatever the national system does: no event moves it."""
TRADER: Final = frozenset({"national@1", "advice@1", "findings@1", "duty@1"})
OFFICERS_ONLY: Final = frozenset({"lane@1", "hints@1", "basis@1"})
"""Groups of these records by who may see them."""


class Advised(IntEnum):
    """What a node that relays says. Wire codes, apart from those of `Outcome`, never reused; none lets goods go."""

    NOTED = 101  # recorded; nothing to say
    ADVISED = 102  # recorded, with findings beside what they decided
    UNREAD = 103  # the body is kept; nothing in it could be read


class Hint(StrEnum):
    """What officers are told of risk, beside what the national system did. Fixed codes."""

    NONE = "none"
    CONTROL = "control"  # a control that nobody has ordered there is advised
    AGREES = "agrees"  # the national system ordered one too
    TOO_LATE = "too-late"  # a control would have been advised; they let the goods go


class Facts(NamedTuple):
    """All that advice depends on."""

    message: str
    errors: bool = False
    warnings: bool = False
    differs: bool = False  # duties as reckoned here from those put on there


class Row(NamedTuple):
    """Where this is so, this is said, on this ground."""

    applies: str
    outcome: Advised
    ground: str


ORDER: Final = (
    Row("unreadable", Advised.UNREAD, "unreadable"),
    Row("other_message", Advised.UNREAD, "not-a-declaration"),
    Row("errors", Advised.ADVISED, "findings"),
    Row("differs", Advised.ADVISED, "duties-differ"),
    Row("warnings", Advised.ADVISED, "findings"),
    Row("nothing", Advised.NOTED, "nothing-found"),
)
"""The first row that applies; the last always does."""
_GONE: Final = frozenset({Status.RELEASED, Status.LEFT})


def advice(facts: Facts) -> Row:
    """The row of `ORDER` for these facts."""
    applies = {
        "unreadable": facts.message == "unreadable",
        "other_message": facts.message != "declaration",
        "errors": facts.errors,
        "differs": facts.differs,
        "warnings": facts.warnings,
        "nothing": True,
    }
    return next(row for row in ORDER if applies[row.applies])


def hint(asked: Control, theirs: Control | None, status: Status) -> Hint:
    """What officers are told where our profiles ask for this control and theirs is that, null where not known."""
    if asked in (Control.NONE, Control.AUDIT):
        return Hint.NONE
    if theirs not in (None, Control.NONE, Control.AUDIT):
        return Hint.AGREES
    return Hint.TOO_LATE if status in _GONE else Hint.CONTROL


@dataclass(frozen=True, slots=True)
class Relayed:
    """A declaration that another system decides, with what this node has to say beside it."""

    d: int
    national: National
    outcome: Advised
    ground: str
    version: int
    errors: int
    warnings: int
    hint: Hint
    control: Control  # asked by our profiles; for officers
    ours: str | None  # duties as reckoned here; null where not all could be
    theirs: str | None
    findings: Sequence[Mapping[str, Any]]
    duties: Mapping[int, Sequence[Mapping[str, Any]]]
    hits: Sequence[Mapping[str, Any]]


def advise(selected: Selected, nationals: Sequence[National]) -> list[Relayed]:
    """What is said of each declaration of the lot; `nationals` has what was decided on each, in the lot's order."""
    found, due, hits = (_by_d(frame) for frame in (selected.findings, selected.assessments, selected.hits))
    asked = {row["d"]: Control(row["control"]) for row in selected.selections.iter_rows(named=True)}
    rows = selected.lot["declarations"].select("d", "message", "version").iter_rows()
    return [
        _relayed(d, message, version or 1, nationals[d], (found.get(d, []), due.get(d, []), hits.get(d, []), asked[d]))
        for d, message, version in rows
    ]


def _by_d(frame: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row["d"], []).append(row)
    return found


Found = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], Control]
"""Findings, assessments, hits and the control asked for, of one declaration."""


def _relayed(d: int, message: str, version: int, national: National, found: Found) -> Relayed:
    findings, due, hits, control = found
    grave = [row["severity"] for row in findings]
    errors, warnings = grave.count(Severity.ERROR), grave.count(Severity.WARNING)
    ours, theirs = _ours(due), _theirs(national)
    differs = ours is not None and theirs is not None and ours[0] == theirs[0] and ours[1] != theirs[1]
    row = advice(Facts(message, errors > 0, warnings > 0, differs))
    return Relayed(
        *(d, national, row.outcome, row.ground, version, errors, warnings),
        *(hint(control, national.control, national.status), control),
        *(_amount(ours), _amount(theirs)),
        [_finding(one) for one in sorted(findings, key=_place)],
        {item: [_tax(one) for one in due if one["item"] == item] for item in sorted({one["item"] for one in due})},
        [{name: _named(name, one[name]) for name in ("item", "profile", "control")} for one in hits],
    )


def _named(name: str, value: Any) -> Any:
    return Control(value).name.lower() if name == "control" else value


Sum = tuple[str, int]
"""A currency, and an amount in millionths."""


def _ours(due: Sequence[Mapping[str, Any]]) -> Sum | None:
    """What is payable by our reckoning, quotas refused; nothing where some of it could not be reckoned."""
    lines = [one for one in due if not one["if_granted"]]
    if not lines or any(one["state"] == "unassessed" for one in lines) or len({one["currency"] for one in lines}) > 1:
        return None
    return lines[0]["currency"], sum(one["amount"] for one in lines if one["state"] == "payable")


def _theirs(national: National) -> Sum | None:
    """What they put on the goods items; nothing where they did not assess or did not write it as plain numbers."""
    if national.currency is None or national.status in (Status.STORED, Status.REGISTERED, Status.SELECTED):
        return None
    stated = national.stated.get("item_taxes")
    texts = [stated] if stated else [tax.amount for tax in national.taxes if tax.amount]
    try:
        return (national.currency, sum(micro(text) for text in texts)) if texts else None
    except ValueError:
        return None


def _amount(total: Sum | None) -> str | None:
    return None if total is None else f"{decimal_text(total[1])} {total[0]}"


_TAX: Final = ("tax", "measure", "regime", "base", "quantity", "unit", "rate", "amount", "currency", "state")
_FIGURES: Final = frozenset({"base", "quantity", "amount"})


def _tax(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: None if row[name] is None else decimal_text(row[name]) for name in _FIGURES}
    return {name: figures.get(name, row[name]) for name in (*_TAX, "quota_order", "if_granted")}


def _place(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["item"] or 0, row["rule"]


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    element = None if row["at"] is None else elements()[row["at"]].path
    said = {"rule": row["rule"], "version": row["version"], "severity": row["severity"], "element": element}
    return said | {name: row[name] for name in ("item", "n", "m", "value", "place")}


_encode = msgspec.json.Encoder().encode


def national_blobs(relayed: Relayed) -> list[Blob]:
    """What the national system decided, as the blobs of a record: the whole at item 0, the taxes at their items."""
    said = asdict(relayed.national)
    del said["taxes"]
    lane, control = said.pop("lane"), said.pop("control")
    blobs = [Blob("national@1", 0, _encode(said))]
    if lane is not None:
        meant = None if control is None else _named("control", control)
        blobs.append(Blob("lane@1", 0, _encode({"lane": lane, "control": meant})))
    items = sorted({tax.item for tax in relayed.national.taxes})
    for item in items:
        taxes = [{**asdict(tax)} for tax in relayed.national.taxes if tax.item == item]
        blobs.append(Blob("national@1", item, _encode({"taxes": taxes})))
    return blobs


def advice_blobs(relayed: Relayed, on: Basis) -> list[Blob]:
    """What this node says beside it, as the blobs of a record."""
    return [Blob(group, item, _encode(said)) for group, item, said in _advice(relayed, on)]


def _advice(relayed: Relayed, on: Basis) -> Iterator[tuple[str, int, Any]]:
    told = {
        "outcome": relayed.outcome.name.lower(),
        "ground": relayed.ground,
        "decider": relayed.national.system,
        "status": relayed.national.status,
        "state": STATE,
        "ours": relayed.ours,
        "theirs": relayed.theirs,
        "version": relayed.version,
        "errors": relayed.errors,
        "warnings": relayed.warnings,
        "elapsed": [{"from": a, "to": b, "days": days} for a, b, days in relayed.national.elapsed()],
    }
    yield "advice@1", 0, told
    if relayed.findings:
        yield "findings@1", 0, {"findings": relayed.findings}
    for item, taxes in relayed.duties.items():
        yield "duty@1", item, {"taxes": taxes}
    yield "hints@1", 0, {"hint": relayed.hint, "control": _named("control", relayed.control), "hits": relayed.hits}
    yield "basis@1", 0, asdict(on)
