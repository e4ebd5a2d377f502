"""Facts: what a rule may know of a row beyond its own columns, as if they were columns beside them.

On `declarations`: the direction as `is_import`, `is_export`, and as its type has it (`typed_import`); `is_full`
(neither simplified nor a notification); `has_law` (the edition holds the law of the administration) and `first_day` of
the law of the message's profile; what its goods items come to (`items`, `items_amount`, …); `importer_named` and so on
(an id, or a name with a country); `has_…` (there is such a row). On `goods_items`: the same of their declaration, and
what they have there or at their header. On rows of other frames: `repeated` (the same stands there already), what
their declaration says, and what they are (`is_invoice`).
"""

from collections.abc import Callable
from functools import lru_cache

import polars as pl
from polars import col

from landsea.codes.document import is_document_type
from landsea.codes.edition import Edition
from landsea.codes.nomenclature import became, subheadings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known

from .fact import Fact, Facts, Table, above, at_items, both, flags, has, is_one_of, made, sum_of, told
from .lists import AUTHORISED, BY_DECLARATION, INVOICES, ORIGIN_PROOFS, TRANSPORT_DOCUMENTS
from .rows import Rows, constant


def facts_of(lot: Lot, known: Known, edition: Edition) -> Facts:
    """The frames of the lot that have rows, each row with its facts."""
    return Facts(_FACTS, lot, known, edition)


def _counted(facts: Facts, declarations: Rows) -> pl.Series:
    items = sum_of("goods_items", pl.len())(facts, declarations)
    return items.fill_null(0) if items.null_count() else items


def _in_one_currency(facts: Facts, declarations: Rows) -> pl.Series:
    """Whether the items' prices, as far as there are any, are in one currency."""
    named = facts["goods_items"].look("item_amount_currency").values if "goods_items" in facts else frozenset()
    if named is not None and len(named - {None}) < 2:
        return constant(declarations.height, value=True)
    return declarations.select(col("items_currency").eq_missing(col("last_currency")))


def _has_law(facts: Facts, declarations: Rows) -> pl.Series:
    held = _administrations(facts.edition)
    return declarations.told("administration", held.__contains__)


def _schedules(facts: Facts, declarations: Rows) -> pl.Series:
    held = ",".join(_administrations(facts.edition))
    return pl.Series([held]).new_from_index(0, declarations.height)


@lru_cache(maxsize=8)
def _administrations(edition: Edition) -> list[str]:
    """Those whose law the edition holds."""
    return sorted(edition.tables["measures"]["issuer"].unique()) if "measures" in edition.tables else []


def _by_profile(key: str, otherwise: pl.Expr | None, dtype: pl.DataType) -> Fact:
    """What the message's profile states under this key."""

    def fact(facts: Facts, declarations: Rows) -> pl.Series:
        profiles = facts.edition.documents.get("landsea/message_profiles", {})
        stated = {name: profile[key] for name, profile in profiles.items() if key in profile}
        said = {name: ",".join(words) if isinstance(words, list) else words for name, words in stated.items()}
        profile = col("message_profile")
        return declarations.select(profile.replace_strict(said, default=otherwise, return_dtype=dtype))

    return fact


def _earlier_known(facts: Facts, declarations: Rows) -> pl.Series:
    return flags(declarations.height, facts.known.frame("earlier", {"d": pl.UInt32})["d"])


def _earlier_asked(facts: Facts, declarations: Rows) -> pl.Series:
    return constant(declarations.height, value="earlier" in facts.known.frames)


def _procedure(column: str, test: Callable[[str, str], bool]) -> Fact:
    """Whether the procedure is one whose kind and direction are such."""

    def fact(facts: Facts, items: Rows) -> pl.Series:
        listed = _procedures(facts.edition)
        return items.told(column, lambda code: code in listed and test(*listed[code]))

    return fact


@lru_cache(maxsize=8)
def _procedures(edition: Edition) -> dict[str | None, tuple[str, str]]:
    """The kind of each procedure, and the direction it serves."""
    table = edition.table("procedures").select("code", "kind", "direction")
    return {code: (kind, direction) for code, kind, direction in table.rows()}


