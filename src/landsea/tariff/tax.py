"""The taxes of an administration over its cases: base, total, amount, one after the other, as one plan of columns.

Columns of a tax carry its code behind a colon (`base:B00`). Every rate is reckoned alike, slot by slot
(`amount.slots`): base x percent + specific. What no case needs is left out of the plan.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Protocol

import polars as pl

from landsea.tariff import trace
from landsea.tariff.amount import SCALE, limited, payable, percentage, with_itself
from landsea.tariff.measure import Administration, Tax
from landsea.units import MICRO

_MICROS: Final = SCALE // MICRO  # from SCALE to millionths


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax as a lot needs it: which limits its rates have, whether it is composite, partial, with deductions."""

    tax: Tax
    place: int
    partial: bool  # some cases have no measure of it
    composite: bool
    limits: tuple[int, ...]
    deducted: bool


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
    of, named = _columns(levy), _names(levy)
    base = sum((pl.col(f"due:{part}") for part in levy.tax.base if part in known), pl.col("value"))
    total = percentage(base, of("percent"))
    limits = []
    if levy.composite:
        # a slot may be absent (a plain rate), or present and null (unknown): only the latter makes the total unknown
        total = pl.when(of("slot", 0).is_null()).then(total).otherwise(total + of("specific", 0))
        for slot in levy.limits:
            bound = percentage(base, of("percent", slot)) + of("specific", slot)
            limits.append([named(total, "before", slot), named(bound, "bound", slot)])
            total = limited(of("before", slot), of("limit", slot), of("bound", slot))
        # a rate with a part taken off never pays the declarant
        total = pl.when(total < 0).then(pl.lit(0, dtype=pl.Int128)).otherwise(total)
    whole = [[named(with_itself(of("sum"), of("percent")), "total")]] if levy.tax.inclusive else []
    amount = payable(_whole(levy), administration.places, administration.rounding)
    last = [[named(amount, "rounded"), named(amount, "amount"), named(_due(levy, amount), "due")]]
    if levy.deducted:
        less = pl.max_horizontal(of("rounded") - of("deduct"), pl.lit(0, dtype=pl.Int128))
        left = pl.when(of("rounded").is_null() | of("deduct").is_null()).then(of("rounded")).otherwise(less)
        last = [[named(amount, "rounded")], [named(left, "amount"), named(_due(levy, left), "due")]]
    return *limits, [named(base, "base"), named(total, "sum")], *whole, *last


def _due(levy: Levy, amount: pl.Expr) -> pl.Expr:
    return pl.when(applies(levy)).then(amount).otherwise(pl.lit(0, dtype=pl.Int128)) if levy.partial else amount


def _whole(levy: Levy) -> pl.Expr:
    """The total before rounding, in SCALE."""
    return _columns(levy)("total" if levy.tax.inclusive else "sum")


def missing(levy: Levy) -> pl.Expr:
    """Whether the tax must fall on the case though no measure says how."""
    lacking = pl.col(f"measure:{levy.tax.code}").is_null()
    return lacking & (pl.col("direction") == "import") if levy.tax.required else pl.lit(value=False)


def applies(levy: Levy) -> pl.Expr:
    """Whether the tax falls on the case: a measure says how, or one must."""
    return pl.col(f"measure:{levy.tax.code}").is_not_null() | missing(levy)


def assessments(cases: pl.LazyFrame, levy: Levy, administration: Administration) -> pl.LazyFrame:
    """One row per case the levy falls on, with the columns of `assess.SCHEMA`."""
    return (cases.filter(applies(levy)) if levy.partial else cases).select(_assessed(levy, administration))


@lru_cache(maxsize=256)
def _assessed(levy: Levy, administration: Administration) -> list[pl.Expr]:
    of = _columns(levy)
    suspended = pl.col("procedure").is_in(administration.suspending)
    payable_or_not = pl.when(suspended).then(pl.lit("suspended")).otherwise(pl.lit("payable"))
    return [
        *(pl.col(key) for key in ("d", "i", "item")),
        pl.lit(levy.tax.code).alias("tax"),
        of("id").alias("measure"),
        of("preference").alias("regime"),
        pl.col("if_granted"),
        of("quota_order").alias("quota_order"),
        of("base").alias("base"),
        (of("quantity") if levy.composite else pl.lit(None, dtype=pl.Int128)).alias("quantity"),
        (of("unit") if levy.composite else pl.lit(None, dtype=pl.String)).alias("unit"),
        of("rate").alias("rate"),
        of("amount").alias("amount"),
        pl.lit(administration.currency).alias("currency"),
        pl.when(of("amount").is_null()).then(pl.lit("unassessed")).otherwise(payable_or_not).alias("state"),
    ]


