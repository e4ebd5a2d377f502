"""Stages: what is known about a lot after each hop.

Each stage is a type that holds everything known before plus the one fact its hop established, so a type checker
refuses hops out of order: `Lodged → Checked → Assessed → Selected → Decided`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

import polars as pl

from .lot import Lot


class Control(IntEnum):
    """What customs does with the goods before or after release. Wire codes, never reused; colours are for display."""

    NONE = 0
    DOCUMENTS = 1
    SCAN = 2
    PHYSICAL = 3
    SAMPLE = 4
    AUDIT = 5


class Outcome(IntEnum):
    """What was decided. Wire codes, never reused."""

    RELEASED = 1
    HELD = 2
    EXAMINE = 3
    REJECTED = 4
    ACCEPTED = 5  # an amendment, invalidation or presentation was taken up


@dataclass(frozen=True, slots=True)
class Lodgement:
    """One body as it arrived: who sent it, when, and to whom; what the envelope does not say is None."""

    body: bytes
    sender: str
    received_at: datetime  # with zone
    administration: str | None = None  # ISO country code; else as the message names it
    message_profile: str | None = None  # else the node's own


@dataclass(frozen=True, slots=True)
class Document:
    """A body as lodged: its bytes, the format it was sniffed as, and the tree a reader made of it (None if none)."""

    body: bytes
    format: str
    tree: Any = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the node already holds that bears on a lot, gathered as frames at one log position.

    `draws`: d, draw (UInt64, uniform) – the random selection's number for each declaration.
    `standing`: operator (String), grade (String), since (Date) – of the operators named in the lot.
    `earlier`: d, mrn, outcome (UInt8), state (String), version (UInt32) – the declaration an amendment,
    invalidation or presentation refers to, or one lodged before under the same reference.
    `stocks`, `returned`: what is drawn of the quotas that the lot claims, and by its own declarations (`tariff.claim`).
    `value_…`: evidence of value, by the names of `tariff.valuation.Evidence`.
    """

    log_position: int = 0
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def frame(self, name: str, schema: Mapping[str, Any]) -> pl.DataFrame:
        """The frame of that name; empty with `schema` if nothing of the kind is known."""
        return self.frames[name] if name in self.frames else pl.DataFrame(schema=dict(schema))


@dataclass(frozen=True, slots=True)
class Lodged:
    """After hop 1: rows exist; what could not be read is a finding with a pointer."""

    lot: Lot
    findings: pl.DataFrame
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked(Lodged):
    """After hop 2: every rule has spoken, none interrupted another."""


@dataclass(frozen=True, slots=True)
class Assessed(Checked):
    """After hop 3: `assessments` has one row per goods item and tax; `tariff.explain` tells how one came about.
    `proofs` has what back-to-back proofs of origin draw on their first proofs."""

    assessments: pl.DataFrame = field(default_factory=pl.DataFrame)
    proofs: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True, slots=True)
class Selected(Assessed):
    """After hop 4: `selections` has a control per declaration; `hits` the reasons, for officers only."""

    selections: pl.DataFrame = field(default_factory=pl.DataFrame)
    hits: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True, slots=True)
class Decided(Selected):
    """After hop 5: `decisions` has one row per declaration; `claims` what it was granted of shared stocks;
    `asks` what agencies with a say ask of its goods; `represented` who acts for whom and who answers, where the
    principal keeps mandates here."""

    decisions: pl.DataFrame = field(default_factory=pl.DataFrame)
    claims: pl.DataFrame = field(default_factory=pl.DataFrame)
    asks: pl.DataFrame = field(default_factory=pl.DataFrame)
    represented: pl.DataFrame = field(default_factory=pl.DataFrame)
