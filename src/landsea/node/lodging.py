"""Lodging: from bodies to receipts, one lot at a time; what the clearing thread does.

A lot is cleared in rounds. Messages that speak of the same declaration, or repeat each other, never stand in the same
round, so that each is decided on what the one before it left behind; nearly always there is one round.
"""

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import polars as pl

from landsea.clearance.pipeline import clear
from landsea.clearance.state import Event, State
from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity, findings_frame
from landsea.declaration.lot import select
from landsea.declaration.stage import Decided, Document, Known, Lodged, Lodgement, Outcome
from landsea.dossier.group import BODY
from landsea.dossier.record import salt_bytes, seal
from landsea.errors import EnvironmentFault, LandseaError
from landsea.wire import read
from landsea.wire.amend import amend

from . import records
from .clearing import isolated
from .clock import Clock
from .commit import Conflict, Ledger, Receipt
from .gather import EARLIER, gather
from .holding import held, unread
from .observation import Observation
from .recording import Case, Name, Recording, Serials, followed, names
from .records import Boxed
from .seeds import Seeds

NO_BODY = "CLR-002"
"""An amendment of what was lodged in bulk, as rows: there is no document to amend."""
TRIES = 5
"""How often a message is decided anew because its declaration moved meanwhile, before that is a fault."""


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


@dataclass(frozen=True, slots=True)
class Lodging:
    """What turns lots of bodies into receipts: where they are committed, by which law, and when it is."""

    ledger: Ledger
    seeds: Seeds
    edition: Edition
    clock: Clock
    country: str
    observation: Observation
    serials: Serials = field(default_factory=Serials)

    def answers(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        """An answer to each, in order: its receipt, or why there is none. One that brings the node to fall is held."""
        return isolated(self._cleared, self._held, lodgements)

    def lodged(self, lodged: Lodged, named: Sequence[Name], *, keep: bool = True) -> list[Receipt | Exception]:
        """The same for what was read already; with `keep` false receipts are made when first asked for."""
        spoken = lodged.lot["declarations"].select("sender", "lrn", "mrn").iter_rows()
        keys = [
            [name.key, *((sender, kind, one) for kind, one in (("lrn", lrn), ("mrn", mrn)) if one)]
            for name, (sender, lrn, mrn) in zip(named, spoken, strict=True)
        ]
        found: dict[int, Receipt | Exception] = {}
        for rows in rounds(keys):
            found.update(zip(rows, self._round(subset(lodged, rows), [named[n] for n in rows], keep), strict=True))
        return [found[n] for n in range(len(named))]

    def _cleared(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        lodged = read(lodgements, self.edition)
        return self.lodged(lodged, names(lodged.lot["declarations"], [one.body for one in lodgements]))

    def _held(self, lodgement: Lodgement, fault: Exception) -> Receipt | Exception:
        try:
            lodged = read([lodgement], self.edition)
        except LandseaError:
            lodged = unread(lodgement)
        decided, known = held(lodged), Known()
        cases = self._recording().cases(decided, known, names(lodged.lot["declarations"], [lodgement.body]))
        (answer,) = self.ledger.commit(decided, cases, self._boxed(cases))
        self.observation.tell("held", record=cases[0].records[0].id, fault=type(fault).__name__)
        return answer or fault

    def _round(self, lodged: Lodged, named: Sequence[Name], keep: bool) -> list[Receipt | Exception]:
        found: dict[int, Receipt | Exception] = {}
        for _ in range(TRIES):
            left = [n for n in range(len(named)) if n not in found]
            known = self.ledger.repeated([named[n] for n in left])
            found.update((n, said) for n, said in zip(left, known, strict=True) if said)
            left = [n for n in left if n not in found]
            if left:
                outcomes = self._committed(subset(lodged, left), [named[n] for n in left], keep)
                found.update((n, said) for n, said in zip(left, outcomes, strict=True) if said)
            if len(found) == len(named):
                break
        again = EnvironmentFault("its declaration was changed by others again and again meanwhile; lodge it once more")
        return [found.get(n, again) for n in range(len(named))]

    def _committed(self, lodged: Lodged, named: Sequence[Name], keep: bool) -> list[Receipt | Conflict | None]:
        known = self._gathered(lodged)
        lodged, amended = self._amended(lodged, known)
        decided = clear(lodged, known, self.edition)
        cases = self._recording().cases(decided, known, named)
        self._follow(cases, decided, known, amended)
        answers = self.ledger.commit(decided, cases, self._boxed(cases), keep=keep)
        for outcome, count in decided.decisions.group_by("outcome").len().iter_rows():
            self.observation.count("decisions", f'outcome="{Outcome(outcome).name.lower()}"', count)
        self.observation.tell("committed", declarations=len(cases), first=cases[0].records[0].id)
        return answers

    def _gathered(self, lodged: Lodged) -> Known:
        seed = self.seeds.of(self.clock.now().date(), self.edition.digest)
        return gather(self.ledger.store, self.ledger.log, lodged, seed)

    def _recording(self) -> Recording:
        return Recording(self.edition, self.serials, self.clock.now(), self.country)

    def _boxed(self, cases: Sequence[Case]) -> list[list[Boxed]]:
        flat = [record for case in cases for record in case.records]
        dossiers = [case.dossier for case in cases for _ in case.records]
        sealed = seal(flat, os.urandom(salt_bytes(flat)))
        boxes = iter(records.boxed(self.ledger.keys, zip(sealed, dossiers, strict=True)))
        return [list(islice(boxes, len(case.records))) for case in cases]

    def _amended(self, lodged: Lodged, known: Known) -> tuple[Lodged, dict[int, Document]]:
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
            if body is None:
                finding = {"d": d, "rule": NO_BODY, "version": 1, "severity": int(Severity.ERROR), "place": ""}
                found.append(findings_frame([finding]))
                continue
            lodgement = Lodgement(body, "", self.clock.now())
            change = amend(read([lodgement], self.edition).documents[0], lodged.documents[d])
            found.append(change.findings.with_columns(d=pl.lit(d, pl.UInt32)))
            amended[d] = change.document
        return replace(lodged, findings=pl.concat(found)), amended

    def _follow(self, cases: list[Case], decided: Decided, known: Known, amended: Mapping[int, Document]) -> None:
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
        lodged = read(bodies, self.edition)
        order = pl.DataFrame({"d": taken}, schema={"d": pl.UInt32}).with_row_index("_d")
        earlier = order.join(known.frames["earlier"], on="d", maintain_order="left").drop("d").rename({"_d": "d"})
        version = lodged.lot["declarations"].with_columns(version=(earlier["version"] + 1).cast(pl.UInt32))
        lodged = replace(lodged, lot=lodged.lot.with_frames(declarations=version))
        before = earlier.with_columns(state=pl.lit(State.LODGED.value))
        gathered = self._gathered(lodged)
        fresh = replace(gathered, frames={**gathered.frames, "earlier": before})
        versions = self._recording().cases(
            clear(lodged, fresh, self.edition), fresh, names(version, [one.body for one in bodies])
        )
        for d, after in zip(taken, versions, strict=True):
            cases[d] = followed(cases[d], after)
