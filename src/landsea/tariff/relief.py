"""Relief: goods that are not charged, or charged in part, and on what ground.

Revised Kyoto Convention, Specific Annexes B and G; Istanbul Convention, Annex E. A relief is data: which taxes of which
administration it lifts (`reliefs`), and conditions over the facts of an item (`relief_conditions`: column, relation,
value). What is relieved in full keeps its amount and has the state `relieved`, as suspended amounts have theirs;
partial relief (`spread_months`: one part of so many for each month of stay) lowers the amount. A relief may not lift a
tax on which another one stands that it leaves: the base of that one would be wrong. Such a table is a BuildFault.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.errors import BuildFault
from landsea.tariff.ground import KEYS, STEPS, numbered, shaped, step, told
from landsea.units import coin, divide, micro

FACTS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "administration": pl.String(),
    "procedure": pl.String(),
    "previous_procedure": pl.String(),
    "claimed": pl.String(),  # the relief claimed
    "origin": pl.String(),
    "commodity_code": pl.String(),
    "consignment_value": pl.Int128(),  # of all items of the declaration, in the administration's currency
    "consignment_duty": pl.Int128(),  # of the first tax, for all items of the declaration
    "commercial_value": pl.Boolean(),
    "unchanged": pl.Boolean(),  # in the state in which they were exported
    "months_abroad": pl.Int64(),
    "months_here": pl.Int64(),  # begun ones, of a temporary admission
}
RELIEVED: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "relief": pl.String(),
    "name": pl.String(),
    "article": pl.String(),
    "taxes": pl.String(),
    "spread_months": pl.Int64(),
}
_RELATIONS: Final = ("is", "in", "at most", "at least")


class Reliefs(NamedTuple):
    """The assessments after relief, what was granted (`RELIEVED`) and the steps (`ground.STEPS`)."""

    assessments: pl.DataFrame
    granted: pl.DataFrame
    steps: pl.DataFrame


def relieve(assessments: pl.DataFrame, facts: pl.DataFrame, edition: Edition, places: int, rounding: str) -> Reliefs:
    """The assessments (`assess.SCHEMA`) of one administration with the reliefs its items have by their `FACTS`.

    The first relief of the table that an item meets is granted.
    """
    rows = shaped(facts, FACTS)
    met = [rows.filter(conditions).with_columns(relief=pl.lit(name)) for name, conditions in _laws(edition)]
    table = edition.table("reliefs").with_row_index("rank")
    reliefs = table.select("rank", "relief", "administration", "name", "article", "taxes", "spread_months")
    granted = (
        pl.concat([rows.clear().with_columns(relief=pl.lit(None, dtype=pl.String)), *met])
        .join(reliefs, on=["relief", "administration"])
        .sort(*KEYS, "rank")
        .unique(KEYS, keep="first", maintain_order=True)
    )
    lifted = granted.select(*KEYS, "relief", "spread_months", "months_here", tax=pl.col("taxes").str.split("+"))
    joined = assessments.join(lifted.explode("tax"), on=[*KEYS, "tax"], how="left", maintain_order="left")
    partial = pl.col("spread_months").is_not_null()
    parts = pl.min_horizontal("months_here", "spread_months").cast(pl.Int128)
    unit = coin(places)
    share = divide(pl.col("amount") // unit * parts, pl.col("spread_months").cast(pl.Int128), rounding) * unit
    full = pl.col("relief").is_not_null() & ~partial & (pl.col("state") == "payable")
    after = joined.with_columns(
        amount=pl.when(partial).then(share).otherwise("amount"),
        state=pl.when(full).then(pl.lit("relieved")).otherwise("state"),
    ).select(assessments.columns)
    months = pl.concat_str(parts, pl.lit(" of "), "spread_months", pl.lit(" parts"))
    steps = [
        step(granted.filter(~partial), "relieved", pl.col("article"), detail=pl.col("name")),
        step(granted.filter(partial), "in part", pl.col("article"), detail=pl.concat_str("name", pl.lit(", "), months)),
    ]
    return Reliefs(after, shaped(granted, RELIEVED), numbered(steps))


def relief_steps(steps: pl.DataFrame) -> list[str]:
    """The reliefs granted as sentences, each with its ground."""
    return told(shaped(steps, STEPS), {"relieved": "relieved: {detail}", "in part": "charged in part: {detail}"})


@lru_cache(maxsize=16)
def _laws(edition: Edition) -> tuple[tuple[str, pl.Expr], ...]:
    """Each relief with the conditions that must all be met. Raises BuildFault where the tables do not hold together."""
    laws = []
    for relief in edition.table("reliefs").iter_rows(named=True):
        _refuse_broken_bases(relief, edition)
        rows = edition.table("relief_conditions").filter(
            pl.col("relief") == relief["relief"], pl.col("administration") == relief["administration"]
        )
        if rows.is_empty():
            raise BuildFault(f"relief {relief['relief']} has no conditions: it would relieve everything")
        here = pl.col("administration") == relief["administration"]
        conditions = [_condition(row) for row in rows.iter_rows(named=True)]
        laws.append((relief["relief"], pl.all_horizontal(here, *conditions).fill_null(value=False)))
    return tuple(laws)


def _condition(row: Mapping[str, Any]) -> pl.Expr:
    """One condition over a fact; a fact that is not known does not meet it."""
    column, relation, text = row["column"], row["relation"], row["value"]
    if column not in FACTS or relation not in _RELATIONS:
        raise BuildFault(f"relief {row['relief']}: {column} {relation} is no condition; see landsea.tariff.relief")
    fact = pl.col(column)
    try:
        if relation == "in":
            return fact.is_in(text.split(" "))
        value = _value(text, FACTS[column])
    except ValueError as error:
        raise BuildFault(f"relief {row['relief']}, {column}: {text!r} {error}") from error
    return {"is": fact == value, "at most": fact <= value, "at least": fact >= value}[relation]


def _value(text: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        if text not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return pl.lit(text == "true")
    return pl.lit(micro(text) if dtype == pl.Int128 else int(text) if dtype.is_integer() else text, dtype=dtype)


def _refuse_broken_bases(relief: Mapping[str, Any], edition: Edition) -> None:
    lifted = set(relief["taxes"].split("+"))
    taxes = edition.table("taxes").filter(pl.col("issuer") == relief["administration"])
    for tax, base in taxes.select("tax", "base").iter_rows():
        if tax not in lifted and lifted & set(base.split("+")):
            raise BuildFault(f"relief {relief['relief']} lifts a tax on which {tax} stands, but not {tax}")
    if unknown := lifted - set(taxes["tax"]):
        raise BuildFault(f"relief {relief['relief']} lifts {', '.join(sorted(unknown))}, which taxes.csv does not list")
