"""Mandates at this node: principals give them to agents and revoke them, and each of both is a record.

A mandate is in force from the instant it says, never from one before it was given; a revocation takes effect at once.
The principal and the agent see it, and nobody else.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from landsea.clearance.act import Name, Refused
from landsea.clearance.mandate import MANDATES
from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.errors import Relays
from landsea.risk.reasons import Audience

from . import tables
from .acting import Acting, OtherAct
from .clock import instant, micros
from .recording import fresh_ids

Word = Annotated[str, msgspec.Meta(pattern=r"^[^\s\x00-\x1f\x7f]{1,35}$(?!\n)")]
Among = Annotated[tuple[Word, ...], msgspec.Meta(max_length=1_000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_MANDATES, _ACTS = tables.mandates, tables.acts
_MADE: Final = select(_ACTS.c.digest, _ACTS.c.about, _ACTS.c.leaf).where(
    _ACTS.c.actor == bindparam("actor"), _ACTS.c.reference == bindparam("reference")
)
_NEVER: Final = micros(datetime(9999, 1, 1, tzinfo=UTC))
_INSTANTS: Final = ("given_at", "ends_at", "revoked_at")


class Giving(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a principal says to give a mandate, under a reference of its own; no list means: all of them."""

    reference: Name
    agent: Name
    representation: Literal["direct", "indirect"]
    procedures: Among = ()
    codes: Among = ()  # beginnings of commodity codes
    offices: Among = ()
    begins_at: Instant | None = None  # else when it is given
    ends_at: Instant | None = None


class Given(NamedTuple):
    """What giving or revoking came to: the mandate, the principal's receipt, and whether it had been done before."""

    mandate: str
    receipt: bytes
    repeated: bool


@dataclass(frozen=True, slots=True)
class Mandates:
    """What keeps the mandates of a node of one administration."""

    acting: Acting
    administration: str

    def give(self, principal: str, said: Giving) -> Given:
        """The mandate is on record. Raises Refused where it could never be used, OtherAct where another one was made
        under the reference, Relays where a national system decides."""
        if said.agent == principal:
            raise Refused("content", "nobody gives a mandate to himself")
        lists = {name: " ".join(getattr(said, name)) or None for name in ("procedures", "codes", "offices")}

        def enter(connection: Connection, record: str, leaf: int, at: int) -> None:
            begins = max(at, micros(said.begins_at)) if said.begins_at else at
            ends = micros(said.ends_at) if said.ends_at else None
            if ends is not None and ends <= begins:
                raise Refused("content", "a mandate ends after it begins")
            if max(begins, ends or 0) >= _NEVER:  # there no calendar tells the day, to nobody
                raise Refused("content", "a mandate begins and ends before the year 9999; without an end it is open")
            who = (record, self.administration, principal, said.agent, said.representation)
            self.acting.ledger.store.insert(connection, _MANDATES, [(*who, *lists.values(), begins, ends, None, leaf)])

        return self._recorded("mandate-given", principal, said.reference, msgspec.to_builtins(said), enter)

    def revoke(self, principal: str, mandate: str) -> Given:
        """The mandate is in force no more. Raises Refused where the principal gave no such mandate."""

        def enter(connection: Connection, _record: str, _leaf: int, at: int) -> None:
            own = (_MANDATES.c.mandate == mandate) & (_MANDATES.c.principal == principal)
            open_ = _MANDATES.c.revoked_at.is_(None)
            if not connection.execute(update(_MANDATES).where(own & open_).values(revoked_at=at)).rowcount:
                raise Refused("unknown-mandate", f"you gave no mandate {mandate[:70]} that is in force")

        return self._recorded("mandate-revoked", principal, f"revoked {mandate}", {"mandate": mandate}, enter)

    def listed(self, party: str) -> list[dict[str, Any]]:
        """The mandates this party gave or was given, in the order they were; instants in ISO form."""
        either = (_MANDATES.c.principal == party) | (_MANDATES.c.agent == party)
        query = select(*(_MANDATES.c[name] for name in MANDATES)).where(either).order_by(_MANDATES.c.leaf)
        with self.acting.ledger.store.reading() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return [{**row, **{name: row[name] and instant(row[name]).isoformat() for name in _INSTANTS}} for row in rows]

    def _recorded(self, kind: str, principal: str, reference: str, said: dict[str, Any], enter: Any) -> Given:
        ledger = self.acting.ledger
        if ledger.relays:
            raise Relays("the national system keeps mandates, give yours there")
        digest = hashlib.sha256(msgspec.json.encode((kind, said))).digest()
        with ledger.store.writing() as connection:
            made = connection.execute(_MADE, {"actor": principal, "reference": reference}).one_or_none()
            if made and bytes(made.digest) != digest:
                raise OtherAct(f"another act was made under {reference} before; use a reference of its own")
            mandate, leaf = (made.about, made.leaf) if made else ("", 0)
            if made is None:
                at = ledger.log.time(connection)
                (record,) = fresh_ids(at, 1)
                mandate = said.get("mandate", record)
                told = {"kind": kind, "mandate": mandate, "principal": principal, **said}
                blobs = [Blob("act@1", 0, msgspec.json.encode(told))]
                now, law = self.acting.clock.now(), self.acting.edition.digest
                leaf = self.acting.write(connection, [Unsealed(kind, record, now, law, blobs)], mandate, at)
                enter(connection, record, leaf, at)
                row = (principal, reference, digest, "", kind, mandate, "", 0, leaf, 1, 0)
                ledger.store.insert(connection, _ACTS, [row])
        return Given(mandate, ledger.shown(range(leaf, leaf + 1), Audience.TRADER), made is not None)
