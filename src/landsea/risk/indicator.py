"""Risk indicators: what a profile may speak of, as columns over goods items.

A column is a declared fact (`FACTS`) or an indicator: a criterion that, met, points to risk (WCO Risk Management
Compendium). Indicators look at one goods item, at what the node knows of its operators, and at references that stand
in the edition. None is a statistic over the lot, so that a declaration's answer never depends on the company it
travels in. A price indicator points to risk and never replaces the transaction value (WTO Valuation Agreement, art. 1
and 17). Numbers are Float64: they are compared with thresholds and never paid.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import polars as pl

from landsea.units import MICRO

from .predicate import Kind

NEW_FOR: Final = timedelta(days=90)
"""How long after its first declaration an operator counts as new."""
STANDING: Final = {"operator": pl.String(), "grade": pl.String(), "since": pl.Date()}
EXPERIENCE: Final = {"operator": pl.String(), "commodity": pl.String()}
"""`known.experience`: the HS subheadings (six digits) an operator declared before."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing a profile may ask for: what it says, its unit, where it comes from, and the columns it needs."""

    name: str
    kind: Kind
    says: str
    unit: str
    source: str
    needs: tuple[str, ...] = ()
    of: Callable[[], pl.Expr] | None = field(default=None, compare=False)  # of an indicator: its expression


COLUMNS: dict[str, Column] = {}
"""The allow-list of the predicate language, facts first, then indicators in the order they are computed."""


def indicator(kind: Kind, unit: str, source: str, *needs: str) -> Callable[[Callable[[], pl.Expr]], Column]:
    """The function as a column of its name; its docstring is what the column says."""

    def register(of: Callable[[], pl.Expr]) -> Column:
        column = Column(of.__name__, kind, (of.__doc__ or "").strip(), unit, source, needs, of)
        COLUMNS[column.name] = column
        return column

    return register


def _text(name: str) -> pl.Expr:
    return pl.col(name)


def _number(name: str, scale: int = MICRO) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) / scale


def _mass(name: str) -> pl.Expr:
    """Kilograms, from the units of UNECE Rec 20 that masses are declared in; missing in any other."""
    unit = pl.col(name + "_unit")
    in_one = pl.when((unit == "KGM") | unit.is_null()).then(MICRO).when(unit == "TNE").then(1_000)
    return pl.col(name).cast(pl.Float64) / in_one.when(unit == "GRM").then(1_000 * MICRO)


ITEM_FACTS: Final[Mapping[str, tuple[Kind, pl.Expr, str]]] = {
    "hs": ("text", _text("commodity_code"), "The commodity code declared, digits only"),
    "origin": ("text", _text("origin"), "Country of origin"),
    "preferential_origin": ("text", _text("preferential_origin"), "Country of preferential origin"),
    "preference": ("text", _text("preference"), "Duty regime claimed"),
    "procedure": ("text", _text("procedure"), "Procedure asked for"),
    "previous_procedure": ("text", _text("previous_procedure"), "Procedure the goods were under before"),
    "quota_order": ("text", _text("quota_order"), "Quota claimed"),
    "description": ("text", _text("description"), "Description of the goods"),
    "currency": ("text", _text("item_amount_currency"), "Currency of the item amount"),
    "valuation_method": ("text", _text("valuation_method"), "Method of customs valuation"),
    "item_export_country": ("text", _text("export_country"), "Country of export of the item alone"),
    "item_amount": ("number", _number("item_amount"), "Amount invoiced for the item, in its currency"),
    "net_mass": ("number", _mass("net_mass"), "Net mass in kilograms"),
    "gross_mass": ("number", _mass("gross_mass"), "Gross mass of the item in kilograms"),
}

HEADER_FACTS: Final[Mapping[str, tuple[Kind, pl.Expr, str]]] = {
    "type": ("text", _text("type"), "Type of declaration"),
    "direction": ("text", _text("direction"), "import or export"),
    "office": ("text", _text("declaration_office"), "Office of declaration"),
    "exit_office": ("text", _text("exit_office"), "Office of exit"),
    "location": ("text", _text("goods_location_id"), "Where the goods are"),
    "warehouse": ("text", _text("warehouse_id"), "Warehouse"),
    "border_mode": ("text", _text("border_means_mode"), "Mode of transport at the border (UN Rec 19)"),
    "border_nationality": ("text", _text("border_means_nationality"), "Nationality of the means at the border"),
    "border_means": ("text", _text("border_means_id"), "Identity of the means of transport at the border"),
    "incoterm": ("text", _text("incoterm"), "Delivery terms"),
    "declarant": ("text", _text("declarant_id"), "Declarant"),
    "agent": ("text", _text("agent_id"), "Agent"),
    "agent_function": ("text", _text("agent_function"), "Kind of representation"),
    "importer": ("text", _text("importer_id"), "Importer"),
    "exporter": ("text", _text("exporter_id"), "Exporter"),
    "consignee": ("text", _text("consignee_id"), "Consignee"),
    "consignor": ("text", _text("consignor_id"), "Consignor"),
    "header_export_country": ("text", _text("export_country"), "Country of export of the whole shipment"),
    "destination": ("text", _text("destination"), "Country of destination"),
    "items": ("number", _number("goods_item_count", 1), "Goods items stated"),
    "packages": ("number", _number("total_packages", 1), "Packages stated"),
    "operator": (
        "text",
        pl.when(pl.col("direction") == "export")
        .then(pl.coalesce("exporter_id", "declarant_id"))
        .otherwise(pl.coalesce("importer_id", "declarant_id")),
        "Who answers for the goods: the exporter or importer, else the declarant",
    ),
    "applicable_on": ("text", pl.col("applicable_on"), "The day whose law applies"),
}

