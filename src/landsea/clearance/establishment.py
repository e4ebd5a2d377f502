"""Establishments: whether goods come from an orchard, packing house or factory that stands in the register.

China registers the makers of imported food (GACC Decree 280 of 14 October 2025, in force 1 June 2026, before it Decree
248); orchards and packing houses of fresh fruit are registered under the protocol on each fruit. A number is checked by
its pattern, and by the day on which law is drawn. Two tables of an administration's schedule:

* `establishment_rules` rule, kind (orchard, packing-house, factory), matter, the columns of `scope`, document (the type
  under which the number is declared) or party (the role whose id it may be instead), pattern, reference
* `establishments` number, kind, country, name, products (prefixes with blanks between; empty: all), status
  (registered, suspended), valid_from, valid_to

A party's id is taken for the number of an establishment only where it has the pattern of one.
"""

from functools import cache, lru_cache
from typing import Final

import polars as pl

from landsea.clearance.breach import findings
from landsea.clearance.scope import Scope, concerned, fallen, nearest, reached, scope_of
from landsea.codes.edition import Edition
from landsea.declaration.element import element, elements
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot, collected
from landsea.errors import BuildFault
from landsea.units.validity import in_force

_CASE: Final = ("cell", "on")
_SUBJECT: Final = ("kind",)
_VERDICTS: Final = {  # the first that holds is the finding
    "CLR-102": ~pl.col("shaped"),
    "CLR-103": ~pl.col("listed"),
    "CLR-104": ~pl.col("held"),
    "CLR-105": ~pl.col("product"),
    "CLR-106": ~pl.col("home"),
}


def check(lot: Lot, edition: Edition) -> pl.DataFrame:
    """Findings on the establishments that goods must come from: not named, or not good for these goods on the day."""
    if (scope := _scope(edition)) is None:
        return no_findings()
    met = reached(lot, scope)
    if met.items.is_empty():
        return no_findings()
    laws = nearest(fallen(met.items.select(_CASE).unique(), met.codes, scope), _CASE)
    needs = met.items.join(laws, on=_CASE, maintain_order="left_right").with_row_index("r")
    items = lot["goods_items"][["commodity_code", "origin", "n"]][needs["i"]]
    needs = needs.select("r", "d", "i", "on", "law").hstack(items.rename({"n": "item"}).get_columns())
    named = _named(lot, needs, scope)
    missing = needs.join(named, on="r", how="anti").with_columns(scope.of("kind"))
    judged = _judged(named.join(needs.drop("d"), on="r", maintain_order="left"), scope, edition)
    return pl.concat(
        [
            findings("CLR-101", missing, pl.col("kind")),
            *(findings(rule, judged.filter(pl.col("verdict") == rule), pl.col("number")) for rule in _VERDICTS),
        ]
    )


def verify(edition: Edition) -> None:
    """The law on establishments holds together. Raises BuildFault, naming the row, otherwise."""
    _scope(edition)


@lru_cache(maxsize=16)
def _scope(edition: Edition) -> Scope | None:
    if "establishment_rules" not in edition.tables:
        return None
    scope = scope_of(edition, "establishment_rules", _SUBJECT)
    for row in scope.rows.iter_rows(named=True):
        where = f"{row['issuer']}/establishment_rules.csv, {row['rule']}"
        if row["document"] is None and row["party"] is None:
            raise BuildFault(f"{where}: names neither a document nor a party in which the number is declared")
        try:
            pl.Series([""]).str.contains(row["pattern"])
        except pl.exceptions.PolarsError as error:
            raise BuildFault(f"{where}: the pattern {row['pattern']!r} cannot be read: {error}") from error
    return scope


def _named(lot: Lot, needs: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The numbers declared for each need: r, d, number, place (item or header), n, at, and whether it is `shaped`."""
    documents, parties = (
        frame.select("d", "i", "n", "at", "id", "role", *more).filter(
            frame["id"].is_not_null() & concerned(frame, needs, lot)
        )
        for frame, more in ((lot["documents"], ("category", "type", "exemption")), (lot["parties"], ()))
    )
    papers = documents.lazy().filter(pl.col("role") == "additional", pl.col("exemption").is_null())
    papers = papers.with_columns(name=pl.concat_str("category", "type"), party=pl.lit(value=False))
    roles = parties.lazy().with_columns(name=pl.col("role"), party=pl.lit(value=True))
    told = pl.concat([some.select("d", "i", "n", "at", "name", "party", number="id") for some in (papers, roles)])
    wanted = [needs.lazy().select("r", "d", "i", "law", name=scope.of(name)) for name in ("document", "party")]
    asked = pl.concat(wanted).filter(pl.col("name").is_not_null())
    at_item = asked.join(told.filter(pl.col("i").is_not_null()).drop("d"), on=["i", "name"])
    at_header = asked.join(told.filter(pl.col("i").is_null()).drop("i"), on=["d", "name"]).with_columns(header=True)
    columns = ["r", "d", "law", "n", "at", "party", "number", "header"]
    both = pl.concat([at_item.with_columns(header=False).select(columns), at_header.select(columns)])
    rows = collected(both.sort("r", "header", "at", "n"))
    shapes = rows.select("law", "number").unique()
    shaped = shapes.with_columns(shaped=pl.col("number").str.contains(pl.lit("^(?:") + scope.of("pattern") + ")$"))
    rows = rows.join(shaped, on=["law", "number"], maintain_order="left")
    return rows.filter(~pl.col("party") | pl.col("shaped")).drop("law", "party")


def _judged(rows: pl.DataFrame, scope: Scope, edition: Edition) -> pl.DataFrame:
    """The numbers with the rule each breaks first; null where it is good. Places are those a finding points at."""
    rows = rows.with_row_index("q").with_columns(scope.of("kind"), scope.of("issuer"))
    entered = edition.table("establishments").select(
        "number", "kind", "country", "products", "status", "valid_from", "valid_to", "issuer", listed=True
    )
    held = in_force(pl.col("on")) & (pl.col("status") == "registered")
    prefixes = rows.join(entered, on=["number", "kind", "issuer"]).with_columns(
        held=held,
        home=held & (pl.col("country") == pl.col("origin")),
        prefix=pl.coalesce("products", pl.lit("")).str.split(" "),
    )
    each = prefixes.explode("prefix").with_columns(
        product=pl.col("held") & pl.col("commodity_code").str.starts_with(pl.col("prefix"))
    )
    facts = each.group_by("q").agg(pl.col("listed", "held", "product", "home").any())
    known = rows.join(facts, on="q", how="left", maintain_order="left").with_columns(
        pl.col("listed", "held", "product", "home").fill_null(value=False)
    )
    verdict = pl.coalesce(pl.when(breaks).then(pl.lit(rule)) for rule, breaks in _VERDICTS.items())
    item = pl.when(~pl.col("header")).then("item")
    return known.with_columns(verdict=verdict, item=item, at=pl.col("at").replace_strict(_ids(), default=pl.col("at")))


@cache
def _ids() -> dict[int, int]:
    """Of each document and party the element that holds its number."""
    holders = [e for e in elements() if e.is_class and e.frame in ("documents", "parties")]
    return {e.at: element(f"{e.path}/ID").at for e in holders}
