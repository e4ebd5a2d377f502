"""What the declarant is told of a decision, as columns: the one list of what a trader may see of it.

Everything a declarant ever reads of a decision comes from here, in records as in responses. No column of the selection
is among them but the control, and of a control only its legal ground and what to do, which are the same whether a
profile or the draw chose it. A decision taken before arrival reads `registered`, whatever it is, until it takes effect.
"""

from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Control, Decided, Outcome
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
    grounds = pl.DataFrame(
        [
            (administration, control.name.lower(), ground.law, ground.action)
            for administration, law in risk_laws(edition).items()
            for control, ground in law.grounds.items()
        ],
        schema={"administration": pl.String, "control": pl.String, "law": pl.String, "action": pl.String},
        orient="row",
    )
    now = pl.col("effective")
    shown = decided.decisions.with_columns(
        administration=decided.lot["declarations"]["administration"],
        outcome=pl.when(now).then(_named("outcome", Outcome)).otherwise(pl.lit(REGISTERED)),
        control=pl.when(now & (pl.col("control") != Control.NONE.value)).then(_named("control", Control)),
        ground=pl.when(now).then("ground").otherwise(pl.lit(REGISTERED)),
        state=pl.when(now).then("state").otherwise(pl.lit(REGISTERED)),
    )
    return (
        shown.join(grounds, on=["administration", "control"], how="left", maintain_order="left")
        .rename({"error_count": "errors", "warning_count": "warnings"})
        .select(pl.col(name).cast(dtype) for name, dtype in TOLD.items())
    )


def _named(column: str, codes: type[Outcome] | type[Control]) -> pl.Expr:
    names = {code.value: code.name.lower() for code in codes}
    return pl.col(column).replace_strict(names, return_dtype=pl.String)
