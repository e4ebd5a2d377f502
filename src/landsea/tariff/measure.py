"""Measures: which duty or tax falls on a code, an origin and a date; law tables compiled once per edition.

Five tables of an administration's schedule are read here (its folder's name is the administration):

* `measures` id, direction, code (a prefix of 2 to 10 digits; `*` all goods), origin (country, group or `ERGA OMNES`),
  tax, preference (the regime to be claimed; empty: none), quota_order, rate (a duty expression), validity, reference
* `taxes` tax, name, sequence, base (`value`, taxes due before it, or both: `value+A00`), inclusive (the tax is part of
  its own base), deductions (a declared one is taken off), required (goods without a measure of it cannot be assessed)
* `country_groups` group, country; `exchange_rates` currency, per, rate, validity
* `charges` type, sign (1 added to the value, -1 taken off), name

Where several measures of one tax fit, the quota claimed stands before the preference claimed, that before the longest
code, that before the nearest origin (country, group, all). What then still stands beside another is a `BuildFault`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, NoReturn

import polars as pl

from landsea.codes.edition import Edition
from landsea.errors import BuildFault, InputError
from landsea.tariff.duty_expression import DutyExpression, parse
from landsea.units import MICRO, ROUNDINGS, Range
from landsea.units.validity import in_force

FX_UNIT: Final = 10**12  # rates of exchange for one unit are held to this resolution
EVERYWHERE: Final = "ERGA OMNES"
_SCHEDULES: dict[str, dict[str, Any]] = {
    "measures": dict.fromkeys(
        ("id", "direction", "code", "origin", "tax", "preference", "quota_order", "rate", "reference", "issuer"),
        pl.String,
    )
    | {"valid_from": pl.Date, "valid_to": pl.Date},
    "taxes": dict.fromkeys(("tax", "name", "base", "reference", "issuer"), pl.String)
    | {"sequence": pl.Int64, "inclusive": pl.Boolean, "deductions": pl.Boolean, "required": pl.Boolean},
    "country_groups": {"group": pl.String, "country": pl.String, "issuer": pl.String},
    "exchange_rates": {"currency": pl.String, "per": pl.Int64, "rate": pl.Int128, "issuer": pl.String}
    | {"valid_from": pl.Date, "valid_to": pl.Date},
    "charges": {"type": pl.String, "sign": pl.Int64, "name": pl.String, "issuer": pl.String},
}


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax of an administration: what it stands on, and how it is figured."""

    code: str
    base: tuple[str, ...]
    inclusive: bool
    deductions: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Administration:
    """How an administration counts: its currency, the decimals of what is payable, its roundings."""

    code: str
    currency: str
    places: int
    rounding: str
    value_rounding: str
    value_terms: tuple[str, ...]  # terms of delivery under which the declared freight is added to the value
    suspending: tuple[str, ...]  # procedures under which what is assessed is not payable
    untaxed: tuple[str, ...]  # procedures, national ones too, under which no duty arises: nothing is assessed
    taxes: tuple[Tax, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """The tariff law of one administration, ready for joins. `measure` is a row of `measures`, from 0."""

    administration: Administration
    measures: pl.DataFrame  # as its schedule has them, with `percent`, the ad valorem share, and `simple`: nothing else
    expressions: tuple[DutyExpression, ...]  # the rates of the measures
    reach: pl.DataFrame  # one row per measure (`measure:A00`) and country it reaches; the nearest stand last
    lengths: tuple[int, ...]  # those the codes of measures have
    exchange_rates: pl.DataFrame
    charges: pl.DataFrame

    def of_measure(self, column: str, tax: str) -> pl.Expr:
        """What the measure of this tax says in a column of `measures`; null where there is no measure."""
        return pl.lit(self.measures[column]).gather(pl.col(f"measure:{tax}"))


@lru_cache(maxsize=16)
def tariffs_of(edition: Edition) -> Mapping[str, Tariff]:
    """The compiled tariffs of an edition by administration; one per edition digest.

    Raises BuildFault, naming table and row, where the law tables contradict themselves.
    """
    tables = {name: _table(edition, name) for name in _SCHEDULES}
    issuers = tables["measures"]["issuer"].unique().sort().to_list()
    return {
        issuer: _tariff(edition, issuer, {name: t.filter(pl.col("issuer") == issuer) for name, t in tables.items()})
        for issuer in issuers
    }


def verify(edition: Edition) -> None:
    """The tariff law of the edition holds together. Raises BuildFault, naming table and row, otherwise."""
    tariffs_of(edition)


def match(keys: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    """The keys, and for every tax the measure that applies (`measure:A00`), its `percent:A00` and whether it is
    `simple:A00`; null where none applies.

    Keys: k, direction, on, commodity_code, origin, preferential_origin, preference, quota_order.
    """
    places, fits, last, stated = _matching(tariff)
    placed = keys.select(*_DECISIVE, places).explode("place")
    found = placed.join(tariff.reach.lazy(), on="place", maintain_order="right")
    nearest = found.filter(fits).group_by("k").agg(last)
    return keys.join(nearest, on="k", how="left", maintain_order="left").with_columns(stated)


_DECISIVE: Final = ("k", "on", "origin", "preferential_origin", "preference", "quota_order")


@lru_cache(maxsize=64)
def _matching(tariff: Tariff) -> tuple[pl.Expr, pl.Expr, list[pl.Expr], list[pl.Expr]]:
    """The places of a key in the schedule, which measures there fit it, the last per tax, and what that states."""
    prefixes = [pl.col("direction") + pl.col("commodity_code").str.head(length) for length in tariff.lengths]
    claimed_origin = pl.coalesce("preferential_origin", "origin")
    origin = pl.when(pl.col("granted").is_null()).then("origin").otherwise(claimed_origin)
    fits = [
        in_force(pl.col("on")),
        pl.col("country").is_null() | (pl.col("country") == origin),
        pl.col("granted").is_null() | (pl.col("granted") == pl.col("preference")),
        pl.col("opened").is_null() | (pl.col("opened") == pl.col("quota_order")),
    ]
    taxes = [tax.code for tax in tariff.administration.taxes]
    last = [pl.col(f"measure:{tax}").last(ignore_nulls=True) for tax in taxes]
    stated = [tariff.of_measure(name, tax).alias(f"{name}:{tax}") for tax in taxes for name in ("percent", "simple")]
    return pl.concat_list(prefixes).alias("place"), pl.all_horizontal(fits), last, stated


def _table(edition: Edition, name: str) -> pl.DataFrame:
    """The table with exactly the columns this module reads; empty where no schedule has it."""
    schema = _SCHEDULES[name]
    given = edition.tables.get(name)
    if given is None:
        return pl.DataFrame(schema=schema)
    if missing := [column for column in schema if column not in given.columns]:
        raise BuildFault(f"the table {name!r} lacks the columns {', '.join(missing)}; see landsea.tariff.measure")
    return given.select(pl.col(column).cast(dtype) for column, dtype in schema.items())


def _expression(row: Mapping[str, Any]) -> DutyExpression:
    where = f"{row['issuer']}/measures.csv, measure {row['id']}"
    if not row["rate"]:
        raise BuildFault(f"{where}: states no rate; write Free where nothing is charged")
    try:
        expression = parse(row["rate"])
    except InputError as error:
        raise BuildFault(f"{where}: {error}") from error
    if any(component.kind == "supplementary" for component in expression.components):
        raise BuildFault(f"{where}: {row['rate']!r} is a unit, not a rate")
    return expression


def _is_percent(component: Any) -> bool:
    return bool(component.kind == "ad valorem" and component.unit is None)


def _percent(expression: DutyExpression) -> int:
    return sum(component.rate for component in expression.base if _is_percent(component))


def _tariff(edition: Edition, issuer: str, tables: Mapping[str, pl.DataFrame]) -> Tariff:
    administration = _administration(edition, issuer, tables["taxes"])
    measures = tables["measures"].sort("id")
    expressions = tuple(_expression(row) for row in measures.iter_rows(named=True))
    measures = measures.with_columns(
        code=pl.when(pl.col("code") == "*").then(pl.lit("")).otherwise("code"),
        percent=pl.Series([_percent(e) for e in expressions], dtype=pl.Int128),
        simple=pl.Series([all(_is_percent(c) for c in e.base) and not e.limits for e in expressions], dtype=pl.Boolean),
    )
    _refuse_odd_taxes(administration, measures, expressions)
    return Tariff(
        administration,
        measures,
        expressions,
        _reach(measures, tables["country_groups"], administration),
        tuple(sorted(set(measures["code"].str.len_bytes()))),
        _rates(tables["exchange_rates"], administration),
        tables["charges"],
    )


def _reach(measures: pl.DataFrame, groups: pl.DataFrame, administration: Administration) -> pl.DataFrame:
    """Every measure with each country it reaches, null for all; what stands before others comes after them."""
    is_country = pl.col("origin").str.len_bytes() == 2
    everywhere = pl.col("origin") == EVERYWHERE
    rows = measures.with_row_index("measure")
    members = groups.select(pl.col("group").alias("origin"), "country").unique()
    grouped = rows.filter(~is_country & ~everywhere).join(members, on="origin", how="left")
    if lost := grouped.filter(pl.col("country").is_null())["origin"].unique().sort().to_list():
        raise BuildFault(f"measures name the origins {', '.join(lost)}, which no country_groups.csv lists")
    named = rows.filter(is_country).with_columns(country=pl.col("origin"))
    rest = rows.filter(everywhere).with_columns(country=pl.lit(None, dtype=pl.String))
    reach = pl.concat([frame.with_columns(nearness=pl.lit(near)) for near, frame in enumerate((rest, grouped, named))])
    same = ["direction", "tax", "code", "country", "nearness", "preference", "quota_order"]
    _refuse_overlaps(reach, same, "measures", "id")
    quota, preference = pl.col("quota_order").is_not_null(), pl.col("preference").is_not_null()
    of_tax = [
        pl.when(pl.col("tax") == tax.code).then("measure").alias(f"measure:{tax.code}") for tax in administration.taxes
    ]
    return reach.sort(quota, preference, pl.col("code").str.len_bytes(), "nearness").select(
        *("country", "valid_from", "valid_to", *of_tax),
        place=pl.col("direction") + pl.col("code"),
        granted="preference",
        opened="quota_order",
    )


def _rates(published: pl.DataFrame, administration: Administration) -> pl.DataFrame:
    """The published rates, and the administration's own currency at one, each from its first day; where one ends and no
    other begins, a row without a rate.
    """
    own = [(administration.currency, 1, MICRO, administration.code, date.min, None)]
    rates = pl.concat([published, pl.DataFrame(own, schema=_SCHEDULES["exchange_rates"], orient="row")])
    if (odd := rates.filter((pl.col("per") <= 0) | (MICRO % pl.col("per") != 0) | (pl.col("rate") <= 0))).height:
        row = odd.row(0, named=True)
        raise BuildFault(
            f"{row['issuer']}/exchange_rates.csv: {row['currency']}: per must divide a million, rate be above 0"
        )
    _refuse_overlaps(rates.with_row_index("measure"), ["currency"], "exchange_rates", "currency")
    per = pl.col("per").cast(pl.Int128)
    unit = pl.col("rate") * (FX_UNIT // MICRO) // per
    ends = rates.filter(pl.col("valid_to").is_not_null()).select("currency", valid_from="valid_to")
    silent = ends.join(rates, on=["currency", "valid_from"], how="anti")
    return (
        pl.concat([rates, silent], how="diagonal")
        .select(
            *("currency", "valid_from"),
            fx="rate",
            fx_per=per,
            fx_unit=unit,
            fx_limit=pl.lit(Range.AMOUNT * FX_UNIT - 1, dtype=pl.Int128) // unit,
        )
        .sort("valid_from")
    )


def _administration(edition: Edition, issuer: str, taxes: pl.DataFrame) -> Administration:
    document = edition.documents.get(f"{issuer}/administration")
    if document is None:
        raise BuildFault(f"{issuer} has measures but no administration.toml; it must say currency, places and rounding")
    if missing := [key for key in ("currency", "places", "rounding") if key not in document]:
        raise BuildFault(f"{issuer}/administration.toml does not say {', '.join(missing)}")
    for key in ("rounding", "value_rounding"):
        if document.get(key, document["rounding"]) not in ROUNDINGS:
            raise BuildFault(f"{issuer}/administration.toml: {key} is none of {', '.join(ROUNDINGS)}")
    if not 0 <= document["places"] <= 6:
        raise BuildFault(f"{issuer}/administration.toml: places must be 0 to 6")
    rows = taxes.filter(pl.col("issuer") == issuer).sort("sequence").iter_rows(named=True)
    listed = tuple(
        Tax(row["tax"], tuple(row["base"].split("+")), row["inclusive"], row["deductions"], row["required"])
        for row in rows
    )
    return Administration(
        code=issuer,
        currency=document["currency"],
        places=document["places"],
        rounding=document["rounding"],
        value_rounding=document.get("value_rounding", document["rounding"]),
        value_terms=tuple(document.get("value_terms", ())),
        suspending=tuple(document.get("suspending_procedures", ())),
        untaxed=tuple(document.get("untaxed_procedures", ())),
        taxes=listed,
    )


def _refuse_odd_taxes(
    administration: Administration, measures: pl.DataFrame, expressions: tuple[DutyExpression, ...]
) -> None:
    known = {"value"}
    for tax in administration.taxes:
        if unknown := [part for part in tax.base if part not in known]:
            _fault(administration, f"tax {tax.code} stands on {', '.join(unknown)}, not due before it in sequence")
        if tax.code in known:
            _fault(administration, f"tax {tax.code} is listed twice")
        known.add(tax.code)
    inclusive = {tax.code for tax in administration.taxes if tax.inclusive}
    rows = measures.select("id", "tax", "percent").iter_rows()
    for (identifier, tax_code, percent), expression in zip(rows, expressions, strict=True):
        if tax_code not in known - {"value"}:
            _fault(administration, f"measure {identifier} is of tax {tax_code}, which taxes.csv does not list")
        if tax_code in inclusive and (expression.limits or percent >= 10**8):
            _fault(administration, f"measure {identifier}: a tax in its own base takes no limit and less than 100 %")


def _refuse_overlaps(rows: pl.DataFrame, same: list[str], table: str, name: str) -> None:
    """Two rows that are the same in law may not be in force on the same day."""
    pairs = rows.join(rows, on=same, nulls_equal=True, suffix="_2").filter(pl.col("measure") < pl.col("measure_2"))
    ends, ends_2 = pl.col("valid_to"), pl.col("valid_to_2")
    both = pairs.filter(
        ends.is_null() | (pl.col("valid_from_2") < ends), ends_2.is_null() | (pl.col("valid_from") < ends_2)
    )
    if both.height:
        first = both.sort("measure", "measure_2").row(0, named=True)
        other = first.get(name + "_2", first[name])
        raise BuildFault(
            f"{first['issuer']}/{table}.csv: {first[name]} and {other} are both in force for the same case"
        )


def _fault(administration: Administration, why: str) -> NoReturn:
    raise BuildFault(f"{administration.code}: {why}")
