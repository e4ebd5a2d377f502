"""Agencies: who besides customs has a say in goods, what each asks, and what it is shown.

A single window (WTO Trade Facilitation Agreement, article 10.4) asks every agency at once. An agency is a ministry in
some administrations and a department of customs in others (animal and plant quarantine in China). The tables of an
administration's schedule:

* `agencies` agency, name, kind, window (its code in the national single window)
* `agency_rules` rule, agency, matter, the columns of `scope`, document and present (the rule falls only where that
  document is, or is not, declared), action, wanted (documents any of which satisfies it), per (consignment or period),
  fee (a duty expression), reference
* `agency_groups` agency, group: the groups of fields it may see

Documents are named by category and type, `N851`. The profile of an agency is none until a rule of its says otherwise.
A fee is a price for a service and never a share of the value (GATT VIII:1; TFA 6.2). What agencies answer: `hearing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

import polars as pl

from landsea.clearance.scope import Scope, concerned, fallen, nearest, reached, scope_of
from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, collected
from landsea.dossier.group import groups
from landsea.errors import BuildFault, InputError
from landsea.tariff.duty_expression import Component, parse
from landsea.units import MICRO, divide, to_places
from landsea.units.measurement import convert

KINDS: Final = ("ministry", "customs department", "authority")
ACTIONS: Final = ("none", "documents", "examination", "sample")
PER: Final = ("consignment", "period")
ASKED: Final[dict[str, pl.DataType]] = {  # one row per goods item and rule that falls on it
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "agency": pl.String(),
    "rule": pl.String(),
    "why": pl.String(),  # the matter and its legal reference
    "action": pl.String(),  # ACTIONS
    "wanted": pl.String(),  # documents, with blanks between, any of which satisfies it; null: none does
    "per": pl.String(),  # PER
    "satisfied": pl.Boolean(),  # a wanted document is declared
    "fee": pl.Int128(),  # millionths; null where there is none, or where it could not be reckoned
    "fee_currency": pl.String(),  # null where there is none
}
COUNTS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "agency": pl.String(),
    "documents": pl.UInt32(),  # different ones asked for this consignment
    "declared": pl.UInt32(),  # of these
    "standing": pl.UInt32(),  # asked, but good for a period and not for each consignment
    "examinations": pl.UInt32(),  # examinations and samples asked, of goods items
}
SHOWN: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),  # null: the header level
    "agency": pl.String(),
    "group": pl.String(),
}
_NONE: Final = pl.DataFrame(schema=ASKED)
_SUBJECT: Final = ("agency", "wanted")
_OF_RULE: Final = ("agency", "rule", "action", "wanted", "per")
_CASE: Final = ("cell", "on", "papers")
_MOST_PAPERS: Final = 64
_MEASURES: Final = ("tariff_quantity", "net_mass")
"""What a fee by unit is counted on, the first that converts."""


@dataclass(frozen=True, slots=True, eq=False)
class _Law:
    """The law on agencies of an edition, made ready."""

    scope: Scope
    papers: pl.Enum  # every document a rule names; a set of them is a number with a bit for each
    said: pl.DataFrame  # of each rule what `ASKED` says of it, and `wants`, `depends`: documents as bits
    fees: pl.DataFrame  # of each rule rate, unit, per_unit, currency, places, rounding; null where there is none


def asked(lot: Lot, edition: Edition) -> pl.DataFrame:
    """What every agency that has a say asks of every goods item (`ASKED`), in the order of items and rules."""
    law = _law(edition)
    met = reached(lot, law.scope) if law else None
    if law is None or met is None or met.items.is_empty():
        return _NONE
    items = met.items.with_columns(papers=_papers(lot, met.items, law))
    cases = items.select(_CASE).unique()
    laws = _said(fallen(cases, met.codes, law.scope), law)
    found = collected(items.lazy().join(laws.lazy(), on=_CASE, maintain_order="left_right"))
    return _with_fees(found, lot, law).select(*ASKED)


def _said(laws: pl.DataFrame, law: _Law) -> pl.DataFrame:
    """The rules that speak on each case, what they say, and whether what they want is declared."""
    laid = laws.hstack(law.said[laws["law"]].get_columns())
    declared = (pl.col("papers") & pl.col("depends")) != 0
    speaking = laid.filter((pl.col("depends") == 0) | (declared == law.scope.of("present")))
    return nearest(speaking, _CASE).with_columns(satisfied=(pl.col("papers") & pl.col("wants")) != 0)


def asked_counts(asks: pl.DataFrame) -> pl.DataFrame:
    """What is asked (`ASKED`), counted for each consignment and agency (`COUNTS`); a document for many items is one."""
    papers = (pl.col("action") != "none") & pl.col("wanted").is_not_null()
    each = papers & (pl.col("per") == "consignment")
    looked = pl.col("action").is_in(("examination", "sample")) & ~pl.col("satisfied")
    counted = asks.group_by("d", "agency", maintain_order=True).agg(
        documents=pl.col("wanted").filter(each).n_unique(),
        # a document is declared where it is for every item it is asked for
        open=pl.col("wanted").filter(each & ~pl.col("satisfied")).n_unique(),
        standing=pl.col("wanted").filter(papers & ~each).n_unique(),
        examinations=looked.sum(),
    )
    declared = pl.col("documents") - pl.col("open")
    return counted.with_columns(declared=declared).select(pl.col(name).cast(kind) for name, kind in COUNTS.items())


def shown_to_agency(agency: str, edition: Edition) -> frozenset[str]:
    """The groups of fields this agency may see; none where no table says so. Never the lodged body."""
    return _shown(edition).get(agency, frozenset())


def shown(asks: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """What each agency may see (`SHOWN`): its groups, of the header and of the items it is asked about, no others."""
    table = [(agency, group) for agency, allowed in _shown(edition).items() for group in sorted(allowed)]
    allowed = pl.DataFrame(table, schema=["agency", "group"], orient="row", schema_overrides={"agency": pl.String})
    items = asks.select("d", "i", "agency").unique()
    header = items.select("d", pl.lit(None, dtype=pl.UInt32).alias("i"), "agency").unique()
    rows = pl.concat([header, items]).join(allowed.cast(pl.String), on="agency")
    return rows.sort("d", "i", "agency", "group", nulls_last=False).select(*SHOWN)


def verify(edition: Edition) -> None:
    """The law on agencies holds together. Raises BuildFault, naming the row, otherwise."""
    _law(edition)
    _shown(edition)


@lru_cache(maxsize=16)
def _shown(edition: Edition) -> Mapping[str, frozenset[str]]:
    allowed: dict[str, set[str]] = {}
    if "agency_groups" in edition.tables:
        known = set(edition.table("agencies").select("agency", "issuer").iter_rows())
        for agency, group, issuer in edition.table("agency_groups").select("agency", "group", "issuer").iter_rows():
            if (agency, issuer) not in known:
                _fault(issuer, "agency_groups", agency, "is not listed in agencies.csv")
            if group not in groups():
                _fault(issuer, "agency_groups", agency, f"may not be shown {group!r}; groups are {', '.join(groups())}")
            allowed.setdefault(agency, set()).add(group)
    return {agency: frozenset(names) for agency, names in allowed.items()}


@lru_cache(maxsize=16)
def _law(edition: Edition) -> _Law | None:
    if "agency_rules" not in edition.tables:
        return None
    scope = scope_of(edition, "agency_rules", _SUBJECT)
    rows = scope.rows
    known = dict(edition.table("agencies").select("agency", "issuer").iter_rows())
    if len(known) != edition.table("agencies").height:
        raise BuildFault("two agencies have one id; each id belongs to one agency of one administration")
    for row in rows.iter_rows(named=True):
        _refuse_odd(row, known)
    wanted = [frozenset((text or "").split()) for text in rows["wanted"]]
    depends = [frozenset({text} - {None}) for text in rows["document"]]
    papers = sorted(frozenset().union(*wanted, *depends))
    if len(papers) > _MOST_PAPERS:
        raise BuildFault(f"the rules of agencies name {len(papers)} documents; {_MOST_PAPERS} can be told apart")
    bits = [
        pl.Series(name, [sum(1 << papers.index(one) for one in some) for some in each], dtype=pl.UInt64)
        for name, each in (("wants", wanted), ("depends", depends))
    ]
    fees = [_fee(row, edition.named("administration")) for row in rows.iter_rows(named=True)]
    said = rows.select(*_OF_RULE, why=pl.format("{} ({})", "matter", "reference")).hstack(bits)
    return _Law(scope, pl.Enum(papers), said, pl.DataFrame(fees, schema=_FEE, orient="row"))


_FEE: Final = {"rate": pl.Int128, "unit": pl.String, "per_unit": pl.Int128, "currency": pl.String} | {
    "places": pl.Int64,
    "rounding": pl.String,
}


def _refuse_odd(row: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """Raises BuildFault where a rule contradicts itself or names what is not there."""
    if known.get(row["agency"]) != row["issuer"]:
        _fault(row["issuer"], "agency_rules", row["rule"], f"is of {row['agency']}, which agencies.csv does not list")
    for column, choice in (("action", ACTIONS), ("per", PER)):
        if row[column] not in choice:
            _fault(row["issuer"], "agency_rules", row["rule"], f"has the {column} {row[column]!r}, none of {choice}")
    if row["action"] == "documents" and not row["wanted"]:
        _fault(row["issuer"], "agency_rules", row["rule"], "asks for documents and names none")
    if (row["document"] is None) != (row["present"] is None):
        _fault(row["issuer"], "agency_rules", row["rule"], "must say of the document whether it is present")


def _fee(row: Mapping[str, Any], administrations: Mapping[str, Mapping[str, Any]]) -> tuple[Any, ...]:
    """Rate, unit, how many of it, currency, and how the administration rounds."""
    if row["fee"] is None:
        return (None,) * len(_FEE)
    try:
        stated = parse(row["fee"])
    except InputError as error:
        raise BuildFault(f"{row['issuer']}/agency_rules.csv, {row['rule']}: {error}") from error
    if len(stated.base) != 1 or stated.limits or stated.base[0].kind != "specific":
        _fault(row["issuer"], "agency_rules", row["rule"], "a fee is an amount, or an amount for each unit of goods")
    part: Component = stated.base[0]
    administration = administrations[row["issuer"]]
    unit = (part.unit.code, part.unit.per) if part.unit else (None, 1)
    return part.rate, *unit, part.currency, administration["places"], administration["rounding"]


def _fault(issuer: str, table: str, row: str, why: str) -> NoReturn:
    raise BuildFault(f"{issuer}/{table}.csv: {row} {why}")


def _papers(lot: Lot, items: pl.DataFrame, law: _Law) -> pl.Series:
    """Which documents that rules name are declared for each item, as bits by their place in `law.papers`.

    One that is claimed not to be needed (an exemption) is not declared, nor one without a number.
    """
    papers = lot["documents"]
    theirs = concerned(papers, items, lot).arg_true()
    theirs = theirs.filter(papers["type"][theirs].is_in(law.papers.categories.str.slice(1).unique().implode()))
    if theirs.is_empty():
        return pl.zeros(items.height, dtype=pl.UInt64, eager=True)
    given = (pl.col("role") == "additional") & pl.col("id").is_not_null() & pl.col("exemption").is_null()
    named = papers[theirs].lazy().filter(given)
    place = pl.concat_str("category", "type").cast(law.papers, strict=False).to_physical()
    level = pl.when(pl.col("i").is_null()).then(pl.lit("d")).otherwise(pl.lit("i"))
    found = collected(named.select("d", "i", level=level, place=place).drop_nulls("place"))
    bits = pl.zeros(items.height, dtype=pl.UInt64, eager=True)
    for some in found.partition_by("level", "place") if found.height else ():
        key = some["level"][0]
        rows = lot["declarations" if key == "d" else "goods_items"].height
        named_by = pl.zeros(rows, dtype=pl.UInt64, eager=True).scatter(some[key], 1 << some["place"][0])
        bits |= named_by[items[key]]
    return bits


def _with_fees(found: pl.DataFrame, lot: Lot, law: _Law) -> pl.DataFrame:
    """The rows with their fee and its currency: none where nothing is done; once for the consignment if not by unit."""
    at = {name: pl.lit(law.fees[name]).gather("law") for name in _FEE}
    rows = found.with_row_index("r")
    owing = rows.filter(at["rate"].is_not_null(), ~pl.col("satisfied") & (pl.col("action") != "none"))
    if owing.is_empty():
        return found.with_columns(pl.lit(None, ASKED[name]).alias(name) for name in ("fee", "fee_currency"))
    owed = owing.select("r", "d", "i", "law", at["unit"])
    once = (pl.col("d").cast(pl.UInt64) * law.fees.height + pl.col("law")).is_first_distinct()
    fixed = owed.filter(pl.col("unit").is_null()).filter(once).select("r", "law", fee=at["rate"])
    parts = [fixed]
    counted = owed.filter(pl.col("unit").is_not_null()).with_columns(at["places"], at["rounding"])
    for part in counted.partition_by("places", "rounding") if counted.height else ():
        amount = to_places(pl.col("fee"), part["places"][0], part["rounding"][0])
        parts.append(_counted_fee(part, lot, law).select("r", "law", amount))
    fees = pl.concat(parts).select("r", "fee", fee_currency=at["currency"])
    return rows.join(fees, on="r", how="left", maintain_order="left")


def _counted_fee(part: pl.DataFrame, lot: Lot, law: _Law) -> pl.DataFrame:
    """The rows with the fee on their quantity, not yet rounded; null where none converts to the unit of the fee."""
    beside = lot["goods_items"][[*_MEASURES, *(f"{name}_unit" for name in _MEASURES)]][part["i"]]
    part = part.hstack(beside.get_columns())
    for step in _fee_by_unit(law):
        part = part.with_columns(step)
    return part


@lru_cache(maxsize=16)
def _fee_by_unit(law: _Law) -> tuple[list[pl.Expr], ...]:
    """The columns of a fee in the order they build on each other, so that each is worked out once."""
    rate, per_unit = (pl.lit(law.fees[name]).gather("law") for name in ("rate", "per_unit"))
    units = ((name, pl.col(f"{name}_unit"), pl.col("unit")) for name in _MEASURES)
    counted = [convert(pl.col(name), unit, to, "half-up").alias(name) for name, unit, to in units]
    fee = divide(pl.col("times"), pl.col("by"), "half-up").alias("fee")
    return counted, [(rate * pl.coalesce(_MEASURES)).alias("times"), (per_unit * MICRO).alias("by")], [fee]
