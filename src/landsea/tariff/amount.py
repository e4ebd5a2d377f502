"""Amounts: what a duty expression comes to, exactly, in columns.

Sums are held in units of 10^-14 (`SCALE`): an amount in millionths times a percentage in millionths needs no division,
so rounding happens once, by the administration's name for it. Specific components are cut at 10^-14.
"""

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
    own = {code: a.currency for code, a in tariff.administrations.items()}
    home = pl.col("administration").replace_strict(own, default=None, return_dtype=pl.String)
    stated = _stated(rows["measure"].unique().to_list(), tariff)
    joined = rows.join(stated, on="measure", maintain_order="left_right")
    priced = joined.with_columns(priced_in=pl.coalesce("rate_currency", home)).lazy()
    return _with_quantity(exchange(priced, tariff, "priced_in").collect()).with_columns(
        part=_part(), lacking=_lacking()
    )


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


def _stated(measures: list[int], tariff: Tariff) -> pl.DataFrame:
    """The components of these measures, one row each: slot 0 is the base, 1 and up the limits."""
    rows = []
    for measure in measures:
        expression = tariff.expressions[measure]
        slots = [(None, expression.base), *((limit.kind, limit.components) for limit in expression.limits)]
        for slot, (limit, components) in enumerate(slots):
            for component in components:
                kind: str = component.kind
                unit = component.unit
                if kind == "ad valorem" and unit:
                    kind = "retail"
                elif kind == "specific" and not unit:
                    kind = "fixed"
                key = f"{unit.code}#{unit.qualifier}" if unit and unit.qualifier else unit.code if unit else None
                per = unit.per if unit else 1
                rows.append((measure, slot, limit, kind, component.rate, component.currency or None, per, key))
    schema = {"measure": pl.UInt32, "slot": pl.Int64, "limit": pl.String, "kind": pl.String, "rate": pl.Int128}
    schema |= {"rate_currency": pl.String, "per": pl.Int128, "unit": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_quantity(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts with the declared `quantity` in `declared_unit`, and the ratio that brings it to the rate's unit."""
    needed = _measured(pl.col("unit"))
    choices, units = [], []
    for amount, unit, usual in _DECLARED:
        declared = pl.coalesce(unit, pl.lit(usual, dtype=pl.String)) if usual else pl.col(unit)
        fits = _measured(declared) == needed
        choices.append(pl.when(fits).then(amount))
        units.append(pl.when(fits & pl.col(amount).is_not_null()).then(declared))
    found = parts.with_columns(quantity=pl.coalesce(choices), declared_unit=pl.coalesce(units))
    up, down = _ratio(pl.col("declared_unit"), "numerator"), _ratio(pl.col("declared_unit"), "denominator")
    return found.with_columns(
        numerator=up * _ratio(pl.col("unit"), "denominator"), denominator=down * _ratio(pl.col("unit"), "numerator")
    )


def _measured(unit: pl.Expr) -> pl.Expr:
    """What a unit measures: its kind's base unit and its qualifier; a unit without ratio measures itself."""
    code = unit.str.head(unit.str.find("#", literal=True).fill_null(100))
    table = conversions()
    base = code.replace_strict(table["unit"], table["base"], default=code)
    return base + unit.str.slice(code.str.len_chars())


def _ratio(unit: pl.Expr, side: str) -> pl.Expr:
    code = unit.str.head(unit.str.find("#", literal=True).fill_null(100))
    table = conversions()
    return code.replace_strict(table["unit"], table[side], default=pl.lit(1, dtype=pl.Int128))
