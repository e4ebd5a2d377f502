"""The trace: how each amount came about, step by step.

Steps are rows of numbers and a fixed code, one frame for a whole lot; sentences are made at the edge, for the
declaration asked about. Steps of an item's customs value carry no tax. Step numbers rise in the order of reckoning:
100 times the place of the tax in the administration's sequence, then one more with each step.
"""

from typing import Final

import polars as pl

from landsea.units import decimal_text

WHAT: Final = pl.Enum(
    ["converted", "charged", "based", "ad valorem", "specific", "limited", "inclusive", "rounded", "deducted"]
)
SCHEMA: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "tax": pl.String(),
    "if_granted": pl.Boolean(),  # null: no quota is claimed; else the outcome under which the step holds
    "step": pl.UInt32(),
    "what": WHAT,
    "a": pl.Int128(),  # operands and result, in millionths
    "b": pl.Int128(),
    "result": pl.Int128(),
    "unit": pl.String(),  # what the operands are in, where it is not the administration's currency
}
NO_STEPS: Final = pl.DataFrame(schema=SCHEMA)
_KEYS: Final = ("d", "i", "item", "if_granted")
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


def step(what: str, number: int | pl.Expr, **columns: pl.Expr) -> tuple[pl.Expr, ...]:
    """The columns of `SCHEMA` that make one step of every row: the keys are the rows', columns not given are null."""
    fixed = {"step": pl.lit(number) if isinstance(number, int) else number, "what": pl.lit(what, dtype=WHAT)}
    given = fixed | {key: pl.col(key) for key in _KEYS} | columns
    return tuple(given.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


def explain(traces: pl.DataFrame, d: int) -> list[str]:
    """The sentences that tell how the amounts of declaration `d` came about, item by item in the order of reckoning."""
    known = traces.filter((pl.col("d") == d) & pl.col("result").is_not_null())
    rows = known.sort("item", "step", "if_granted", nulls_last=False, maintain_order=True)
    return [_sentence(row) for row in rows.iter_rows(named=True)]


def _sentence(row: dict[str, object]) -> str:
    numbers = {name: _figure(row[name]) for name in ("a", "b", "result")}
    granted = {None: "", True: " if the quota is granted", False: " if the quota is refused"}[row["if_granted"]]  # type: ignore[index]
    tax = f", {row['tax']}" if row["tax"] else ""
    subject = f"item {row['item']}{tax}{granted}"
    return f"{subject}: {_SENTENCES[str(row['what'])].format(**numbers, unit=row['unit'] or '')}"


def _figure(value: object) -> str:
    return decimal_text(value) if isinstance(value, int) else "1"
