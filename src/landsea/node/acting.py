"""Acting: an act on a declaration, in one transaction under the lock of the log's head.

In it, in this order: the same act again gets its receipt again, byte for byte; where the declaration stands is read,
the act is ruled on (`clearance.ruling`), its record and the decision that follows enter the log, transfers enter the
books, and the declaration stands elsewhere. Acts on one declaration are so ordered, and two officers never decide on
the same state. What is refused leaves no trace.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from landsea.clearance import acted, condition
from landsea.clearance.act import ACTS, Act, Refused
from landsea.clearance.change import Earlier, Standing
from landsea.clearance.records import DECISION
from landsea.clearance.revenue import Account, Kind
from landsea.clearance.ruling import Ruling, rule
from landsea.clearance.state import ADVANCE, FREE, Refusal, State
from landsea.codes.edition import Edition
from landsea.declaration.stage import Control
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import Erased, LandseaError, Relays
from landsea.risk.law import risk_laws
from landsea.risk.reasons import Audience

from . import book, counters, records, tables
from .clock import Clock
from .commit import Ledger, freed_reference
from .consequence import payable
from .recording import fresh_ids
from .retention import ERASED

_DECLARED, _ACTS = tables.declarations, tables.acts
_ROW = select(_DECLARED).where(_DECLARED.c.mrn == bindparam("mrn"))
_MADE = select(_ACTS).where(_ACTS.c.actor == bindparam("actor"), _ACTS.c.reference == bindparam("reference"))
_EARLIER = (
    select(_ACTS.c.kind, _ACTS.c.actor, _ACTS.c.about, _ACTS.c.place, _ACTS.c.proposed)
    .where(_ACTS.c.mrn == bindparam("mrn"))
    .order_by(_ACTS.c.leaf)
)


class OtherAct(LandseaError):
    """Another act was made under this reference before."""


class Done(NamedTuple):
    """What an act came to: its receipt for the actor; where the declaration then stood, as far as the actor may know;
    whether a second officer has to confirm it; whether it had been made before."""

    receipt: bytes
    proposed: bool
    repeated: bool


class Stands(NamedTuple):
    """The row of a declaration, what of it bears on an act, and the blobs of the decision on the version in force."""

    row: Any
    standing: Standing
    version: Sequence[Blob]


@dataclass(frozen=True, slots=True)
class Acting:
    """What turns acts into records and receipts."""

    ledger: Ledger
    edition: Edition
    clock: Clock

    def act(self, act: Act) -> Done:
        """The act is on record and took effect. Raises Refused where it may not be made, OtherAct where another one was
        made under its reference, Relays where a national system decides."""
        if self.ledger.relays:
            raise Relays("the national system decides here, act there; this node relays what it did")
        digest = digest_of(act)
        with self.ledger.store.writing() as connection:
            made = connection.execute(_MADE, act._asdict()).one_or_none()
            if made is None:
                self._made(connection, act, digest)
                made = connection.execute(_MADE, act._asdict()).one()
                repeated = False
            elif bytes(made.digest) != digest:
                raise OtherAct(f"another act was made under {act.reference} before; use a reference of its own")
            else:
                repeated = True
        return Done(self._receipt(act, made), bool(made.proposed), repeated)

    def stands(self, connection: Connection, mrn: str) -> Stands:
        """Where the declaration stands. Raises Refused for an unknown one."""
        row = connection.execute(_ROW, {"mrn": mrn}).one_or_none()
        if row is None:
            raise Refused(Refusal.UNKNOWN_DECLARATION, f"there is no declaration {mrn[:70]} that you may act on")
        if row.state == ERASED:
            raise Erased(f"what was declared under {mrn} is erased; its header and its leaf stay")
        law = self.edition.named("administration").get(row.administration, {})
        currency, _ = payable(law)
        balance = book.balance(connection)
        found = records.read(connection, self.ledger.keys, [row.document + 1])  # a decision stands behind its message
        version = [blob for one in found.values() for blob in one.blobs or ()]
        claimed = any(balance(Account(kind, currency, mrn)) for kind in (Kind.DUE, Kind.COLLECTED))
        standing = Standing(
            *(mrn, row.sender, State(row.state), condition.read(row.awaits), Control(row.control)),
            *(currency, int(law.get("places", 2)), balance, book.instruments(connection, mrn, currency)),
            acts=[Earlier(*one[:4], bool(one[4])) for one in connection.execute(_EARLIER, {"mrn": mrn})],
            dutiable=claimed or _dutiable(version),
            version=row.version,
        )
        return Stands(row, standing, version)

    def _made(self, connection: Connection, act: Act, digest: bytes) -> None:
        stands = self.stands(connection, act.mrn)
        ruling = rule(act, stands.standing)
        at = self.ledger.log.time(connection)
        leaf = self._recorded(connection, act, ruling, stands, at)
        heard = ruling.decides and (ruling.responses or ruling.state not in ADVANCE)
        told = (1 if ACTS[act.kind].closed else 2) if heard else 0
        row = (act.actor, act.reference, digest, act.mrn, act.kind, ruling.about, stands.standing.place)
        kept = (*row, int(ruling.proposed), leaf, 1 + ruling.decides, told)
        store = self.ledger.store
        store.insert(connection, _ACTS, [kept])
        if ruling.transfers and not ruling.proposed:
            entry = book.Entry(act.kind, f"{act.actor}/{act.reference}", digest, leaf, at)
            book.enter(store, connection, entry, lambda _: ruling.transfers)
        if ruling.decides:
            self._project(connection, stands, ruling, {"decided": leaf + 1, "at": at} if told else {"at": at})
        counters.count(store, connection, "acts", {f'kind="{act.kind}"': 1})

    def _recorded(self, connection: Connection, act: Act, ruling: Ruling, stands: Stands, at: int) -> int:
        """The leaf of the act's record; the decision, where there is one, stands behind it."""
        now, aliases = self.clock.now(), [("mrn", act.mrn)]
        one, two = fresh_ids(at, 2)
        digest = self.edition.digest
        made = [Unsealed(ACTS[act.kind].record, one, now, digest, acted.act_blobs(act, ruling), aliases)]
        if ruling.decides:
            law = risk_laws(self.edition).get(stands.row.administration)
            blobs = acted.decision_blobs(ruling, stands.version, law)
            known = [("lrn", stands.row.lrn), *aliases]
            made.append(Unsealed(DECISION, two, now, digest, blobs, known, [one]))
        return self.write(connection, made, stands.row.dossier, at)

    def write(self, connection: Connection, made: Sequence[Unsealed], dossier: str, at: int) -> int:
        """The records are in the log, in this order, in this dossier; the leaf of the first."""
        sealed = seal(made, os.urandom(salt_bytes(made)))
        boxes = records.boxed(self.ledger.keys, ((one, dossier) for one in sealed))
        return records.write(self.ledger.store, connection, self.ledger.log, boxes, at).first

    def _project(self, connection: Connection, stands: Stands, ruling: Ruling, more: dict[str, int]) -> None:
        law, mrn = risk_laws(self.edition).get(stands.row.administration), stands.row.mrn
        now = {
            "state": ruling.state.value,
            "outcome": int(acted.OUTCOMES[ruling.state]),
            "control": int(ruling.control),
            "ground": acted.ground(ruling, law),
            "awaits": condition.written(ruling.conditions),
        }
        connection.execute(update(_DECLARED).where(_DECLARED.c.mrn == mrn).values(**now, **more))
        if ruling.state in FREE:
            freed_reference(connection, mrn)

    def _receipt(self, act: Act, made: Any) -> bytes:
        """Officers read all; the declarant the decision too, if it was told; others only what they said themselves."""
        if act.role == "officer":
            return self.ledger.shown(range(made.leaf, made.leaf + made.records), Audience.OFFICER)
        told = made.records if act.role == "trader" and made.told else 1
        return self.ledger.shown(range(made.leaf, made.leaf + told), Audience.TRADER)


def digest_of(act: Act) -> bytes:
    """What tells one act from another under the same reference."""
    said = (act.kind, act.role, act.mrn, msgspec.to_builtins(act.content))
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def _dutiable(version: Sequence[Blob]) -> bool:
    taxes = [tax for one in version if one.group == "duty@1" for tax in msgspec.json.decode(one.data)["taxes"]]
    return any(tax["state"] == "payable" and tax["amount"] not in (None, "0") for tax in taxes)
