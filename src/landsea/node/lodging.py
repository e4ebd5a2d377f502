"""Lodging: from bodies to receipts, one lot at a time; what the clearing thread does.

A lot is cleared in rounds. Messages that speak of the same declaration, or repeat each other, never stand in the same
round, so that each is decided on what the one before it left behind; nearly always there is one round.
"""

import os
import traceback
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from landsea.clearance.condition import Condition
from landsea.clearance.pipeline import clear
from landsea.clearance.state import Event, State
from landsea.clearance.supplement import differences
from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity, findings_frame
from landsea.declaration.lot import select
from landsea.declaration.stage import Decided, Document, Known, Lodged, Lodgement
from landsea.dossier.group import BODY
from landsea.dossier.record import Sealed, salt_bytes, seal
from landsea.errors import EnvironmentFault
from landsea.wire import read
from landsea.wire.amend import amend

from . import cargo_lines, counters, records, supplementing
from .clearing import isolated
from .clock import Clock
from .commit import Conflict, Ledger, Receipt, Shown
from .gather import EARLIER, Sources, gather
from .holding import held, unread
from .keys import Keys
from .observation import Observation
from .recording import Case, Draft, Name, Recording, Serials, digest_of, followed, names
from .records import Boxed
from .seeds import Seeds

NO_BODY = "CLR-002"
"""An amendment of what was lodged in bulk, as rows: there is no document to amend."""
_NOTHING = frozenset({"", Condition.CONTROL.value})
"""Waiting for nothing that could have happened before."""
ELSEWHERE = "CLR-004"
"""A message addressed to another administration than the node's."""
HOPS = "hop_seconds"
"""The seconds that lots take, hop by hop."""
TRIES = 25
"""How often a message is decided anew because its declaration, or a quota near its end, moved meanwhile, before that is
a fault."""


def _said(answer: "Receipt | Exception") -> str:
    if isinstance(answer, Receipt):
        return "repeated" if answer.repeated else "recorded"
    return "conflict" if isinstance(answer, Conflict) else "fault"


def rounds(keys: Sequence[Sequence[Hashable]]) -> list[list[int]]:
    """The rows in rounds: no two of a round share a key, and those that do keep their order."""
    latest: dict[Hashable, int] = {}
    found: list[list[int]] = []
    for row, own in enumerate(keys):
        number = max((latest.get(key, -1) for key in own), default=-1) + 1
        latest.update(dict.fromkeys(own, number))
        if number == len(found):
            found.append([])
        found[number].append(row)
    return found


def subset(lodged: Lodged, rows: Sequence[int]) -> Lodged:
    """Only these declarations, in this order, numbered from 0."""
    if len(rows) == len(lodged.lot):
        return lodged
    order = pl.DataFrame({"d": list(rows)}, schema={"d": pl.UInt32}).with_row_index("_d")
    findings = order.join(lodged.findings, on="d", maintain_order="left_right").drop("d").rename({"_d": "d"})
    documents = tuple(lodged.documents[d] for d in rows) if lodged.documents else ()
    return Lodged(select(lodged.lot, rows), findings.select(lodged.findings.columns), documents)


def spoken(lodged: Lodged) -> list[list[Hashable]]:
    """For each row the declarations it speaks of, by its sender's reference or by number."""
    rows = lodged.lot["declarations"].select("sender", "lrn", "mrn").iter_rows()
    return [[(sender, n, one) for n, one in enumerate((lrn, mrn)) if one] for sender, lrn, mrn in rows]


def sealed_of(drafts: Sequence[Draft]) -> list[list[Sealed]]:
    """The records of each draft, sealed with fresh salts."""
    flat = [record for draft in drafts for record in draft.records]
    sealed = iter(seal(flat, os.urandom(salt_bytes(flat))))
    return [list(islice(sealed, len(draft.records))) for draft in drafts]


def boxed(keys: Keys, cases: Sequence[Case], sealed: Sequence[Sequence[Sealed]]) -> list[list[Boxed]]:
    """The records of each case, encrypted."""
    pairs = ((one, case.dossier) for case, own in zip(cases, sealed, strict=True) for one in own)
    boxes = iter(records.boxed(keys, pairs))
    return [list(islice(boxes, len(own))) for own in sealed]


