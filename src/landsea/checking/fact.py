"""Fact: how facts are made, each when a rule first asks for it.

Rows are numbered, so facts are laid out and gathered by row number; almost nothing is joined. What a code says is asked
once of each code there is.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.element import elements
from landsea.declaration.lot import DERIVED, SUFFIX, Lot, schemas
from landsea.declaration.stage import Known

from .repetition import repeated
from .rows import Rows, constant


class Facts(dict[str, Rows]):
    """The frames of a lot that have rows, each row with its facts."""

    def __init__(self, table: "Table", lot: Lot, known: Known, edition: Edition) -> None:
        self.lot, self.known, self.edition = lot, known, edition
        self._table = table
        super().__init__(
            (name, Rows(name, frame, partial(self._fact, name), _codes(name)))
            for name, frame in lot.frames.items()
            if frame.height
        )

    def _fact(self, frame: str, name: str) -> pl.Series:
        fact = repeated(self[frame]) if name == "repeated" else self._table[frame][name](self, self[frame])
        return fact.alias(name)


def is_lodged(frame: str, column: str) -> bool:
    """Whether this is a column of the lot itself."""
    return column in schemas()[frame] or column in DERIVED.get(frame, ())


@cache
def _codes(frame: str) -> frozenset[str]:
    """The columns of a frame that hold codes, of which there are few."""
    own = [element for element in elements() if element.frame == frame and not element.is_class]
    coded = {element.column for element in own if element.kind == "code"}
    coded |= {element.column + SUFFIX[element.kind] for element in own if element.kind in SUFFIX}
    return frozenset(coded | _CODES)


_CODES = {
    *("role", "message", "administration", "message_profile", "model_version", "direction", "agent_function"),
    *("commodity_code", "procedure", "previous_procedure", "origin", "preferential_origin", "preference"),
    *("export_country", "territories", "n", "sequence", "items", "goods_item_count"),
}
"""Other columns of codes and small numbers: of the context, derived, or identifiers to the element table."""

Fact = Callable[[Facts, Rows], pl.Series]
Table = Mapping[str, Mapping[str, Fact]]


def flags(rows: int, chosen: pl.Series) -> pl.Series:
    """True at the rows whose numbers are chosen, false at all others; there is no null among the numbers."""
    column = constant(rows, value=rows == 1 and len(chosen) > 0)
    return column.scatter(chosen, values=True) if rows > 1 and len(chosen) else column


def told(column: str, test: Callable[[str | None], bool]) -> Fact:
    """What `test` says of the code."""
    return lambda _facts, rows: rows.told(column, test)


def is_one_of(column: str, *codes: str) -> Fact:
    """Whether the column has one of these codes."""
    return told(column, frozenset(codes).__contains__)


def made(expression: pl.Expr) -> Fact:
    """What the expression makes of the row."""
    return lambda _facts, rows: rows.select(expression)


def both(one: str, other: str) -> Fact:
    """Whether two facts are true together."""
    return lambda _facts, rows: rows[one] & rows[other]


def above(column: str) -> Fact:
    """What the declaration says."""
    return lambda facts, rows: facts["declarations"][column][rows["d"]]


def _marked(facts: Facts, frame: str, mark: str, key: str) -> pl.Series:
    """The numbers in `key` of the rows of a frame that are so, of all its rows where there is no mark."""
    if frame not in facts:
        return _NONE
    rows = facts[frame]
    return rows[key].filter(rows[mark]) if mark else rows[key]


_NONE = pl.Series([], dtype=pl.UInt32)


def has(frame: str, mark: str = "", key: str = "d") -> Fact:
    """Whether there is such a row of that frame."""
    return lambda facts, rows: flags(rows.height, _marked(facts, frame, mark, key))


def at_items(frame: str, mark: str) -> Fact:
    """Whether an item has such a row of that frame, there or at its header."""

    def fact(facts: Facts, items: Rows) -> pl.Series:
        if frame not in facts or not facts[frame][mark].any():
            return constant(items.height, value=False)
        there = facts[frame]
        marked = there[mark]
        headed = there.lack("i")
        at_item = flags(items.height, there["i"].filter(marked & ~headed))
        if not headed.any():
            return at_item
        return at_item | flags(len(facts.lot), there["d"].filter(marked & headed))[items["d"]]

    return fact


def sum_of(frame: str, of: pl.Expr) -> Fact:
    """What the rows of that frame come to in each declaration; null where it has none."""

    def fact(facts: Facts, declarations: Rows) -> pl.Series:
        lodged = facts.lot[frame][["d", *of.meta.root_names()]]
        if declarations.height == 1 and lodged.height:
            return lodged.select_seq(of).to_series()
        ordered = lodged.height >= _MANY and lodged["d"].is_sorted()  # so that nothing has to be hashed
        totals = (lodged.set_sorted("d") if ordered else lodged).group_by("d", maintain_order=True).agg(total=of)
        return spread(declarations.height, totals["d"], totals["total"])

    return fact


_MANY = 1000  # rows from which it pays to prepare


def spread(rows: int, numbers: pl.Series, totals: pl.Series) -> pl.Series:
    """The totals laid out by these row numbers; null where there is none."""
    if len(numbers) == rows and numbers.is_sorted():
        return totals
    blank = pl.Series([None], dtype=totals.dtype).new_from_index(0, rows)
    return blank.scatter(numbers, totals) if len(totals) else blank
