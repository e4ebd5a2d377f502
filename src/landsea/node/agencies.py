"""Agencies at this node: what each is asked, its queue, and what it is shown of a declaration.

An agency sees declarations it has a say in, and of those the groups its law allows: of the header, and of the goods
items it is asked about. What it is shown is proved, as a receipt proves it; the rest is there by its hash alone. The
header of the record, which every proof carries, names its references (MRN, LRN, UCR).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import polars as pl
from sqlalchemy import bindparam, func, select

from landsea.clearance import condition
from landsea.clearance.agency import shown
from landsea.clearance.docket import GROUP, asks_in
from landsea.codes.edition import Edition
from landsea.errors import Erased

from . import records, tables
from .commit import Ledger
from .retention import ERASED

MOST = 500
"""How many declarations a queue tells at once."""
_ASKED, _DECLARED = tables.asked, tables.declarations
_OPEN = (
    select(_DECLARED.c.mrn, _DECLARED.c.at, _DECLARED.c.version, *(_ASKED.c[n] for n in ("documents", "declared")))
    .join_from(_ASKED, _DECLARED, _DECLARED.c.mrn == _ASKED.c.mrn)
    .where(_ASKED.c.agency == bindparam("agency"))
    .order_by(_DECLARED.c.at)
)
_SAY = select(_ASKED.c.mrn).where(_ASKED.c.agency == bindparam("agency"), _ASKED.c.mrn == bindparam("mrn"))
_FIGURES = (
    select(_ASKED.c.agency, func.count(), *(func.sum(_ASKED.c[name]) for name in _ASKED.c.keys()[2:]))
    .group_by(_ASKED.c.agency)
    .order_by(_ASKED.c.agency)
)


class Waiting(NamedTuple):
    """A declaration that waits for an agency; `since` in microseconds since 1970."""

    mrn: str
    since: int
    version: int
    documents: int
    declared: int


class Seen(NamedTuple):
    """What an agency is shown: the receipt of its groups, what it asks, and whether release waits for it."""

    mrn: str
    version: int
    open: bool
    asks: Sequence[Mapping[str, Any]]
    receipt: bytes


class Figure(NamedTuple):
    """What an agency asked in all: of how many declarations, and the sums of `asked.Count`."""

    agency: str
    declarations: int
    documents: int
    declared: int
    standing: int
    examinations: int


@dataclass(frozen=True, slots=True)
class Agencies:
    """What agencies may read at this node."""

    ledger: Ledger
    edition: Edition

    def queue(self, agency: str) -> list[Waiting]:
        """The declarations that wait for this agency, the longest waiting first; at most `MOST`."""
        word = condition.agency(agency)
        with self.ledger.store.reading() as connection:
            query = _OPEN.add_columns(_DECLARED.c.awaits).where(_DECLARED.c.awaits.contains(word, autoescape=True))
            rows = connection.execute(query, {"agency": agency})
            return [Waiting(*row[:-1]) for row in rows if word in condition.read(row[-1])][:MOST]

    def seen(self, agency: str, mrn: str) -> Seen | None:
        """What the agency is shown of the declaration; None where it has no say in it, or there is none.

        Raises Erased where the content was erased.
        """
        with self.ledger.store.reading() as connection:
            if connection.execute(_SAY, {"agency": agency, "mrn": mrn}).first() is None:
                return None
            row = connection.execute(select(_DECLARED).where(_DECLARED.c.mrn == mrn)).one()
            if row.state == ERASED:
                raise Erased(f"what was declared under {mrn} is erased; its header and its leaf stay")
            found = records.read(connection, self.ledger.keys, [row.document + 1])
        blobs = [blob for one in found.values() for blob in one.blobs or ()]
        asks = asks_in(blobs).filter(pl.col("agency") == agency)
        allowed = shown(asks, self.edition).select("i", "group").iter_rows()
        wanted = {(group, item or 0) for item, group in allowed}
        said = [
            {"item": one.item, **ask}
            for one in blobs
            if one.group == GROUP
            for ask in msgspec.json.decode(one.data)["asks"]
            if ask["agency"] == agency
        ]
        open_ = condition.agency(agency) in condition.read(row.awaits)
        return Seen(mrn, row.version, open_, said, self.ledger.disclosed(row.document, wanted))

    def figures(self) -> list[Figure]:
        """What each agency asked of all declarations that were taken up here."""
        with self.ledger.store.reading() as connection:
            return [Figure(row[0], *map(int, row[1:])) for row in connection.execute(_FIGURES)]
