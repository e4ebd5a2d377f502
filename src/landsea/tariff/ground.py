"""Grounds: the conditions the law sets, and the steps by which a result came about, as rows a trader can follow.

What valuation, origin, proof, preference and relief decide is told in one form: a step per row, with the article it
stands on, a code of what was done, the amount it came to and a detail. `told` writes the sentences.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from landsea.errors import BuildFault
from landsea.units import Range, decimal_text, divide

KEYS: Final = ("d", "i")
STEPS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "step": pl.UInt32(),  # from 1, in the order of reckoning
    "article": pl.String(),
    "what": pl.String(),  # a code; the module that took the step has its sentence
    "amount": pl.Int128(),  # millionths; null where the step states no figure
    "detail": pl.String(),
}
_NONE: Final = pl.DataFrame(schema=STEPS)
_PRODUCT: Final = 10**37  # leaves room for the rounding's doubling


class Condition(NamedTuple):
    """A condition of the law over the columns of a row: `met` is true or false, never null."""

    code: str
    article: str | pl.Expr
    sentence: str
    met: pl.Expr


def shaped(rows: pl.DataFrame | None, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows with exactly these columns and types; what is not given is null, no rows at all is an empty frame."""
    if rows is None:
        return pl.DataFrame(schema=schema)
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def unmet(rows: pl.DataFrame, conditions: Sequence[Condition]) -> pl.DataFrame:
    """One step per row and condition it does not meet, in the order of the conditions. A null is a BuildFault."""
    return pl.concat([_NONE, *(_unmet(rows, condition) for condition in conditions)])


def _unmet(rows: pl.DataFrame, condition: Condition) -> pl.DataFrame:
    met = rows.select(condition.met.alias("met"))["met"]
    if met.null_count():
        raise BuildFault(f"condition {condition.code} is neither met nor unmet in {met.null_count()} rows; state it")
    return step(rows.filter(~met), condition.code, condition.article)


def step(
    rows: pl.DataFrame,
    what: str | pl.Expr,
    article: str | pl.Expr,
    amount: pl.Expr | None = None,
    detail: pl.Expr | None = None,
) -> pl.DataFrame:
    """A step of every row, not yet numbered."""
    given = {
        **{key: pl.col(key) for key in KEYS},
        "article": pl.lit(article) if isinstance(article, str) else article,
        "what": pl.lit(what) if isinstance(what, str) else what,
        "amount": pl.lit(None) if amount is None else amount,
        "detail": pl.lit(None) if detail is None else detail,
        "step": pl.lit(0),
    }
    return rows.select(given[name].cast(dtype).alias(name) for name, dtype in STEPS.items())


def numbered(steps: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The steps in the order given, numbered from 1 within each item, item by item."""
    together = pl.concat([_NONE, *steps]).sort(KEYS, nulls_last=False, maintain_order=True)
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    begins = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in KEYS) | (place == 0)
    return together.with_columns(step=place - pl.when(begins).then(place).forward_fill() + 1)


def told(steps: pl.DataFrame, sentences: Mapping[str, str]) -> list[str]:
    """The steps as sentences, each with its article; a sentence may name `{amount}` and `{detail}`."""
    return [
        sentences[what].format(amount="" if amount is None else decimal_text(amount), detail=detail or "")
        + (f" ({article})" if article else "")
        for what, article, amount, detail in steps.select("what", "article", "amount", "detail").iter_rows()
    ]


def scaled(amount: pl.Expr, by: pl.Expr, over: pl.Expr | int) -> pl.Expr:
    """amount x by / over, all exact whole numbers and `over` above 0, cut to a whole one; null beyond 128 bits."""
    room = _PRODUCT // pl.max_horizontal(by.abs(), pl.lit(1, dtype=pl.Int128))
    result = divide(pl.when(amount.abs() <= room).then(amount) * by, over, "truncate")
    return pl.when(result.abs() < Range.AMOUNT).then(result)
