"""Which profiles hit which goods items, and on what values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import polars as pl

from landsea.declaration.lot import collected
from landsea.declaration.stage import Assessed, Known

from .alignment import once_each
from .features import Evidence, sheet_of
from .indicator import LANGUAGE
from .law import RiskLaw
from .predicate import bearing_on, columns_of
from .profile import TriedProfile, compiled

HITS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item, from 1; null where the header alone was judged
    "profile": pl.String(),  # id@version
    "control": pl.UInt8(),
    "values": pl.String(),  # the values the profile met, `name=value` separated by semicolons
}
NO_HITS: Final = pl.DataFrame(schema=HITS)
_MANY: Final = 20_000
"""Rows from which on it pays to look at the commodities first."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Profiles in force within a span of days, compiled: all that `hits` needs and that no row changes."""

    profiles: tuple[TriedProfile, ...]
    names: frozenset[str]
    on_commodity: tuple[pl.Expr, ...]  # profiles that name commodities
    on_rest: tuple[pl.Expr, ...]  # all others
    commodities: pl.Expr | None  # where any of the former may hold, by `hs` alone


@lru_cache(maxsize=64)
def _plan(law: RiskLaw, first: date, last: date) -> _Plan:
    chosen = tuple(p for p in law.profiles if p.valid_from <= last and (p.valid_to is None or first < p.valid_to))
    on_commodity: list[pl.Expr] = []
    on_rest: list[pl.Expr] = []
    commodities: list[pl.Expr] = []
    for profile in chosen:
        truth = compiled(profile.applies)
        if profile.valid_from > first or (profile.valid_to is not None and last >= profile.valid_to):
            truth &= _valid(profile)
        demanded = bearing_on(profile.applies, "hs")
        (on_rest if demanded is None else on_commodity).append(truth.alias(profile.name))
        if demanded is not None:
            commodities.append(compiled(demanded))
    named = pl.any_horizontal(commodities) if commodities else None
    names = frozenset[str]().union(*(columns_of(p.applies) for p in chosen))
    return _Plan(chosen, names, tuple(on_commodity), tuple(on_rest), named)


def _valid(profile: TriedProfile) -> pl.Expr:
    ends, day = pl.lit(profile.valid_to, pl.Date), pl.col("applicable_on")
    return (day >= profile.valid_from) & (ends.is_null() | (day < ends))


def hits(assessed: Assessed, known: Known, law: RiskLaw) -> pl.DataFrame:
    """One row (`HITS`) per profile in force and goods item on which its predicate is true."""
    days = assessed.lot["declarations"]["applicable_on"]
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return NO_HITS
    plan = _plan(law, first, last)
    if not plan.profiles:
        return NO_HITS
    sheet = sheet_of(Evidence(assessed, known, law), plan.names)
    if sheet.height < _MANY or plan.commodities is None:
        return _struck(sheet, plan, (*plan.on_commodity, *plan.on_rest))
    # Whether any profile names a commodity is worked out once per commodity, and only the few rows left are judged in
    # full: for a million items this halves the time and changes no answer.
    few = sheet.filter(once_each(sheet["hs"], [plan.commodities]).to_series())
    return pl.concat([_struck(few, plan, plan.on_commodity), _struck(sheet, plan, plan.on_rest)])


def _struck(sheet: pl.DataFrame, plan: _Plan, truths: Sequence[pl.Expr]) -> pl.DataFrame:
    marks = collected(sheet.lazy().select(truths))
    met = {mark.name for mark in marks.get_columns() if mark.any()}
    if not met:
        return NO_HITS
    some = marks.select(pl.any_horizontal(met)).to_series()
    rows, marks = sheet.filter(some), marks.filter(some)
    struck = (rows.lazy().filter(marks[p.name]).select(_reasons(p)) for p in plan.profiles if p.name in met)
    return collected(pl.concat(struck))


@lru_cache(maxsize=4096)
def _reasons(profile: TriedProfile) -> tuple[pl.Expr, ...]:
    """The columns of `HITS` on rows that the profile hit."""
    values = [_written(name) for name in sorted(columns_of(profile.applies))]
    return (
        pl.col("d"),
        pl.col("item"),
        pl.lit(profile.name).alias("profile"),
        pl.lit(profile.control.value, pl.UInt8).alias("control"),
        pl.concat_str(values, separator="; ").alias("values"),
    )


def _written(name: str) -> pl.Expr:
    column = pl.col(name).list.join(" ") if LANGUAGE[name] == "set" else pl.col(name).cast(pl.String)
    return pl.concat_str(pl.lit(name + "="), column.fill_null("missing"))
