"""What the declarant is told of a decision, as columns: the one list of what a trader may see of it.

Everything a declarant ever reads of a decision comes from here, in records as in responses. No column of the selection
is among them but the control, and of a control only its legal ground and what to do, which are the same whether a
profile or the draw chose it. A decision taken before arrival reads `registered`, whatever it is, until it takes effect.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import collected
from landsea.declaration.stage import Control, Decided, Outcome
from landsea.risk.law import risk_laws

from .decide import NOT_COVERED

TOLD: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "outcome": pl.String(),  # released, held, examine, rejected, accepted; registered where decided before arrival
    "control": pl.String(),  # documents, scan, physical, sample, audit; null where there is none
    "ground": pl.String(),
    "law": pl.String(),  # of the control
    "action": pl.String(),  # what the declarant must do
    "version": pl.UInt32(),
    "errors": pl.UInt32(),
    "warnings": pl.UInt32(),
    "state": pl.String(),
    "responses": pl.List(pl.UInt8()),
    "awaits": pl.List(pl.String()),  # conditions of release still open
}
REGISTERED: Final = "registered"


def told(decided: Decided, edition: Edition) -> pl.DataFrame:
    """One row (`TOLD`) per declaration row, in the order of the lot."""
    return collected(plan_of_told(decided, edition))


def plan_of_told(decided: Decided, edition: Edition) -> pl.LazyFrame:
    """What `told` gives, for whoever goes on reckoning with it."""
    shown = decided.decisions.lazy().with_columns(decided.lot["declarations"]["administration"], _SHOWN)
    return shown.select(_columns(edition))


TO_COVER: Final = "Pay the duties, or secure them."
"""What the declarant must do about goods that are kept for their duties and for nothing else."""
_NOW: Final = pl.col("effective")
_SHOWN: Final = pl.when(_NOW).then("control").alias("shown")


@lru_cache(maxsize=16)
def _columns(edition: Edition) -> list[pl.Expr]:
    laws = risk_laws(edition)
    administration = pl.col("administration").cast(pl.Enum(list(laws)), strict=False).to_physical().cast(pl.UInt32)
    place = administration * len(Control) + pl.col("shown")

    def of_control(member: str) -> pl.Expr:
        told = [getattr(law.grounds.get(control), member, None) for law in laws.values() for control in sorted(Control)]
        return pl.lit(pl.Series(told, dtype=pl.String)).gather(place)

    def if_now(column: pl.Expr) -> pl.Expr:
        return pl.when(_NOW).then(column).otherwise(pl.lit(REGISTERED))

    said = {
        "outcome": if_now(named(pl.col("outcome"), Outcome)),
        "control": named(pl.col("shown"), Control, without=Control.NONE),
        "ground": if_now(pl.col("ground")),
        "law": of_control("law"),
        "action": pl.when(_NOW & (pl.col("ground") == NOT_COVERED))
        .then(pl.lit(TO_COVER))
        .otherwise(of_control("action")),
        "errors": pl.col("error_count"),
        "warnings": pl.col("warning_count"),
        "state": if_now(pl.col("state")),
    }
    return [said.get(name, pl.col(name)).alias(name) for name in TOLD]


def named(column: pl.Expr, codes: type[Outcome] | type[Control], without: Control | None = None) -> pl.Expr:
    """The names of a column of codes, in small letters; null for the code `without` one."""
    names = {code.value: code.name.lower() for code in codes if code is not without}
    return pl.lit(pl.Series([names.get(code) for code in range(max(codes) + 1)], dtype=pl.String)).gather(column)
