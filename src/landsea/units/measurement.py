"""Measurement: quantities from one unit to another, exactly, in columns.

Units are UNECE Recommendation 20 common codes, with the few that tariffs use although the list does not have them (HKG,
HAR, NPR, NMB); `codes.unit` says which are listed. `measures.tsv` gives each as a ratio of whole numbers to the base
unit of its kind. Imperial and US ratios are the exact definitions (international yard and pound agreement of 1959; UK
gallon 4.54609 l; US gallon 231 cubic inches; troy ounce 480 grains), where the Recommendation prints rounded ones.
Units of different kinds never convert: a pair is not two articles, nor a litre of pure alcohol a litre of goods.

Customs also writes a qualifier behind a unit (`KGM#G`, the kilogram gross). It belongs to what is measured, not to the
unit: it counts as its base code, and quantities convert only between equal qualifiers.
"""

from functools import cache
from importlib.resources import files
from math import gcd

import polars as pl

from .money import Range
from .rounding import divide

_LARGEST = pl.lit(10**37, dtype=pl.Int128)  # a product up to here leaves room for the rounding's doubling


@cache
def conversions() -> pl.DataFrame:
    """One row per unit: unit, base (the unit of its kind all others refer to), numerator, denominator, name.

    One `unit` is numerator / denominator `base` units, in lowest terms.
    """
    text = files(__package__).joinpath("measures.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    ratios = [_lowest(int(numerator), int(denominator)) for _, _, numerator, denominator, _ in rows]
    return pl.DataFrame(
        {
            "unit": [row[0] for row in rows],
            "base": [row[1] for row in rows],
            "numerator": [numerator for numerator, _ in ratios],
            "denominator": [denominator for _, denominator in ratios],
            "name": [row[4] for row in rows],
        },
        schema_overrides={"numerator": pl.Int128, "denominator": pl.Int128},
    )


def base_code(unit: pl.Expr) -> pl.Expr:
    """The unit without its qualifier: `KGM#G` gives `KGM`."""
    return unit.str.split_exact("#", 1).struct.field("field_0")


def qualifier(unit: pl.Expr) -> pl.Expr:
    """The qualifier behind the unit: `KGM#G` gives `G`; null where there is none."""
    return unit.str.split_exact("#", 1).struct.field("field_1")


def convert(quantity: pl.Expr, unit: pl.Expr, to: pl.Expr | str, rounding: str) -> pl.Expr:
    """The quantity (millionths) in the unit `to`, rounded by name to a whole millionth.

    Null where the two units are of different kinds, either is not in `conversions()`, their qualifiers differ, or the
    result lies beyond `Range.AMOUNT`. A quantity already in the unit `to`, whatever it is, stays as it is.
    """
    target = pl.lit(to) if isinstance(to, str) else to
    pair = pl.concat_str(base_code(unit), base_code(target), separator=">")
    pairs, numerators, denominators = _ratios()
    at = pair.cast(pairs, strict=False).to_physical()
    numerator, denominator = pl.lit(numerators).gather(at), pl.lit(denominators).gather(at)
    fits = (quantity.abs() <= _LARGEST // numerator) & qualifier(unit).eq_missing(qualifier(target))
    converted = divide(pl.when(fits).then(quantity) * numerator, denominator, rounding)
    return pl.when(unit == target).then(quantity).when(converted.abs() < Range.AMOUNT).then(converted)


@cache
def _ratios() -> tuple[pl.Enum, pl.Series, pl.Series]:
    """Every pair of units of one kind as `from>to`, and in the same order the ratio between them in lowest terms."""
    both = conversions().join(conversions(), on="base", suffix="_to")
    pairs = both.select(pl.concat_str("unit", "unit_to", separator=">")).to_series()
    columns = ("numerator", "denominator_to", "denominator", "numerator_to")
    ratios = [_lowest(a * b, c * d) for a, b, c, d in both.select(columns).iter_rows()]
    numerators, denominators = zip(*ratios, strict=True)
    return pl.Enum(pairs), pl.Series(numerators, dtype=pl.Int128), pl.Series(denominators, dtype=pl.Int128)


def _lowest(numerator: int, denominator: int) -> tuple[int, int]:
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common
