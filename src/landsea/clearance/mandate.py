"""Mandates: who may act for whom, and who answers for the declaration.

Revised Kyoto Convention, General Annex 8: a person may transact business with customs directly or by designating a
third party (8.1), under conditions and with a liability that national law lays down (8.2), and not on worse terms than
through one (8.3). A *mandate* is given by a principal to an agent, for direct representation (in the principal's name:
the principal answers) or indirect (in the agent's own name: both answer jointly), for all or some procedures,
commodities and offices, from an instant to an instant; a revocation takes effect from its own instant.

The principal of an import is the importer, of an export the exporter. Who acts is whoever lodged, where the window
knows who that is and it is not the principal; else the declarant, or the agent named where the declarant is the
principal. Whoever acts for another without a mandate acts on his own account and alone answers; a licensed broker
(table `brokers`: broker, name, validity) may do so unless the principal revoked him, and anybody else may not.

The instant is that at which the node received the declaration: one that the declarant states could lie before a
revocation.
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.clearance.breach import findings
from landsea.codes.edition import Edition
from landsea.declaration.element import element
from landsea.declaration.lot import Lot
from landsea.errors import BuildFault
from landsea.tariff.ground import shaped
from landsea.units.validity import in_force

REPRESENTATIONS: Final = ("direct", "indirect")
MANDATES: Final[dict[str, pl.DataType]] = {
    "mandate": pl.String(),
    "administration": pl.String(),
    "principal": pl.String(),
    "agent": pl.String(),
    "representation": pl.String(),  # REPRESENTATIONS
    "procedures": pl.String(),  # with blanks between; null: all
    "codes": pl.String(),  # prefixes of commodity codes with blanks between; null: all
    "offices": pl.String(),  # of declaration, with blanks between; null: all
    "given_at": pl.Datetime("us", "UTC"),  # in force from then on
    "ends_at": pl.Datetime("us", "UTC"),  # null: open
    "revoked_at": pl.Datetime("us", "UTC"),
}
REPRESENTED: Final[dict[str, pl.DataType]] = {  # one row per declaration
    "d": pl.UInt32(),
    "acting": pl.String(),
    "principal": pl.String(),
    "representation": pl.String(),  # self, direct, indirect; own: for another without a mandate, on his own account
    "mandate": pl.String(),
    "liable": pl.List(pl.String()),  # who answers for duties and irregularities, jointly where several
}
_STATED: Final = {"2": "direct", "3": "indirect"}
"""The function code of an agent; where it is stated, a mandate of the other kind is none (UCC, data annex, 3/21)."""
_BREACHES: Final = {"none": "CLR-201", "time": "CLR-202", "scope": "CLR-203", "broker": "CLR-204", "unnamed": "CLR-205"}
_PLACES: Final = {role: element(f"Declaration/{role}/ID").at for role in ("Declarant", "Agent")}


class Represented(NamedTuple):
    """Who acts for whom and who answers (`REPRESENTED`), and the findings on those who may not."""

    declarations: pl.DataFrame
    findings: pl.DataFrame


def represented(lot: Lot, mandates: pl.DataFrame, edition: Edition) -> Represented:
    """Every declaration by the `MANDATES` known at its reception and the licensed brokers of the edition."""
    given = shaped(mandates, MANDATES)
    if odd := given.filter(~pl.col("representation").is_in(REPRESENTATIONS).fill_null(value=False))[
        "mandate"
    ].to_list():
        raise BuildFault(f"mandate {odd[0]} is neither for direct nor for indirect representation")
    rows = _acting(lot)
    between = _between(rows, given)
    ended = [pl.col(end) <= pl.col("received_at") for end in ("ends_at", "revoked_at")]
    begun = pl.col("given_at") <= pl.col("received_at")
    timely = between.filter(begun, *(over.fill_null(value=False).not_() for over in ended))
    covering = timely.filter(_among("offices", "declaration_office")).join(
        _uncovered(timely, lot), on=["d", "mandate"], how="anti"
    )
    chosen = covering.sort("d", "given_at", "mandate").unique("d", keep="first", maintain_order=True)
    rows = rows.join(chosen.select("d", "mandate", "representation"), on="d", how="left", maintain_order="left")
    marks = {
        "between": between,
        "timely": timely,
        "revoked": between.filter(ended[1]),
        "licensed": _licensed(rows, edition),
    }
    found = rows.with_columns(pl.col("d").is_in(some["d"].implode()).alias(name) for name, some in marks.items())
    found = found.with_columns(_FOR_ANOTHER.alias("for_another")).with_columns(why=_WHY)
    parties = pl.concat_str("acting", pl.lit(" for "), pl.col("principal").fill_null("one unnamed"))
    breaches = [findings(rule, found.filter(pl.col("why") == why), parties) for why, rule in _BREACHES.items()]
    return Represented(_settled(found), pl.concat(breaches))


_FOR_ANOTHER: Final = pl.col("acting").is_not_null() & pl.col("acting").ne_missing(pl.col("principal"))
_WHY: Final = (
    pl.when(~pl.col("for_another") | pl.col("mandate").is_not_null()).then(None)
    .when(pl.col("principal").is_null()).then(pl.lit("unnamed"))
    .when("revoked").then(pl.lit("time"))
    .when("licensed").then(pl.lit("broker"))
    .when("timely").then(pl.lit("scope"))
    .when("between").then(pl.lit("time"))
    .otherwise(pl.lit("none"))
)  # fmt: skip


def _acting(lot: Lot) -> pl.DataFrame:
    """Of each declaration who acts, for whom, in what representation if it is stated, and where that stands."""
    columns = ["d", "administration", "received_at", "applicable_on", "declaration_office"]
    principal = pl.when(pl.col("direction") == "export").then("exporter_id").otherwise("importer_id")
    beside = pl.col("declarant_id").is_null() | (pl.col("declarant_id") == principal).fill_null(value=False)
    by_agent = beside & pl.col("agent_id").is_not_null()
    declared = pl.when(by_agent).then("agent_id").otherwise("declarant_id")
    lodged = (pl.col("sender") != "") & pl.col("sender").ne_missing(principal)
    return lot["declarations"].select(
        *columns,
        acting=pl.when(lodged).then("sender").otherwise(declared),
        principal=principal,
        stated=pl.col("agent_function").replace_strict(_STATED, default=None, return_dtype=pl.String),
        at=pl.when(by_agent).then(_PLACES["Agent"]).otherwise(_PLACES["Declarant"]),
    )


def _between(rows: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """The mandates from each principal to who acts, of the kind stated; one row per declaration and mandate."""
    agents = given.rename({"agent": "acting"})
    pairs = rows.filter(_FOR_ANOTHER).join(agents, on=["administration", "principal", "acting"])
    return pairs.filter(pl.col("stated").is_null() | (pl.col("stated") == pl.col("representation")))


def _among(list_: str, value: str) -> pl.Expr:
    """Whether the value stands in the list; true where there is no list."""
    return pl.col(list_).is_null() | pl.col(list_).str.split(" ").list.contains(pl.col(value)).fill_null(value=False)


def _uncovered(timely: pl.DataFrame, lot: Lot) -> pl.DataFrame:
    """The declarations and mandates of which some goods item lies outside (d, mandate); asked once per kind of item."""
    limited = timely.filter(pl.col("procedures").is_not_null() | pl.col("codes").is_not_null())
    items = lot["goods_items"].select("d", *_KIND)
    pairs = limited.select("d", "mandate").join(items, on="d")
    terms = limited.select("mandate", "procedures", "codes").unique("mandate")
    kinds = pairs.select("mandate", *_KIND).unique().join(terms, on="mandate")
    prefix = pl.coalesce("codes", pl.lit("")).str.split(" ")
    within = pl.col("commodity_code").fill_null("").str.starts_with(pl.col("prefix")) & _among(
        "procedures", "procedure"
    )
    each = kinds.with_columns(prefix=prefix).explode("prefix").with_columns(within=within)
    outside = each.group_by("mandate", *_KIND).agg(pl.col("within").any()).filter(~pl.col("within"))
    return pairs.join(outside, on=["mandate", *_KIND], how="semi", nulls_equal=True).select("d", "mandate").unique()


_KIND: Final = ("procedure", "commodity_code")


def _licensed(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The declarations in which a licensed broker of the administration acts."""
    if "brokers" not in edition.tables:
        return rows.clear()
    brokers = edition.table("brokers").select("valid_from", "valid_to", acting="broker", administration="issuer")
    return rows.join(brokers, on=["administration", "acting"]).filter(in_force(pl.col("applicable_on")))


def _settled(found: pl.DataFrame) -> pl.DataFrame:
    """Who answers: the principal of direct, both of indirect representation, and otherwise who acts."""
    kind = pl.col("representation")
    acting, principal = pl.concat_list("acting"), pl.concat_list("principal")
    liable = (
        pl.when(kind == "direct").then(principal).when(kind == "indirect").then(pl.concat_list("acting", "principal"))
    )
    alone = pl.when(pl.col("acting").is_null()).then(principal).otherwise(acting)
    role = pl.when(pl.col("for_another")).then(pl.lit("own")).when(pl.col("acting").is_not_null()).then(pl.lit("self"))
    rows = found.with_columns(
        liable=pl.coalesce(liable, alone).list.drop_nulls(), representation=pl.coalesce(kind, role)
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in REPRESENTED.items())