def steps(cases: pl.LazyFrame, levy: Levy) -> list[pl.LazyFrame]:
    """The steps that led to the levy's amount, but for its specific components (`component_steps`)."""
    chosen = cases.filter(applies(levy)) if levy.partial else cases
    return [(chosen if only is None else chosen.filter(only)).select(step) for only, step in _steps(levy)]


@lru_cache(maxsize=256)
def _steps(levy: Levy) -> list[tuple[pl.Expr | None, tuple[pl.Expr, ...]]]:
    """Each step of the levy: the cases that have it (None: all), and its columns."""
    of, code, place = _columns(levy), pl.lit(levy.tax.code), 100 * levy.place
    made: list[tuple[pl.Expr | None, tuple[pl.Expr, ...]]] = []

    def add(what: str, number: int, only: pl.Expr | None = None, **columns: pl.Expr) -> None:
        made.append((only, trace.step(what, place + number, tax=code, **columns)))

    if levy.tax.base != ("value",):
        add("based", 0, a=pl.col("value"), b=of("base") - pl.col("value"), result=of("base"))
    share = percentage(of("base"), of("percent")) // _MICROS
    add("ad valorem", 1, a=of("base"), b=of("percent"), result=share)
    for slot in levy.limits:
        before, bound, kind = of("before", slot), of("bound", slot), of("limit", slot)
        after = limited(before, kind, bound) // _MICROS
        add(
            "limited",
            2 * slot + 2,
            kind.is_not_null(),
            a=before // _MICROS,
            b=bound // _MICROS,
            result=after,
            unit=kind,
        )
    if levy.tax.inclusive:
        add("inclusive", 91, a=of("sum") // _MICROS, b=of("percent"), result=of("total") // _MICROS)
    add("rounded", 92, a=_whole(levy) // _MICROS, result=of("rounded"))
    if levy.deducted:
        add("deducted", 93, of("deduct").is_not_null(), a=of("rounded"), b=of("deduct"), result=of("amount"))
    return made


def component_steps(parts: pl.DataFrame, levies: tuple[Levy, ...]) -> pl.LazyFrame:
    """A step for every component of a composite rate that is charged on a quantity or is fixed."""
    places = {levy.tax.code: 100 * levy.place for levy in levies}
    charged = parts.lazy().filter(pl.col("kind") != "ad valorem")
    return charged.with_columns(place=pl.col("tax").replace_strict(places, return_dtype=pl.UInt32)).select(_component())


@cache
def _component() -> tuple[pl.Expr, ...]:
    counted = pl.when(pl.col("per") == 1).then(pl.lit("")).otherwise(pl.concat_str("per", pl.lit(" ")))
    priced = pl.when(pl.col("kind") == "retail").then(pl.lit("%")).otherwise("priced_in")
    declared = pl.concat_str(pl.lit(", declared in "), "declared_unit")
    converted = pl.when(pl.col("declared_unit") != pl.col("unit")).then(declared).otherwise(pl.lit(""))
    unit = pl.concat_str(priced, pl.lit(" / "), counted, pl.coalesce("unit", pl.lit("item")), converted)
    number = pl.col("place") + 2 * pl.col("slot") + 1
    result = pl.col("part") // _MICROS
    given = {"tax": pl.col("tax"), "a": pl.col("quantity"), "b": pl.col("rate"), "result": result, "unit": unit}
    return trace.step("specific", number, **given)


class _Column(Protocol):
    """Names a column of a levy, of one of its slots if one is given."""

    def __call__(self, name: str, slot: int | None = None) -> pl.Expr: ...


class _Named(Protocol):
    """Gives an expression the name of a column of a levy."""

    def __call__(self, expression: pl.Expr, name: str, slot: int | None = None) -> pl.Expr: ...


def _name(levy: Levy, name: str, slot: int | None) -> str:
    return f"{name}:{levy.tax.code}" if slot is None else f"{name}:{slot}:{levy.tax.code}"


def _columns(levy: Levy) -> _Column:
    return lambda name, slot=None: pl.col(_name(levy, name, slot))


def _names(levy: Levy) -> _Named:
    return lambda expression, name, slot=None: expression.alias(_name(levy, name, slot))
