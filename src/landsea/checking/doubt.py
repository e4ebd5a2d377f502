"""Doubt: what is left of a rule once its columns have been looked at.

A rule is broken where several conditions are true together: those under which it applies, and the contrary of what it
requires. Many of them can be answered for all rows at a glance: a value is given everywhere or nowhere, and a condition
of flags and codes is asked once of the few values they take, and the answer remembered. Where one of the conditions is
false, the rule is broken nowhere; the others are all that the rows must still be asked. Conditions are answered as
Polars does, by the logic of true, false and null; what may be null is always left to the rows.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache, reduce
from itertools import product
from operator import and_
from typing import Final, NamedTuple

import polars as pl

from .fact import is_lodged
from .rows import FEW, Sight, Values
from .rule import Rule

Look = Callable[[str], Sight]
Answer = Callable[[Look], bool | None]
"""What is true of a condition in all rows alike; None where they may differ."""

_REMEMBERED: Final = 1000  # answers to a condition; columns that take more values hold no codes


class Doubt(NamedTuple):
    """What to ask of the rows, and of which of their columns."""

    condition: pl.Expr
    columns: tuple[str, ...]


class _Part(NamedTuple):
    condition: pl.Expr
    answer: Answer


def doubt(rule: Rule, look: Look) -> Doubt | None:
    """What rows must be asked to know which break the rule; None where none of them can."""
    unknown = []
    for number, part in enumerate(_parts(rule)):
        answer = part.answer(look)
        if answer is False:
            return None
        if answer is None:
            unknown.append(number)
    return None if _broken(rule)(look) is False else _remaining(rule, tuple(unknown))


@lru_cache(maxsize=4096)
def _remaining(rule: Rule, unknown: tuple[int, ...]) -> Doubt:
    parts = _parts(rule)
    conditions = [parts[number].condition for number in unknown] or [parts[-1].condition]
    condition = reduce(and_, conditions)
    return Doubt(condition.alias(rule.id), tuple(condition.meta.root_names()))


@cache
def _broken(rule: Rule) -> Answer:
    return _by_values(rule.verdict.breached)


@cache
def _parts(rule: Rule) -> tuple[_Part, ...]:
    """What must be true of a row for it to break the rule; what needs no facts stands in front."""
    conditions = [part for part in _conjuncts(rule.verdict.breached) if not part.meta.eq(pl.lit(True))]
    conditions.sort(key=lambda part: not all(is_lodged(rule.frame, name) for name in part.meta.root_names()))
    return tuple(_Part(condition, _answer(condition)) for condition in conditions)


def _conjuncts(condition: pl.Expr) -> Iterator[pl.Expr]:
    """The conditions that must all be true for this one to be."""
    match _taken_apart(condition):
        case "and", left, right:
            yield from _conjuncts(left)
            yield from _conjuncts(right)
        case "not", inner:
            match _taken_apart(inner):
                case "or", left, right:
                    yield from _conjuncts(~left)
                    yield from _conjuncts(~right)
                case "not", same:
                    yield from _conjuncts(same)
                case _:
                    yield condition
        case _:
            yield condition


def _taken_apart(condition: pl.Expr) -> tuple[str, *tuple[pl.Expr, ...]]:
    """The word that joins a condition, and what it joins; `leaf` where it is none of and, or, not."""
    inputs = condition.meta.pop()[::-1]
    if len(inputs) == 1 and (~inputs[0]).meta.eq(condition):
        return "not", *inputs
    if len(inputs) == 2:
        left, right = inputs
        for word, joined in (("and", left & right), ("or", left | right)):
            if joined.meta.eq(condition):
                return word, left, right
    return ("leaf",)


def _answer(condition: pl.Expr) -> Answer:
    match _taken_apart(condition):
        case "not", inner:
            return _contrary(_answer(inner))
        case "and", left, right:
            return _joined(_answer(left), _answer(right), decided=False)
        case "or", left, right:
            return _joined(_answer(left), _answer(right), decided=True)
    columns = condition.meta.root_names()
    if len(columns) == 1 and condition.meta.eq(pl.col(columns[0]).is_not_null()):
        return lambda look: look(columns[0]).given
    return _by_values(condition)


def _contrary(answer: Answer) -> Answer:
    def contrary(look: Look) -> bool | None:
        said = answer(look)
        return None if said is None else not said

    return contrary


def _joined(left: Answer, right: Answer, *, decided: bool) -> Answer:
    """The answer to two conditions, where either decides both by being so."""

    def joined(look: Look) -> bool | None:
        first = left(look)
        if first is decided:
            return decided
        second = right(look)
        return decided if second is decided else None if None in (first, second) else not decided

    return joined


def _by_values(condition: pl.Expr) -> Answer:
    """The answer to a condition by the values that its columns take."""
    columns = tuple(dict.fromkeys(condition.meta.root_names()))
    known: dict[tuple[Values | None, ...], bool | None] = {}

    def answer(look: Look) -> bool | None:
        taken = tuple([look(column).values for column in columns])
        if taken not in known:
            rows = list(product(*(values or () for values in taken)))
            if not 0 < len(rows) <= FEW or len(known) == _REMEMBERED:
                return None
            asked = pl.DataFrame(rows, {column: look(column).dtype for column in columns}, orient="row")
            answers = asked.select(condition).to_series()
            known[taken] = None if answers.n_unique() > 1 else answers[0]
        return known[taken]

    return answer
