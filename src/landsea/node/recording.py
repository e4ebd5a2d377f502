"""Cases: what a decided lot leaves behind, declaration by declaration, ready to be committed.

A message becomes a record with the groups of its declaration and the body as lodged; the decision on it is a second
record, caused by the first. An amendment that was taken up is followed by the new version and the decision on that.
"""

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import polars as pl

from landsea.clearance.condition import written
from landsea.clearance.docket import Said
from landsea.clearance.records import DECISION, KINDS, basis, decision_blobs
from landsea.clearance.state import FREE, Event
from landsea.codes.edition import Edition
from landsea.declaration.reference_number import mrn
from landsea.declaration.stage import Decided, Known, Outcome
from landsea.dossier import group
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.risk.sampling import DRAWS

from . import heard, mandated, stop_list, supplementing, value_known
from .asked import Count
from .clock import micros
from .clocks import Facts, facts
from .consequence import consequences
from .gather import EARLIER, STANDING
from .quota import Draw, at_their_turn, balances
from .supplementing import Step, steps


class Name(NamedTuple):
    """Under what a message is reserved: sender, their reference, function; and the digest of the body lodged so."""

    sender: str
    lrn: str
    function: str
    digest: bytes

    @property
    def key(self) -> tuple[str, str, str]:
        """What is reserved."""
        return self[:3]


class Place(NamedTuple):
    """Where a declaration stands after a decision."""

    mrn: str
    sender: str
    lrn: str
    administration: str
    state: str
    outcome: int
    control: int
    ground: str | None
    version: int
    before: tuple[str, int, str] | None  # state, version, conditions it was decided on; None: it stood nowhere
    document: int | None  # which of the case's records holds the document now in force; None: it is as before
    awaits: str = ""  # as `condition.written`
    claim: tuple[str, int] | None = None  # currency and amount claimed from now on; None: as before
    aliases: tuple[tuple[str, str], ...] = ()  # by which an arrival may name the goods
    asked: tuple[Count, ...] = ()  # what agencies ask of the document now in force
    liable: str = ""  # who owes its duties; empty: the sender
    facts: Facts | None = None  # for its clock; None: as before
    draws: tuple[Draw, ...] = ()  # on quotas
    step: Step = Step()  # of a declaration in two


class Case(NamedTuple):
    """One message as it is committed: where it leads, and how the declaration row of its lot is numbered."""

    d: int
    name: Name
    dossier: str
    place: Place | None
    free: bool  # whether the reference may be used again
    draw: tuple[bytes, int] | None
    outcome: int  # of the decision on the message
    known_at: int = 1 << 62  # size of the log when what was known to it was gathered; else it bears on nothing


class Decision(NamedTuple):
    """What of a decision says where its declaration then stands."""

    outcome: int
    control: int
    ground: str | None
    state: str
    event: str | None
    awaits: Sequence[str]


_RULING = itemgetter("outcome", "control", "ground")


class Draft(NamedTuple):
    """A case and its records, still to be sealed, in order: message, decision, and what follows from them."""

    case: Case
    records: tuple[Unsealed, ...]


KNOWN = "known@1"
"""The group of a decision's record that holds what was known to it: auditors only."""


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """What a decision was computed from besides the body and the law: all that a replay needs."""

    sender: str
    received_at: int
    administration: str | None
    message_profile: str
    version: int
    draw: int | None = None
    earlier: dict[str, Any] | None = None
    standing: list[tuple[str, str, str]] = []
    stops: list[tuple[int | None, str, str, str, int]] | None = None  # entries of the stop list that touch it
    answers: list[Said] | None = None  # of agencies to earlier versions
    mandates: list[tuple[Any, ...]] | None = None  # of its importer and exporter
    stocks: list[tuple[str, str, int]] | None = None  # of quotas, when it was this declaration's turn
    supplements: list[tuple[str, str | None, int | None]] | None = None  # what it refers to as declared first
    evidence: value_known.Rows | None = None  # of its values, where they are not plain prices

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames of `Known` for this declaration alone."""
        draws = [] if self.draw is None else [(0, b"", self.draw, False)]
        earlier = [] if self.earlier is None else [{**self.earlier, "d": 0}]
        graded = [(operator, grade, date.fromisoformat(since)) for operator, grade, since in self.standing]
        return {
            "draws": pl.DataFrame(draws, schema={**DRAWS, "new": pl.Boolean}, orient="row"),
            "earlier": pl.DataFrame(earlier, schema=EARLIER),
            "standing": pl.DataFrame(graded, schema=STANDING, orient="row"),
            **stop_list.recalled(self.stops or ()),
            **heard.recalled((0, one) for one in self.answers or ()),
            **mandated.recalled(self.mandates or ()),
            **({} if self.stocks is None else balances(self.stocks)),
            **supplementing.recalled(self.supplements),
            **value_known.recalled({0: self.evidence or {}}),
        }


class Serials:
    """Numbers that no other process gives: microseconds since 1970, a number of the process, never the same twice.

    `process` is asked for the number of this process when first one is taken; processes that live at the same time have
    different ones, up to 46,656 of them.
    """

    def __init__(self, process: Callable[[], int]) -> None:
        self._lock = threading.Lock()
        self._next = 0
        self._asked = process
        self._process: int | None = None

    def take(self, at: datetime, count: int) -> range:
        """The next `count` numbers. Raises EnvironmentFault where the process can be given no number."""
        with self._lock:
            if self._process is None:
                self._process = self._asked() % 36**3
            first = max(self._next, micros(at))
            self._next = first + count
        return range(first * 36**3 + self._process, (first + count) * 36**3 + self._process, 36**3)


@cache
def engine() -> str:
    """The release that decides."""
    return f"landsea {version('landsea')}"


def names(rows: pl.DataFrame, digests: Sequence[bytes]) -> list[Name]:
    """Under what each declaration row is reserved. Where there is no reference, the body's digest stands for it."""
    found = []
    columns = _rows(rows, "message", "sender", "lrn", "function", "type")
    for digest, (message, sender, lrn, function, kind) in zip(digests, columns, strict=True):
        asked = f"{function or ''}/{kind}" if function == "13" else function or ""
        known = lrn and message in ("declaration", "amendment", "invalidation", "presentation")
        found.append(Name(sender or "", lrn if known else f"sha256:{digest.hex()}", asked, digest))
    return found


