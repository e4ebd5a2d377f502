"""Amounts: what a duty expression comes to, exactly, in columns.

Sums are held in units of 10^-14 (`SCALE`): an amount in millionths times a percentage in millionths needs no division,
so rounding happens once, by the administration's name for it. Specific components are cut at 10^-14.
"""

from functools import cache, lru_cache
from typing import Final

import polars as pl

from landsea.declaration.lot import collected
from landsea.tariff.customs_value import exchange
from landsea.tariff.duty_expression import Component
from landsea.tariff.measure import Tariff
from landsea.units import Range, coin, divide
from landsea.units.measurement import conversions

SCALE: Final = 10**14
_PERCENT: Final = 10**8  # millionths of a percent in one
_LARGEST: Final = pl.lit(10**37, dtype=pl.Int128)
_DECLARED: Final = (  # where a quantity may be declared, in the order looked in
    ("specific_base", "specific_base_unit", None),
    ("tariff_quantity", "tariff_quantity_unit", None),
    ("net_mass", "net_mass_unit", "KGM"),
    ("gross_mass", "gross_mass_unit", "KGM#G"),
)


def percentage(base: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """The share of a base (millionths) in SCALE; null where the base is beyond the checked range."""
    return pl.when(base.abs() < Range.AMOUNT).then(base) * percent


def payable(total: pl.Expr, places: int, rounding: str) -> pl.Expr:
    """The total (SCALE) rounded by name to places, in millionths."""
    return divide(total, SCALE // 10**places, rounding) * pl.lit(coin(places), dtype=pl.Int128)


def with_itself(total: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """The total of a tax that is part of its own base: (base x rate + specific) / (1 - rate)."""
    room = pl.when(total.abs() <= _LARGEST // _PERCENT).then(total) * _PERCENT
    return divide(room, _PERCENT - percent, "truncate")


def limited(total: pl.Expr, kind: pl.Expr, bound: pl.Expr) -> pl.Expr:
    """The total raised to a MIN or lowered to a MAX; unknown where either is, unchanged where there is no limit."""
    known = total.is_not_null() & bound.is_not_null()
    return (
        pl.when(kind.is_null())
        .then(total)
        .when(known & (kind == "MIN"))
        .then(pl.max_horizontal(total, bound))
        .when(known & (kind == "MAX"))
        .then(pl.min_horizontal(total, bound))
    )


def components(rows: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """The components of composite rates, one row each with its amount: `percent` of the customs value and `part`, in
    SCALE, which is null where it cannot be reckoned.

    Rows: those of `stated`, on, and the declared quantities. Where a part is null, `lacking` says what is missing:
    quantity, exchange rate or recipe; or nothing, and the numbers are beyond the checked range.
    """
    found = (
        pl.concat([rows.lazy().select(choice) for choice in _choices()])
        .join(_convertible(tariff).lazy(), on=["unit", "declared_unit"], maintain_order="left")
        .unique("p", keep="first", maintain_order=True)
        .drop("unit")
    )
    measured = rows.lazy().join(found, on="p", how="left", maintain_order="left")
    priced = exchange(measured, tariff, "priced_in").sort("p")
    return collected(priced.with_columns(_results()))


@cache
def _choices() -> list[list[pl.Expr]]:
    """For each place a quantity may be declared: the part, the unit its rate asks for, the quantity and its unit."""
    return [
        [
            pl.col("p"),
            pl.col("unit"),
            pl.col(amount).alias("quantity"),
            pl.when(pl.col(amount).is_not_null())
            .then(pl.coalesce(unit, pl.lit(usual, dtype=pl.String)))
            .alias("declared_unit"),
        ]
        for amount, unit, usual in _DECLARED
    ]


@cache
def _results() -> list[pl.Expr]:
    return [_part().alias("part"), _lacking().alias("lacking")]


@lru_cache(maxsize=16)
def _convertible(tariff: Tariff) -> pl.DataFrame:
    """Each unit of a rate with the units a quantity may be declared in, and the ratio that brings it to the rate's.

    Qualifiers must be equal; a unit of no known ratio takes only itself.
    """
    ratios = {unit: (base, up, down) for unit, base, up, down, _ in conversions().iter_rows()}
    rows = []
    for unit in stated(tariff)["unit"].drop_nulls().unique():
        code, mark, qualifier = unit.partition("#")
        base, up, down = ratios.get(code, (code, 1, 1))
        same = [(other, n, m) for other, (kind, n, m) in ratios.items() if kind == base] or [(code, 1, 1)]
        rows += [(unit, other + mark + qualifier, n * down, m * up) for other, n, m in same]
    schema = {"unit": pl.String, "declared_unit": pl.String, "numerator": pl.Int128, "denominator": pl.Int128}
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(maxsize=16)
def stated(tariff: Tariff) -> pl.DataFrame:
    """Every component of the composite rates, by measure: slot 0 is the base of a rate, 1 and up its limits."""
    rows = []
    for measure, (expression, simple) in enumerate(zip(tariff.expressions, tariff.measures["simple"], strict=True)):
        slots = [(None, expression.base), *((limit.kind, limit.components) for limit in expression.limits)]
        rows += [
            (measure, slot, limit, *_component(part, tariff.administration.currency))
            for slot, (limit, parts) in enumerate(slots if not simple else ())
            for part in parts
        ]
    schema = {"measure": pl.UInt32, "slot": pl.Int64, "limit": pl.String, "kind": pl.String, "rate": pl.Int128}
    schema |= {"priced_in": pl.String, "per": pl.Int128, "unit": pl.String, "percent": pl.Int128}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _component(part: Component, own: str) -> tuple[str, int, str, int, str | None, int]:
    """Its kind, rate, currency, the count and key of its unit, and its share of the customs value."""
    unit, kind = part.unit, part.kind
    if unit is None:
        share = part.rate if kind == "ad valorem" else 0
        return "fixed" if kind == "specific" else kind, part.rate, part.currency or own, 1, None, share
    key = f"{unit.code}#{unit.qualifier}" if unit.qualifier else unit.code
    return "retail" if kind == "ad valorem" else kind, part.rate, part.currency or own, unit.per, key, 0


def _part() -> pl.Expr:
    kind, rate, quantity = pl.col("kind"), pl.col("rate"), pl.col("quantity")
    specific = rate * pl.col("fx") * pl.col("numerator")
    reach = pl.when(rate.abs() <= Range.FACTOR, pl.col("fx") <= Range.FACTOR // 100)
    factor = reach.then(pl.when((rate * pl.col("fx")).abs() <= 10**22).then(specific))
    fits = quantity <= _LARGEST // pl.max_horizontal(factor.abs(), pl.lit(1, dtype=pl.Int128))
    divisor = pl.col("denominator") * pl.col("per") * pl.col("fx_per") * 10**4
    on_quantity = divide(pl.when(fits).then(quantity) * factor, divisor, "truncate")
    fixed = divide(rate * pl.col("fx") * 100, pl.col("fx_per"), "truncate")
    return (
        pl.when(kind == "retail")
        .then(percentage(pl.when(quantity < 10**20).then(quantity), rate))
        .when(kind == "specific")
        .then(on_quantity)
        .when(kind == "fixed")
        .then(fixed)
        .when(kind == "ad valorem")
        .then(pl.lit(0, dtype=pl.Int128))
    )


def _lacking() -> pl.Expr:
    kind = pl.col("kind")
    on_quantity = kind.is_in(["specific", "retail"])
    return (
        pl.when(kind == "recipe")
        .then(pl.lit("recipe"))
        .when(kind.is_in(["specific", "fixed"]) & pl.col("fx").is_null())
        .then(pl.lit("exchange rate"))
        .when(on_quantity & pl.col("quantity").is_null())
        .then(pl.lit("quantity"))
    )
