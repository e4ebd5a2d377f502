"""The trace: how each amount came about, step by step.

A trace is not kept: it is read from the reckoning, which is the same for a declaration by itself, years later, under
the same edition. So assessing a million declarations costs no step of any of them. Steps of an item's customs value
carry no tax. Step numbers rise in the order of reckoning: 100 times the place of the tax in the administration's
sequence, then one more with each step.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, select
from landsea.declaration.stage import Known
from landsea.tariff.amount import SCALE, limited, percentage
from landsea.tariff.assess import charged
from landsea.tariff.origin_claim import claimed
from landsea.tariff.proof_of_origin import proof_steps
from landsea.tariff.reckoning import Reckoning, reckonings
from landsea.tariff.relief import relief_steps
from landsea.tariff.relief_claim import relieved
from landsea.tariff.tax import Levy, applies, columns_of, whole
from landsea.tariff.valuation import value_steps
from landsea.tariff.value_claim import evidence_in
from landsea.units import MICRO, decimal_text

SCHEMA: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "tax": pl.String(),
    "if_granted": pl.Boolean(),  # null: no quota is claimed; else the outcome under which the step holds
    "step": pl.UInt32(),
    "what": pl.String(),  # a key of _SENTENCES
    "a": pl.Int128(),  # operands and result, in millionths
    "b": pl.Int128(),
    "result": pl.Int128(),
    "unit": pl.String(),  # what the operands are in, where it is not the administration's currency
}
_NOTHING: Final = Known()
_KEYS: Final = ("d", "i", "item", "if_granted")
_MICROS: Final = SCALE // MICRO  # from SCALE to millionths
_SENTENCES: Final = {
    "converted": "invoice amount {a} at the rate of exchange {b} ({unit}) comes to {result}",
    "charged": "{a} with charges of {b}, rounded, is the customs value {result}",
    "based": "stands on the customs value {a} and on taxes of {b}: {result}",
    "ad valorem": "{b} % of {a} is {result}",
    "specific": "{a} at {b} ({unit}) is {result}",
    "limited": "{a}, limited by {b} ({unit}), is {result}",
    "inclusive": "{a}, as part of its own base at {b} %, is {result}",
    "rounded": "{a} rounded is {result}",
    "deducted": "{a} less the deduction of {b} leaves {result}",
}


def traces(lot: Lot, edition: Edition, known: Known = _NOTHING) -> pl.DataFrame:
    """Every step of every amount of the lot that `assess` gives, with the columns of `SCHEMA`, in no order."""
    return pl.concat(
        [
            pl.DataFrame(schema=SCHEMA),
            *(step for each in _reckoned(lot, edition, known) for step in _steps(each)),
        ]
    )


def explain(lot: Lot, edition: Edition, d: int, known: Known = _NOTHING) -> list[str]:
    """The sentences that tell how the amounts of declaration `d` came about, item by item in the order of reckoning:
    first whether its proof of origin is good, then its value, its taxes, and at last its relief. What is `known` is
    known of `d` alone, as number 0.
    """
    alone = select(lot, [d])
    steps = traces(alone, edition, known).filter(pl.col("result").is_not_null())
    rows = steps.sort("item", "step", "if_granted", nulls_last=False, maintain_order=True)
    claims, charges = _grounds(alone, edition, known)
    told = [(row["item"], 1, _sentence(row)) for row in rows.iter_rows(named=True)]
    before = [(item, 0, f"item {item}: {sentence}") for item, sentence in claims]
    after = [(item, 2, f"item {item}: {sentence}") for item, sentence in charges]
    return [sentence for *_, sentence in sorted([*before, *told, *after], key=lambda one: one[:2])]


def _reckoned(lot: Lot, edition: Edition, known: Known) -> Iterator[Reckoning]:
    return reckonings(claimed(lot, edition, known).lot, edition, evidence_in(known))


def _grounds(lot: Lot, edition: Edition, known: Known) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What bears on the items besides reckoning, in sentences: before it (proof of origin, value), and after it."""
    claims = claimed(lot, edition, known)
    due, _ = charged(claims.lot, edition, evidence_in(known))
    doubts = [each.doubts.steps for each in _reckoned(lot, edition, known) if each.doubts]
    numbers = dict(lot["goods_items"].select("i", "n").iter_rows())

    def told(steps: pl.DataFrame, sentences: Callable[[pl.DataFrame], list[str]]) -> list[tuple[int, str]]:
        items = [numbers[i] for i in steps["i"].to_list()]
        return list(zip(items, sentences(steps), strict=True))

    values = [one for steps in doubts for one in told(steps, value_steps)]
    return [*told(claims.steps, proof_steps), *values], told(relieved(lot, due, edition).steps, relief_steps)