def _has_authorisation(facts: Facts, items: Rows) -> pl.Series:
    """Whether the procedure's authorisation is held, or applied for in the declaration itself."""
    held = at_items("statements", "applies_for_authorisation")(facts, items)
    for right in _RIGHTS:
        needing = items.told("procedure", lambda code, right=right: AUTHORISED.get(code) == right)  # type: ignore[misc]
        if needing.any():
            held |= needing & at_items("authorisations", f"holds_{right}")(facts, items)
    return held


def _has_guarantee(facts: Facts, items: Rows) -> pl.Series:
    secured = flags(len(facts.lot), facts.lot["guarantees"]["d"])
    return at_items("authorisations", "holds_CGU")(facts, items) | secured[items["d"]]


def _has_proof(facts: Facts, items: Rows) -> pl.Series:
    listed, lettered = (at_items("documents", mark)(facts, items) for mark in ("is_origin_proof", "is_of_origin"))
    return listed | lettered


def _successors(facts: Facts, items: Rows) -> pl.Series:
    """What the six digits of earlier editions of the nomenclature became; null for those of the edition in force."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, items.height)
    if items["is_current"].all():
        return nothing
    older = items["hs6"].filter(~items["is_current"]).unique().drop_nulls().to_list()
    known = {code: " ".join(successors) for code in older if (successors := became(facts.edition, code))}
    return items["hs6"].replace_strict(known, default=None, return_dtype=pl.String) if known else nothing


def _in_consignment(_facts: Facts, equipment: Rows) -> pl.Series:
    """Whether the container is among those of the consignment."""
    headed = equipment.lack("i")
    if headed.all():
        return headed
    rows = equipment.table(("d", "id")).with_row_index("row")
    listed = rows.join(rows.filter(headed), on=["d", "id"], how="semi")
    return flags(equipment.height, listed["row"])


def _takes_part(facts: Facts, authorisations: Rows) -> pl.Series:
    """Whether the holder of a guarantee is a party of the declaration, or holds another authorisation in it."""
    frame = authorisations.table(("d", "id", "category")).with_row_index("row")
    guarantors = frame.filter(category="CGU")
    declarations = facts["declarations"]
    parties = [declarations[c][guarantors["d"]] for c in ("declarant_id", "importer_id", "exporter_id", "agent_id")]
    strangers = guarantors.filter(~pl.any_horizontal(p == guarantors["id"] for p in parties).fill_null(value=False))
    if strangers.height:
        others = frame.filter(col("category") != "CGU").select("d", "id")
        named = pl.concat([facts.lot["parties"].select("d", "id"), others])
        strangers = strangers.join(named, on=["d", "id"], how="anti")
    return ~flags(authorisations.height, strangers["row"])


_NAMED = ("Declarant", "Importer", "Exporter", "Consignee", "Consignor")
_RIGHTS = sorted(set(AUTHORISED.values()))
_TEXT, _PRICE, _CURRENCY = pl.String(), col("item_amount"), col("item_amount_currency")


def _is_full(code: str | None) -> bool:
    """Neither simplified nor a notification."""
    return code is None or code[2:3] in ("", "A", "D", "X", "Y", "Z")


def _begins(start: str) -> Callable[[str | None], bool]:
    return lambda code: code is not None and code[:2] == start


@lru_cache(maxsize=1000)
def _is_unlisted(code: str | None) -> bool:
    types = pl.DataFrame({"type": [code]}, schema={"type": pl.String})
    return code is not None and not types.select(is_document_type(pl.lit("N"), col("type"))).item()


_FACTS: Table = {
    "declarations": {
        "is_import": is_one_of("direction", "import"),
        "is_export": is_one_of("direction", "export"),
        "is_full": told("type", _is_full),
        "typed_import": told("type", _begins("IM")),
        "typed_export": told("type", _begins("EX")),
        "has_law": _has_law,
        "schedules": _schedules,
        "first_day": _by_profile("first_day_of_law", None, pl.Date()),
        "territories": _by_profile("territories", col("administration"), _TEXT),
        "earlier_known": _earlier_known,
        "earlier_asked": _earlier_asked,
        **{f"{role.lower()}_named": has("parties", f"{role.lower()}_named") for role in _NAMED},
        "has_agent": has("parties", "is_agent"),
        "has_transport_document": has("documents", "is_transport_document"),
        "has_previous_document": has("documents", "is_previous"),
        "has_equipment": has("equipment"),
        "consignment_has_equipment": has("equipment", "headed"),
        "may_defer": has("authorisations", "defers"),
        "has_amendment": has("amendments"),
        "priced_by_transaction": has("goods_items", "by_transaction"),
        "items": _counted,
        "items_gross_mass": sum_of("goods_items", col("gross_mass").sum()),
        "items_weighed": sum_of("goods_items", col("gross_mass").is_not_null().all()),
        "items_amount": sum_of("goods_items", _PRICE.sum()),
        "items_priced": sum_of("goods_items", _PRICE.is_not_null().all()),
        "in_one_currency": _in_one_currency,
        "items_currency": sum_of("goods_items", _CURRENCY.min()),
        "last_currency": sum_of("goods_items", _CURRENCY.max()),
        "items_packages": sum_of("packages", col("quantity").sum()),
    },
    "goods_items": {
        **{fact: above(fact) for fact in ("is_import", "is_export", "is_full", "typed_import", "typed_export")},
        "invoice_id": above("invoice_id"),
        "hs6": made(col("commodity_code").str.slice(0, 6)),
        "is_current": told("commodity_code", lambda code: code is not None and code[:6] in subheadings()),
        "successors": _successors,
        "classified": has("classifications", key="i"),
        "packed": has("packages", key="i"),
        "by_transaction": is_one_of("valuation_method", "1"),
        "procedure_known": _procedure("procedure", lambda _kind, direction: direction is not None),
        "serves_import": _procedure("procedure", lambda _kind, direction: direction in ("both", "import")),
        "serves_export": _procedure("procedure", lambda _kind, direction: direction not in (None, "import")),
        "previous_known": _procedure("previous_procedure", lambda kind, _direction: kind is not None),
        "has_authorisation": _has_authorisation,
        "has_guarantee": _has_guarantee,
        "has_invoice": at_items("documents", "is_invoice"),
        "has_origin_proof": _has_proof,
        "has_previous_document": at_items("documents", "is_previous"),
        "onward_supply_stated": at_items("statements", "states_onward_supply"),
    },
    "documents": {
        "received_at": above("received_at"),
        "age": made(col("received_at") - col("effective_at")),
        "is_supporting": is_one_of("role", "additional"),
        "is_previous": is_one_of("role", "previous"),
        "is_invoice": is_one_of("type", *INVOICES),
        "is_transport_document": is_one_of("type", *TRANSPORT_DOCUMENTS),
        "is_origin_proof": is_one_of("type", *ORIGIN_PROOFS),
        "is_of_origin": is_one_of("category", "U"),  # the letter for proofs of origin that have no type of the list
        "is_unlisted": told("type", _is_unlisted),
    },
    "parties": {
        "administration": above("administration"),
        "territories": above("territories"),
        "is_trader": is_one_of("role", "Declarant", "Agent", "Importer", "Exporter"),
        "is_here": is_one_of("role", "Declarant", "Agent"),
        "register": made(pl.when("is_trader").then(pl.coalesce("country", pl.when("is_here").then("administration")))),
        "is_agent": is_one_of("role", "Agent"),
        "is_named": made(col("id").is_not_null() | (col("name").is_not_null() & col("country").is_not_null())),
        **{f"{role.lower()}_named": both("is_named", f"is_{role}") for role in _NAMED},
        **{f"is_{role}": is_one_of("role", role) for role in _NAMED},
    },
    "authorisations": {
        "takes_part": _takes_part,
        "defers": is_one_of("category", "DPO", "CGU"),
        **{f"holds_{right}": is_one_of("category", right) for right in (*_RIGHTS, "CGU")},
    },
    "statements": {
        "applies_for_authorisation": is_one_of("code", BY_DECLARATION),
        "states_onward_supply": is_one_of("code", "NIIMP"),
    },
    "equipment": {
        "headed": lambda _facts, equipment: equipment.lack("i"),
        "consignment_has_equipment": above("consignment_has_equipment"),
        "in_consignment": _in_consignment,
    },
    "taxes": {"may_defer": above("may_defer")},
}
