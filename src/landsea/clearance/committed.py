"""Committed: what one transaction of the node established. Only `node/commit.py` makes one, and a test sees to it.

A receipt promises that a record is in the log. Whoever holds a `Committed` holds the proof that it is: record, place,
inclusion proof and the signed checkpoint, all from inside the transaction that wrote them and after its COMMIT.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from landsea.declaration.stage import Decided
from landsea.dossier.record import Sealed
from landsea.transparency.checkpoint import Key


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A record in the log: the record itself, its leaf, and its inclusion proof at the checkpoint's size."""

    sealed: Sealed
    leaf: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """What was committed for a lot.

    `records` has, per declaration row, first the record of the message and then those that follow from it.
    """

    decided: Decided
    records: Mapping[int, tuple[Recorded, ...]]
    checkpoint: bytes
    key: Key
