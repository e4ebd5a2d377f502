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
    """True at the rows whose numbers are chosen, false at all others; there is no null among the numbers."""
    column = _FALSE.new_from_index(0, rows).alias(name)
    return column.scatter(chosen, True) if len(chosen) else column


_FALSE = pl.Series([False])


def spread(rows: int, totals: pl.DataFrame) -> list[pl.Series]:
    """The columns of `totals` but the first, laid out by the row numbers in the first; null where there is no total."""
    numbers, *columns = totals.get_columns()
    blank = [pl.Series(c.name, [None], dtype=c.dtype).new_from_index(0, rows) for c in columns]
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
    kind = pl.col("type")

    def where(frame: str, **chosen: pl.Expr) -> list[pl.Series]:
        """For each condition, the declarations that have a row in `frame` which meets it."""
        if not lot[frame].height:
            return [flags(rows, name, _NONE) for name in chosen]
        d = lot[frame]["d"]
        return [flags(rows, met.name, d.filter(met)) for met in lot[frame].select(**chosen)]

    marks = [
        *where("parties", **{f"{role.lower()}_named": _IS_NAMED & (pl.col("role") == role) for role in _NAMED}),
        *where("parties", has_agent=pl.col("role") == "Agent"),
        *where(
            "documents",
            has_transport_document=kind.is_in(TRANSPORT_DOCUMENTS, nulls_equal=True),
            has_previous_document=pl.col("role") == "previous",
        ),
        *where("authorisations", defers=pl.col("category").is_in(["DPO", "CGU"], nulls_equal=True)),
        *where("goods_items", priced_by_transaction=pl.col("valuation_method").eq_missing(pl.lit("1"))),
        *(
            flags(rows, f"has_{fact}", lot[frame]["d"])
            for fact, frame in (("equipment", "equipment"), ("guarantee", "guarantees"), ("amendment", "amendments"))
        ),
        flags(rows, "earlier_known", known.frame("earlier", {"d": pl.UInt32})["d"]),
        *_sums(lot),
    ]
    return (
        lot["declarations"]
        .hstack(marks)
        .with_columns(
            (pl.col("direction") == "import").fill_null(False).alias("is_import"),
            (pl.col("direction") == "export").fill_null(False).alias("is_export"),
            kind.str.slice(2, 1).is_in(["", "A", "D", "X", "Y", "Z"]).fill_null(True).alias("is_full"),
            kind.str.slice(0, 2).alias("message_type"),
            pl.lit("earlier" in known.frames).alias("earlier_asked"),
            *_of_law(edition),
        )
    )


_NONE = pl.Series([], dtype=pl.UInt32)
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
    frame = lot["goods_items"]
    rows, d = frame.height, frame["d"]
    proof = pl.col("type").is_in(ORIGIN_PROOFS, nulls_equal=True) | pl.col("category").eq_missing(pl.lit("U"))
    facts = [
        *(declarations[c][d] for c in ("is_import", "is_export", "is_full", "message_type", "invoice_id")),
        *_of_authorisation(lot),
        *_at_items(
            lot,
            "documents",
            has_invoice=pl.col("type").is_in(INVOICES, nulls_equal=True),
            has_origin_proof=proof,
            has_previous_document=pl.col("role") == "previous",
        ),
        flags(rows, "packed", lot["packages"]["i"]),
        flags(rows, "classified", lot["classifications"]["i"]),
        *_nomenclature(frame["commodity_code"], edition),
    ]
    return frame.hstack(facts).with_columns(
        has_guarantee=pl.col("guaranteed") | declarations["has_guarantee"][d],
        serves=serves(edition, pl.col("procedure")),
        previous_kind=kind(edition, pl.col("previous_procedure")),
    )


def _at_items(lot: Lot, name: str, **chosen: pl.Expr) -> list[pl.Series]:
    """For each condition, the items that have a row in that frame which meets it, there or at their header."""
    frame, items = lot[name], lot["goods_items"]
    if not frame.height:
        return [flags(items.height, fact, _NONE) for fact in chosen]
    headed = frame.select(headed=pl.col("i").is_null())["headed"]
    return [
        flags(items.height, met.name, frame["i"].filter(met & ~headed))
        | flags(len(lot), met.name, frame["d"].filter(met & headed))[items["d"]]
        for met in frame.select(**chosen)
    ]