@dataclass(frozen=True, slots=True)
class Lodging:
    """What turns lots of bodies into receipts: where they are committed, by which law, and when it is."""

    ledger: Ledger
    seeds: Seeds
    edition: Edition
    clock: Clock
    country: str
    observation: Observation
    follow: Callable[[Sequence[str], Sequence[str]], None] = lambda _waiting, _amended: None
    supplement: Callable[[str], None] = lambda _mrn: None
    serials: Serials = field(init=False)

    def __post_init__(self) -> None:
        store = self.ledger.store
        object.__setattr__(self, "serials", Serials(lambda: counters.numbered(store, "processes")))

    def answers(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        """An answer to each, in order: its receipt, or why there is none. One that brings the node to fall is held."""
        return isolated(self._cleared, (self._held, self._held_unread), lodgements)

    def _cleared(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        with self.observation.timed(HOPS, 'hop="read"'):
            lodged = self.addressed(read(lodgements, self.edition))
        named = names(lodged.lot["declarations"], [digest_of(one.body) for one in lodgements])
        keys = [[name.key, *said] for name, said in zip(named, spoken(lodged), strict=True)]
        found: dict[int, Receipt | Exception] = {}
        for rows in rounds(keys):
            found.update(zip(rows, self._round(subset(lodged, rows), [named[n] for n in rows]), strict=True))
        answers = [found[n] for n in range(len(named))]
        self._counted(answers)
        return answers

    def addressed(self, lodged: Lodged) -> Lodged:
        """The lot; what is addressed to another administration says so in a finding: a node is that of one."""
        rows = lodged.lot["declarations"]
        if not rows["administration"].ne(self.country).any():
            return lodged
        others = rows.filter(pl.col("administration") != self.country)
        said = {"rule": ELSEWHERE, "version": 1, "severity": int(Severity.ERROR), "place": "the addressee"}
        found: list[Mapping[str, Any]] = [
            {**said, "d": d, "value": f"{to[:9]}; this is the node of {self.country}"}
            for d, to in others.select("d", "administration").iter_rows()
        ]
        return replace(lodged, findings=pl.concat([lodged.findings, findings_frame(found)]))

    def _counted(self, answers: Sequence[Receipt | Exception]) -> None:
        """The lot and its answers are counted, and written down now and then."""
        said = Counter(_said(one) for one in answers)
        self.observation.count("lots", {"": 1})
        self.observation.count("lodgements", {f'answer="{name}"': by for name, by in said.items()})
        if self.observation.due:
            counters.write_down(self.ledger.store, self.observation)

    def _held(self, lodgement: Lodgement, fault: Exception) -> Receipt | Exception:
        return self._hold(read([lodgement], self.edition), lodgement, fault)

    def _held_unread(self, lodgement: Lodgement, fault: Exception) -> Receipt | Exception:
        return self._hold(unread(lodgement), lodgement, fault)

    def _hold(self, lodged: Lodged, lodgement: Lodgement, fault: Exception) -> Receipt | Exception:
        decided, known = held(lodged), Known()
        named = names(lodged.lot["declarations"], [digest_of(lodgement.body)])
        drafts = self.recording().drafts(decided, known, named)
        (answer,) = self._commit(decided, drafts)
        *_, place = traceback.extract_tb(fault.__traceback__)  # the text of a fault may quote the declaration
        where = f"{Path(place.filename).name}:{place.lineno}"
        self.observation.tell("held", record=drafts[0].records[0].id, fault=type(fault).__name__, where=where)
        return answer or fault

    def _round(self, lodged: Lodged, named: Sequence[Name]) -> list[Receipt | Exception]:
        found: dict[int, Receipt | Exception] = {}
        for _ in range(TRIES):
            left = [n for n in range(len(named)) if n not in found]
            known = self.ledger.repeated([named[n] for n in left])
            found.update((n, said) for n, said in zip(left, known, strict=True) if said)
            left = [n for n in left if n not in found]
            if left:
                outcomes = self._committed(subset(lodged, left), [named[n] for n in left])
                found.update((n, said) for n, said in zip(left, outcomes, strict=True) if said)
            if len(found) == len(named):
                break
        again = EnvironmentFault("its declaration was changed by others again and again meanwhile; lodge it once more")
        return [found.get(n, again) for n in range(len(named))]

    def _committed(self, lodged: Lodged, named: Sequence[Name]) -> list[Receipt | Conflict | None]:
        decided, drafts = self.drafted(lodged, named)
        with self.observation.timed(HOPS, 'hop="commit"'):
            answers = self._commit(decided, drafts)
        grave = decided.findings["severity"].value_counts().iter_rows()
        self.observation.count("findings", {f'severity="{Severity(one).name.lower()}"': by for one, by in grave})
        placed = [draft.case.place for draft, said in zip(drafts, answers, strict=True) if isinstance(said, Receipt)]
        if waiting := [place for place in placed if place and (place.awaits not in _NOTHING or place.aliases)]:
            self.follow([place.mrn for place in waiting], [place.mrn for place in waiting if place.version > 1])
        for place in placed:
            if place and (place.step.supplements or (place.step.owes and place.state == State.RELEASED.value)):
                self.supplement(place.mrn)
        self.observation.tell("committed", declarations=len(drafts), first=drafts[0].records[0].id)
        return answers

    def _commit(self, decided: Decided, drafts: Sequence[Draft]) -> list[Receipt | Conflict | None]:
        sealed = sealed_of(drafts)
        cases = [draft.case for draft in drafts]
        return self.ledger.commit(cases, boxed(self.ledger.keys, cases, sealed), Shown(decided, sealed))

    def drafted(self, lodged: Lodged, named: Sequence[Name] | None = None) -> tuple[Decided, list[Draft]]:
        """The lot decided, and a draft for each of its rows; without names they are reserved by what the rows say."""
        with self.observation.timed(HOPS, 'hop="gather"'):
            known = self._gathered(lodged)
        lodged, amended = self.amended(lodged, known)
        with self.observation.timed(HOPS, 'hop="clear"'):
            decided = clear(self.supplemented(lodged, known), known, self.edition)
        drafts = self.recording().drafts(decided, known, named)
        self._follow(drafts, decided, known, amended)
        return decided, drafts

    def _gathered(self, lodged: Lodged, earlier: pl.DataFrame | None = None) -> Known:
        seed = self.seeds.of(self.clock.now().date(), self.edition.digest)
        ledger = self.ledger
        return gather(ledger.store, ledger.log, lodged, seed, Sources(self.edition, ledger.keys, earlier))

    def recording(self) -> Recording:
        """What the drafts made now have in common."""
        with self.ledger.store.reading() as connection:
            named = cargo_lines.named(self.ledger.store, connection)
        return Recording(self.edition, self.serials, self.clock.now(), self.country, named)

    def amended(self, lodged: Lodged, known: Known) -> tuple[Lodged, dict[int, Document]]:
        """The documents that the amendments of the lot lead to; what in them leads nowhere is a finding."""
        asked = lodged.lot["declarations"].filter(message="amendment")["d"]
        earlier = known.frame("earlier", EARLIER).filter(pl.col("d").is_in(asked.implode()))
        if earlier.is_empty():
            return lodged, {}
        with self.ledger.store.reading() as connection:
            stored = records.read(connection, self.ledger.keys, earlier["document"].to_list())
        found, amended = [lodged.findings], {}
        for d, leaf in earlier.select("d", "document").iter_rows():
            body = next((b.data for b in stored[leaf].blobs or () if b.group == BODY), None)
            if body is None or not lodged.documents:
                finding = {"d": d, "rule": NO_BODY, "version": 1, "severity": int(Severity.ERROR), "place": ""}
                found.append(findings_frame([finding]))
                continue
            lodgement = Lodgement(body, "", self.clock.now())
            change = amend(read([lodgement], self.edition).documents[0], lodged.documents[d])
            found.append(change.findings.with_columns(d=pl.lit(d, pl.UInt32)))
            amended[d] = change.document
        return replace(lodged, findings=pl.concat(found)), amended

    def _follow(self, drafts: list[Draft], decided: Decided, known: Known, amended: Mapping[int, Document]) -> None:
        """Behind each amendment that was taken up stand the new version and the decision on it."""
        taken = decided.decisions.filter(event=Event.AMEND.value, state=State.LODGED.value)["d"].to_list()
        if not taken:
            return
        context = decided.lot["declarations"]
        bodies = [
            Lodgement(
                amended[d].body, *context.select("sender", "received_at", "administration", "message_profile").row(d)
            )
            for d in taken
        ]
        order = pl.DataFrame({"d": taken}, schema={"d": pl.UInt32}).with_row_index("_d")
        earlier = order.join(known.frames["earlier"], on="d", maintain_order="left").drop("d").rename({"_d": "d"})
        for d, after in zip(taken, self.versions(bodies, earlier), strict=True):
            drafts[d] = followed(drafts[d], after)

    def versions(self, bodies: Sequence[Lodgement], earlier: pl.DataFrame) -> list[Draft]:
        """A draft of the new version in each body, decided anew; `earlier` says where its declaration stood."""
        lodged = read(bodies, self.edition)
        version = lodged.lot["declarations"].with_columns(version=(earlier["version"] + 1).cast(pl.UInt32))
        lodged = replace(lodged, lot=lodged.lot.with_frames(declarations=version))
        before = earlier.with_columns(state=pl.lit(State.LODGED.value))
        fresh = self._gathered(lodged, before)
        named = names(version, [digest_of(one.body) for one in bodies])
        return self.recording().drafts(clear(self.supplemented(lodged, fresh), fresh, self.edition), fresh, named)

    def supplemented(self, lodged: Lodged, known: Known) -> Lodged:
        """The lot, with what its supplementary declarations say otherwise than those they complete, as findings."""
        unmatched = supplementing.unmatched(known, self.edition, lodged.lot)
        if unmatched is None:
            return lodged
        found, completed = [lodged.findings, unmatched], known.frames["supplements"].drop_nulls()
        with self.ledger.store.reading() as connection:
            stored = records.read(connection, self.ledger.keys, completed["document"].to_list())
        for (d,), rows in completed.group_by("d", maintain_order=True):
            bodies = [b.data for n in rows["document"] for b in stored[n].blobs or () if b.group == BODY]
            if bodies:
                firsts = read([Lodgement(body, "", self.clock.now()) for body in bodies], self.edition).lot
                found.append(differences(lodged.lot, firsts, int(str(d))))
        return replace(lodged, findings=pl.concat(found))
