"""Relaying: declarations of a national system become records of this node, each exactly once, with advice beside them.

The lot is read, checked, assessed and selected like any other; hop 5, the decision, is not called here and nothing in
this module can make one. A body is reserved under (national system, its reference, digest of the body): the same body
again is known, another one on the same declaration is its next version, for there the national system decides what
holds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import polars as pl

from landsea.checking.check import check
from landsea.clearance import relayed
from landsea.clearance.records import Basis, basis
from landsea.clearance.relayed import Relayed
from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity, findings_frame
from landsea.declaration.stage import Control, Document, Known, Lodged, Lodgement
from landsea.dossier import group
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import EnvironmentFault, InputError
from landsea.risk.select import select
from landsea.tariff import assess
from landsea.wire import RULES, read
from landsea.wire.adapter import Translated
from landsea.wire.doubt import Doubt, ahead

from .assemble import Node
from .clearing import isolated
from .clock import Clock, micros
from .commit import Conflict, Ledger, reservations
from .gather import EARLIER, Sources, gather
from .lodging import TRIES, boxed, rounds, sealed_of
from .observation import Observation
from .recording import Case, Draft, Name, Place, blobs_of, digest_of, engine, fresh_ids
from .tables import lodgements

PROFILE = "relayed"
"""The message profile foreign declarations are read under."""
NOT_INTERPRETED = "WIR-021"
_NAMED = 12  # elements named one by one where they are not interpreted


class Kept(NamedTuple):
    """Where the records of a relayed declaration stand in the log, and whether they stood there before."""

    leaf: int
    records: int
    repeated: bool

    @property
    def leaves(self) -> range:
        """The leaves of its records."""
        return range(self.leaf, self.leaf + self.records)


@dataclass(frozen=True, slots=True)
class Relay:
    """What turns declarations of a national system into records: where they are committed, and by which law."""

    ledger: Ledger
    edition: Edition
    clock: Clock
    country: str
    observation: Observation
    lot: int = field(default=256)

    @property
    def sender(self) -> str:
        """Under whom its declarations are reserved: the administration's own national system, by whatever file."""
        return f"national:{self.country}"

    def answers(self, given: Sequence[Translated]) -> list[Kept | Exception]:
        """Where each is recorded, in order, or why it is not. Raises EnvironmentFault where nothing was committed."""
        lots = [given[at : at + self.lot] for at in range(0, len(given), self.lot)]
        found = [answer for lot in lots for answer in isolated(self._relayed, (), lot)]
        faults = Counter(type(answer).__name__ for answer in found if isinstance(answer, Exception))
        for fault, count in faults.items():  # of its text the national system hears, the log never
            self.observation.tell("not relayed", fault=fault, declarations=count)
        return found

    def _relayed(self, given: Sequence[Translated]) -> list[Kept | Exception]:
        names = [self._name(one) for one in given]
        found: dict[int, Kept | Exception] = {}
        for rows in rounds([[one.national.reference] for one in given]):
            found.update(self._round({n: given[n] for n in rows}, names))
        return [found[n] for n in range(len(given))]

    def _name(self, one: Translated) -> Name:
        digest = digest_of(one.body)
        return Name(self.sender, one.national.reference, f"relayed/{digest.hex()[:32]}", digest)

    def _round(self, given: dict[int, Translated], names: Sequence[Name]) -> dict[int, Kept | Exception]:
        found: dict[int, Kept | Exception] = {}
        for _ in range(TRIES):
            found.update(self.reserved({n: names[n] for n in given if n not in found}, repeated=True))
            left = [n for n in given if n not in found]
            if not left:
                return found
            drafts = self._drafts([given[n] for n in left], [names[n] for n in left])
            cases = [draft.case for draft in drafts]
            said = self.ledger.commit(cases, boxed(self.ledger.keys, cases, sealed_of(drafts)))
            found.update((n, one) for n, one in zip(left, said, strict=True) if isinstance(one, Conflict))
            done = {n: names[n] for n, one in zip(left, said, strict=True) if one and not isinstance(one, Conflict)}
            found.update(self.reserved(done, repeated=False))
        again = EnvironmentFault("its declaration was changed by others again and again meanwhile; drop it once more")
        return {n: found.get(n, again) for n in given}

    def reserved(self, names: dict[int, Name], *, repeated: bool) -> dict[int, Kept]:
        """Where what is reserved under these names stands; names nobody reserved are left out."""
        wanted = {name.key: n for n, name in names.items()}
        asked = reservations().where(
            lodgements.c.sender == self.sender, lodgements.c.lrn.in_({name.lrn for name in names.values()})
        )
        with self.ledger.store.reading() as connection:
            rows = connection.execute(asked).all() if names else []
        return {
            wanted[key]: Kept(row.leaf, row.records, repeated)
            for row in rows
            if (key := (row.sender, row.lrn, row.function)) in wanted
        }

    def _drafts(self, given: Sequence[Translated], names: Sequence[Name]) -> list[Draft]:
        lodged = self._lodged(given)
        known = self._known(lodged)
        earlier = {row["d"]: row for row in known.frame("earlier", EARLIER).iter_rows(named=True)}
        versions = [earlier[d]["version"] + 1 if d in earlier else 1 for d in range(len(given))]
        version = lodged.lot["declarations"].with_columns(version=pl.Series(versions, dtype=pl.UInt32))
        lodged = replace(lodged, lot=lodged.lot.with_frames(declarations=version))
        checked = check(lodged, known, self.edition)
        selected = select(assess(checked, known, self.edition), known, self.edition)
        said = relayed.advise(selected, [one.national for one in given])
        declared = blobs_of(group.blobs(lodged.lot), len(given))
        on = basis(known, self.edition, engine())
        return [
            self._draft(one, names[d], [*declared[d], Blob(group.BODY, 0, given[d].body)], (on, earlier.get(d)))
            for d, one in enumerate(said)
        ]

    def _lodged(self, given: Sequence[Translated]) -> Lodged:
        now = self.clock.now()
        lodged = read([Lodgement(one.message, self.sender, now, self.country, PROFILE) for one in given], self.edition)
        documents = tuple(
            Document(one.body, "foreign", document.tree) for one, document in zip(given, lodged.documents, strict=True)
        )
        found = [_not_interpreted(d, one.unmapped) for d, one in enumerate(given) if one.unmapped]
        found += [
            _doubted(d, doubt)
            for d, one in enumerate(given)
            for doubt in (*one.doubts, *ahead(one.national, now.date()))
        ]
        findings = pl.concat([lodged.findings, findings_frame(found)]) if found else lodged.findings
        return Lodged(lodged.lot, findings, documents)

    def _known(self, lodged: Lodged) -> Known:
        """What is known of the lot, without a draw: whom to control at random is for the national system to say."""
        ledger, sources = self.ledger, Sources(self.edition, self.ledger.keys)
        known = gather(ledger.store, ledger.log, lodged, bytes(32), sources)
        return replace(known, frames={name: frame for name, frame in known.frames.items() if name != "draws"})

    def _draft(self, one: Relayed, name: Name, blobs: list[Blob], past: tuple[Basis, Any]) -> Draft:
        (on, before), now, number = past, self.clock.now(), one.national.number
        ids = list(fresh_ids(micros(now), 3))
        place = None
        if number:
            stood = (before["state"], before["version"], before["awaits"]) if before else None
            stands = (relayed.STATE, int(one.outcome), int(Control.NONE), one.ground, one.version)
            place = Place(number, name.sender, name.lrn, self.country, *stands, stood, 0)
        aliases = [("mrn", number)] if number else [("lrn", one.national.reference)]
        made: tuple[tuple[str, list[Blob], list[str]], ...] = (
            (relayed.DECLARATION, blobs, []),
            (relayed.NATIONAL, relayed.national_blobs(one), ids[:1]),
            (relayed.ADVICE, relayed.advice_blobs(one, on), ids[:2]),
        )
        records = tuple(
            Unsealed(kind, own, now, self.edition.digest, content, aliases, causes)
            for own, (kind, content, causes) in zip(ids, made, strict=True)
        )
        return Draft(
            Case(one.d, name, before["dossier"] if before else ids[0], place, False, None, int(one.outcome)), records
        )


def _not_interpreted(d: int, names: Sequence[str]) -> Mapping[str, Any]:
    """The one finding that names what no line of the mapping knows; it is kept in the body."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    said = {"d": d, "rule": NOT_INTERPRETED, "version": 1, "severity": int(Severity.INFORMATION), "place": names[0]}
    return said | {"value": (", ".join(names[:_NAMED]) + more)[:200]}


def _doubted(d: int, doubt: Doubt) -> Mapping[str, Any]:
    """The finding that says what cannot be right, or what nobody explained."""
    rule = RULES[doubt.rule]
    said = {"d": d, "rule": rule.id, "version": rule.version, "severity": int(rule.severity)}
    return said | {"place": doubt.place, "value": doubt.value[:200]}


def relay_of(node: Node) -> Relay:
    """What relays for this node. Raises InputError where it decides itself."""
    if not node.settings.relays:
        raise InputError('this node decides; one beside a national system says authority_mode = "relays"')
    return Relay(node.ledger, node.edition, node.clock, node.settings.administration, node.observation)
