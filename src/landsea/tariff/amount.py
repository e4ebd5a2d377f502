"""Amounts: what a duty expression comes to, exactly, in columns.

Sums are held in units of 10^-14 (`SCALE`): an amount in millionths times a percentage in millionths needs no division,
so rounding happens once, by the administration's name for it. Specific components are cut at 10^-14.
"""

from functools import cache, lru_cache
from typing import Final

import polars as pl

from landsea.tariff.customs_value import exchange
from landsea.tariff.measure import Tariff
from landsea.units import MICRO, Range, divide
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
    """The total (SCALE) rounded by name to places, in millionths; null beyond the checked range."""
    rounded = divide(total, SCALE // 10**places, rounding) * (MICRO // 10**places)
    return pl.when(rounded.abs() < Range.AMOUNT).then(rounded)


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


def slots(parts: pl.DataFrame) -> pl.DataFrame:
    """What composite rates come to besides their share of the base: one row per r, tax and slot.

    Slot 0 is the base of the rate, 1 and up its limits. `percent` is the share of the customs value, `specific` the
    rest in SCALE, null where a component could not be reckoned.
    """
    of_base = pl.col("kind") == "ad valorem"
    lost = (pl.col("part").is_null() & ~of_base).any()
    return parts.group_by("r", "tax", "slot", "limit").agg(
        percent=pl.col("rate").filter(of_base).sum(),
        specific=pl.when(~lost).then(pl.col("part").filter(~of_base).sum()),
    )


def components(rows: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """The components of composite rates, one row each with `part`, its amount in SCALE (null for a share of the base).

    Rows: r, tax, measure, administration, on and the declared quantities. Where a part cannot be reckoned, `lacking`
    says what is missing: quantity, exchange rate or recipe; or nothing, and the numbers are beyond the checked range.
    """
    joined = rows.lazy().join(stated(tariff).lazy(), on="measure", maintain_order="left_right").with_row_index("p")
    declared = pl.concat([joined.select(choice) for choice in _choices()])
    found = (
        declared.join(_convertible(tariff).lazy(), on=["unit", "declared_unit"], maintain_order="left")
        .unique("p", keep="first", maintain_order=True)
        .drop("unit")
    )
    priced = exchange(joined.join(found, on="p", how="left", maintain_order="left"), tariff, "priced_in")
    return priced.with_columns(_results()).collect(optimizations=pl.QueryOptFlags.none())


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
    """Every component of every rate: slot 0 is the base of a rate, 1 and up its limits."""
    own = {code: a.currency for code, a in tariff.administrations.items()}
    rows = []
    for measure, (expression, issuer) in enumerate(zip(tariff.expressions, tariff.measures["issuer"], strict=True)):
        slots = [(None, expression.base), *((limit.kind, limit.components) for limit in expression.limits)]
        for slot, (limit, parts) in enumerate(slots):
            for part in parts:
                unit = part.unit
                kind = {"ad valorem": "retail"}.get(part.kind, part.kind) if unit else part.kind
                kind = "fixed" if kind == "specific" and not unit else kind
                key = f"{unit.code}#{unit.qualifier}" if unit and unit.qualifier else unit.code if unit else None
                currency = part.currency or own[issuer]
                rows.append((measure, slot, limit, kind, part.rate, currency, unit.per if unit else 1, key))
    schema = {"measure": pl.UInt32, "slot": pl.Int64, "limit": pl.String, "kind": pl.String, "rate": pl.Int128}
    schema |= {"priced_in": pl.String, "per": pl.Int128, "unit": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


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
