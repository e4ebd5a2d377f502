"""Breaches: which rows break which rules, and the findings that say so.

A rule asks conditions of single columns before it applies: an Incoterm is given, the declaration is full. Where such a
column is empty in the whole frame and the condition is false of nothing, the rule applies to no row and need not be
evaluated. Declarations fill a fraction of what the data model offers, so most rules are answered that way. The others
of a frame are evaluated in one `select`; only rows that break a rule cost more.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import polars as pl

from landsea.declaration.element import elements
from landsea.declaration.finding import SCHEMA
from landsea.errors import BuildFault
from landsea.units import decimal_text

from .rule import Rule

_MANY = 1000  # rows from which threads earn their keep


class Breach(NamedTuple):
    """A rule, how grave it is here, and the rows of a frame that break it, by their numbers."""

    rule: Rule
    severity: int
    frame: pl.DataFrame
    rows: pl.Series


def breaches(rules: Iterable[tuple[Rule, int]], frame: pl.DataFrame) -> list[Breach]:
    """What rows of `frame` break which of these rules, each given with its severity.

    Raises BuildFault, naming the rule, where a verdict is null.
    """
    blank: dict[str, bool] = {}
    rules = [(rule, severity) for rule, severity in rules if not applies_nowhere(rule, frame, blank)]
    if not rules:
        return []
    select = frame.select if frame.height >= _MANY else frame.select_seq
    verdicts = select([rule.breached for rule, _ in rules]).get_columns()
    for (rule, _), verdict in zip(rules, verdicts, strict=True):
        if verdict.null_count():
            raise BuildFault(f"rule {rule.id} gave no verdict for some rows of {rule.frame}; its expression is wrong")
    return [
        Breach(rule, severity, frame, verdict.arg_true())
        for (rule, severity), verdict in zip(rules, verdicts, strict=True)
        if verdict.any()
    ]


def applies_nowhere(rule: Rule, frame: pl.DataFrame, blank: dict[str, bool]) -> bool:
    """Whether a column the rule needs is empty; `blank` keeps which are, for the other rules of the frame."""
    for column in _needed(rule, frame):
        if column not in blank:
            blank[column] = _is_blank(frame.get_column(column))
        if blank[column]:
            return True
    return False


def _is_blank(column: pl.Series) -> bool:
    if column.dtype == pl.Boolean:
        return not column.null_count() and not column.any()
    return column.null_count() == len(column)


_NEEDED: dict[Rule, frozenset[str]] = {}


def _needed(rule: Rule, frame: pl.DataFrame) -> frozenset[str]:
    """The columns without which the rule applies nowhere: where they are null, or false, so is a condition of it."""
    if rule not in _NEEDED:
        nothing = frame.clear(1).with_columns(pl.col(pl.Boolean).fill_null(value=False))
        _NEEDED[rule] = frozenset(
            column for column, condition in rule.conditions if nothing.select(condition).item() is False
        )
    return _NEEDED[rule]


def findings(breaches: list[Breach], positions: pl.Series) -> pl.DataFrame:
    """The findings of these breaches, in the order of declaration, goods item, rule and place.

    `positions` says where each goods item stands in its declaration.
    """
    breaches = sorted(breaches, key=lambda breach: breach.rule.id)
    parts = [_columns(number, breach) for number, breach in enumerate(breaches)]
    d, i, number, at, n, m, value = (pl.concat(columns) for columns in zip(*parts, strict=True))
    found = pl.DataFrame(
        {
            "d": d,
            "item": positions.gather(i).cast(SCHEMA["item"]),
            "k": number,
            "at": at,
            "n": n,
            "m": m,
            "value": value,
        }
    )
    found = found.sort("d", "item", "k", "n", "m", maintain_order=True)
    of_rule = pl.DataFrame(
        [(breach.rule.id, breach.rule.version, breach.severity, None) for breach in breaches],
        schema={name: SCHEMA[name] for name in ("rule", "version", "severity", "place")},
        orient="row",
    )
    return found.hstack(of_rule[found["k"]]).select(*SCHEMA)


def _columns(number: int, breach: Breach) -> tuple[pl.Series, ...]:
    rule, frame, rows = breach.rule, breach.frame, breach.rows
    nothing = _NOTHING.new_from_index(0, len(rows))
    i, n, m = (
        frame.get_column(key)[rows] if key in keys else nothing
        for keys in (_KEYS.get(rule.frame, ("i", "n", "m")),)
        for key in ("i", "n", "m")
    )
    places = _places(rule)
    at = places[frame.get_column("at")[rows]] if "at" in frame.columns else places.new_from_index(0, len(rows))
    return (
        frame.get_column("d")[rows],
        i,
        pl.Series([number], dtype=pl.UInt32).new_from_index(0, len(rows)),
        at,
        n,
        m,
        _text(_found(breach)),
    )


_KEYS: dict[str, tuple[str, ...]] = {"declarations": (), "goods_items": ("i",)}
_NOTHING = pl.Series([None], dtype=pl.UInt32)


@cache
def _places(rule: Rule) -> pl.Series:
    """What the rule points at, by the number of the class that holds the row."""
    places = {at: place.at for at, place in rule.places.items()}
    return pl.Series([places.get(at) for at in range(len(elements()))], dtype=SCHEMA["at"])


def _found(breach: Breach) -> pl.Series:
    """What was found where the rule points, for each row that breaks it."""
    shown = breach.rule.found
    if shown is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(breach.rows))
    columns = {name: breach.frame.get_column(name)[breach.rows] for name in shown.meta.root_names()}
    return columns.popitem()[1] if shown.meta.is_column() else pl.DataFrame(columns).select(shown).to_series()


def _text(values: pl.Series) -> pl.Series:
    """Values as a declarant wrote them: decimals out of their millionths, instants as ISO 8601."""
    if values.dtype == pl.Int128:
        return pl.Series([None if v is None else decimal_text(v) for v in values.to_list()], dtype=pl.String)
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return values.cast(pl.String)
