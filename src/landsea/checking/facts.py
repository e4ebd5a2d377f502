"""Facts: what a rule may know of other frames, computed once per lot as columns beside its own.

On `declarations`
    is_import, is_export  the direction, never null
    is_full               neither simplified, nor a notification, nor a final account (by the type's third letter)
    items                 number of goods items; items_gross_mass, items_amount, items_packages: their sums
    currencies            number of different currencies of item amounts
    equipments, seals     rows of equipment and seals
    declarant_named, importer_named, exporter_named, consignee_named, consignor_named
                          the party has an id, or a name and an address
    has_guarantee, has_transport_document, has_invoice, has_warehouse_procedure, has_schedule, has_rates
    schedules, first_day, territories  what the edition says of administrations and of the message's profile
On `goods_items`
    is_import, is_export, is_full, special (an authorised procedure), suspensive, relieved
    has_origin_proof, has_previous_document, has_authorisation, has_guarantee, has_packages, onward_statement
    nomenclature          current, stale or unknown, for the first six digits; successors of a stale code
On rows of other frames
    what `ROW_FACTS` names of their declaration, and `repeated`: the same thing stands there once before.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot

from .lists import INVOICES, NATURE, ORIGIN_PROOFS, TRANSPORT_DOCUMENTS, procedures_that

SIMPLIFIED = ("B", "C", "E", "F", "J", "K", "Q")
PARTIES = ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")

ROW_FACTS: Mapping[str, tuple[str, ...]] = {
    "parties": ("territories",),
    "documents": ("received_at",),
    "guarantees": (),
    "authorisations": (),
    "itinerary": (),
    "equipment": ("container_indicator",),
}


def flags(rows: int, chosen: pl.Series, name: str) -> pl.Series:
    """True at the rows numbered in `chosen`, false at all others."""
    flags = pl.repeat(False, rows, dtype=pl.Boolean, eager=True).alias(name)
    return flags.scatter(chosen, True) if len(chosen) else flags


def spread(rows: int, totals: pl.DataFrame, key: str) -> list[pl.Series]:
    """The columns of `totals` laid out by row number `key`; null where it has no row."""
    columns = []
    for column in totals.drop(key):
        blank = pl.Series(column.name, [None], dtype=column.dtype).new_from_index(0, rows)
        columns.append(blank.scatter(totals[key], column) if totals.height else blank)
    return columns


def facts(lot: Lot, edition: Edition) -> dict[str, pl.DataFrame]:
    """The lot's frames with their facts beside them; frames without rows are left out."""
    declarations = _of_declarations(lot, edition)
    frames = {"declarations": declarations, "goods_items": _of_items(lot, declarations)}
    for name, frame in lot.frames.items():
        if name not in frames:
            wanted = [declarations[c].gather(frame["d"]) for c in ROW_FACTS.get(name, ())]
            frames[name] = frame.with_columns(wanted) if wanted else frame
    return {name: frame for name, frame in frames.items() if frame.height}