@dataclass(frozen=True, slots=True)
class Recording:
    """What the cases of a lot have in common."""

    edition: Edition
    serials: Serials
    at: datetime
    country: str
    named: bool = False  # whether names of goods are kept of every declaration

    def drafts(self, decided: Decided, known: Known, named: Sequence[Name] | None = None) -> list[Draft]:
        """A draft for every declaration row, in order. Without names the digest is that of what was lodged as rows."""
        declared = decided.lot["declarations"]
        lodged, decisive = self._blobs(decided, known)
        if named is None:
            named = names(declared, [_digest(blobs) for blobs in lodged])
        earlier, drawn, more = _earlier(known), _draws(known), consequences(decided, self.edition, named=self.named)
        observed, step = facts(decided, self.edition), steps(decided, known)
        known_at = known.log_position if known.frames else Case._field_defaults["known_at"]
        serials, ids = self.serials.take(self.at, len(lodged)), fresh_ids(micros(self.at), 2 * len(lodged))
        rows = _rows(declared, "lrn", "ucr", "message", "administration", "version")
        decisions = map(Decision._make, _rows(decided.decisions, *Decision._fields))
        drafts = []
        for d, (row, decision) in enumerate(zip(rows, decisions, strict=True)):
            lrn, ucr, message, _, row_version = row
            before, moved = earlier.get(d), decision.event not in (None, Event.LODGE.value)
            new = message == "declaration" and row_version == 1 and moved
            number = mrn(self.at.year, self.country, serials[d]) if new else before and before["mrn"]
            stands, place = None if new else before, None
            refused = message != "declaration" and decision.outcome == Outcome.REJECTED
            if number and moved and not refused:
                place = _place(number, named[d], row, decision, stands)._replace(
                    **(more[d]._asdict() if d in more else {}),
                    facts=observed[d] if message == "declaration" else None,
                    step=step.get(d, Step()),
                )
            free = decision.outcome == Outcome.REJECTED or decision.state in FREE
            one, two, draw = next(ids), next(ids), drawn.get(d) if new else None
            dossier = stands["dossier"] if stands else one
            case = Case(d, named[d], dossier, place, free, draw, decision.outcome, known_at)
            aliases = [(k, v) for k, v in (("mrn", number), ("lrn", lrn), ("ucr", ucr)) if v]
            records = (
                Unsealed(KINDS[message], one, self.at, self.edition.digest, lodged[d], aliases),
                Unsealed(DECISION, two, self.at, self.edition.digest, decisive[d], aliases, [one]),
            )
            drafts.append(Draft(case, records))
        return drafts

    def _blobs(self, decided: Decided, known: Known) -> tuple[list[list[Blob]], list[list[Blob]]]:
        """For every declaration row the blobs of the message and those of the decision."""
        count = len(decided.lot)
        lodged = blobs_of(group.blobs(decided.lot), count)
        on = basis(known, self.edition, engine())
        decisive = blobs_of(decision_blobs(decided, self.edition, on), count)
        for blobs, document in zip(lodged, decided.documents, strict=False):  # what is lodged as rows has no documents
            blobs.append(Blob(group.BODY, 0, document.body))
        for blobs, remembered in zip(decisive, _remembered(decided, known), strict=True):
            blobs.append(Blob(KNOWN, 0, remembered))
        return lodged, decisive


