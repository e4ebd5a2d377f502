"""The customs value: charges fall on the items in proportion, to the last millionth, and freight by the terms."""

import datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from made_schedule import Schedule, assessed, goods

from landsea.units import micro

VALUE = Schedule(places=6, rounding="truncate").tax("A00").measure("A00", "100 %").charge("AK", 1)
VALUE.setting('value_terms = ["FOB"]')
EDITION = VALUE.edition


def values(items, **declaration):
    return assessed(goods([items], **declaration), EDITION).assessments["amount"].to_list()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(0, 10**9))
def test_shares_of_a_charge_sum_to_the_charge(amounts, charge):
    got = values([{"amount": amount} for amount in amounts], charges=[("AK", charge, "XAC")])
    assert sum(got) == (sum(amounts) + charge) * 10**6


def test_a_charge_on_the_largest_amounts_is_shared_exactly():
    got = values([{"amount": 4 * 10**15}, {"amount": 4 * 10**15}], charges=[("AK", 10**15, "XAC")])
    assert sum(got) == 9 * 10**15 * 10**6


def test_declared_freight_is_added_only_where_the_terms_exclude_it():
    freight = {"freight_charge": micro("30"), "freight_charge_currency": "XAC"}

    def worth(incoterm):
        lot = goods([[{"amount": 100}, {"amount": 200}]])
        declared = [pl.lit(v).cast(lot["declarations"].schema[k]).alias(k) for k, v in freight.items()]
        declarations = lot["declarations"].with_columns(*declared, incoterm=pl.lit(incoterm))
        return assessed(lot.with_frames(declarations=declarations), EDITION).assessments["amount"].to_list()

    assert worth("FOB") == [110 * 10**6, 220 * 10**6]
    assert worth("CIF") == [100 * 10**6, 200 * 10**6]


def test_the_declared_rate_of_exchange_is_noted_and_not_used(edition):
    lot = goods([[{"amount": 100, "currency": "USD"}]], administration="CN", on=datetime.date(2026, 1, 1))
    given_rate = pl.DataFrame({"d": [0], "n": [1], "currency": ["USD"], "rate": [1]}, schema_overrides={"d": pl.UInt32})
    rates = pl.concat([lot["exchange_rates"], given_rate], how="diagonal_relaxed")
    rates = rates.cast(dict(lot["exchange_rates"].schema))
    stage = assessed(lot.with_frames(exchange_rates=rates), edition)
    assert stage.assessments["base"][0] == 710 * 10**6
    assert stage.findings["rule"].to_list() == ["TRF-010"]
