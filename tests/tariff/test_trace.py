"""The trace: every amount can be told step by step, and the steps end in the amount."""

import polars as pl
from made_schedule import Schedule, assessed, goods

from landsea.tariff import explain, traces


def beer(edition):
    item = {"code": "22030000", "amount": 10000, "currency": "CNY", "origin": "CN"}
    item |= {"tariff_quantity": 3, "tariff_quantity_unit": "HLT"}
    return assessed(goods([[item]], administration="LA"), edition)


def test_an_amount_is_told_from_the_invoice_to_the_kip(edition):
    told = explain(beer(edition).lot, edition, 0)
    assert told == [
        "item 1: invoice amount 10000 at the rate of exchange 3000 (LAK for 1 CNY) comes to 30000000",
        "item 1: 30000000 with charges of 0, rounded, is the customs value 30000000",
        "item 1, A00: 40 % of 30000000 is 12000000",
        "item 1, A00: 3 at 4000 (LAK / LTR, declared in HLT) is 1200000",
        "item 1, A00: 12000000, limited by 1200000 (MIN), is 12000000",
        "item 1, A00: 12000000 rounded is 12000000",
        "item 1, C00: stands on the customs value 30000000 and on taxes of 12000000: 42000000",
        "item 1, C00: 50 % of 42000000 is 21000000",
        "item 1, C00: 21000000 rounded is 21000000",
        "item 1, B00: stands on the customs value 30000000 and on taxes of 33000000: 63000000",
        "item 1, B00: 10 % of 63000000 is 6300000",
        "item 1, B00: 6300000 rounded is 6300000",
    ]


def test_the_last_step_of_a_tax_is_its_amount(edition):
    stage = beer(edition)
    last = (
        traces(stage.lot, edition)
        .filter(pl.col("tax").is_not_null())
        .sort("step")
        .group_by("i", "tax")
        .agg(pl.col("result").last())
    )
    told = stage.assessments.join(last, on=["i", "tax"], how="left")
    assert told["result"].equals(told["amount"], check_names=False)


def test_inclusion_and_deduction_are_steps():
    made = Schedule().tax("C00", inclusive="true", deductions="true").measure("C00", "20 %")
    told = explain(goods([[{"amount": 100, "tax": "C00", "deduct": 5}]]), made.edition, 0)
    assert told[-3:] == [
        "item 1, C00: 20, as part of its own base at 20 %, is 25",
        "item 1, C00: 25 rounded is 25",
        "item 1, C00: 25 less the deduction of 5 leaves 20",
    ]


def test_only_the_declaration_asked_about_is_told():
    made = Schedule().tax("A00").measure("A00", "5 %")
    lot = goods([[{"amount": 100}], [{"amount": 200}]])
    assert explain(lot, made.edition, 1)[0] == "item 1: 200 with charges of 0, rounded, is the customs value 200"
