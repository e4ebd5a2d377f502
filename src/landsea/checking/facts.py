"""Facts: what a rule may know of other frames, computed once per lot as columns beside its own.

On `declarations`: the direction as `is_import` and `is_export`; `is_full` (neither simplified nor a notification);
`items`, `items_gross_mass`, `items_amount`, `items_packages`, `currencies` (how many differ among item amounts);
`equipments`, `routed`, `rated`; `importer_named` and so on (an id, or a name and an address); `has_guarantee`,
`has_transport_document`; `schedules` (administrations whose law the edition holds), `first_day` (of the law of the
message's profile). On `goods_items`: `is_import`, `is_export`, `is_full`; `special` (the authorisation its procedure
needs), `has_authorisation`, `has_guarantee`, `has_invoice`, `has_origin_proof`, `has_previous_document`,
`onward_supply_stated`, `packed`, `hs6`. On rows of other frames: `holder_named`, `territories`, `received_at`,
`container_indicator`, `container_listed`, and `repeated` (the same stands there already).

Rows are numbered, so facts are laid out by row number and gathered by it; nothing is joined.
"""

from collections.abc import Mapping

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot

from .lists import (
    AUTHORISED,
    BY_DECLARATION,
    INVOICES,
    ORIGIN_PROOFS,
    SUSPENSIVE,
    TRANSPORT_DOCUMENTS,
)

Frames = Mapping[str, pl.DataFrame]

_NAMED = ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")


def flags(rows: int, name: str, *chosen: pl.Series) -> pl.Series:
    """True at the rows whose numbers are chosen, false at all others."""
    column = pl.repeat(False, rows, dtype=pl.Boolean, eager=True).alias(name)
    for numbers in chosen:
        numbers = numbers.drop_nulls()
        if len(numbers):
            column.scatter(numbers, True)
    return column


def spread(rows: int, totals: pl.DataFrame, key: str) -> list[pl.Series]:
    """The columns of `totals`, laid out by the row numbers in `key`; null where there is no total."""
    laid = []
    for name in totals.columns[1:]:
        column = pl.repeat(None, rows, dtype=totals[name].dtype, eager=True).alias(name)
        laid.append(column.scatter(totals[key], totals[name]) if totals.height else column)
    return laid


def with_facts(lot: Lot, edition: Edition) -> dict[str, pl.DataFrame]:
    """The frames of the lot that have rows, with their facts beside them."""
    frames = {name: frame for name, frame in lot.frames.items() if frame.height}
    frames["declarations"] = declarations = _of_declarations(lot, edition)
    if "goods_items" in frames:
        frames["goods_items"] = _of_items(lot, declarations)
    for name, of_rows in _OF_ROWS.items():
        if name in frames:
            frames[name] = of_rows(frames[name], lot, declarations)
    return frames


def _of_declarations(lot: Lot, edition: Edition) -> pl.DataFrame:
    frame, rows = lot["declarations"], len(lot)
    items = (
        lot["goods_items"]
        .group_by("d")
        .agg(
            items=pl.len(),
            items_gross_mass=pl.col("gross_mass").sum(),
            items_weighed=pl.col("gross_mass").is_not_null().all(),
            items_amount=pl.col("item_amount").sum(),
            items_currency=pl.col("item_amount_currency").min(),
            currencies=pl.col("item_amount_currency").drop_nulls().n_unique(),
        )
    )
    packages = lot["packages"].group_by("d").agg(items_packages=pl.col("quantity").sum())
    parties = lot["parties"]
    named = parties.filter(_is_named).select("d", "role")
    documents = lot["documents"].filter(pl.col("role") == "additional").select("d", "type")
    held = sorted(edition.tables["measures"]["issuer"].unique()) if "measures" in edition.tables else []
    first_days = {
        profile: stated["first_day_of_law"]
        for profile, stated in edition.documents.get("landsea/message_profiles", {}).items()
        if "first_day_of_law" in stated
    }
    letter = pl.col("type").str.slice(2, 1)
    return frame.with_columns(
        *spread(rows, items, "d"),
        *spread(rows, packages, "d"),
        *(flags(rows, f"{role.lower()}_named", named.filter(role=role)["d"]) for role in _NAMED),
        flags(rows, "has_equipment", lot["equipment"]["d"]),
        flags(rows, "has_guarantee", lot["guarantees"]["d"]),
        flags(rows, "has_agent", parties.filter(role="Agent")["d"]),
        flags(rows, "has_transport_document", documents.filter(pl.col("type").is_in(TRANSPORT_DOCUMENTS))["d"]),
        (pl.col("direction") == "import").fill_null(False).alias("is_import"),
        (pl.col("direction") == "export").fill_null(False).alias("is_export"),
        (letter.is_in(["", "A", "D", "X", "Y", "Z"])).fill_null(True).alias("is_full"),
        pl.lit(", ".join(held)).alias("schedules"),
        pl.col("message_profile").replace_strict(first_days, default=None, return_dtype=pl.Date).alias("first_day"),
    ).with_columns(pl.col("items", "currencies").fill_null(0))


_is_named = pl.col("id").is_not_null() | pl.all_horizontal(pl.col("name", "country").is_not_null())


def _of_items(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["goods_items"]
    rows, d = frame.height, frame["d"]
    documents, statements, authorisations = lot["documents"], lot["statements"], lot["authorisations"]
    additional = documents.filter(role="additional")
    invoices = additional.filter(pl.col("type").is_in(INVOICES))
    proofs = additional.filter(pl.col("type").is_in(ORIGIN_PROOFS) | (pl.col("category") == "U"))
    previous = documents.filter(role="previous")

    def of(name: str, chosen: pl.DataFrame) -> pl.Series:
        """Rows at the item, or at its declaration's header."""
        return flags(rows, name, chosen["i"]) | _headed(chosen, len(declarations), d)

    needs = pl.col("procedure").replace_strict(AUTHORISED, default=None, return_dtype=pl.String)
    applied = of("", statements.filter(code=BY_DECLARATION))
    holds = {
        category: flags(len(declarations), category, authorisations.filter(category=category)["d"]).gather(d)
        for category in set(AUTHORISED.values()) | {"CGU"}
    }
    special = frame.select(special=needs)["special"]
    held = applied
    for procedure, category in AUTHORISED.items():
        held = held | (frame["procedure"].eq_missing(procedure) & holds[category])
    return frame.with_columns(
        *(declarations[c].gather(d) for c in ("is_import", "is_export", "is_full", "invoice_id", "administration")),
        special,
        held.alias("has_authorisation"),
        of("has_invoice", invoices),
        of("has_origin_proof", proofs),
        of("has_previous_document", previous),
        of("onward_supply_stated", statements.filter(code="NIIMP")),
        (declarations["has_guarantee"].gather(d) | holds["CGU"]).alias("has_guarantee"),
        flags(rows, "packed", lot["packages"]["i"]),
        pl.col("procedure").is_in(SUSPENSIVE).alias("suspensive"),
        pl.col("commodity_code").str.slice(0, 6).alias("hs6"),
    )


def _headed(chosen: pl.DataFrame, declarations: int, d: pl.Series) -> pl.Series:
    return flags(declarations, "", chosen.filter(pl.col("i").is_null())["d"]).gather(d)
