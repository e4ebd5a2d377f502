"""Facts: what a rule may know of other frames, computed once per lot as columns beside its own.

On `declarations`: the direction as `is_import`, `is_export`; `is_full` (neither simplified nor a notification);
`items`, `items_gross_mass`, `items_amount`, `items_packages`, `currencies` (how many differ among the prices);
`importer_named` and so on (an id, or a name with a country); `has_…` (there is such a row); `schedules`
(administrations whose law the edition holds) and `first_day` (of the law of the message's profile).
On `goods_items`: the same of their declaration, `special` (the authorisation the procedure needs) and whether it is
there. On rows of other frames: `repeated` (the same stands there already), what their declaration says, and what they
are (`is_invoice`), which is asked once for all rules and for the frames above.

Rows are numbered, so facts are laid out and gathered by row number; almost nothing is joined. Each frame is passed
through Polars once, since every pass costs a lot of one more than its rows do.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from operator import or_

import polars as pl
from polars import col

from landsea.codes.edition import Edition
from landsea.codes.nomenclature import became, is_subheading
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known

from .lists import AUTHORISED, BY_DECLARATION, INVOICES, ORIGIN_PROOFS, TRANSPORT_DOCUMENTS
from .repetition import repeated

Frames = Mapping[str, pl.DataFrame]


def with_facts(lot: Lot, known: Known, edition: Edition) -> dict[str, pl.DataFrame]:
    """The frames of the lot that have rows, with their facts beside them."""
    frames = {name: frame for name, frame in lot.frames.items() if frame.height}
    if not frames:
        return {}
    frames["declarations"] = declarations = lot["declarations"].with_columns(*_OF_DECLARATIONS, *_of_law(edition))
    for name, frame in frames.items():
        facts = _OF_ROWS[name](lot, declarations) if name in _OF_ROWS else []
        same = repeated(name, frame)
        if facts:
            frames[name] = frame.with_columns(*facts, *same)
        elif same:
            frames[name] = frame.hstack(same)
    if "goods_items" in frames:
        frames["goods_items"] = _of_items(lot, frames, edition)
    frames["declarations"] = declarations.hstack(_of_contents(lot, frames, known))
    return frames


_OF_DECLARATIONS = (
    (col("direction") == "import").fill_null(value=False).alias("is_import"),
    (col("direction") == "export").fill_null(value=False).alias("is_export"),
    col("type").str.slice(2, 1).is_in(["", "A", "D", "X", "Y", "Z"]).fill_null(value=True).alias("is_full"),
    col("type").str.slice(0, 2).alias("message_type"),
)


@lru_cache(maxsize=8)
def _of_law(edition: Edition) -> tuple[pl.Expr, ...]:
    profiles = edition.documents.get("landsea/message_profiles", {})
    held = sorted(edition.tables["measures"]["issuer"].unique()) if "measures" in edition.tables else []
    days = {name: stated["first_day_of_law"] for name, stated in profiles.items() if "first_day_of_law" in stated}
    lands = {name: ",".join(stated["territories"]) for name, stated in profiles.items() if "territories" in stated}
    profile = col("message_profile")
    return (
        pl.lit(",".join(held)).alias("schedules"),
        profile.replace_strict(days, default=None, return_dtype=pl.Date).alias("first_day"),
        profile.replace_strict(lands, default=col("administration"), return_dtype=pl.String).alias("territories"),
    )


def flags(rows: int, name: str, chosen: pl.Series) -> pl.Series:
    """True at the rows whose numbers are chosen, false at all others; there is no null among the numbers."""
    if not len(chosen) or rows == 1:
        return pl.Series(name, [bool(len(chosen))]).new_from_index(0, rows)
    return pl.Series(name, [False]).new_from_index(0, rows).scatter(chosen, values=True)


def spread(rows: int, totals: pl.DataFrame) -> list[pl.Series]:
    """The columns of `totals` but the first, laid out by the row numbers in the first; null where there is no total."""
    numbers, *columns = totals.get_columns()
    if len(numbers) == rows and numbers.is_sorted():
        return columns
    blank = [pl.Series(c.name, [None], dtype=c.dtype).new_from_index(0, rows) for c in columns]
    return [b.scatter(numbers, c) if len(c) else b for b, c in zip(blank, columns, strict=True)]


def _of_contents(lot: Lot, frames: Frames, known: Known) -> list[pl.Series]:
    """What a declaration has among its rows in other frames, and their sums."""
    rows = len(lot)

    def has(fact: str, frame: str, mark: str = "") -> pl.Series:
        if frame not in frames:
            return flags(rows, fact, _NONE)
        d = frames[frame].get_column("d")
        return flags(rows, fact, d.filter(frames[frame].get_column(mark)) if mark else d)

    return [
        *(has(named, "parties", named) for named in _NAMING),
        has("has_agent", "parties", "is_agent"),
        has("has_transport_document", "documents", "is_transport_document"),
        has("has_previous_document", "documents", "is_previous"),
        has("priced_by_transaction", "goods_items", "by_transaction"),
        has("has_equipment", "equipment"),
        has("has_amendment", "amendments"),
        flags(rows, "earlier_known", known.frame("earlier", {"d": pl.UInt32})["d"]),
        flags(rows, "earlier_asked", pl.Series(range(rows if "earlier" in known.frames else 0), dtype=pl.UInt32)),
        *_sums(lot),
    ]


_NONE = pl.Series([], dtype=pl.UInt32)


def _sums(lot: Lot) -> list[pl.Series]:
    price, currency = col("item_amount"), col("item_amount_currency")
    totals = (
        lot["goods_items"]
        .group_by("d", maintain_order=True)
        .agg(
            items=pl.len(),
            items_gross_mass=col("gross_mass").sum(),
            items_weighed=col("gross_mass").is_not_null().all(),
            items_amount=price.sum(),
            items_priced=price.is_not_null().all(),
            items_currency=currency.min(),
            last_currency=currency.max(),
        )
    )
    packages = lot["packages"].group_by("d", maintain_order=True).agg(items_packages=col("quantity").sum())
    items, *others = spread(len(lot), totals)
    return [items.fill_null(0), *others, *spread(len(lot), packages)]


def _of_items(lot: Lot, frames: Frames, edition: Edition) -> pl.DataFrame:
    frame, declarations = lot["goods_items"], frames["declarations"]
    rows, d = frame.height, frame["d"]
    procedures = edition.table("procedures")
    kinds, directions = (dict(procedures.select("code", c).rows()) for c in ("kind", "direction"))
    special = told(frame["procedure"], AUTHORISED).fill_null("").alias("special")
    guaranteed = _at_items(lot, frames, "authorisations", "holds_CGU")
    held = [_at_items(lot, frames, "authorisations", f"holds_{right}") & (special == right) for right in _RIGHTS]
    applied = _at_items(lot, frames, "statements", "applies_for_authorisation")
    facts = [
        *(declarations[c][d] for c in ("is_import", "is_export", "is_full", "message_type", "invoice_id")),
        special,
        reduce(or_, held, applied).alias("has_authorisation"),
        _at_items(lot, frames, "statements", "states_onward_supply").alias("onward_supply_stated"),
        (guaranteed | flags(len(lot), "", lot["guarantees"]["d"])[d]).alias("has_guarantee"),
        _at_items(lot, frames, "documents", "is_invoice").alias("has_invoice"),
        _at_items(lot, frames, "documents", "shows_origin").alias("has_origin_proof"),
        _at_items(lot, frames, "documents", "is_previous").alias("has_previous_document"),
        flags(rows, "packed", lot["packages"]["i"]),
        flags(rows, "classified", lot["classifications"]["i"]),
        told(frame["procedure"], directions).alias("serves"),
        told(frame["previous_procedure"], kinds).alias("previous_kind"),
    ]
    six = col("commodity_code").str.slice(0, 6)
    made = frame.with_columns(
        *facts,
        six.alias("hs6"),
        is_subheading(col("commodity_code")).fill_null(value=False).alias("is_current"),
        col("valuation_method").eq_missing(pl.lit("1")).alias("by_transaction"),
    )
    return made.hstack([_successors(made, edition)])


_RIGHTS = sorted(set(AUTHORISED.values()))


def _at_items(lot: Lot, frames: Frames, name: str, mark: str) -> pl.Series:
    """The items that have a row in that frame with this mark, there or at their header."""
    items = lot["goods_items"]
    if name not in frames:
        return flags(items.height, mark, _NONE)
    frame = frames[name]
    marked, i, d = frame.get_column(mark), frame.get_column("i"), frame.get_column("d")
    headed = marked & i.is_null()
    at_item = flags(items.height, mark, i.filter(marked).drop_nulls())
    return at_item | flags(len(lot), mark, d.filter(headed))[items["d"]] if headed.any() else at_item


def _successors(items: pl.DataFrame, edition: Edition) -> pl.Series:
    """What the six digits of earlier editions of the nomenclature became; null for those of the edition in force."""
    older = items["hs6"].filter(~items["is_current"]).unique().drop_nulls()
    known = {code: " ".join(successors) for code in older.to_list() if (successors := became(edition, code))}
    if not known:
        return pl.Series("successors", [None], dtype=pl.String).new_from_index(0, items.height)
    return told(items["hs6"], known).alias("successors")


def told(values: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """What the table says of each value; null where it says nothing."""
    if len(values) < 1000:  # a dictionary answers before Polars has hashed the table
        return pl.Series(values.name, [table.get(value) for value in values.to_list()], dtype=pl.String)
    return values.replace_strict(table, default=None, return_dtype=pl.String)


Facts = list[pl.Expr | pl.Series]


def _of_documents(lot: Lot, declarations: pl.DataFrame) -> Facts:
    kind = col("type")
    proof = kind.is_in(ORIGIN_PROOFS, nulls_equal=True)
    received = pl.lit(declarations["received_at"][lot["documents"]["d"]])
    return [
        col("role").eq_missing(pl.lit("additional")).alias("is_supporting"),
        col("role").eq_missing(pl.lit("previous")).alias("is_previous"),
        kind.is_in(INVOICES, nulls_equal=True).alias("is_invoice"),
        kind.is_in(TRANSPORT_DOCUMENTS, nulls_equal=True).alias("is_transport_document"),
        proof.alias("is_origin_proof"),
        (proof | col("category").eq_missing(pl.lit("U"))).alias("shows_origin"),
        (received - col("effective_at")).alias("age"),
    ]


def _of_parties(lot: Lot, declarations: pl.DataFrame) -> Facts:
    d = lot["parties"]["d"]
    here = pl.when(col("role").is_in(["Declarant", "Agent"])).then(pl.lit(declarations["administration"][d]))
    home = pl.coalesce(col("country"), here)
    named = col("id").is_not_null() | (col("name").is_not_null() & col("country").is_not_null())
    return [
        declarations["territories"][d],
        pl.concat_str(home, col("id"), separator=" ").alias("registered"),
        col("role").eq_missing(pl.lit("Agent")).alias("is_agent"),
        *((named & (col("role") == role)).fill_null(value=False).alias(fact) for fact, role in _NAMING.items()),
    ]


_NAMING = {f"{role.lower()}_named": role for role in ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")}


def _of_equipment(lot: Lot, declarations: pl.DataFrame) -> Facts:
    frame = lot["equipment"]
    headed = frame["i"].is_null()
    named = flags(len(declarations), "consignment_has_equipment", frame["d"].filter(headed))
    if headed.all():
        return [named[frame["d"]], headed.alias("in_consignment")]
    rows = frame.with_row_index("row")
    listed = rows.join(rows.filter(headed), on=["d", "id"], how="semi")
    return [named[frame["d"]], flags(frame.height, "in_consignment", listed["row"])]


def _of_authorisations(lot: Lot, declarations: pl.DataFrame) -> Facts:
    """`takes_part`: the holder of a guarantee is a party of the declaration, or holds another authorisation in it."""
    frame = lot["authorisations"].with_row_index("row")
    guarantors = frame.filter(category="CGU")
    parties = [declarations[c][guarantors["d"]] for c in ("declarant_id", "importer_id", "exporter_id", "agent_id")]
    strangers = guarantors.filter(~pl.any_horizontal(p == guarantors["id"] for p in parties).fill_null(value=False))
    if strangers.height:
        others = frame.filter(col("category") != "CGU").select("d", "id")
        named = pl.concat([lot["parties"].select("d", "id"), others])
        strangers = strangers.join(named, on=["d", "id"], how="anti")
    return [
        (~flags(frame.height, "", strangers["row"])).alias("takes_part"),
        *(col("category").eq_missing(pl.lit(right)).alias(f"holds_{right}") for right in (*_RIGHTS, "CGU")),
    ]


def _of_statements(_lot: Lot, _declarations: pl.DataFrame) -> Facts:
    return [
        col("code").eq_missing(pl.lit(BY_DECLARATION)).alias("applies_for_authorisation"),
        col("code").eq_missing(pl.lit("NIIMP")).alias("states_onward_supply"),
    ]


def _of_taxes(lot: Lot, _declarations: pl.DataFrame) -> Facts:
    rights = lot["authorisations"]
    deferring = rights["d"].filter(rights["category"].is_in(["DPO", "CGU"], nulls_equal=True))
    return [flags(len(lot), "may_defer", deferring)[lot["taxes"]["d"]]]


_OF_ROWS: dict[str, Callable[[Lot, pl.DataFrame], Facts]] = {
    "documents": _of_documents,
    "parties": _of_parties,
    "equipment": _of_equipment,
    "authorisations": _of_authorisations,
    "statements": _of_statements,
    "taxes": _of_taxes,
}
