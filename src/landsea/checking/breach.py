"""Breaches: which rows break which rules, and the findings that say so.

Declarations fill a fraction of what the data model offers, and codes take few values, so most rules need no more than a
glance at their columns (`doubt`). What is left to ask of the rows of a frame is asked in one `select` over the columns
it needs; only rows that break a rule cost more.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import polars as pl

from landsea.declaration.element import elements
from landsea.declaration.finding import SCHEMA
from landsea.errors import BuildFault
from landsea.units import decimal_text

from .doubt import doubt
from .rows import Rows
from .rule import Rule

_MANY = 10_000  # rows from which threads earn their keep


class Breach(NamedTuple):
    """A rule, how grave it is here, and the rows of a frame that break it, by their numbers."""

    rule: Rule
    severity: int
    rows: Rows
    broken: pl.Series


def breaches(rules: Iterable[tuple[Rule, int]], rows: Rows) -> list[Breach]:
    """Which of these rows break which of these rules, each given with its severity.

    Raises BuildFault, naming the rule, where a verdict is null.
    """
    doubts = [(rule, severity, left) for rule, severity in rules if (left := doubt(rule, rows.look))]
    if not doubts:
        return []
    table = rows.table(name for _, _, left in doubts for name in left.columns)
    select = table.select if rows.height >= _MANY else table.select_seq
    found = []
    for (rule, severity, _), verdict in zip(doubts, select([d.condition for _, _, d in doubts]), strict=True):
        if verdict.null_count():
            raise BuildFault(f"rule {rule.id} gave no verdict for some rows of {rule.frame}; its expression is wrong")
        if verdict.any():
            found.append(Breach(rule, severity, rows, verdict.arg_true()))
    return found


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
    rule, rows, broken = breach.rule, breach.rows, breach.broken
    nothing = _NOTHING.new_from_index(0, len(broken))
    keys = _KEYS.get(rule.frame, ("i", "n", "m"))
    i, n, m = (rows[key][broken] if key in keys else nothing for key in ("i", "n", "m"))
    places = _places(rule)
    at = places.new_from_index(0, len(broken)) if rule.frame == "declarations" else places[rows["at"][broken]]
    return (
        rows["d"][broken],
        i,
        pl.Series([number], dtype=pl.UInt32).new_from_index(0, len(broken)),
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
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(breach.broken))
    columns = {name: breach.rows[name][breach.broken] for name in shown.meta.root_names()}
    return columns.popitem()[1] if shown.meta.is_column() else pl.DataFrame(columns).select(shown).to_series()


def _text(values: pl.Series) -> pl.Series:
    """Values as a declarant wrote them: decimals out of their millionths, instants as ISO 8601."""
    if values.dtype == pl.Int128:
        return pl.Series([None if v is None else decimal_text(v) for v in values.to_list()], dtype=pl.String)
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return values.cast(pl.String)
