"""Hop 4: a control for every declaration, with reasons.

Three ways lead to a control: a profile hits, an entry of the stop list does, or the draw falls on it. The highest
control wins, and what the draw fell on stays in the row even where more was asked for, so that the random stratum is
whole and estimates stay unbiased.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from itertools import accumulate
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import collected
from landsea.declaration.stage import Assessed, Control, Known, Selected
from landsea.units import MICRO

from .alignment import beside
from .law import RiskLaw, risk_laws
from .match import NO_HITS, hits
from .profile import RANK
from .rights import worth_it
from .stops import stopped

SELECTIONS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "control": pl.UInt8(),  # Control
    "ground": pl.String(),  # of the control, for the trader; null where there is none
    "selected_by": pl.String(),  # profile (or the stop list), random or none: officers only
    "drawn": pl.UInt8(),  # Control the draw fell on: officers only
    "inclusion": pl.UInt32(),  # probability per million that this declaration is controlled: officers only
}
DRAW: Final = {"d": pl.UInt32(), "draw": pl.UInt64()}


def select(assessed: Assessed, known: Known, edition: Edition) -> Selected:
    """Every declaration has a control in `selections`, and `hits` says which profiles asked for it and why.

    A declaration for which `known.draws` has no row takes no part in the random selection: its `inclusion` says so.
    """
    addressed = assessed.lot["declarations"]["administration"]
    laws = tuple(law for law in risk_laws(edition).values() if addressed.eq(law.administration).any())
    all_hits = pl.concat([_stopped(assessed, known, edition), *(hits(assessed, known, law) for law in laws)])
    if all_hits.height:
        all_hits = all_hits.sort("d", "item", "profile")
    before = {field.name: getattr(assessed, field.name) for field in fields(Assessed)}
    return Selected(**before, selections=_selections(assessed, known, laws, all_hits), hits=all_hits)


def _stopped(assessed: Assessed, known: Known, edition: Edition) -> pl.DataFrame:
    if "stops" not in known.frames:
        return NO_HITS
    return stopped(worth_it(known.frames["stops"], assessed.lot, edition))


def _selections(assessed: Assessed, known: Known, laws: tuple[RiskLaw, ...], found: pl.DataFrame) -> pl.DataFrame:
    rows = assessed.lot["declarations"][["d", "administration", "message"]]
    asked = found.group_by("d").agg(_ASKED) if found.height else _NOTHING_ASKED
    rows = beside(rows, "d", asked, known.frame("draws", DRAW)[["d", "draw"]])
    drawn, chosen = _plan(laws)
    return collected(rows.lazy().with_columns(drawn).with_columns(_CONTROL).select(chosen))


Plan = tuple[list[pl.Expr], list[pl.Expr]]
"""What the draw fell on, and the columns of `SELECTIONS`."""


@lru_cache(maxsize=64)
def _plan(laws: tuple[RiskLaw, ...]) -> Plan:
    random = pl.col("draw").is_not_null() & (pl.col("message") == "declaration")
    drawn = [
        pl.col("_asked").fill_null(0),
        pl.when(random).then(_per_law(laws, _fell_on, 0)).otherwise(0).cast(pl.UInt8).alias("_drawn"),
        pl.when(random).then(_per_law(laws, lambda law: pl.lit(law.random_share), 0)).otherwise(0).alias("_share"),
    ]
    by = pl.when(pl.col("_asked") >= pl.col("_drawn")).then(pl.lit("profile")).otherwise(pl.lit("random"))
    chosen = [
        pl.col("d", "control"),
        _per_law(laws, _ground, None).cast(pl.String).alias("ground"),
        pl.when(_HIGHEST == 0).then(pl.lit("none")).otherwise(by).alias("selected_by"),
        _translated(pl.col("_drawn"), _TO_CONTROL).alias("drawn"),
        pl.when(pl.col("_asked") > 0).then(MICRO).otherwise("_share").cast(pl.UInt32).alias("inclusion"),
    ]
    return drawn, chosen


_TO_RANK: Final = {control.value: rank for control, rank in RANK.items()}
_TO_CONTROL: Final = {rank: control.value for control, rank in RANK.items()}


def _translated(column: pl.Expr, by: dict[int, int]) -> pl.Expr:
    return pl.lit(pl.Series([by[code] for code in range(len(by))], dtype=pl.UInt8)).gather(column)


_ASKED: Final = _translated(pl.col("control"), _TO_RANK).max().alias("_asked")
_NOTHING_ASKED: Final = pl.DataFrame(schema={"d": pl.UInt32, "_asked": pl.UInt8})
_HIGHEST: Final = pl.max_horizontal("_asked", "_drawn")
_CONTROL: Final = _translated(_HIGHEST, _TO_CONTROL).alias("control")


def _per_law(laws: tuple[RiskLaw, ...], of: Callable[[RiskLaw], pl.Expr], without: int | None) -> pl.Expr:
    chosen: pl.Expr = pl.lit(without)
    for law in laws:
        chosen = pl.when(pl.col("administration") == law.administration).then(of(law)).otherwise(chosen)
    return chosen


def _ground(law: RiskLaw) -> pl.Expr:
    ids = [law.grounds[control].id if control in law.grounds else None for control in sorted(Control)]
    return pl.lit(pl.Series(ids, dtype=pl.String)).gather("control")


def _fell_on(law: RiskLaw) -> pl.Expr:
    """The rank of the control whose share of the draws' range holds the draw; the highest control lies lowest."""
    bounds = [min(bound * 2**64 // MICRO, 2**64 - 1) for bound in accumulate(law.random.values())]
    ranks = [*(RANK[control] for control in law.random), 0]
    passed = pl.lit(pl.Series(bounds, dtype=pl.UInt64)).search_sorted(pl.col("draw"), side="right")
    return pl.lit(pl.Series(ranks, dtype=pl.UInt8)).gather(passed)
