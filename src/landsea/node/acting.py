"""Acting: an act on a declaration, in one transaction under the lock of the log's head.

In it, in this order: the same act again gets its receipt again, byte for byte; where the declaration stands is read,
the act is ruled on (`clearance.ruling`), its record and the decision that follows enter the log, transfers enter the
books, and the declaration stands elsewhere. Acts on one declaration are so ordered, and two officers never decide on
the same state. What is refused leaves no trace.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from landsea.clearance import acted, condition
from landsea.clearance.act import ACTS, Act, Refused
from landsea.clearance.change import Arrival, Earlier, Standing
from landsea.clearance.collecting import collecting
from landsea.clearance.docket import Docket, held
from landsea.clearance.records import DECISION
from landsea.clearance.revenue import Account, Claim, Kind
from landsea.clearance.ruling import Ruling, rule
from landsea.clearance.state import ADVANCE, FREE, Refusal, State
from landsea.codes.administration import coinage, law_of, local_day
from landsea.codes.edition import Edition
from landsea.declaration.stage import Control
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal
from landsea.errors import Erased, LandseaError, Relays
from landsea.risk.law import risk_laws
from landsea.risk.reasons import Audience
from landsea.units import coin

from . import book, cargo_lines, claiming, clocks, counters, notice, quota, records, right_list, supplementing, tables
from .clock import Clock, micros
from .commit import Ledger, freed_reference, granted
from .determining import Determined
from .pledges import overdue, pledges
from .recording import KNOWN, fresh_ids
from .retention import ERASED

_DECLARED, _ACTS = tables.declarations, tables.acts
_ROW = select(_DECLARED).where(_DECLARED.c.mrn == bindparam("mrn"))
_SUPPLEMENT = select(tables.owed.c.settled_by).where(tables.owed.c.mrn == bindparam("mrn"))
_DIRECTION = select(tables.clocks.c.direction).where(tables.clocks.c.mrn == bindparam("mrn"))
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
    """The row of a declaration, what of it bears on an act, the blobs of the decision on the version in force; and the
    version that takes its place where the act grants one."""

    row: Any
    standing: Standing
    version: Sequence[Blob]
    fresh: Determined | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """What turns acts into records and receipts."""

    ledger: Ledger
    edition: Edition
    clock: Clock
    anew: Callable[[str], Determined | None] = lambda _mrn: None

    def act(self, act: Act) -> Done:
        """The act is on record and took effect. Raises Refused where it may not be made, OtherAct where another one was
        made under its reference, Relays where a national system decides."""
        if self.ledger.relays:
            raise Relays("the national system decides here, act there; this node relays what it did")
        fresh = self.anew(act.mrn) if act.kind == "granted" else None
        with self.ledger.store.writing() as connection:
            made, repeated = self.within(connection, act, fresh)
        return Done(self._receipt(act, made), bool(made.proposed), repeated)

    def within(self, connection: Connection, act: Act, fresh: Determined | None = None) -> tuple[Any, bool]:
        """The row of the act, made in this transaction, and whether it had been made before; `fresh` is the version a
        granted request leads to. Raises as `act` does."""
        digest = digest_of(act)
        made = connection.execute(_MADE, act._asdict()).one_or_none()
        if made is None:
            self._made(connection, act, digest, fresh)
            return connection.execute(_MADE, act._asdict()).one(), False
        if bytes(made.digest) != digest:
            raise OtherAct(f"another act was made under {act.reference} before; use a reference of its own")
        return made, True

    def stands(self, connection: Connection, mrn: str, trader: str = "") -> Stands:
        """Where the declaration stands. Raises Refused for an unknown one, or one that is not this trader's."""
        row = connection.execute(_ROW, {"mrn": mrn}).one_or_none()
        if row is None or trader not in ("", row.sender):
            raise Refused(Refusal.UNKNOWN_DECLARATION, f"there is no declaration {mrn[:70]} that you may act on")
        if row.state == ERASED:
            raise Erased(f"what was declared under {mrn} is erased; its header and its leaf stay")
        law = law_of(self.edition, row.administration)
        currency, places = coinage(law)
        balance = book.balance(connection)
        found = records.read(connection, self.ledger.keys, [row.document + 1])  # a decision stands behind its message
        version = [blob for one in found.values() for blob in one.blobs or ()]
        claimed = any(balance(Account(kind, currency, mrn)) for kind in (Kind.DUE, Kind.COLLECTED))
        reserved = book.instruments(connection, mrn, currency)
        now = self.clock.now()
        today = local_day(now, law)
        acts = [Earlier(*one[:4], bool(one[4])) for one in connection.execute(_EARLIER, {"mrn": mrn})]
        owed = connection.execute(_SUPPLEMENT, {"mrn": mrn}).scalar_one_or_none()
        standing = Standing(
            *(mrn, row.sender, State(row.state), condition.read(row.awaits), Control(row.control)),
            *(currency, places, balance, reserved),
            pledges=pledges(connection, row.liable or row.sender, reserved),
            liable=row.liable,
            today=today,
            overdue=overdue(connection, mrn, law, today) if row.state == State.RELEASED else frozenset(),
            supplement=owed or "",
            acts=acts,
            docket=Docket(version, held(acts, row.version), self.edition, micros(now)),
            dutiable=claimed or _dutiable(version),
            version=row.version,
            arrival=_arrival(connection, mrn, law),
        )
        return Stands(row, standing, version)

    def _made(self, connection: Connection, act: Act, digest: bytes, fresh: Determined | None) -> None:
        stands = self.stands(connection, act.mrn, act.actor if act.role == "trader" else "")
        if fresh:
            stands = _granting(stands, fresh, shared=bool(supplementing.firsts(connection, act.mrn)))
        if act.kind == "removed":
            beside = cargo_lines.beside(connection, act.mrn, self.clock.now())
            stands = stands._replace(standing=replace(stands.standing, beside=beside))
        ruling = rule(act, stands.standing)
        at = self.ledger.log.time(connection)
        leaf = self._recorded(connection, act, ruling, stands, at)
        heard = ruling.decides and (ruling.responses or ruling.state not in ADVANCE)
        count = 1 + ruling.decides + (fresh is not None)
        told = (1 if ACTS[act.kind].hidden else count) if heard else 0
        row = (act.actor, act.reference, digest, act.mrn, act.kind, ruling.about, stands.standing.place)
        kept = (*row, int(ruling.proposed), leaf, count, told)
        store = self.ledger.store
        store.insert(connection, _ACTS, [kept])
        self._noted(connection, act, stands, leaf, at)
        if ruling.transfers and not ruling.proposed:
            entry = book.Entry(act.kind, f"{act.actor}/{act.reference}", digest, leaf, at)
            book.enter(store, connection, entry, lambda _: ruling.transfers)
        if ruling.decides:
            more = {"decided": leaf + count - 1} if told else {}
            if fresh:
                more |= {"document": leaf + 1, "version": stands.row.version + 1}
                if not granted(store, connection, fresh.draft.case):
                    raise Refused("moved-meanwhile", f"a quota that {act.mrn} draws on moved; say it again")
            self._project(connection, stands, ruling, {**more, "at": at})
            self._stepped(connection, act, ruling, stands, (leaf, at))
        if told:
            awaits = condition.written(ruling.conditions)
            news = notice.News(act.mrn, stands.row.sender, ruling.state.value, awaits, leaf + 1, 1)
            notice.owe(store, connection, [news], at)
        counters.count(store, connection, "acts", {f'kind="{act.kind}"': 1})

    def _noted(self, connection: Connection, act: Act, stands: Stands, leaf: int, at: int) -> None:
        """The holder of a right is told of an act on a suspension, by a record that names nobody else (TRIPS 57)."""
        law = law_of(self.edition, stands.row.administration)
        noted = right_list.note(self.ledger.store, connection, act, (leaf, stands.standing.today), law)
        if noted:
            (one,) = fresh_ids(at, 1)
            said = msgspec.json.encode({"holder": noted, "act": act.kind, "reference": act.reference})
            blobs = [Blob("inquiry@1", 0, said)]
            made = Unsealed("right-notice", one, self.clock.now(), self.edition.digest, blobs)
            self.write(connection, [made], stands.row.dossier, at)

    def _stepped(
        self, connection: Connection, act: Act, ruling: Ruling, stands: Stands, on_record: tuple[int, int]
    ) -> None:
        """What the act means for the other step of a declaration in two."""
        if act.kind == "supplemented":
            supplementing.closed(connection, act.mrn)
        if ruling.state in FREE:
            supplementing.lost(connection, act.mrn)
        row, currency = stands.row, stands.standing.currency
        favourable = ruling.state in supplementing.IN_FAVOUR and row.state not in supplementing.IN_FAVOUR
        if (stands.fresh or favourable) and row.administration in collecting(self.edition):
            version = stands.fresh.draft.records[1].blobs if stands.fresh else stands.version
            total = claiming.payable_of(version, coin(stands.standing.places))
            own = Claim(act.mrn, currency, row.liable or row.sender)
            claiming.together(self.ledger.store, connection, own, (total, ruling.state), on_record)
        for told in claiming.supplement_acts(connection, act.mrn):
            with suppress(Refused):
                self.within(connection, told)

    def supplement(self, mrn: str | None = None) -> None:
        """Simplified declarations are told of what supplements them: where this is one of the two, or (None) all."""
        with self.ledger.store.writing() as connection:
            for told in claiming.supplement_acts(connection, mrn):
                with suppress(Refused):
                    self.within(connection, told)

    def _recorded(self, connection: Connection, act: Act, ruling: Ruling, stands: Stands, at: int) -> int:
        """The leaf of the act's record; the decision, where there is one, stands behind it."""
        now, aliases = self.clock.now(), [("mrn", act.mrn)]
        one, two = fresh_ids(at, 2)
        digest = self.edition.digest
        made = [Unsealed(ACTS[act.kind].record, one, now, digest, acted.act_blobs(act, ruling), aliases)]
        if ruling.decides:
            law, version = risk_laws(self.edition).get(stands.row.administration), stands.version
            if stands.fresh:
                lodged, decided = stands.fresh.draft.records
                made.append(replace(lodged, causes=[one]))
                version = decided.blobs
            blobs = acted.decision_blobs(ruling, version, law)
            blobs += [one for one in version if one.group == KNOWN] if stands.fresh else []
            known = [("lrn", stands.row.lrn), *aliases]
            made.append(Unsealed(DECISION, two, now, digest, blobs, known, [made[-1].id]))
        return self.write(connection, made, stands.row.dossier, at)

    def write(self, connection: Connection, made: Sequence[Unsealed], dossier: str, at: int) -> int:
        """The records are in the log, in this order, in this dossier; the leaf of the first."""
        self.ledger.refuse_decisions(made)
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
            quota.give_back(self.ledger.store, connection, mrn)
        clocks.stamp(self.ledger.store, connection, mrn, (stands.row.state, ruling.state.value), more["at"])

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