def _place(number: str, name: Name, row: tuple[Any, ...], decision: Decision, stands: dict[str, Any] | None) -> Place:
    """Where the declaration then stands; an amendment or invalidation moves it and decides nothing on it."""
    _, _, message, administration, version = row
    kept = stands if message in ("amendment", "invalidation") else None
    outcome, control, ground = _RULING(kept) if kept else decision[:3]
    return Place(
        *(number, name.sender, name.lrn, administration or "", decision.state, outcome, control, ground),
        version if message == "declaration" or not stands else stands["version"],
        (stands["state"], stands["version"], stands["awaits"] or "") if stands else None,
        None if stands else 0,
        written(decision.awaits),
    )


def fresh_ids(at: int, count: int) -> Iterator[str]:
    """That many ids of records: the time in microseconds, then eight bytes nobody can guess."""
    start, fresh = f"{at:016x}", os.urandom(8 * count).hex()
    return (start + fresh[place : place + 16] for place in range(0, 16 * count, 16))


def blobs_of(frame: pl.DataFrame, count: int) -> list[list[Blob]]:
    """The blobs of each of `count` declaration rows, from a frame ordered by d."""
    data = frame["text"].cast(pl.Binary).to_list()
    made = map(Blob, frame["group"].to_list(), frame["item"].to_list(), data)
    lengths = Counter(frame["d"].to_list())
    return [list(islice(made, lengths[d])) for d in range(count)]


def _rows(frame: pl.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows of these columns; at once, where a query would cost more than it reads."""
    return zip(*(frame[column].to_list() for column in columns), strict=True)


def digest_of(body: bytes) -> bytes:
    """What tells one body from another."""
    return hashlib.sha256(body).digest()


def _digest(blobs: Sequence[Blob]) -> bytes:
    return digest_of(b"".join(part for b in blobs for part in (b.group.encode(), b.item.to_bytes(4), b.data)))


def followed(amendment: Draft, version: Draft) -> Draft:
    """The draft of an amendment that was taken up, with the new version and the decision on it."""
    (asked, decision), (lodged, decided) = amendment.records, version.records
    place = amendment.case.place
    if place and version.case.place:
        place = version.case.place._replace(mrn=place.mrn, before=place.before, document=2)
    records = (asked, decision, replace(lodged, causes=[decision.id]), decided)
    return Draft(amendment.case._replace(place=place), records)


def _remembered(decided: Decided, known: Known) -> Iterator[bytes]:
    """For every declaration row what is to be remembered of what was known to it."""
    draws = dict(_rows(known.frames["draws"], "d", "draw")) if "draws" in known.frames else {}
    earlier, standing = _earlier(known), _standing(decided, known)
    stops, answers = stop_list.remembered(known.frames), heard.remembered(known.frames)
    mandates = mandated.remembered(known.frames, decided)
    stocks = at_their_turn(decided) if "stocks" in known.frames else None
    completes, evidence = supplementing.remembered(known), value_known.remembered(known.frames)
    declared = decided.lot["declarations"]
    rows = _rows(declared, "sender", "administration", "message_profile", "version")
    received = declared["received_at"].to_physical().to_list()
    for d, (at, (sender, administration, profile, number)) in enumerate(zip(received, rows, strict=True)):
        drawn = None if stocks is None else stocks.get(d, [])
        own = (draws.get(d), earlier.get(d), standing.get(d, []), stops.get(d), answers.get(d), mandates.get(d), drawn)
        known_of = Remembered(
            *(sender, at, administration, profile, number, *own),
            supplements=completes.get(d),
            evidence=evidence.get(d),
        )
        yield msgspec.json.encode(known_of)


def _standing(decided: Decided, known: Known) -> dict[int, list[tuple[str, str, str]]]:
    """Declaration row → operator, grade and since when, of the operators it names."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    grades = known.frames.get("standing")
    if grades is not None and grades.height:
        named = decided.lot["parties"].select("d", operator="id").unique(maintain_order=True)
        graded = grades.with_columns(pl.col("since").cast(pl.String))
        for d, *grade in named.join(graded, on="operator", maintain_order="left").iter_rows():
            found.setdefault(d, []).append(tuple(grade))
    return found


def _earlier(known: Known) -> dict[int, dict[str, Any]]:
    """Declaration row → what stood under its reference."""
    return {row["d"]: row for row in known.frames["earlier"].to_dicts()} if "earlier" in known.frames else {}


def _draws(known: Known) -> dict[int, tuple[bytes, int]]:
    """The draws made for this lot, by declaration row; those that stood already are not made again."""
    if "draws" not in known.frames:
        return {}
    first: dict[bytes, tuple[int, int]] = {}
    for d, key, draw, new in _rows(known.frames["draws"], "d", "key", "draw", "new"):
        if new:
            first.setdefault(key, (d, draw - (draw >> 63 << 64)))  # signed, as the databases keep it
    return {d: (key, draw) for key, (d, draw) in first.items()}
