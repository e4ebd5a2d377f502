"""Facts: what a rule may know of other frames, computed once per lot as columns beside its own.

On `declarations`: the direction as `is_import`, `is_export`; `is_full` (neither simplified nor a notification);
`items`, `items_gross_mass`, `items_amount`, `items_packages`; `items_currency` and `last_currency`, unlike where the
prices have several; `importer_named` and so on (an id, or a name with a country); `has_…` (there is such a row);
`schedules` (administrations whose law the edition holds) and `first_day` (of the law of the message's profile).
On `goods_items`: the same of their declaration, `special` (the authorisation the procedure needs) and whether it is
there. On rows of other frames: `repeated` (the same stands there already), what their declaration says, and what they
are (`is_invoice`), which is asked once for all rules and for the frames above.

Rows are numbered, so facts are laid out and gathered by row number; almost nothing is joined. Each frame is passed
through Polars once, since every pass costs a lot of one more than its rows do.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, reduce
from operator import or_

import polars as pl
from polars import col
from polars.dataframe.group_by import GroupBy

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
        told_above = [declarations[fact][frame["d"]] for fact in _FROM_ABOVE.get(name, ())]
        beside = [*told_above, *_BESIDE[name](lot, declarations)] if name in _BESIDE else told_above
        frames[name] = _with(frame, [*beside, *repeated(name, frame)], _OF_ROWS.get(name, ()))
    if "documents" in frames:
        frames["documents"] = _with(
            frames["documents"], [], _kinds(_KNOWN.intersection(lot["documents"]["type"].unique().to_list()))
        )
    if "goods_items" in frames:
        frames["goods_items"] = _of_items(lot, frames, edition)
    frames["declarations"] = declarations.hstack(_of_contents(lot, frames, known))
    return frames


def _with(frame: pl.DataFrame, columns: list[pl.Series], facts: tuple[pl.Expr, ...]) -> pl.DataFrame:
    beside = frame.hstack(columns) if columns else frame
    return beside.with_columns_seq(facts) if facts else beside


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
    column = _ANSWERS.new_from_index(int(rows == 1 and len(chosen) > 0), rows).alias(name)
    return column.scatter(chosen, values=True) if rows > 1 and len(chosen) else column


_ANSWERS = pl.Series([False, True])


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
_MANY = 1000  # rows from which it pays to prepare


def _sums(lot: Lot) -> list[pl.Series]:
    price, currency = col("item_amount"), col("item_amount_currency")
    totals = _by_declaration(lot["goods_items"]).agg(
        items=pl.len(),
        items_gross_mass=col("gross_mass").sum(),
        items_weighed=col("gross_mass").is_not_null().all(),
        items_amount=price.sum(),
        items_priced=price.is_not_null().all(),
        items_currency=currency.min(),
        last_currency=currency.max(),
    )
    packages = _by_declaration(lot["packages"]).agg(items_packages=col("quantity").sum())
    items, *others = spread(len(lot), totals)
    return [items.fill_null(0), *others, *spread(len(lot), packages)]


def _by_declaration(frame: pl.DataFrame) -> GroupBy:
    """The rows of each declaration, which mostly stand together, so that nothing has to be hashed."""
    ordered = frame.height >= _MANY and frame["d"].is_sorted()
    return (frame.set_sorted("d") if ordered else frame).group_by("d", maintain_order=True)


def _of_items(lot: Lot, frames: Frames, edition: Edition) -> pl.DataFrame:
    frame = frames["goods_items"]
    rows, d = frame.height, frame["d"]
    kinds, directions = _procedures(edition)
    special = told(frame["procedure"], AUTHORISED).fill_null("").alias("special")
    guaranteed = _at_items(lot, frames, "authorisations", "holds_CGU")
    held = [_at_items(lot, frames, "authorisations", f"holds_{right}") & (special == right) for right in _RIGHTS]
    applied = _at_items(lot, frames, "statements", "applies_for_authorisation")
    proved = _at_items(lot, frames, "documents", "is_origin_proof") | _at_items(
        lot, frames, "documents", "is_of_origin"
    )
    beside = [
        special,
        reduce(or_, held, applied).alias("has_authorisation"),
        _at_items(lot, frames, "statements", "states_onward_supply").alias("onward_supply_stated"),
        (guaranteed | flags(len(lot), "", lot["guarantees"]["d"])[d]).alias("has_guarantee"),
        _at_items(lot, frames, "documents", "is_invoice").alias("has_invoice"),
        proved.alias("has_origin_proof"),
        _at_items(lot, frames, "documents", "is_previous").alias("has_previous_document"),
        flags(rows, "packed", lot["packages"]["i"]),
        flags(rows, "classified", lot["classifications"]["i"]),
        told(frame["procedure"], directions).alias("serves"),
        told(frame["previous_procedure"], kinds).alias("previous_kind"),
    ]
    made = _with(frame, beside, _of_commodity())
    return made.hstack([_successors(made, edition)])


@cache
def _of_commodity() -> tuple[pl.Expr, ...]:
    return (
        col("commodity_code").str.slice(0, 6).alias("hs6"),
        is_subheading(col("commodity_code")).fill_null(value=False).alias("is_current"),
        _is("valuation_method", "1").alias("by_transaction"),
    )


@lru_cache(maxsize=8)
def _procedures(edition: Edition) -> tuple[dict[str, str], dict[str, str]]:
    """The kind of each procedure, and the direction it serves."""
    table = edition.table("procedures")
    kinds, directions = (dict(table.select("code", column).rows()) for column in ("kind", "direction"))
    return kinds, directions


def _at_items(lot: Lot, frames: Frames, name: str, mark: str) -> pl.Series:
    """The items that have a row in that frame with this mark, there or at their header."""
    items = lot["goods_items"]
    if name not in frames:
        return flags(items.height, mark, _NONE)
    frame = frames[name]
    marked, headed = frame[mark], frame["headed"]
    if not marked.any():
        return flags(items.height, mark, _NONE)
    at_item = flags(items.height, mark, frame["i"].filter(marked & ~headed))
    return at_item | flags(len(lot), mark, frame["d"].filter(marked & headed))[items["d"]] if headed.any() else at_item


def _successors(items: pl.DataFrame, edition: Edition) -> pl.Series:
    """What the six digits of earlier editions of the nomenclature became; null for those of the edition in force."""
    older = set(items["hs6"].filter(~items["is_current"])) - {None}
    known = {code: " ".join(successors) for code in older if (successors := became(edition, code))}
    if not known:
        return pl.Series("successors", [None], dtype=pl.String).new_from_index(0, items.height)
    return told(items["hs6"], known).alias("successors")


def told(values: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """What the table says of each value; null where it says nothing."""
    if len(values) < _MANY:  # a dictionary answers before Polars has hashed the table
        return pl.Series(values.name, [table.get(value) for value in values.to_list()], dtype=pl.String)
    return values.replace_strict(table, default=None, return_dtype=pl.String)


_FROM_ABOVE: Mapping[str, tuple[str, ...]] = {  # what rows are told of their declaration
    "goods_items": ("is_import", "is_export", "is_full", "message_type", "invoice_id"),
    "documents": ("received_at",),
    "parties": ("administration", "territories"),
}
_NAMING = {f"{role.lower()}_named": role for role in ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")}
_IS_NAMED = col("id").is_not_null() | (col("name").is_not_null() & col("country").is_not_null())
_HERE = pl.when(col("role").is_in(["Declarant", "Agent"])).then("administration")
_HEADED = col("i").is_null().alias("headed")  # it stands at the header, for all items
_RIGHTS = sorted(set(AUTHORISED.values()))


def _is(column: str, value: str) -> pl.Expr:
    return col(column).eq_missing(pl.lit(value))


_OF_ROWS: Mapping[str, tuple[pl.Expr, ...]] = {  # what rows are
    "documents": (
        _HEADED,
        _is("role", "additional").alias("is_supporting"),
        _is("role", "previous").alias("is_previous"),
        _is("category", "U").alias("is_of_origin"),  # the letter for proofs of origin that have no type of the list
        (col("received_at") - col("effective_at")).alias("age"),
    ),
    "parties": (
        pl.concat_str(pl.coalesce("country", _HERE), "id", separator=" ").alias("registered"),
        _is("role", "Agent").alias("is_agent"),
        *((_IS_NAMED & _is("role", role)).alias(fact) for fact, role in _NAMING.items()),
    ),
    "authorisations": (
        _HEADED,
        *(_is("category", right).alias(f"holds_{right}") for right in (*_RIGHTS, "CGU")),
    ),
    "statements": (
        _HEADED,
        _is("code", BY_DECLARATION).alias("applies_for_authorisation"),
        _is("code", "NIIMP").alias("states_onward_supply"),
    ),
}

_KNOWN = frozenset((*INVOICES, *TRANSPORT_DOCUMENTS, *ORIGIN_PROOFS))


@lru_cache(maxsize=256)
def _kinds(stated: frozenset[str]) -> tuple[pl.Expr, ...]:
    """What documents are, where of the types that matter only these are stated: a short list is sought faster."""

    def among(codes: tuple[str, ...]) -> pl.Expr:
        return col("type").is_in([code for code in codes if code in stated], nulls_equal=True)

    return (
        among(INVOICES).alias("is_invoice"),
        among(TRANSPORT_DOCUMENTS).alias("is_transport_document"),
        among(ORIGIN_PROOFS).alias("is_origin_proof"),
    )


def _of_equipment(lot: Lot, declarations: pl.DataFrame) -> list[pl.Series]:
    frame = lot["equipment"]
    headed = frame["i"].is_null()
    named = flags(len(declarations), "consignment_has_equipment", frame["d"].filter(headed))
    if headed.all():
        return [named[frame["d"]], headed.alias("in_consignment")]
    rows = frame.with_row_index("row")
    listed = rows.join(rows.filter(headed), on=["d", "id"], how="semi")
    return [named[frame["d"]], flags(frame.height, "in_consignment", listed["row"])]


def _of_authorisations(lot: Lot, declarations: pl.DataFrame) -> list[pl.Series]:
    """`takes_part`: the holder of a guarantee is a party of the declaration, or holds another authorisation in it."""
    frame = lot["authorisations"].with_row_index("row")
    guarantors = frame.filter(category="CGU")
    parties = [declarations[c][guarantors["d"]] for c in ("declarant_id", "importer_id", "exporter_id", "agent_id")]
    strangers = guarantors.filter(~pl.any_horizontal(p == guarantors["id"] for p in parties).fill_null(value=False))
    if strangers.height:
        others = frame.filter(col("category") != "CGU").select("d", "id")
        named = pl.concat([lot["parties"].select("d", "id"), others])
        strangers = strangers.join(named, on=["d", "id"], how="anti")
    return [(~flags(frame.height, "takes_part", strangers["row"]))]


def _of_taxes(lot: Lot, _declarations: pl.DataFrame) -> list[pl.Series]:
    rights = lot["authorisations"]
    deferring = rights["d"].filter(rights["category"].is_in(["DPO", "CGU"], nulls_equal=True))
    return [flags(len(lot), "may_defer", deferring)[lot["taxes"]["d"]]]


_BESIDE: Mapping[str, Callable[[Lot, pl.DataFrame], list[pl.Series]]] = {
    "equipment": _of_equipment,
    "authorisations": _of_authorisations,
    "taxes": _of_taxes,
}