for _facts, _origin in ((HEADER_FACTS, "declared, header"), (ITEM_FACTS, "declared, goods item")):
    for _name, (_kind, _expression, _says) in _facts.items():
        COLUMNS[_name] = Column(_name, _kind, _says + ".", "", _origin)

COLUMNS["route"] = Column("route", "set", "Countries of the itinerary.", "ISO 3166", "declared, itinerary")
COLUMNS["documents"] = Column("documents", "set", "Types of documents of item and header.", "", "declared, documents")
COLUMNS["value"] = Column("value", "number", "Customs value.", "national currency", "assessed")
COLUMNS["tax"] = Column("tax", "number", "Duties and taxes assessed on the item.", "national currency", "assessed")
COLUMNS["grade"] = Column(
    "grade", "text", "Standing of the operator, such as AEO.", "", "known.standing", ("operator",)
)
COLUMNS["since"] = Column("since", "text", "First declaration of the operator.", "", "known.standing", ("operator",))
COLUMNS["experienced"] = Column(
    "experienced", "truth", "The operator declared this subheading before.", "", "known.experience", ("operator", "hs")
)
COLUMNS["reference"] = Column("reference", "number", "Reference value.", "national currency/kg", "edition", ("hs",))
COLUMNS["sensitive"] = Column("sensitive", "truth", "The chapter is listed as sensitive.", "", "edition", ("hs",))
INTERNAL: Final = frozenset(
    {"applicable_on", "since", "item_export_country", "header_export_country", "experienced", "reference", "sensitive"}
)
"""Columns that only indicators read."""


@indicator("text", "ISO 3166", "declared", "item_export_country", "header_export_country")
def export_country() -> pl.Expr:
    """Country of export, of the item or else of the whole shipment."""
    return pl.coalesce("item_export_country", "header_export_country")


@indicator("number", "national currency per kg", "WCO Risk Management Compendium, unit values", "value", "net_mass")
def value_per_kg() -> pl.Expr:
    """Customs value for each kilogram of net mass; missing where there is no mass."""
    return pl.when(pl.col("net_mass") > 0).then(pl.col("value") / pl.col("net_mass"))


@indicator("number", "ratio", "reference values of the edition", "value_per_kg", "reference")
def price_ratio() -> pl.Expr:
    """Value per kilogram over the edition's reference for the commodity: a risk indicator, never a value."""
    return pl.col("value_per_kg") / pl.col("reference")


@indicator("number", "ratio", "declared", "net_mass", "gross_mass")
def weight_ratio() -> pl.Expr:
    """Net over gross mass; above 1 it contradicts itself, near 0 something else is in the packages."""
    return pl.when(pl.col("gross_mass") > 0).then(pl.col("net_mass") / pl.col("gross_mass"))


@indicator("truth", "", "declared", "origin", "export_country")
def origin_elsewhere() -> pl.Expr:
    """The goods come from another country than the one that exports them."""
    return pl.col("origin") != pl.col("export_country")


@indicator("truth", "", "declared", "preferential_origin", "origin")
def preference_elsewhere() -> pl.Expr:
    """A preference is claimed for another country than the goods come from."""
    return pl.col("preferential_origin") != pl.col("origin")


@indicator("truth", "", "declared", "item_amount")
def round_amount() -> pl.Expr:
    """The amount invoiced is a whole multiple of a thousand."""
    return (pl.col("item_amount") > 0) & (pl.col("item_amount") % 1_000 == 0)


@indicator("number", "countries", "declared, itinerary", "route")
def transit_countries() -> pl.Expr:
    """How many countries the itinerary names."""
    return pl.col("route").list.len().cast(pl.Float64)


@indicator("truth", "", "edition, sensitive chapters", "sensitive")
def sensitive_chapter() -> pl.Expr:
    """The HS chapter is on the administration's list of sensitive chapters."""
    return pl.col("sensitive")


@indicator("number", "ratio", "assessed", "tax", "value")
def tax_share() -> pl.Expr:
    """Duties and taxes over the customs value: what a wrong declaration would be worth."""
    return pl.when(pl.col("value") > 0).then(pl.col("tax") / pl.col("value"))


@indicator("text", "", "known.standing", "grade")
def operator_grade() -> pl.Expr:
    """Standing of the operator, such as AEO; `none` where the node knows none."""
    return pl.col("grade").fill_null("none")


@indicator("truth", "", "known.standing", "since", "applicable_on")
def new_operator() -> pl.Expr:
    """The operator is unknown, or first declared less than ninety days ago."""
    return pl.col("since").is_null() | (pl.col("applicable_on") - pl.col("since") < NEW_FOR)


@indicator("truth", "", "known.experience", "experienced")
def first_use() -> pl.Expr:
    """The operator declares goods of this HS subheading for the first time; missing where no history was gathered."""
    return ~pl.col("experienced")


LANGUAGE: Final[Mapping[str, Kind]] = {c.name: c.kind for c in COLUMNS.values() if c.name not in INTERNAL}
"""The columns a profile may name, and their kinds."""


def needed(names: frozenset[str]) -> frozenset[str]:
    """These columns and all that they are computed from."""
    found = set(names)
    for column in reversed(COLUMNS.values()):  # what is needed stands before what needs it
        if column.name in found:
            found.update(column.needs)
    return frozenset(found)
