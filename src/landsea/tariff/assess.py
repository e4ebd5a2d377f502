"""Assessment of duties and taxes: what is due on each goods item.

Where an item claims a quota, it is assessed twice, as granted and as refused; which of the two holds is known only when
the claim is granted. How an amount came about is told by `trace`.
"""

from dataclasses import fields
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Assessed, Checked, Known
from landsea.tariff.reckoning import reckonings
from landsea.tariff.tax import assessments

SCHEMA: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item within its declaration, from 1
    "tax": pl.String(),
    "measure": pl.String(),  # its id in the schedule; null where none applies though one must
    "regime": pl.String(),  # the preference it was charged under; null: the general rate
    "if_granted": pl.Boolean(),  # null: no quota is claimed; true and false: the two outcomes of the claim
    "quota_order": pl.String(),
    "base": pl.Int128(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "rate": pl.String(),
    "amount": pl.Int128(),  # rounded as the administration names it; null where it could not be reckoned
    "currency": pl.String(),
    "state": pl.String(),  # payable, suspended (by the procedure), unassessed
}
_NO_ROWS: Final = pl.DataFrame(schema=SCHEMA)


def assess(checked: Checked, known: Known, edition: Edition) -> Assessed:
    """Duties and taxes of every declaration to an administration with a schedule; others have none, as checking says.

    Nothing that bears on a first assessment is `known`: quotas are claimed here and granted at commit.
    """
    del known
    done = list(reckonings(checked.lot, edition))
    before = {field.name: getattr(checked, field.name) for field in fields(Checked)}
    if found := [some for each in done for some in each.findings if some.height]:
        before["findings"] = pl.concat([checked.findings, *found])
    rows = [assessments(each.cases, each.levies, each.tariff) for each in done if each.levies]
    return Assessed(**before, assessments=pl.concat(rows) if rows else _NO_ROWS)


def claims(assessed: pl.DataFrame) -> pl.DataFrame:
    """What the assessments draw on quotas if granted: one row per item and quota, with the quantity or else the value.

    Columns d, i, item, quota_order, quantity, unit, base.
    """
    granted = assessed.filter(pl.col("if_granted") & pl.col("quota_order").is_not_null())
    return granted.unique(["i", "quota_order"], keep="first", maintain_order=True).select(
        "d", "i", "item", "quota_order", "quantity", "unit", "base"
    )