def _sentence(row: dict[str, Any]) -> str:
    numbers = {name: "1" if row[name] is None else decimal_text(row[name]) for name in ("a", "b", "result")}
    granted = {None: "", True: " if the quota is granted", False: " if the quota is refused"}[row["if_granted"]]
    tax = f", {row['tax']}" if row["tax"] else ""
    subject = f"item {row['item']}{tax}{granted}"
    return f"{subject}: {_SENTENCES[row['what']].format(**numbers, unit=row['unit'] or '')}"


def _steps(reckoning: Reckoning) -> list[pl.DataFrame]:
    made = [*_steps_to_value(reckoning)]
    for levy in reckoning.levies:
        made += _steps_of(levy, reckoning.cases.filter(applies(levy)))
    return made if reckoning.parts is None else [*made, _steps_of_components(reckoning.parts, reckoning.levies)]


def _step(rows: pl.DataFrame, what: str, number: int | pl.Expr, **columns: pl.Expr) -> pl.DataFrame:
    """A step of every row: the keys are the rows', columns not given are null."""
    fixed = {"step": pl.lit(number) if isinstance(number, int) else number, "what": pl.lit(what)}
    given = fixed | {key: pl.col(key) for key in _KEYS} | columns
    return rows.select(given.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


def _steps_to_value(reckoning: Reckoning) -> list[pl.DataFrame]:
    cases, own = reckoning.cases, reckoning.tariff.administration.currency
    worth, charges = pl.col("invoiced"), pl.col("additions") if reckoning.charged else pl.lit(0)
    unit = pl.concat_str(pl.lit(f"{own} for "), "fx_per", pl.lit(" "), "currency")
    foreign = cases.filter(pl.col("currency") != own)
    plain = cases.filter(pl.col("doubted").is_null()) if "doubted" in cases.columns else cases
    return [
        _step(foreign, "converted", 1, a=pl.col("item_amount"), b=pl.col("fx"), result=worth, unit=unit),
        _step(plain, "charged", 2, a=worth, b=charges, result=pl.col("value")),
    ]


def _steps_of(levy: Levy, cases: pl.DataFrame) -> list[pl.DataFrame]:
    """The steps that led to the levy's amount, but for the specific components of its rates."""
    of, made = columns_of(levy), []

    def add(what: str, number: int, rows: pl.DataFrame = cases, **columns: pl.Expr) -> None:
        made.append(_step(rows, what, 100 * levy.place + number, tax=pl.lit(levy.tax.code), **columns))

    value = pl.col("value") if "value" in levy.tax.base else pl.lit(0, dtype=pl.Int128)
    base, percent = of("base"), of("percent")
    if levy.tax.base != ("value",):
        add("based", 0, a=value, b=base - value, result=base)
    add("ad valorem", 1, a=base, b=percent, result=percentage(base, percent) // _MICROS)
    for slot in levy.limits:
        before, bound, kind = of("before", slot), of("bound", slot), of("limit", slot)
        numbers = {"a": before, "b": bound, "result": limited(before, kind, bound)}
        in_micros = {name: number // _MICROS for name, number in numbers.items()}
        add("limited", 2 * slot + 2, cases.filter(kind.is_not_null()), **in_micros, unit=kind)
    if levy.tax.inclusive:
        add("inclusive", 91, a=of("sum") // _MICROS, b=percent, result=of("total") // _MICROS)
    add("rounded", 92, a=whole(levy) // _MICROS, result=of("rounded"))
    if levy.deducted:
        deduct = of("deduct")
        add("deducted", 93, cases.filter(deduct.is_not_null()), a=of("rounded"), b=deduct, result=of("amount"))
    return made


def _steps_of_components(parts: pl.DataFrame, levies: tuple[Levy, ...]) -> pl.DataFrame:
    """A step for every component of a composite rate that is charged on a quantity or is fixed."""
    places = {levy.tax.code: 100 * levy.place for levy in levies}
    counted = pl.when(pl.col("per") == 1).then(pl.lit("")).otherwise(pl.concat_str("per", pl.lit(" ")))
    priced = pl.when(pl.col("kind") == "retail").then(pl.lit("%")).otherwise("priced_in")
    declared = pl.concat_str(pl.lit(", declared in "), "declared_unit")
    converted = pl.when(pl.col("declared_unit") != pl.col("unit")).then(declared).otherwise(pl.lit(""))
    place = pl.col("tax").replace_strict(places, return_dtype=pl.UInt32)
    return _step(
        parts.filter(pl.col("kind") != "ad valorem"),
        "specific",
        place + 2 * pl.col("slot") + 1,
        tax=pl.col("tax"),
        a=pl.col("quantity"),
        b=pl.col("rate"),
        result=pl.col("part") // _MICROS,
        unit=pl.concat_str(priced, pl.lit(" / "), counted, pl.coalesce("unit", pl.lit("item")), converted),
    )
