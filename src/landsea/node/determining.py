"""Determining: the amended document that a declarant asked for after release, decided anew as it would be granted.

It is assessed by the law of the day the declaration was lodged, as if it had been lodged so. Nothing is stored here;
the act that grants the request makes it the version in force, if nothing moved meanwhile.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import polars as pl
from sqlalchemy import Connection, bindparam, select

from landsea.clearance.act import Refused
from landsea.clearance.state import State
from landsea.declaration.finding import Severity
from landsea.declaration.stage import Lodgement, Outcome
from landsea.dossier.group import BODY
from landsea.wire import read
from landsea.wire.amend import amend

from . import records, tables
from .clock import instant
from .gather import EARLIER
from .recording import KNOWN, Draft, Remembered
from .records import Stored

if TYPE_CHECKING:
    from .lodging import Lodging

_DECLARED, _HEADS = tables.declarations, tables.records
_ROW = select(_DECLARED).where(_DECLARED.c.mrn == bindparam("mrn"))
_ASKED = (
    select(_HEADS.c.leaf)
    .where(_HEADS.c.dossier == bindparam("dossier"), _HEADS.c.kind == "amendment-lodged")
    .order_by(_HEADS.c.leaf.desc())
)


class Determined(NamedTuple):
    """The version a request leads to, and the leaf of the decision that was in force when it was decided."""

    draft: Draft
    decided: int

    @property
    def claim(self) -> int | None:
        """What would be claimed, in the smallest unit; None where nothing is claimed here."""
        place = self.draft.case.place
        return place.claim[1] if place and place.claim else None


@dataclass(frozen=True, slots=True)
class Determining:
    """What decides on requested amendments anew."""

    lodging: "Lodging"

    def anew(self, mrn: str) -> Determined | None:
        """The version asked for; None where none is. Raises Refused where it would not be accepted."""
        keys = self.lodging.ledger.keys
        with self.lodging.ledger.store.reading() as connection:
            row = connection.execute(_ROW, {"mrn": mrn}).one_or_none()
            if row is None or row.state != State.AMENDMENT_REQUESTED.value:
                return None
            found = records.read(connection, keys, [row.document, row.document + 1])
            asked = self._asked(connection, row)
        before, after = _body(found[row.document]), _body(asked)
        if before is None or after is None:
            raise Refused("no-document", f"{mrn} was lodged in bulk or is erased, there is no document to amend")
        now, edition = self.lodging.clock.now(), self.lodging.edition
        one, two = (read([Lodgement(body, "", now)], edition).documents[0] for body in (before, after))
        change = amend(one, two)
        if (change.findings["severity"] == int(Severity.ERROR)).any():
            raise Refused("leads-nowhere", f"the amendment of {mrn} names what is not there; refuse the request")
        lodgement = _lodgement(change.document.body, row, found[row.document + 1])
        (draft,) = self.lodging.versions([lodgement], _earlier(row))
        if draft.case.outcome == Outcome.REJECTED:
            raise Refused("not-conform", f"the amended {mrn} would be rejected ({_errors(draft)}); refuse the request")
        return Determined(draft, row.decided)

    def _asked(self, connection: Connection, row: Any) -> Stored | None:
        """The record of the amendment that was taken up as a request last."""
        keys = self.lodging.ledger.keys
        for leaf in connection.execute(_ASKED, {"dossier": row.dossier}).scalars():
            found = records.read(connection, keys, [leaf, leaf + 1])
            said = next((b.data for b in found[leaf + 1].blobs or () if b.group == "decision@1"), b"{}")
            if msgspec.json.decode(said).get("state") == State.AMENDMENT_REQUESTED.value:
                return found[leaf]
        return None


def _errors(draft: Draft) -> str:
    """The rules that the version breaks."""
    blobs = (msgspec.json.decode(b.data) for b in draft.records[1].blobs if b.group == "findings@1")
    rules = (one["rule"] for said in blobs for one in said["findings"] if one["severity"] == int(Severity.ERROR))
    return ", ".join(dict.fromkeys(rules))


def _body(stored: Stored | None) -> bytes | None:
    return next((b.data for b in (stored and stored.blobs) or () if b.group == BODY), None)


def _lodgement(body: bytes, row: Any, decision: Stored) -> Lodgement:
    """The new version as lodged on the day of the one in force, under the same profile."""
    known = next(b.data for b in decision.blobs or () if b.group == KNOWN)
    then = msgspec.json.decode(known, type=Remembered)
    return Lodgement(body, row.sender, instant(then.received_at), row.administration, then.message_profile)


def _earlier(row: Any) -> pl.DataFrame:
    said = {name: getattr(row, name) for name in EARLIER if name != "d"}
    return pl.DataFrame([{"d": 0, **said}], schema=EARLIER)
