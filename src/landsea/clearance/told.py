"""What the declarant is told of a decision, as columns: the one list of what a trader may see of it.

Everything a declarant ever reads of a decision comes from here, in records as in responses. No column of the selection
is among them but the control, and of a control only its legal ground and what to do, which are the same whether a
profile or the draw chose it. A decision taken before arrival reads `registered`, whatever it is, until it takes effect.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Control, Decided, Outcome
from landsea.risk.alignment import collected
from landsea.risk.law import risk_laws

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
}
REGISTERED: Final = "registered"


def told(decided: Decided, edition: Edition) -> pl.DataFrame:
    """One row (`TOLD`) per declaration row, in the order of the lot."""
    return collected(plan_of_told(decided, edition))


def plan_of_told(decided: Decided, edition: Edition) -> pl.LazyFrame:
    """What `told` gives, for whoever goes on reckoning with it."""
    shown = decided.decisions.lazy().with_columns(decided.lot["declarations"]["administration"], *_SHOWN)
    with_law = shown.join(_grounds(edition).lazy(), on=["administration", "control"], how="left", maintain_order="left")
    return with_law.select(_COLUMNS)


@lru_cache(maxsize=16)
def _grounds(edition: Edition) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (administration, control.name.lower(), ground.law, ground.action)
            for administration, law in risk_laws(edition).items()
            for control, ground in law.grounds.items()
        ],
        schema={"administration": pl.String, "control": pl.String, "law": pl.String, "action": pl.String},
        orient="row",
    )


def named(column: str, codes: type[Outcome] | type[Control]) -> pl.Expr:
    """The names of a column of codes, in small letters."""
    names = {code.value: code.name.lower() for code in codes}
    return pl.col(column).replace_strict(names, return_dtype=pl.String)


_NOW: Final = pl.col("effective")
_SHOWN: Final = (
    pl.when(_NOW).then(named("outcome", Outcome)).otherwise(pl.lit(REGISTERED)).alias("outcome"),
    pl.when(_NOW & (pl.col("control") != Control.NONE.value)).then(named("control", Control)).alias("control"),
    pl.when(_NOW).then("ground").otherwise(pl.lit(REGISTERED)).alias("ground"),
    pl.when(_NOW).then("state").otherwise(pl.lit(REGISTERED)).alias("state"),
)
_CALLED: Final = {"errors": "error_count", "warnings": "warning_count"}
_COLUMNS: Final = tuple(pl.col(_CALLED.get(name, name)).cast(dtype).alias(name) for name, dtype in TOLD.items())
