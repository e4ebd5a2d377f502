"""Replay: what was decided is decided again from what is on record, and compared byte for byte.

The record of a decision holds what was known to it; its message's record holds the body. With the same edition and the
same release nothing may differ; with another release every difference is listed, for somebody to say why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
import polars as pl
from sqlalchemy import select

from landsea.clearance.pipeline import clear
from landsea.clearance.records import DECISION, Basis, decision_blobs
from landsea.declaration.stage import Decided, Known, Lodgement
from landsea.dossier.group import BODY
from landsea.wire import read

from . import records, tables
from .clock import instant
from .lodging import Lodging
from .recording import KNOWN, Remembered, blobs_of
from .records import Stored

COMPARED = frozenset({"decision@1", "duty@1", "quota@1", "findings@1", "reasons@1"})


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision replayed: the groups that differ, as (group, item, then, now); or why it cannot be replayed."""

    record: str
    differences: tuple[tuple[str, int, bytes, bytes], ...] = ()
    obstacle: str = ""


def replay(lodging: Lodging, step: int = 256) -> Iterator[Replayed]:
    """Every decision in the log, replayed in the order they were taken."""
    store, heads = lodging.ledger.store, tables.records
    last = -1
    while True:
        query = select(heads.c.leaf).where(heads.c.kind == DECISION, heads.c.leaf > last)
        with store.reading() as connection:
            leaves = list(connection.execute(query.order_by(heads.c.leaf).limit(step)).scalars())
            wanted = [n for leaf in leaves for n in (leaf - 1, leaf)]  # a message's record stands before its decision
            found = records.read(connection, lodging.ledger.keys, wanted) if wanted else {}
        if not leaves:
            return
        for leaf in leaves:
            yield _replayed(lodging, found[leaf - 1], found[leaf])
        last = leaves[-1]


def _replayed(lodging: Lodging, message: Stored, decision: Stored) -> Replayed:
    if message.blobs is None or decision.blobs is None:
        return Replayed(decision.id, obstacle="erased")
    then = {(b.group, b.item): b.data for b in decision.blobs}
    if ("basis@1", 0) not in then:
        return Replayed(decision.id, obstacle="decided by an act, which stands before it")
    body = next((b.data for b in message.blobs if b.group == BODY), None)
    if body is None:
        return Replayed(decision.id, obstacle="lodged in bulk, without a body")
    on = msgspec.json.decode(then["basis@1", 0], type=Basis)
    if on.edition != lodging.edition.digest:
        return Replayed(decision.id, obstacle=f"decided under edition {on.edition}, which was not given")
    decided = _decided(lodging, body, msgspec.json.decode(then[KNOWN, 0], type=Remembered), on.log_position)
    now = {(b.group, b.item): b.data for b in blobs_of(decision_blobs(decided, lodging.edition, on), 1)[0]}
    places: Sequence[tuple[str, int]] = sorted(k for k in then.keys() | now.keys() if k[0] in COMPARED)
    return Replayed(
        decision.id,
        tuple((*k, then.get(k, b""), now.get(k, b"")) for k in places if then.get(k) != now.get(k)),
    )


def _decided(lodging: Lodging, body: bytes, then: Remembered, log_position: int) -> Decided:
    lodgement = Lodgement(body, then.sender, instant(then.received_at), then.administration, then.message_profile)
    lodged = lodging.addressed(read([lodgement], lodging.edition))
    version = lodged.lot["declarations"].with_columns(version=pl.lit(then.version, pl.UInt32))
    lodged = replace(lodged, lot=lodged.lot.with_frames(declarations=version))
    known = Known(log_position, then.frames())
    whole = lodging.supplemented(lodging.amended(lodged, known)[0], known)
    return clear(whole, known, lodging.edition)