def _granting(stands: Stands, fresh: Determined, *, shared: bool) -> Stands:
    """Where the declaration stands, with the version that the request leads to; its claim is reckoned with others'
    where it is `shared`."""
    if stands.row.decided != fresh.decided:
        raise Refused("moved-meanwhile", f"{stands.row.mrn} was changed while its amendment was assessed; say it again")
    place = fresh.draft.case.place
    case = fresh.draft.case._replace(place=place and place._replace(document=1))
    fresh = fresh._replace(draft=fresh.draft._replace(case=case))
    return stands._replace(standing=replace(stands.standing, determined=None if shared else fresh.claim), fresh=fresh)


def _arrival(connection: Connection, mrn: str, law: Mapping[str, Any]) -> Arrival:
    """What an arrival means for a declaration of this direction, where the administration has it otherwise."""
    special = law.get("arrival")
    if not special:
        return Arrival()
    direction = connection.execute(_DIRECTION, {"mrn": mrn}).scalar_one_or_none()
    return Arrival(**special.get(direction, {}))


def _dutiable(version: Sequence[Blob]) -> bool:
    taxes = [tax for one in version if one.group == "duty@1" for tax in msgspec.json.decode(one.data)["taxes"]]
    return any(tax["state"] == "payable" and tax["amount"] not in (None, "0") for tax in taxes)
