"""Rows: one frame of a lot as rules see it, its columns and facts one by one, and each column at a glance.

A column is made when it is first asked for, so that a fact no rule comes to need costs nothing. At a glance a column
tells whether it is full, and which values it takes where these are few: nothing, yes and no, codes.
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final, TypeVar

import polars as pl

T = TypeVar("T")

Value = str | int | None
Values = frozenset[Value]

FEW: Final = 8  # values up to which comparing with each is cheaper than looking every row up
_SAMPLE: Final = 200  # rows that tell whether values are few


class Sight:
    """A column at a glance.

    `given` says whether there is a value: True where every row has one, False where no row has, None where some have.
    """

    def __init__(self, column: pl.Series, *, coded: bool) -> None:
        self._column, self._coded = column, coded
        nulls = column.null_count()
        self.given = not nulls if nulls in (0, len(column)) else None

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column."""
        return self._column.dtype

    @cached_property
    def values(self) -> Values | None:
        """The values it takes, null among them; None where they may be many."""
        if self.given is False:
            return frozenset((None,))
        if self.dtype == pl.Boolean:
            taken = {True: self._column.any(), False: not self._column.all(), None: not self.given}
            return frozenset(value for value, some in taken.items() if some)
        return few_values(self._column) if self._coded else None


class _Made(dict[str, T]):
    """What is made of a name when it is first asked for."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make

    def __missing__(self, name: str) -> T:
        self[name] = made = self._make(name)
        return made


class Rows:
    """The rows of a frame, or some of them: columns as lodged, and facts beside them. There is at least one row."""

    def __init__(
        self, frame: str, lodged: pl.DataFrame, fact: Callable[[str], pl.Series], codes: frozenset[str]
    ) -> None:
        self.frame, self.height = frame, lodged.height
        self._lodged, self._names = lodged, frozenset(lodged.columns)
        self._codes = codes
        self._columns = _Made(lambda name: lodged.get_column(name) if name in self._names else fact(name))
        self.look = _Made(lambda name: Sight(self[name], coded=name in codes)).__getitem__
        """That column at a glance."""

    def __getitem__(self, name: str) -> pl.Series:
        return self._columns[name]

    def only(self, chosen: pl.Series) -> "Rows":
        """The rows where this is true."""
        return Rows(self.frame, self._lodged.filter(chosen), lambda name: self[name].filter(chosen), self._codes)

    def table(self, columns: Iterable[str]) -> pl.DataFrame:
        """These columns side by side."""
        wanted = tuple(dict.fromkeys(columns))
        lodged = [name for name in wanted if name in self._names]
        facts = [self[name] for name in wanted if name not in self._names]
        return self._lodged[lodged].hstack(facts) if lodged else pl.DataFrame(facts)

    def select(self, expression: pl.Expr) -> pl.Series:
        """What the expression makes of the rows."""
        return self.table(expression.meta.root_names()).select_seq(expression).to_series()

    def lack(self, name: str) -> pl.Series:
        """Which rows have no value there."""
        given = self.look(name).given
        return self[name].is_null() if given is None else constant(self.height, value=not given)

    def told(self, name: str, test: Callable[[Any], bool]) -> pl.Series:
        """What `test` says of each row's code, null included; it is asked once of each code there is."""
        every = self.look(name).values or values_of(self[name])
        passing = {value for value in every if test(value)}
        if not passing or len(passing) == len(every):
            return constant(self.height, value=bool(passing))
        return one_of_these(self[name], passing)


def constant(height: int, *, value: bool) -> pl.Series:
    """The same answer for every row."""
    return _ANSWERS.new_from_index(int(value), height)


_ANSWERS = pl.Series([False, True])


def one_of_these(column: pl.Series, values: AbstractSet[Value]) -> pl.Series:
    """Whether each row has one of these values; null is a value like any other."""
    stated = values - {None}
    if len(stated) > FEW:
        found = column.is_in(list(stated))
    else:
        found = reduce(or_, (column == value for value in stated), constant(len(column), value=False))
    if not column.null_count():
        return found
    return found | column.is_null() if None in values else found & column.is_not_null()


def values_of(column: pl.Series) -> Values:
    """The values a column takes, null among them."""
    return few_values(column) or frozenset(column.unique().to_list())


def few_values(column: pl.Series) -> Values | None:
    """The values a column takes, null among them; None where they are more than `FEW`."""
    values = frozenset(column.head(_SAMPLE).to_list())
    if len(values) <= FEW and len(column) > _SAMPLE:
        others = column.filter(~one_of_these(column, values))
        if len(others):
            values |= frozenset(others.unique().to_list())
    return values if len(values) <= FEW else None
