"""The taxes of an administration over its cases: base, total, amount, one after the other, as one plan of columns.

Columns of a tax carry its code behind a colon (`base:B00`). Every rate is reckoned alike, slot by slot
(`quantity.with_slots`): base x percent + specific. What no case needs is left out of the plan.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import polars as pl

from landsea.declaration.lot import collected
from landsea.tariff.amount import limited, payable, percentage, with_itself
from landsea.tariff.measure import Administration, Tariff, Tax
from landsea.units import Range


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax as a lot needs it."""

    tax: Tax
    place: int
    partial: bool  # some cases have no measure of it
    composite: bool  # some rates of it are more than a share of the base
    limits: tuple[int, ...]  # the slots of those rates that are limits
    deducted: bool  # some deductions from it are declared


def reckoned(cases: pl.LazyFrame, levies: tuple[Levy, ...], administration: Administration) -> pl.LazyFrame:
    """The cases with base, sum and total (in SCALE), amount and due of every levy, amounts in millionths.

    `due` is what the levy adds to the bases of later ones: zero where it does not fall on the case, null if unknown.
    """
    known = frozenset(levy.tax.code for levy in levies)
    for levy in levies:
        for columns in _reckoning(levy, administration, known):
            cases = cases.with_columns(columns)
    return cases


@lru_cache(maxsize=256)
def _reckoning(levy: Levy, administration: Administration, known: frozenset[str]) -> tuple[list[pl.Expr], ...]:
    """The columns of a levy, in the order they build on each other."""
    of, named = columns_of(levy), _names(levy)
    stands_on = ["value" if part == "value" else f"due:{part}" for part in levy.tax.base if part in {"value", *known}]
    base = sum(map(pl.col, stands_on), pl.lit(0, dtype=pl.Int128))  # of its taxes perhaps none falls on these cases
    columns = [[named(base, "base")]]
    total = percentage(of("base"), of("percent"))
    if levy.composite:
        # a slot may be absent (a plain rate), or present and null (unknown): only the latter makes the total unknown
        composite = of("slot", 0).is_not_null()
        total = pl.when(composite).then(total + of("specific", 0)).otherwise(total)
        for slot in levy.limits:
            bound = percentage(of("base"), of("percent", slot)) + of("specific", slot)
            columns.append([named(total, "before", slot), named(bound, "bound", slot)])
            total = limited(of("before", slot), of("limit", slot), of("bound", slot))
        # a rate with a part taken off never pays the declarant
        total = pl.when(composite & (total < 0)).then(pl.lit(0, dtype=pl.Int128)).otherwise(total)
    columns.append([named(total, "sum")])
    if levy.tax.inclusive:
        columns.append([named(with_itself(of("sum"), of("percent")), "total")])
    columns.append([named(payable(whole(levy), administration.places, administration.rounding), "rounded")])
    columns.append([named(pl.when(of("rounded").abs() < Range.AMOUNT).then(of("rounded")), "rounded")])
    left = of("rounded")
    if levy.deducted:
        less = pl.max_horizontal(of("rounded") - of("deduct"), pl.lit(0, dtype=pl.Int128))
        left = pl.when(of("rounded").is_null() | of("deduct").is_null()).then(of("rounded")).otherwise(less)
    return *columns, [named(left, "amount"), named(_due(levy, left), "due")]


def _due(levy: Levy, amount: pl.Expr) -> pl.Expr:
    return pl.when(applies(levy)).then(amount).otherwise(pl.lit(0, dtype=pl.Int128)) if levy.partial else amount


def whole(levy: Levy) -> pl.Expr:
    """The total before rounding, in SCALE."""
    return columns_of(levy)("total" if levy.tax.inclusive else "sum")


def missing(levy: Levy) -> pl.Expr:
    """Whether the tax must fall on the case though no measure says how."""
    lacking = pl.col(f"measure:{levy.tax.code}").is_null()
    return lacking & (pl.col("direction") == "import") if levy.tax.required else pl.lit(value=False)


def applies(levy: Levy) -> pl.Expr:
    """Whether the tax falls on the case: a measure says how, or one must."""
    return pl.col(f"measure:{levy.tax.code}").is_not_null() | missing(levy)


def assessments(cases: pl.DataFrame, levies: tuple[Levy, ...], tariff: Tariff) -> pl.DataFrame:
    """One row per levy and case it falls on, with the columns of `assess.SCHEMA`."""
    rows = []
    for levy in levies:
        chosen = cases.lazy().filter(applies(levy)) if levy.partial else cases.lazy()
        rows.append(chosen.select(_assessed(levy, tariff)))
    return collected(pl.concat(rows))


@lru_cache(maxsize=256)
def _assessed(levy: Levy, tariff: Tariff) -> list[pl.Expr]:
    of, code, administration = columns_of(levy), levy.tax.code, tariff.administration
    suspended = pl.col("procedure").is_in(administration.suspending)
    payable_or_not = pl.when(suspended).then(pl.lit("suspended")).otherwise(pl.lit("payable"))
    return [
        *(pl.col(key) for key in ("d", "i", "item")),
        pl.lit(code).alias("tax"),
        tariff.of_measure("id", code).alias("measure"),
        tariff.of_measure("preference", code).alias("regime"),
        pl.col("if_granted"),
        tariff.of_measure("quota_order", code).alias("quota_order"),
        of("base").alias("base"),
        (of("quantity") if levy.composite else pl.lit(None, dtype=pl.Int128)).alias("quantity"),
        (of("unit") if levy.composite else pl.lit(None, dtype=pl.String)).alias("unit"),
        tariff.of_measure("rate", code).alias("rate"),
        of("amount").alias("amount"),
        pl.lit(administration.currency).alias("currency"),
        pl.when(of("amount").is_null()).then(pl.lit("unassessed")).otherwise(payable_or_not).alias("state"),
    ]


class _Column(Protocol):
    """Names a column of a levy, of one of its slots if one is given."""

    def __call__(self, name: str, slot: int | None = None) -> pl.Expr: ...


class _Named(Protocol):
    """Gives an expression the name of a column of a levy."""

    def __call__(self, expression: pl.Expr, name: str, slot: int | None = None) -> pl.Expr: ...


def _name(levy: Levy, name: str, slot: int | None) -> str:
    return f"{name}:{levy.tax.code}" if slot is None else f"{name}:{slot}:{levy.tax.code}"


def columns_of(levy: Levy) -> _Column:
    """Names the columns of the levy: `base`, `sum` …, and with a number those of a slot."""
    return lambda name, slot=None: pl.col(_name(levy, name, slot))


def _names(levy: Levy) -> _Named:
    return lambda expression, name, slot=None: expression.alias(_name(levy, name, slot))
