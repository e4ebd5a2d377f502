"""The rule: one requirement of the law or of a standard, as a verdict over the columns of one frame.

A rule is a function whose docstring is the requirement and which returns a `Verdict` of two Polars expressions: `when`
says to which rows the requirement applies, `requires` what must then be true. Each row thus gets one of three answers:
met, not met, or not applicable. Met and not applicable leave no trace; not met becomes a finding. An expression that
yields null where it should answer is a fault of the build and stops the lot (`BuildFault`), never a pass.

All rules of a frame are evaluated in one `select`; only rows that break a rule cost more than that.
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import polars as pl

from landsea.codes.membership import belongs
from landsea.declaration.element import GOODS_ITEM_PATH, Element, element, elements, knows
from landsea.declaration.finding import SCHEMA, Severity
from landsea.errors import BuildFault
from landsea.units import decimal_text

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


@dataclass(frozen=True)
class Rule:
    """A requirement with its source: published in the catalogue, evaluated by `breaches`.

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
    def breached(self) -> pl.Expr:
        """Where the rule is broken, under its own id."""
        return self.verdict.breached.alias(self.id)

    @cached_property
    def places(self) -> dict[int, Element]:
        """For each class that fills the frame (by its `Element.at`), the element the rule points at."""
        if root := _ROOTS.get(self.frame):
            return {element(root).at: element(f"{root}/{self.at}" if self.at else root)}
        classes = [e for e in elements() if e.is_class and e.frame == self.frame]
        return {e.at: element(f"{e.path}/{self.at}" if knows(f"{e.path}/{self.at}") else e.path) for e in classes}

    @property
    def found(self) -> pl.Expr:
        """What stands where the rule points, as text where it has a column of its own; null otherwise."""
        if self.verdict.found is not None:
            return self.verdict.found
        columns = {place.column for place in self.places.values() if place.column and not place.is_class}
        return pl.col(columns.pop()) if len(columns) == 1 else pl.lit(None, dtype=pl.String)


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
    return pl.all_horizontal(pl.col(c).is_not_null() for c in columns) if len(columns) > 1 else _given(columns[0])


def _given(column: str) -> pl.Expr:
    return pl.col(column).is_not_null()


def one_of(column: str, *values: str) -> pl.Expr:
    """True where the column has one of these values, false where it has another or none."""
    return pl.col(column).is_in(list(values), nulls_equal=True)


def matches(column: str, pattern: str) -> pl.Expr:
    """True where the text matches the whole pattern."""
    return pl.col(column).str.contains(f"^(?:{pattern})$")


def passes(column: str, test: Callable[[str], bool]) -> pl.Expr:
    """True where the value passes `test`, which is asked once per distinct value; null where there is none."""

    def judged(values: pl.Series) -> pl.Series:
        refused = [v for v in values.unique() if v is not None and not test(v)]
        return ~values.is_in(refused)

    return pl.col(column).map_batches(judged, return_dtype=pl.Boolean)


def listed(column: str, codes: Callable[[], AbstractSet[str]]) -> pl.Expr:
    """True where the value is in the code list; null where there is none."""
    return belongs(pl.col(column), codes())


def breaches(rules: Iterable[Rule], frame: pl.DataFrame) -> list[pl.DataFrame]:
    """What rows of `frame` break which of these rules, as findings that still name their goods item by row (`i`).

    Raises BuildFault, naming the rule, where a verdict is null.
    """
    rules = list(rules)
    verdicts = frame.select([rule.breached for rule in rules])
    faults = [column.name for column in verdicts if column.null_count()]
    if faults:
        raise BuildFault(f"rule {faults[0]} gave no verdict for some rows of {rules[0].frame}; its expression is wrong")
    return [_rows(rule, frame.filter(verdicts[rule.id])) for rule in rules if verdicts[rule.id].any()]


def _rows(rule: Rule, broken: pl.DataFrame) -> pl.DataFrame:
    if rule.frame == "declarations":
        null = pl.lit(None, dtype=pl.UInt32)
        keys = [null.alias("i"), null.alias("n"), null.alias("m")]
    elif rule.frame == "goods_items":
        keys = [pl.col("i"), pl.lit(None, dtype=pl.UInt32).alias("n"), pl.lit(None, dtype=pl.UInt32).alias("m")]
    else:
        keys = [pl.col("i"), pl.col("n"), pl.col("m")]
    if rule.frame in _ROOTS:
        at = pl.lit(next(iter(rule.places.values())).at, dtype=pl.UInt16)
    else:
        at = pl.col("at").replace_strict({k: e.at for k, e in rule.places.items()}, return_dtype=pl.UInt16)
    return broken.select(
        pl.col("d"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.version, dtype=SCHEMA["version"]).alias("version"),
        pl.lit(int(rule.severity), dtype=SCHEMA["severity"]).alias("severity"),
        at.alias("at"),
        *keys,
        _text(broken.select(rule.found.alias("value"))["value"], broken.height),
        pl.lit(None, dtype=pl.String).alias("place"),
    )


def _text(values: pl.Series, height: int) -> pl.Series:
    """Values as a declarant wrote them: decimals out of their millionths, instants as ISO 8601."""
    if len(values) != height:  # a literal
        values = pl.Series("value", [values[0]] * height, dtype=values.dtype)
    if values.dtype == pl.Int128:
        return pl.Series("value", [None if v is None else decimal_text(v) for v in values], dtype=pl.String)
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return values.cast(pl.String)
