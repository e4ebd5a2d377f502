"""Facts: what a rule may know of other frames, computed once per lot as columns beside its own.

On `declarations`: the direction as `is_import`, `is_export`; `is_full` (neither simplified nor a notification);
`items`, `items_gross_mass`, `items_amount`, `items_packages`, `currencies` (how many differ among the prices);
`importer_named` and so on (an id, or a name with a country); `has_…` (there is such a row); `schedules`
(administrations whose law the edition holds) and `first_day` (of the law of the message's profile).
On `goods_items`: the same of their declaration, `special` (the authorisation the procedure needs) and whether it is
there. On rows of other frames: `repeated` (the same stands there already) and what the rules of that frame name.

Rows are numbered, so facts are laid out and gathered by row number; almost nothing is joined.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from landsea.codes.edition import Edition
from landsea.codes.nomenclature import became, is_subheading
from landsea.codes.procedure import kind, serves
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known

from .lists import AUTHORISED, BY_DECLARATION, INVOICES, ORIGIN_PROOFS, TRANSPORT_DOCUMENTS

_NAMED = ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")
_SAME: Mapping[str, tuple[str, ...]] = {  # what makes a row the same as one before
    "classifications": ("d", "i", "id_type"),
    "procedures": ("d", "i", "current", "previous"),
    "exchange_rates": ("d", "currency"),
    "origins": ("d", "i", "type"),
    "documents": ("d", "i", "role", "category", "type", "id", "line", "exemption", "writeoff_quantity"),
    "equipment": ("d", "i", "id"),
    "seals": ("d", "id"),
    "authorisations": ("d", "category", "id"),
}


def with_facts(lot: Lot, known: Known, edition: Edition) -> dict[str, pl.DataFrame]:
    """The frames of the lot that have rows, with their facts beside them."""
    frames = {name: frame for name, frame in lot.frames.items() if frame.height}
    if not frames:
        return {}
    frames["declarations"] = declarations = _of_declarations(lot, known, edition)
    if "goods_items" in frames:
        frames["goods_items"] = _of_items(lot, declarations, edition)
    for name, of_rows in _OF_ROWS.items():
        if name in frames:
            frames[name] = of_rows(lot, declarations)
    for name, same in _SAME.items():
        if name in frames:
            frames[name] = frames[name].with_columns(_repeated(frames[name], same))
    return frames


def flags(rows: int, name: str, chosen: pl.Series) -> pl.Series:
    """True at the rows whose numbers are chosen, false at all others."""
    column = pl.repeat(False, rows, dtype=pl.Boolean, eager=True).alias(name)
    chosen = chosen.drop_nulls()
    return column.scatter(chosen, True) if len(chosen) else column


def spread(rows: int, totals: pl.DataFrame) -> list[pl.Series]:
    """The columns of `totals` but the first, laid out by the row numbers in the first; null where there is no total."""
    numbers, *columns = totals.get_columns()
    blank = [pl.repeat(None, rows, dtype=c.dtype, eager=True).alias(c.name) for c in columns]
    return [b.scatter(numbers, c) if len(c) else b for b, c in zip(blank, columns, strict=True)]


def _repeated(frame: pl.DataFrame, same: Iterable[str]) -> pl.Series:
    """Whether a row is the same as one before. Hashes find candidates, only those are compared."""
    hashed = frame.select(pl.struct(same).hash().is_duplicated()).to_series()
    if not hashed.any():
        return flags(frame.height, "repeated", pl.Series([], dtype=pl.UInt32))
    alike = frame.with_row_index("row").filter(hashed)
    return flags(frame.height, "repeated", alike.filter(~pl.struct(same).is_first_distinct())["row"])


def _of_declarations(lot: Lot, known: Known, edition: Edition) -> pl.DataFrame:
    rows = len(lot)
    parties, documents = lot["parties"], lot["documents"]
    named = parties.filter(_IS_NAMED)
    carried = documents.filter(pl.col("type").is_in(TRANSPORT_DOCUMENTS))
    earlier = known.frame("earlier", {"d": pl.UInt32})
    marks = [
        *(flags(rows, f"{role.lower()}_named", named.filter(role=role)["d"]) for role in _NAMED),
        flags(rows, "has_equipment", lot["equipment"]["d"]),
        flags(rows, "has_guarantee", lot["guarantees"]["d"]),
        flags(rows, "has_amendment", lot["amendments"]["d"]),
        flags(rows, "has_agent", parties.filter(role="Agent")["d"]),
        flags(rows, "has_transport_document", carried["d"]),
        flags(rows, "has_previous_document", documents.filter(role="previous")["d"]),
        flags(rows, "defers", lot["authorisations"].filter(pl.col("category").is_in(["DPO", "CGU"]))["d"]),
        flags(rows, "priced_by_transaction", lot["goods_items"].filter(valuation_method="1")["d"]),
        flags(rows, "earlier_known", earlier["d"]),
    ]
    return (
        lot["declarations"]
        .with_columns(marks)
        .with_columns(_sums(lot))
        .with_columns(
            (pl.col("direction") == "import").fill_null(False).alias("is_import"),
            (pl.col("direction") == "export").fill_null(False).alias("is_export"),
            pl.col("type").str.slice(2, 1).is_in(["", "A", "D", "X", "Y", "Z"]).fill_null(True).alias("is_full"),
            pl.col("type").str.slice(0, 2).alias("message_type"),
            pl.lit("earlier" in known.frames).alias("earlier_asked"),
            *_of_law(edition),
        )
    )


_IS_NAMED = pl.col("id").is_not_null() | (pl.col("name").is_not_null() & pl.col("country").is_not_null())


def _sums(lot: Lot) -> list[pl.Series]:
    price = pl.col("item_amount")
    totals = (
        lot["goods_items"]
        .group_by("d")
        .agg(
            items=pl.len(),
            items_gross_mass=pl.col("gross_mass").sum(),
            items_weighed=pl.col("gross_mass").is_not_null().all(),
            items_amount=price.sum(),
            items_priced=price.is_not_null().all(),
            items_currency=pl.col("item_amount_currency").min(),
            last_currency=pl.col("item_amount_currency").max(),
        )
    )
    packages = lot["packages"].group_by("d").agg(items_packages=pl.col("quantity").sum())
    items, *others = spread(len(lot), totals)
    return [items.fill_null(0), *others, *spread(len(lot), packages)]


def _of_law(edition: Edition) -> list[pl.Expr]:
    profiles = edition.documents.get("landsea/message_profiles", {})
    held = sorted(edition.tables["measures"]["issuer"].unique()) if "measures" in edition.tables else []
    days = {name: stated["first_day_of_law"] for name, stated in profiles.items() if "first_day_of_law" in stated}
    lands = {name: ",".join(stated["territories"]) for name, stated in profiles.items() if "territories" in stated}
    profile = pl.col("message_profile")
    return [
        pl.lit(",".join(held)).alias("schedules"),
        profile.replace_strict(days, default=None, return_dtype=pl.Date).alias("first_day"),
        profile.replace_strict(lands, default=pl.col("administration"), return_dtype=pl.String).alias("territories"),
    ]


def _of_items(lot: Lot, declarations: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    frame, authorisations = lot["goods_items"], lot["authorisations"]
    rows, d = frame.height, frame["d"]

    def of(name: str, chosen: pl.DataFrame) -> pl.Series:
        """Such a row stands at the item, or at the header of its declaration."""
        headed = flags(len(declarations), name, chosen.filter(pl.col("i").is_null())["d"])
        return flags(rows, name, chosen["i"]) | headed.gather(d)

    def held(category: str) -> pl.Series:
        return flags(len(declarations), category, authorisations.filter(category=category)["d"]).gather(d)

    documents = lot["documents"]
    proof = pl.col("type").is_in(ORIGIN_PROOFS) | (pl.col("category") == "U")
    applied = of("", lot["statements"].filter(code=BY_DECLARATION))
    for procedure, category in AUTHORISED.items():
        applied = applied | (held(category) & frame["procedure"].eq_missing(procedure))
    return frame.with_columns(
        *(declarations[c].gather(d) for c in ("is_import", "is_export", "is_full", "message_type", "invoice_id")),
        frame["procedure"].replace_strict(AUTHORISED, default=None, return_dtype=pl.String).alias("special"),
        applied.alias("has_authorisation"),
        of("has_invoice", documents.filter(pl.col("type").is_in(INVOICES))),
        of("has_origin_proof", documents.filter(proof)),
        of("has_previous_document", documents.filter(role="previous")),
        of("onward_supply_stated", lot["statements"].filter(code="NIIMP")),
        (declarations["has_guarantee"].gather(d) | held("CGU")).alias("has_guarantee"),
        flags(rows, "packed", lot["packages"]["i"]),
        flags(rows, "classified", lot["classifications"]["i"]),
        *_nomenclature(frame["commodity_code"], edition),
        serves(edition, pl.col("procedure")).alias("serves"),
        kind(edition, pl.col("previous_procedure")).alias("previous_kind"),
    )


def _nomenclature(codes: pl.Series, edition: Edition) -> list[pl.Series]:
    """The six digits, whether the edition in force has them, and what those of earlier editions became."""
    six = codes.str.slice(0, 6).alias("hs6")
    current = six.to_frame().select(is_subheading(pl.col("hs6")).fill_null(False)).to_series().alias("is_current")
    older = {code: " ".join(became(edition, code)) for code in six.filter(~current).unique().drop_nulls()}
    known = {code: successors for code, successors in older.items() if successors}
    return [six, current, six.replace_strict(known, default=None, return_dtype=pl.String).alias("successors")]


def _of_documents(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["documents"]
    dated = frame.with_row_index("row").filter(pl.col("effective_at").is_not_null())
    ages = dated.select("row", age=declarations["received_at"].gather(dated["d"]) - dated["effective_at"])
    proof = (pl.col("role") == "additional") & pl.col("type").is_in(ORIGIN_PROOFS)
    return frame.with_columns(*spread(frame.height, ages), proof.fill_null(False).alias("proves_origin"))


def _of_parties(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["parties"]
    here = pl.when(pl.col("role").is_in(["Declarant", "Agent"])).then(declarations["administration"].gather(frame["d"]))
    home = pl.coalesce(pl.col("country"), here)
    return frame.with_columns(
        declarations["territories"].gather(frame["d"]), pl.concat_str(home, pl.col("id"), separator=" ").alias("registered")
    )


def _of_equipment(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["equipment"].with_row_index("row")
    headed = frame.filter(pl.col("i").is_null())
    listed = frame.join(headed, on=["d", "id"], how="semi")
    named = flags(len(declarations), "consignment_has_equipment", headed["d"])
    return frame.drop("row").with_columns(
        named.gather(frame["d"]), flags(frame.height, "in_consignment", listed["row"])
    )


def _of_authorisations(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    """`takes_part`: the holder of a guarantee is a party of the declaration, or holds another authorisation in it."""
    frame = lot["authorisations"].with_row_index("row")
    guarantors = frame.filter(category="CGU")
    parties = [declarations[c].gather(guarantors["d"]) for c in ("declarant_id", "importer_id", "exporter_id", "agent_id")]
    strangers = guarantors.filter(~pl.any_horizontal(p == guarantors["id"] for p in parties).fill_null(False))
    if strangers.height:
        others = frame.filter(pl.col("category") != "CGU").select("d", "id")
        named = pl.concat([lot["parties"].select("d", "id"), others])
        strangers = strangers.join(named, on=["d", "id"], how="anti")
    return frame.drop("row").with_columns((~flags(frame.height, "", strangers["row"])).alias("takes_part"))


def _of_taxes(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["taxes"]
    return frame.with_columns(declarations["defers"].gather(frame["d"]).alias("may_defer"))


_OF_ROWS = {
    "documents": _of_documents,
    "parties": _of_parties,
    "equipment": _of_equipment,
    "authorisations": _of_authorisations,
    "taxes": _of_taxes,
}
