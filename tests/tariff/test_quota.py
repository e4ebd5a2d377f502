"""Quotas: first come, by licence, in part; never below nothing, and never a unit lost."""

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_cases import cases

from landsea.errors import BuildFault
from landsea.tariff.quota import CLAIMS, LICENCES, QUOTAS, draw, grant, settled
from landsea.units import decimal_text

DAY = datetime.date(2026, 6, 1)
SETTLED = {"tax": pl.String(), "amount": pl.Int128(), "base": pl.Int128(), "if_granted": pl.Boolean()}


def rows_of(case):
    claims = case.rows("claim", CLAIMS, d=0, quota_order="Q1", unit="KGM", on=DAY)
    claims = claims.with_columns(
        i=pl.int_range(pl.len(), dtype=pl.UInt32), item=pl.int_range(pl.len(), dtype=pl.UInt32)
    )
    usual = {"quota_order": "Q1", "valid_from": datetime.date(2026, 1, 1), "unit": "KGM", "by": "quantity"}
    quotas = case.rows("quota", QUOTAS | {"by": pl.String()}, allocation="first-come", **usual)
    quotas = quotas.with_columns(unit=pl.when(pl.col("by") == "quantity").then("unit"))
    return claims, quotas, case.rows("licence", LICENCES, quota_order="Q1", valid_from=datetime.date(2026, 1, 1))


@pytest.mark.parametrize("case", cases("quota", ["claim", "quota", "licence", "assessed", "counted"]))
def test_claims_are_granted_as_the_text_says(case):
    claims, quotas, licences = rows_of(case)
    done = grant(claims, quotas, licences)
    told = [
        f"{decimal_text(granted)} of {decimal_text(wanted)}" + (f": {why}" if why else "")
        for granted, wanted, why in done.grants.select("granted", "wanted", "why").iter_rows()
    ]
    told += [f"left {decimal_text(balance)} in {stock}" for stock, balance in done.balances.iter_rows()]
    for counted in case.settings("counted"):
        rows = case.rows("assessed", SETTLED).with_columns(
            d=pl.lit(0, dtype=pl.UInt32), i=pl.lit(0, dtype=pl.UInt32), state=pl.lit("payable"), quantity=None
        )
        rows = rows.with_columns(pl.col("quantity").cast(pl.Int128))
        told += [
            f"{tax} {decimal_text(amount)} on {decimal_text(base)}"
            for tax, amount, base in settled(rows, done.grants, int(counted["places"]), counted["rounding"])
            .select("tax", "amount", "base")
            .iter_rows()
        ]
    assert told == case.expected


def test_a_balance_below_nothing_is_a_fault_of_the_node():
    quota = pl.DataFrame({"quota_order": ["Q1"], "valid_from": [DAY], "balance": [-1]})
    with pytest.raises(BuildFault, match="Q1"):
        grant(pl.DataFrame(schema=CLAIMS), quota)


AMOUNTS = st.integers(0, 10**21)
ASKED = st.lists(st.tuples(st.sampled_from(["a", "b", None]), AMOUNTS), max_size=12)
SCHEMA = {"stock": pl.String, "wanted": pl.Int128}


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@given(ASKED, AMOUNTS, AMOUNTS, st.booleans())
def test_no_balance_falls_below_nothing_and_nothing_is_lost(asked, a, b, whole):
    stocks = pl.DataFrame({"stock": ["a", "b"], "balance": [a, b]}, schema={"stock": pl.String, "balance": pl.Int128})
    drawn = draw(frame(asked), stocks, whole=whole)
    left = dict(drawn.balances.iter_rows())
    assert min(left.values()) >= 0
    for name, before in (("a", a), ("b", b)):
        granted = sum(g for (stock, _), g in zip(asked, drawn.granted, strict=True) if stock == name)
        assert before - left[name] == granted
    assert all(0 <= g <= wanted for (_, wanted), g in zip(asked, drawn.granted, strict=True))


@given(ASKED, ASKED, AMOUNTS, AMOUNTS, st.booleans())
def test_to_grant_two_lots_one_after_the_other_is_to_grant_them_together(some, others, a, b, whole):
    stocks = pl.DataFrame({"stock": ["a", "b"], "balance": [a, b]}, schema={"stock": pl.String, "balance": pl.Int128})
    first = draw(frame(some), stocks, whole=whole)
    second = draw(frame(others), first.balances, whole=whole)
    together = draw(frame(some + others), stocks, whole=whole)
    assert [*first.granted, *second.granted] == together.granted.to_list()
    assert second.balances.equals(together.balances)
