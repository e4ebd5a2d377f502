"""The rule: one requirement of the law or of a standard, as a verdict over the columns of one frame.

A rule is a function whose docstring is the requirement and which returns a `Verdict` of two Polars expressions: `when`
says to which rows the requirement applies, `requires` what must then be true. Each row thus gets one of three answers:
met, not met, or not applicable. Met and not applicable leave no trace; not met becomes a finding. An expression that
yields null where it should answer is a fault of the build and stops the lot (`BuildFault`), never a pass.

How rules are evaluated stands in `doubt` and `breach`.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Protocol

import polars as pl

from landsea.codes.membership import asked, belongs
from landsea.declaration.element import GOODS_ITEM_PATH, Element, element, elements, knows
from landsea.declaration.finding import Severity
from landsea.errors import BuildFault

from .rows import values_of

INFORMATION, WARNING, ERROR = Severity.INFORMATION, Severity.WARNING, Severity.ERROR
DECLARATION = ("declaration",)

_ROOTS = {"declarations": "Declaration", "goods_items": GOODS_ITEM_PATH}


@dataclass(frozen=True, slots=True)
class Verdict:
    """To which rows a requirement applies, what it requires of them, and (optional) what to show as found there."""

    when: pl.Expr
    requires: pl.Expr
    found: pl.Expr | None = None

    @property
    def breached(self) -> pl.Expr:
        """True where the requirement applies and is not met; null only where the build is at fault."""
        return self.when & ~self.requires


@dataclass(frozen=True, eq=False)
class Rule:
    """A requirement with its source: published in the catalogue, evaluated by `breach.breaches`.

    `at` is the path of the element it points at, from `Declaration` in frame `declarations`, from the goods item in
    `goods_items`, and from the row's own class in every other frame; empty for that class itself.
    """

    id: str
    version: int
    severity: Severity
    subject: str
    frame: str
    at: str
    reference: str
    messages: tuple[str, ...]
    requirement: str
    stated: Callable[[], Verdict]

    @cached_property
    def verdict(self) -> Verdict:
        """The expressions, made on first use, when the code lists they need are read."""
        return self.stated()

    @cached_property
    def places(self) -> dict[int, Element]:
        """For each class that fills the frame (by its `Element.at`), the element the rule points at."""
        if root := _ROOTS.get(self.frame):
            return {element(root).at: element(f"{root}/{self.at}" if self.at else root)}
        classes = [e for e in elements() if e.is_class and e.frame == self.frame]
        return {e.at: element(f"{e.path}/{self.at}" if knows(f"{e.path}/{self.at}") else e.path) for e in classes}

    @cached_property
    def found(self) -> pl.Expr | None:
        """What stands where the rule points, where it has a column of its own; None otherwise."""
        if self.verdict.found is not None:
            return self.verdict.found
        columns = {place.column for place in self.places.values() if place.column and not place.is_class}
        return pl.col(columns.pop()) if len(columns) == 1 else None


class _Named(Protocol):
    __module__: str
    __doc__: str | None

    def __call__(self) -> Verdict: ...


def about(frame: str) -> Callable[..., Callable[[_Named], Rule]]:
    """The decorator for rules whose verdict is over the rows of `frame`.

    A rule of a later version is written `HDR-006/2`.
    """

    def stated(
        id: str,  # noqa: A002 - the catalogue's own word
        severity: Severity,
        at: str,
        reference: str,
        messages: tuple[str, ...] = DECLARATION,
    ) -> Callable[[_Named], Rule]:
        def made(verdict: _Named) -> Rule:
            subject = verdict.__module__.rsplit(".", 1)[-1]
            requirement = " ".join((verdict.__doc__ or "").split())
            if not requirement:
                raise BuildFault(f"rule {id} has no docstring; it must state the requirement")
            number, _, version = id.partition("/")
            return Rule(
                number, int(version or 1), severity, subject, frame, at, reference, messages, requirement, verdict
            )

        return made

    return stated


def given(*columns: str) -> pl.Expr:
    """True where every one of these columns has a value."""
    return reduce(and_, (pl.col(c).is_not_null() for c in columns))


def one_of(column: str, *values: str | None) -> pl.Expr:
    """True where the column has one of these values, false where it has another or none; None stands for no value."""
    return pl.col(column).is_in(list(values), nulls_equal=True)


def matches(column: str, pattern: str) -> pl.Expr:
    """True where the text matches the whole pattern."""
    return pl.col(column).str.contains(f"^(?:{pattern})$")


def passes(column: str, test: Callable[[str], bool]) -> pl.Expr:
    """True where the value passes `test`, which is asked once per distinct value; null where there is none."""
    return asked(pl.col(column), test)


def passes_in(place: str, column: str, test: Callable[[str, str], bool]) -> pl.Expr:
    """True where the value passes `test` in that place, of which there are few; null where either is missing."""

    def answered(columns: Sequence[pl.Series]) -> pl.Series:
        places, values = columns
        passing = places == places  # noqa: PLR0124 - true, and null where there is nothing
        for here in values_of(places) - {None}:
            own = places == here
            refused = [v for v in values.filter(own).unique().to_list() if v is not None and not test(str(here), v)]
            if refused:
                passing &= ~(own & values.is_in(refused))
        return passing

    return pl.map_batches([pl.col(place), pl.col(column)], answered, return_dtype=pl.Boolean, is_elementwise=True)


def listed(column: str, codes: Callable[[], AbstractSet[str]]) -> pl.Expr:
    """True where the value is in the code list; null where there is none."""
    return belongs(pl.col(column), codes())
