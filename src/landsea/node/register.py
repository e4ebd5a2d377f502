"""The register: where a declaration stands, and the receipts of all that was lodged on it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select

from landsea.risk.reasons import Audience

from . import tables
from .commit import Ledger, Receipt, reservations

_ACTS = tables.acts.c
_TOLD = select(_ACTS.leaf, _ACTS.records, _ACTS.told).where(_ACTS.mrn == bindparam("mrn"), _ACTS.told > 0)
"""The acts from which a decision followed that the declarant hears of."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as it stands; instants in microseconds since 1970."""

    mrn: str
    sender: str
    lrn: str
    administration: str
    dossier: str
    state: str
    outcome: int
    control: int
    ground: str | None
    version: int
    document: int
    decided: int
    at: int
    awaits: str
    liable: str


class Register:
    """What a node holds, for who may ask."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def declared(self, mrn: str) -> Declared | None:
        """The declaration with this MRN."""
        found = self._found(tables.declarations.c.mrn == mrn)
        return found[0] if found else None

    def referred(self, sender: str, lrn: str) -> Declared | None:
        """The last declaration this sender lodged under this reference."""
        table = tables.declarations
        found = self._found((table.c.sender == sender) & (table.c.lrn == lrn))
        return max(found, key=lambda one: one.at, default=None)

    def receipts(self, mrn: str) -> list[Receipt]:
        """The receipts of all messages on this declaration and of what acts decided on it, in the order they came; none
        for an unknown one.

        Raises Erased where they were erased.
        """
        declared = self.declared(mrn)
        if declared is None:
            return []
        heads, kept = tables.records, tables.lodgements
        own = select(heads.c.leaf).where(heads.c.dossier == declared.dossier)
        with self._ledger.store.reading() as connection:
            rows = connection.execute(reservations().where(kept.c.leaf.in_(own)).order_by(kept.c.leaf)).all()
            acts = connection.execute(_TOLD, {"mrn": mrn}).all()
        lodged = [(row.leaf, Receipt(self._ledger.document(row), repeated=True)) for row in rows]
        read = [range(leaf + count - told, leaf + count) for leaf, count, told in acts]
        acted = [(one[0], Receipt(self._ledger.shown(one, Audience.TRADER), repeated=True)) for one in read]
        return [receipt for _, receipt in sorted(lodged + acted, key=itemgetter(0))]

    def _found(self, condition: Any) -> Sequence[Declared]:
        with self._ledger.store.reading() as connection:
            return [Declared(*row) for row in connection.execute(select(tables.declarations).where(condition))]
