"""The risk profile: an officer's predicate, dated and versioned, and the trial without which it never takes effect.

A profile is text in the edition (`risk_profiles.toml` of an administration). It is parsed to the allow-list of
`predicate`, so that officers write law-like sentences and never code. Before a profile takes effect it is tried on past
traffic: `try_on` says what it would have hit. The record of that trial stands in the profile, and only a `TriedProfile`
can be compiled.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any, Final

import polars as pl

from landsea.declaration.stage import Control
from landsea.errors import InputError
from landsea.units import MICRO

from .indicator import LANGUAGE
from .predicate import Criterion, Join, Node, Not, columns_of, parse

RANK: Final[Mapping[Control, int]] = {
    Control.NONE: 0,
    Control.AUDIT: 1,
    Control.DOCUMENTS: 2,
    Control.SCAN: 3,
    Control.PHYSICAL: 4,
    Control.SAMPLE: 5,
}
"""Which control is higher: the highest wins. An audit comes after release, so it yields to everything before it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as written: who asks for which control where the predicate is true, from when to when, and why."""

    id: str
    version: int
    author: str  # the role that answers for it, never a name
    valid_from: date
    valid_to: date | None
    control: Control
    applies: Node
    reason: str  # for officers only

    @property
    def name(self) -> str:
        """Id and version, as records quote it."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a profile would have hit in past traffic. Shares are per million, None where nothing is known."""

    first: date
    last: date
    declarations: int
    hits: int
    controlled: int  # of the hits, those controlled with a known outcome
    found: int  # of these, those where something was found

    @property
    def share(self) -> int | None:
        """Hits per million declarations."""
        return self.hits * MICRO // self.declarations if self.declarations else None

    @property
    def hit_rate(self) -> int | None:
        """Controls with a result per million controls, where outcomes are known."""
        return self.found * MICRO // self.controlled if self.controlled else None


@dataclass(frozen=True, slots=True)
class TriedProfile(Profile):
    """A profile with the record of its trial: the only kind that takes effect."""

    trial: Trial

    def __post_init__(self) -> None:
        if not self.trial.declarations:
            raise InputError(f"profile {self.name}: its trial saw no declaration; try it on a month of traffic first")
        if self.trial.last >= self.valid_from:
            raise InputError(f"profile {self.name} takes effect on {self.valid_from}, before its trial had ended")
        if not 0 <= self.trial.found <= self.trial.controlled <= self.trial.hits <= self.trial.declarations:
            raise InputError(f"profile {self.name}: the counts of its trial contradict each other")


def profile_of(row: Mapping[str, Any], where: str) -> TriedProfile:
    """The profile in a row of `risk_profiles.toml`. Raises InputError, naming it, for anything missing or wrong."""
    try:
        trial = Trial(**row["trial"])
        return TriedProfile(
            id=_texts(row, "id"),
            version=int(row["version"]),
            author=_texts(row, "author"),
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]) if "valid_to" in row else None,
            control=Control[_texts(row, "control").upper()],
            applies=parse(_texts(row, "applies"), LANGUAGE),
            reason=_texts(row, "reason"),
            trial=trial,
        )
    except KeyError as missing:
        raise InputError(f"{where}, profile {row.get('id', '?')}: {missing} is missing or unknown") from missing
    except (TypeError, ValueError) as wrong:
        raise InputError(f"{where}, profile {row.get('id', '?')}: {wrong}") from wrong
    except InputError as wrong:
        raise InputError(f"{where}, profile {row.get('id', '?')}: {wrong}") from wrong


def _texts(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text")
    return value


def _day(value: object) -> date:
    if type(value) is not date:
        raise ValueError(f"{value} is not a date")
    return value


def compiled(node: Node) -> pl.Expr:
    """The predicate as an expression over the columns it names: true, false, or null where a value is missing."""
    match node:
        case Criterion(column, test, values):
            return _TESTS[test](pl.col(column), [v if isinstance(v, str) else v / MICRO for v in values])
        case Not(part):
            return ~compiled(part)
        case Join("and", parts):
            return reduce(and_, map(compiled, parts))
        case Join(_, parts):
            return _any(map(compiled, parts))


def _any(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(or_, parts)


def _among(column: pl.Expr, values: Sequence[str | float]) -> pl.Expr:
    if len(values) > 4:  # a set look-up costs as much as five comparisons
        return column.is_in(values)
    return _any(column == v for v in values)


_TESTS: Final[Mapping[str, Callable[[pl.Expr, Sequence[Any]], pl.Expr]]] = {
    "=": lambda c, v: c == v[0],
    "!=": lambda c, v: c != v[0],
    "<": lambda c, v: c < v[0],
    "<=": lambda c, v: c <= v[0],
    ">": lambda c, v: c > v[0],
    ">=": lambda c, v: c >= v[0],
    "in": _among,
    "starts_with": lambda c, v: _any(c.str.starts_with(x) for x in v),
    "contains": lambda c, v: _any(c.str.contains(x, literal=True) for x in v),
    "has": lambda c, v: _any(c.list.contains(x) for x in v),
    "is missing": lambda c, _: c.is_null(),
    "is true": lambda c, _: c,
}


def try_on(profile: Profile, sheet: pl.DataFrame, outcomes: pl.DataFrame) -> Trial:
    """What the profile would have hit in past traffic.

    `sheet` has one row per goods item with `d`, `applicable_on` and the columns the predicate names
    (`features.sheet_of`); `outcomes` one row per controlled declaration with `d` and `found` (Boolean). Raises
    InputError where the traffic has no declaration or lacks a column.
    """
    lacking = sorted((columns_of(profile.applies) | {"d", "applicable_on"}) - set(sheet.columns))
    if lacking:
        raise InputError(f"profile {profile.name} cannot be tried: the past traffic has no column {', '.join(lacking)}")
    if sheet.is_empty():
        raise InputError(f"profile {profile.name} cannot be tried: there is no past traffic")
    hits = sheet.filter(compiled(profile.applies)).select("d").unique()
    known = hits.join(outcomes, on="d", how="inner")
    first, last = sheet.select(first=pl.col("applicable_on").min(), last=pl.col("applicable_on").max()).row(0)
    return Trial(first, last, sheet["d"].n_unique(), hits.height, known.height, int(known["found"].sum()))
