"""Quotas: what claims are granted from a balance, first come or by licence, and what is then due.

A quota is a shared stock: the core grants claims (`claim.settle`) in the order of the lot, and the node sees under the
lock of its log that they hold. The balance is never negative; the claim that meets its end is granted in part and
charged by quantity: that part at the rate of the quota, the rest at the rate without it, both as they were assessed
(`if_granted`).
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.errors import BuildFault
from landsea.tariff.ground import shaped
from landsea.units import coin, divide
from landsea.units.measurement import convert
from landsea.units.validity import in_force

CLAIMS: Final[dict[str, pl.DataType]] = {  # in the order of the log
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "quota_order": pl.String(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "base": pl.Int128(),  # the value, on which a quota without unit is drawn
    "on": pl.Date(),
    "holder": pl.String(),
    "licence": pl.String(),
}
QUOTAS: Final[dict[str, pl.DataType]] = {  # one row per period of a quota
    "quota_order": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "allocation": pl.String(),  # first-come, licence
    "unit": pl.String(),  # null: by value
    "balance": pl.Int128(),
}
LICENCES: Final[dict[str, pl.DataType]] = {  # shares of quotas that are allocated by licence
    "licence": pl.String(),
    "quota_order": pl.String(),
    "holder": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "balance": pl.Int128(),
}
GRANTS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "quota_order": pl.String(),
    "stock": pl.String(),  # the period or the licence drawn on
    "wanted": pl.Int128(),  # in the unit of the quota
    "granted": pl.Int128(),
    "before": pl.Int128(),  # the balance of the stock when it was this claim's turn
    "why": pl.String(),  # where less is granted than wanted: no period, no licence, no quantity, exhausted
}
STOCKS: Final[dict[str, pl.DataType]] = {"stock": pl.String(), "balance": pl.Int128()}
_WHOLE: Final = pl.Int128()
RETURNED: Final[dict[str, pl.DataType]] = {  # what a declaration drew before: given back when its turn comes
    "d": pl.UInt32(),
    "stock": pl.String(),
    "amount": pl.Int128(),
}


class Granted(NamedTuple):
    """What each claim was granted (`GRANTS`), and the balances afterwards (`STOCKS`)."""

    grants: pl.DataFrame
    balances: pl.DataFrame


def grant(
    claims: pl.DataFrame,
    quotas: pl.DataFrame,
    licences: pl.DataFrame | None = None,
    returned: pl.DataFrame | None = None,
) -> Granted:
    """Every claim (`CLAIMS`, in the order of the log) granted from its period of `QUOTAS`, or its one of `LICENCES`.

    What a declaration drew before (`RETURNED`) is given back before its first claim.
    """
    periods, shares = shaped(quotas, QUOTAS), shaped(licences, LICENCES)
    _refuse_debts(periods, shares)
    asked = _on_stock(shaped(claims, CLAIMS), periods, shares)
    stocks = pl.concat([periods.select(of_period(), "balance"), shares.select(of_licence(), "balance")])
    again = shaped(returned, RETURNED).join(asked.select("d", "c").unique("d", keep="first"), on="d")
    given = again.select("c", stock="stock", wanted=0 - pl.col("amount"), back=pl.lit(value=True))
    turns = pl.concat([given, asked.select("c", "stock", "wanted", back=pl.lit(value=False))])
    turns = turns.sort("c", ~pl.col("back"), maintain_order=True)
    drawn = draw(turns, stocks)
    made = turns.with_columns(drawn.granted, drawn.before).filter(~pl.col("back"))
    grants = asked.with_columns(made["granted"], made["before"])
    short = pl.when(pl.col("granted") < pl.col("wanted")).then(pl.lit("exhausted"))
    return Granted(shaped(grants.with_columns(why=pl.coalesce("why", short)), GRANTS), drawn.balances)


class Drawn(NamedTuple):
    """What each row was granted, from which balance, and the balances afterwards (`STOCKS`)."""

    granted: pl.Series
    before: pl.Series
    balances: pl.DataFrame


def draw(asked: pl.DataFrame, stocks: pl.DataFrame, *, whole: bool = False) -> Drawn:
    """Each row (stock, wanted) granted in order from its stock as far as it reaches; if `whole`, in full or not at all.

    A row without a stock is granted nothing; one that wants less than nothing gives back. It is a fold over the rows,
    for what is granted hangs on all before.
    """
    left = dict(stocks.select("stock", "balance").iter_rows())
    granted, before = [], []
    for stock, wanted in asked.select("stock", "wanted").iter_rows():
        rest = left.get(stock, 0)
        share = 0 if whole and wanted > rest else min(wanted, rest)
        granted.append(share)
        before.append(rest)
        if stock in left:
            left[stock] = rest - share
    balances = pl.DataFrame({"stock": list(left), "balance": list(left.values())}, schema=STOCKS)
    return Drawn(pl.Series("granted", granted, dtype=_WHOLE), pl.Series("before", before, dtype=_WHOLE), balances)


def settled(assessments: pl.DataFrame, grants: pl.DataFrame, places: int, rounding: str) -> pl.DataFrame:
    """The assessments of a claim's two outcomes as far as each holds; others stay as they are.

    Of a claim granted in part both outcomes stay, each with its part of base, quantity and amount; the bases add up.
    """
    share = shaped(grants, GRANTS).select("d", "i", "wanted", "granted")
    rows = assessments.join(share, on=["d", "i"], how="left", maintain_order="left")
    claimed = pl.col("if_granted").is_not_null()
    if rows.filter(claimed & pl.col("granted").is_null()).height:
        raise BuildFault("an assessment stands on a quota claim that was neither granted nor refused")
    refused = pl.col("wanted") - pl.col("granted")
    part = pl.when("if_granted").then("granted").otherwise(refused)
    # an outcome holds to the extent it was granted or refused; where nothing was wanted it was refused
    holds = ~claimed | (part > 0) | (~pl.col("if_granted") & (pl.col("granted") == 0))
    split = claimed & (pl.col("granted") > 0) & (refused > 0)
    granted_part = [_part(pl.col(name), pl.col("granted")) for name in ("base", "quantity")]
    of_base = [
        pl.when(split & pl.col("if_granted")).then(cut).when(split).then(pl.col(name) - cut).otherwise(name).alias(name)
        for name, cut in zip(("base", "quantity"), granted_part, strict=True)
    ]
    step = coin(places)
    amount = _part(pl.col("amount") // step, part, rounding) * step
    kept = rows.filter(holds).with_columns(*of_base, amount=pl.when(split).then(amount).otherwise("amount"))
    lost = pl.col("amount").is_null() & (pl.col("state") != "unassessed")
    return kept.with_columns(state=pl.when(lost).then(pl.lit("unassessed")).otherwise("state")).select(
        assessments.columns
    )


def _part(amount: pl.Expr, part: pl.Expr, rounding: str = "truncate") -> pl.Expr:
    room = 10**37 // pl.max_horizontal(part, pl.lit(1, dtype=pl.Int128))
    return divide(pl.when(amount.abs() <= room).then(amount) * part, pl.col("wanted"), rounding)


def _refuse_debts(periods: pl.DataFrame, shares: pl.DataFrame) -> None:
    for frame, name in ((periods, "quota_order"), (shares, "licence")):
        if (owing := frame.filter(pl.col("balance").is_null() | (pl.col("balance") < 0))).height:
            raise BuildFault(f"the balance of {owing[name][0]} is unknown or below nothing; it must be restored first")


def of_period() -> pl.Expr:
    """The name of the stock of a period (`QUOTAS`)."""
    return pl.concat_str("quota_order", pl.lit(" from "), pl.col("valid_from").cast(pl.String)).alias("stock")


def of_licence() -> pl.Expr:
    """The name of the stock of a licence (`LICENCES`)."""
    return pl.concat_str("quota_order", pl.lit(" licence "), "licence").alias("stock")


def _on_stock(claims: pl.DataFrame, periods: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """The claims with the `stock` each draws on, what is `wanted` of it in its unit, and `why` there is none."""
    rows = claims.with_row_index("c")
    on = pl.col("on")
    dated = rows.join(periods.rename({"unit": "to"}), on="quota_order").filter(in_force(on))
    opened = dated.select("c", "allocation", "to", of_period().alias("period"))
    held = rows.join(shares, on=["quota_order", "licence", "holder"]).filter(in_force(on))
    rows = rows.join(opened, on="c", how="left", maintain_order="left")
    rows = rows.join(held.select("c", share=of_licence()), on="c", how="left", maintain_order="left")
    by_licence = pl.col("allocation") == "licence"
    amount = convert(pl.col("quantity"), pl.col("unit"), pl.col("to"), "up")
    by_value = pl.col("to").is_null() & pl.col("period").is_not_null()
    wanted = pl.when(by_value).then("base").otherwise(amount)
    why = (
        pl.when(pl.col("period").is_null()).then(pl.lit("no period"))
        .when(by_licence & pl.col("share").is_null()).then(pl.lit("no licence"))
        .when(wanted.is_null() | (wanted < 0)).then(pl.lit("no quantity"))
    )  # fmt: skip
    rows = rows.with_columns(why=why, wanted=wanted)
    stock = pl.when(by_licence).then("share").otherwise("period")
    return rows.with_columns(
        stock=pl.when(pl.col("why").is_null()).then(stock),
        wanted=pl.when(pl.col("why") != "no quantity").then("wanted").when(pl.col("why").is_null()).then("wanted"),
    ).with_columns(pl.col("wanted").fill_null(0))