def _of_authorisation(lot: Lot) -> list[pl.Series]:
    """The authorisation a procedure needs, whether it is held or applied for, and two facts of the same sources."""
    code, category = pl.col("code"), pl.col("category")
    *held, guaranteed = _at_items(lot, "authorisations", **{c: category.eq_missing(pl.lit(c)) for c in _HELD})
    applied, onward = _at_items(
        lot,
        "statements",
        has_authorisation=code.eq_missing(pl.lit(BY_DECLARATION)),
        onward_supply_stated=code.eq_missing(pl.lit("NIIMP")),
    )
    needed = pl.col("procedure").replace_strict(AUTHORISED, default=None, return_dtype=pl.String)
    special = lot["goods_items"].select(special=needed.fill_null(""))["special"]
    for right in held:
        applied = applied | (right & (special == right.name))
    return [special, applied, onward, guaranteed.alias("guaranteed")]


_HELD = (*sorted(set(AUTHORISED.values())), "CGU")


def _nomenclature(codes: pl.Series, edition: Edition) -> list[pl.Series]:
    """The six digits, whether the edition in force has them, and what those of earlier editions became."""
    six = codes.str.slice(0, 6).alias("hs6")
    current = six.to_frame().select(is_subheading(pl.col("hs6")).fill_null(False)).to_series().alias("is_current")
    older = {code: " ".join(became(edition, code)) for code in set(six.filter(~current)) - {None}}
    known = {code: successors for code, successors in older.items() if successors}
    return [six, current, six.replace_strict(known, default=None, return_dtype=pl.String).alias("successors")]


def _of_documents(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["documents"]
    dated = frame.with_row_index("row").filter(pl.col("effective_at").is_not_null())
    ages = dated.select("row", age=declarations["received_at"][dated["d"]] - dated["effective_at"])
    proof = (pl.col("role") == "additional") & pl.col("type").is_in(ORIGIN_PROOFS)
    return frame.with_columns(*spread(frame.height, ages), proof.fill_null(False).alias("proves_origin"))


def _of_parties(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["parties"]
    here = pl.when(pl.col("role").is_in(["Declarant", "Agent"])).then(declarations["administration"][frame["d"]])
    home = pl.coalesce(pl.col("country"), here)
    return frame.with_columns(
        declarations["territories"][frame["d"]],
        pl.concat_str(home, pl.col("id"), separator=" ").alias("registered"),
    )


def _of_equipment(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["equipment"].with_row_index("row")
    headed = frame.filter(pl.col("i").is_null())
    listed = frame.join(headed, on=["d", "id"], how="semi")
    named = flags(len(declarations), "consignment_has_equipment", headed["d"])
    return frame.drop("row").with_columns(named[frame["d"]], flags(frame.height, "in_consignment", listed["row"]))


def _of_authorisations(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    """`takes_part`: the holder of a guarantee is a party of the declaration, or holds another authorisation in it."""
    frame = lot["authorisations"].with_row_index("row")
    guarantors = frame.filter(category="CGU")
    parties = [declarations[c][guarantors["d"]] for c in ("declarant_id", "importer_id", "exporter_id", "agent_id")]
    strangers = guarantors.filter(~pl.any_horizontal(p == guarantors["id"] for p in parties).fill_null(False))
    if strangers.height:
        others = frame.filter(pl.col("category") != "CGU").select("d", "id")
        named = pl.concat([lot["parties"].select("d", "id"), others])
        strangers = strangers.join(named, on=["d", "id"], how="anti")
    return frame.drop("row").with_columns((~flags(frame.height, "", strangers["row"])).alias("takes_part"))


def _of_taxes(lot: Lot, declarations: pl.DataFrame) -> pl.DataFrame:
    frame = lot["taxes"]
    return frame.with_columns(declarations["defers"][frame["d"]].alias("may_defer"))


_OF_ROWS = {
    "documents": _of_documents,
    "parties": _of_parties,
    "equipment": _of_equipment,
    "authorisations": _of_authorisations,
    "taxes": _of_taxes,
}
