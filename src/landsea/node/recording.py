"""Cases: what a decided lot leaves behind, declaration by declaration, ready to be committed.

A message becomes a record with the groups of its declaration and the body as lodged; the decision on it is a second
record, caused by the first. An amendment that was taken up is followed by the new version and the decision on that.
"""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec
import polars as pl

from landsea.clearance.records import DECISION, KINDS, basis, decision_blobs
from landsea.clearance.state import Event, State
from landsea.codes.edition import Edition
from landsea.declaration.reference_number import mrn
from landsea.declaration.stage import Decided, Known, Outcome
from landsea.dossier import group
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.risk.sampling import DRAWS

from .clock import micros
from .gather import EARLIER, STANDING

FREE = frozenset({State.REJECTED.value, State.INVALIDATED.value})
"""States after which the reference may be used again."""


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
    before: tuple[str, int] | None  # state and version it was decided on; None: it stood nowhere
    document: int | None  # which of the case's records holds the document now in force; None: it is as before


class Case(NamedTuple):
    """One message as it is committed: where it leads, and how the declaration row of its lot is numbered."""

    d: int
    name: Name
    dossier: str
    place: Place | None
    free: bool  # whether the reference may be used again
    draw: tuple[bytes, int] | None


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

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames of `Known` for this declaration alone."""
        draws = [] if self.draw is None else [(0, b"", self.draw, False)]
        earlier = [] if self.earlier is None else [{**self.earlier, "d": 0}]
        graded = [(operator, grade, date.fromisoformat(since)) for operator, grade, since in self.standing]
        return {
            "draws": pl.DataFrame(draws, schema={**DRAWS, "new": pl.Boolean}, orient="row"),
            "earlier": pl.DataFrame(earlier, schema=EARLIER),
            "standing": pl.DataFrame(graded, schema=STANDING, orient="row"),
        }


class Serials:
    """Numbers that no other process gives: microseconds since 1970, a number of the process, never the same twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0
        self._process = int.from_bytes(os.urandom(2)) % 36**3

    def take(self, at: datetime, count: int) -> range:
        """The next `count` numbers."""
        with self._lock:
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
    columns = rows.select("message", "sender", "lrn", "function", "type").iter_rows()
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

    def drafts(self, decided: Decided, known: Known, named: Sequence[Name] | None = None) -> list[Draft]:
        """A draft for every declaration row, in order. Without names the digest is that of what was lodged as rows."""
        pairs = self._records(decided, known)
        if named is None:
            named = names(decided.lot["declarations"], [_digest(lodged.blobs) for lodged, _ in pairs])
        earlier = {row["d"]: row for row in known.frame("earlier", EARLIER).to_dicts()}
        drawn = _draws(known)
        serials = self.serials.take(self.at, len(pairs))
        rows = decided.lot["declarations"].select("lrn", "ucr", "message", "administration", "version").iter_rows()
        decisions = decided.decisions.to_dicts()
        drafts = []
        for d, (lrn, ucr, message, administration, row_version) in enumerate(rows):
            decision, before = decisions[d], earlier.get(d)
            new = message == "declaration" and row_version == 1 and decision["event"] not in (None, Event.LODGE.value)
            number = mrn(self.at.year, self.country, serials[d]) if new else before and before["mrn"]
            aliases = [(k, v) for k, v in (("mrn", number), ("lrn", lrn), ("ucr", ucr)) if v]
            lodged, follows = (replace(record, aliases=aliases) for record in pairs[d])
            stands = None if new else before
            place = None
            refused = message != "declaration" and decision["outcome"] == Outcome.REJECTED
            if number and not refused and decision["event"] not in (None, Event.LODGE.value):
                # an amendment or invalidation moves the declaration and decides nothing on it
                source = stands if stands and message in ("amendment", "invalidation") else decision
                place = Place(
                    *(number, named[d].sender, named[d].lrn, administration or "", decision["state"]),
                    *(source["outcome"], source["control"], source["ground"]),
                    row_version if message == "declaration" or not stands else stands["version"],
                    (stands["state"], stands["version"]) if stands else None,
                    None if stands else 0,
                )
            free = decision["outcome"] == Outcome.REJECTED or decision["state"] in FREE
            dossier = stands["dossier"] if stands else lodged.id
            drafts.append(
                Draft(Case(d, named[d], dossier, place, free, drawn.get(d) if new else None), (lodged, follows))
            )
        return drafts

    def _records(self, decided: Decided, known: Known) -> list[tuple[Unsealed, Unsealed]]:
        """For every declaration row the record of the message and that of the decision, their aliases still to come."""
        count = len(decided.lot)
        lodged = blobs_of(group.blobs(decided.lot), count)
        on = basis(known, self.edition, engine())
        decisions = blobs_of(decision_blobs(decided, self.edition, on), count)
        for d, document in enumerate(decided.documents):
            lodged[d].append(Blob(group.BODY, 0, document.body))
        for d, remembered in enumerate(_remembered(decided, known)):
            decisions[d].append(Blob(KNOWN, 0, remembered))
        fresh = os.urandom(16 * count)
        start = f"{micros(self.at):016x}"
        pairs = []
        for d, message in enumerate(decided.lot["declarations"]["message"]):
            one, two = (start + fresh[at : at + 8].hex() for at in (16 * d, 16 * d + 8))
            pairs.append(
                (
                    Unsealed(KINDS[message], one, self.at, self.edition.digest, lodged[d]),
                    Unsealed(DECISION, two, self.at, self.edition.digest, decisions[d], causes=[one]),
                )
            )
        return pairs


def blobs_of(frame: pl.DataFrame, count: int) -> list[list[Blob]]:
    """The blobs of each of `count` declaration rows."""
    found: list[list[Blob]] = [[] for _ in range(count)]
    for d, name, item, text in frame.select("d", "group", "item", "text").iter_rows():
        found[d].append(Blob(name, item, text.encode()))
    return found


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
    frames = known.frames
    draws = dict(frames["draws"].select("d", "draw").iter_rows()) if "draws" in frames else {}
    earlier = {row["d"]: row for row in known.frame("earlier", EARLIER).to_dicts()}
    grades = known.frame("standing", STANDING).with_columns(pl.col("since").cast(pl.String))
    standing: dict[int, list[tuple[str, str, str]]] = {}
    if grades.height:
        named = decided.lot["parties"].select("d", operator="id").unique(maintain_order=True)
        for d, *grade in named.join(grades, on="operator", maintain_order="left").iter_rows():
            standing.setdefault(d, []).append(tuple(grade))
    rows = decided.lot["declarations"].select(
        "sender", pl.col("received_at").dt.epoch("us"), "administration", "message_profile", "version"
    )
    for d, (sender, at, administration, profile, number) in enumerate(rows.iter_rows()):
        own = (draws.get(d), earlier.get(d), standing.get(d, []))
        yield msgspec.json.encode(Remembered(sender, at, administration, profile, number, *own))


def _draws(known: Known) -> dict[int, tuple[bytes, int]]:
    """The draws made for this lot, by declaration row; those that stood already are not made again."""
    if "draws" not in known.frames:
        return {}
    new = known.frames["draws"].filter("new").unique("key", keep="first", maintain_order=True)
    signed = new.select("d", "key", pl.col("draw").reinterpret(signed=True))
    return {d: (key, draw) for d, key, draw in signed.iter_rows()}
