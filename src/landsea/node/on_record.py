"""On record: a step that is about no declaration, made once under its actor's reference, for officers to read.

The record, what the step changes and the reference stand in one transaction; the same step again has the same receipt.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed
from landsea.risk.reasons import Audience

from . import tables
from .acting import Acting, OtherAct
from .recording import fresh_ids

Changing = Callable[[Connection, int, str], tuple[str, str]]
"""Connection, leaf and id of the record → what it is about, and its state then."""
_ACTS = tables.acts
_MADE = (_ACTS.c.digest, _ACTS.c.about, _ACTS.c.place, _ACTS.c.leaf)
_TO_CONFIRM = ("proposed", "lifting")


class Stepped(NamedTuple):
    """What a step is about, its state after it, the actor's receipt, and whether it had been made before."""

    id: str
    state: str
    receipt: bytes
    repeated: bool


def step(acting: Acting, kind: str, actor: str, said: Mapping[str, Any], change: Changing) -> Stepped:
    """The step is on record as a record of this kind, whose content `said` only officers read; it has a `reference`,
    and an `id` where it is about something known. Raises OtherAct where another one was made under the reference."""
    digest = hashlib.sha256(msgspec.json.encode((kind, said))).digest()
    reference, ledger = said["reference"], acting.ledger
    own = (_ACTS.c.actor == actor) & (_ACTS.c.reference == reference)
    with ledger.store.writing() as connection:
        found = connection.execute(select(*_MADE).where(own)).first()
        if found is None:
            at = ledger.log.time(connection)
            (record,) = fresh_ids(at, 1)
            blobs = [Blob("inquiry@1", 0, msgspec.json.encode({"actor": actor, **said}))]
            made = Unsealed(kind, record, acting.clock.now(), acting.edition.digest, blobs)
            leaf = acting.write(connection, [made], str(said.get("id", record)), at)
            about, state = change(connection, leaf, record)
            row = (actor, reference, digest, "", kind, about, state, int(state in _TO_CONFIRM), leaf, 1, 0)
            ledger.store.insert(connection, _ACTS, [row])
        elif bytes(found[0]) != digest:
            raise OtherAct(f"another act was made under {reference} before; use a reference of its own")
        else:
            _, about, state, leaf = found
    receipt = ledger.shown(range(leaf, leaf + 1), Audience.OFFICER)
    return Stepped(about, state, receipt, found is not None)
