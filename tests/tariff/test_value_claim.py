"""Values that are not plain: found by the first method that has its evidence, else left to an officer, and why."""

import datetime
from dataclasses import replace

import polars as pl
import pytest
from made_schedule import goods

from landsea.declaration.finding import findings_of, no_findings
from landsea.declaration.stage import Checked, Known
from landsea.tariff import assess
from landsea.units import decimal_text, micro

ON = datetime.date(2026, 6, 1)
UNUSED = "the transaction value is not used"
ACCEPTED = {"product": "Durian", "kind": "081060", "origin": "TH", "exported_on": datetime.date(2026, 5, 20)}


def durian(method=None, indicators=None, count=1):
    item = {"code": "081060", "amount": 1000, "currency": "CNY", "origin": "TH", "net_mass": 100}
    lot = goods([[item]] * count, administration="CN", on=ON)
    items = lot["goods_items"].with_columns(
        valuation_method=pl.when(pl.col("i") == 0).then(pl.lit(method, dtype=pl.String)).otherwise(pl.lit("1")),
        valuation_indicators=pl.lit(indicators, dtype=pl.String),
        description=pl.lit("Durian"),
    )
    return lot.with_frames(goods_items=items)


def assessed(edition, lot, **known):
    frames = {f"value_{name}": rows.with_columns(d=pl.lit(0, pl.UInt32)) for name, rows in known.items()}
    stage = assess(Checked(lot, no_findings()), Known(0, frames), edition)
    duty = stage.assessments.filter(tax="A00").select("base", "amount", "state").rows()
    return [(b and decimal_text(b), a and decimal_text(a), s) for b, a, s in duty], [
        (f.rule, f.value) for f in findings_of(stage.findings)
    ]


@pytest.mark.parametrize("indicators", [None, "0000", "1000"])
def test_a_price_between_related_parties_is_no_ground_to_doubt_it(edition, indicators):
    assert assessed(edition, durian("1", indicators)) == ([("1000", "200", "payable")], [])


@pytest.mark.parametrize(
    ("method", "indicators", "said"),
    [
        ("2", None, "no accepted value of identical goods is known"),
        ("4", None, "no sale of such goods here is known"),
        ("6", None, "no basis for a reasonable value is known"),
        (
            "1",
            "0100",
            f"{UNUSED}: the buyer's disposal or use of the goods is restricted (1.1(a)); no other value is known",
        ),
        (
            "1",
            "0010",
            f"{UNUSED}: a condition is set whose value is not known (1.1(b)); no other value is known",
        ),
    ],
)
def test_without_evidence_there_is_no_value_and_the_finding_says_what_lacks(edition, method, indicators, said):
    assert assessed(edition, durian(method, indicators)) == ([(None, None, "unassessed")], [("TRF-015", said)])


def test_with_evidence_the_first_method_that_gives_a_value_is_charged_on(edition):
    row = ACCEPTED | {"unit_value": micro("12"), "quantity": micro("100"), "transport": 0}
    accepted = pl.DataFrame([row], schema_overrides={"unit_value": pl.Int128, "quantity": pl.Int128})
    duties, said = assessed(edition, durian("3"), accepted=accepted)
    assert duties == [("1200", "240", "payable")]
    found = (
        "goods valued at 12 a unit are comparable: 2026-05-20 (2.1(a))",
        "the value of identical goods is 1200 (2)",
    )
    assert said == [("TRF-016", "; ".join([f"{UNUSED}: the price is not known (1.1)", *found]))]


def test_what_is_known_of_one_declaration_values_no_other(edition):
    row = ACCEPTED | {"unit_value": micro("12"), "quantity": micro("100"), "transport": 0}
    accepted = pl.DataFrame([row], schema_overrides={"unit_value": pl.Int128, "quantity": pl.Int128})
    lot = goods(
        [[{"code": "081060", "amount": 1000, "currency": "CNY", "origin": "TH", "net_mass": 100}]] * 2,
        administration="CN",
        on=ON,
    )
    items = lot["goods_items"].with_columns(valuation_method=pl.lit("3"), description=pl.lit("Durian"))
    duties, said = assessed(edition, lot.with_frames(goods_items=items), accepted=accepted)
    assert duties == [("1200", "240", "payable"), (None, None, "unassessed")]
    assert [rule for rule, _ in said] == ["TRF-015", "TRF-016"]


def test_other_items_of_the_lot_are_charged_at_their_price(edition):
    duties, said = assessed(edition, durian("5", count=2))
    assert duties == [(None, None, "unassessed"), ("1000", "200", "payable")]
    assert [rule for rule, _ in said] == ["TRF-015"]


def test_where_the_administration_accepts_what_is_declared_only_goods_without_a_value_wait_for_one(edition):
    law = dict(edition.documents["CN/administration"]) | {"valuation": {"declared": "accepted"}}
    accepting = replace(edition, digest="test:accepting", documents={**edition.documents, "CN/administration": law})
    assert assessed(accepting, durian("2")) == ([("1000", "200", "payable")], [])
    assert assessed(accepting, durian("1", "0100"))[0] == [(None, None, "unassessed")]
    lot = durian("2")
    without = lot["goods_items"].with_columns(item_amount=pl.lit(None, dtype=pl.Int128))
    assert assessed(accepting, lot.with_frames(goods_items=without))[0] == [(None, None, "unassessed")]
