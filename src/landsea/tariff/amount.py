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


def composite(rows: pl.DataFrame, tariff: Tariff) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What composite rates come to: (r, total in SCALE) per row, and (r, slot, part, …) per component.

    Rows: r, measure, base, administration, on and the declared quantities. A null total means that a component could
    not be reckoned; its `lacking` in the second frame says what is missing: quantity, exchange rate, recipe or range.
    """
    parts = _parts(rows, tariff)
    slots = parts.group_by("r", "slot", "limit").agg(
        pl.when(pl.col("part").is_null().any()).then(None).otherwise(pl.col("part").sum()).alias("sum")
    )
    at = slots.filter(pl.col("slot") == 0).select("r", total="sum")
    totals = rows.select("r", measured="measure").join(at, on="r", how="left", maintain_order="left")
    # a rate that begins with its limit has no base: the limit alone stands
    totals = totals.with_columns(total=pl.when(pl.col("r").is_in(at["r"].implode())).then("total").otherwise(0))
    for slot in sorted(set(slots["slot"]) - {0}):
        limits = slots.filter(pl.col("slot") == slot).select("r", "limit", "sum")
        both = totals.join(limits, on="r", how="left", maintain_order="left")
        total, bound = pl.col("total"), pl.col("sum")
        floored = pl.when(pl.col("limit") == "MIN").then(pl.max_horizontal(total, bound))
        kept = floored.when(pl.col("limit") == "MAX").then(pl.min_horizontal(total, bound)).otherwise(total)
        known = pl.col("limit").is_null() | (total.is_not_null() & bound.is_not_null())
        totals = both.select("r", total=pl.when(known).then(kept))
    nothing = pl.lit(0, dtype=pl.Int128)
    # a rate with a part taken off never pays the declarant
    floor = pl.when(pl.col("total") < 0).then(nothing).otherwise("total")
    return totals.select("r", total=floor), parts


def _parts(rows: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """One row per row and component, with `part`, the component's amount in SCALE."""
    used = rows["measure"].unique().to_list()
    components = _components(used, tariff)
    joined = rows.join(components, on="measure", maintain_order="left_right")
    own = {code: a.currency for code, a in tariff.administrations.items()}
    home = pl.col("administration").replace_strict(own, default=None, return_dtype=pl.String)
    priced = exchange(
        joined.with_columns(priced_in=pl.coalesce("rate_currency", home)).drop("fx", "fx_per", strict=False),
        tariff,
        "priced_in",
    )
    return _with_quantity(priced).with_columns(part=_part(), lacking=_lacking())


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
        pl.when(kind == "ad valorem")
        .then(percentage(pl.col("base"), rate))
        .when(kind == "retail")
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


def _components(measures: list[int], tariff: Tariff) -> pl.DataFrame:
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
