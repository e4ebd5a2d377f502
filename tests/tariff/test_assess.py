"""Assessment: amounts to the last place, in every currency's size, and never a silent zero."""

import csv
import pathlib
import re

import polars as pl
import pytest
from made_schedule import Schedule, assessed, goods

from conftest import SHARED, needs_shared
from landsea.declaration.lot import concat, select
from landsea.tariff import verify
from landsea.units import decimal_text, micro

CASES = pathlib.Path(__file__).parents[1] / "cases" / "tariff.txt"


def sections():
    for block in re.split(r"^# ", CASES.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        situation, _, expected = rest.strip().partition("\n\n")
        yield pytest.param(situation.splitlines(), expected.strip().splitlines(), id=title.strip())


def told(stage):
    amounts = [
        f"{r['tax']} {'unknown' if r['amount'] is None else decimal_text(r['amount'])}"
        + {None: "", True: " if granted", False: " if refused"}[r["if_granted"]]
        + ("" if r["state"] == "payable" else f", {r['state']}")
        for r in stage.assessments.iter_rows(named=True)
    ]
    return amounts + sorted(set(stage.findings["rule"]))


def schedule_and_items(lines):
    made, items, more = None, [], {}
    for line in lines:
        what, _, rest = line.partition(" ")
        if what == "administration":
            currency, places, rounding = rest.split()
            made = Schedule(currency=currency, places=int(places), rounding=rounding)
        elif what == "tax":
            code, base, *flags = rest.split()
            required = {"required": "false"} if "optional" in flags else {}
            made.tax(code, base, **required, **{flag: "true" for flag in flags if flag != "optional"})
        elif what == "measure":
            head, _, rate = rest.partition(": ")
            tax, *options = head.split()
            made.measure(tax, rate, **dict(option.split("=") for option in options))
        elif what == "exchange":
            per, currency, rate = rest.replace("=", "").split()
            made.rate(currency, per, rate)
        elif what == "charge":
            kind, sign = rest.split()
            made.charge(kind, sign)
        elif what == "item":
            items.append(dict(option.split("=", 1) for option in rest.split()))
        elif what == "charged":
            more.setdefault("charges", []).append(tuple(rest.split()))
        else:
            raise AssertionError(f"no such line in a case: {line}")
    return made, items, more


@pytest.mark.parametrize(("situation", "expected"), list(sections()))
def test_the_case_is_assessed_as_the_text_says(situation, expected):
    made, items, more = schedule_and_items(situation)
    assert told(assessed(goods([items], **more), made.edition)) == expected


# scenarios with a line whose assessed amount is not base x rate less deduction, and why
UNEXPLAINED = {
    "TT_IM036a": "the duty is suspended or indicative",
    "TT_IM041a": "the duty is suspended (end use) and shown as nothing",
    "TT_IM102a": "the rate is shown rounded to two places: 0.16 for 0.164",
    "TT_IM203a": "the duty is suspended (warehousing) and shown as nothing",
}


def oracle_lines():
    with (SHARED / "samples/wco/tax_oracle.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["base"] and row["rate"] and row["assessed"]]


def noticed(row):
    """One line of a notice as a declared item: its base is what the tax stands on."""
    law = {"code": row["hs"] or "081060", "preference": row["regime"], "tax": row["tax"]}
    return law | {"amount": row["base"], "currency": "GBP", "deduct": row["deduct"] or None}


@needs_shared
def test_customs_own_assessments_are_reproduced_to_the_cent():
    lines, wrong = oracle_lines(), []
    for tax, rate in sorted({(row["tax"], row["rate"]) for row in lines}):
        rows = [row for row in lines if (row["tax"], row["rate"]) == (tax, rate)]
        law = Schedule(currency="GBP", places=2, rounding="truncate")
        law.tax(tax, deductions="true").measure(tax, f"{rate} %")
        got = assessed(goods([[noticed(row)] for row in rows]), law.edition).assessments.sort("d")
        wrong += [row for row, a in zip(rows, got["amount"], strict=True) if a != micro(row["assessed"])]
    assert {row["scenario"] for row in wrong} <= set(UNEXPLAINED)
    assert len(wrong) * 40 < len(lines)


@needs_shared
def test_the_oracle_is_large_enough_to_mean_something():
    assert len(oracle_lines()) > 200


def test_the_shipped_schedules_hold_together(edition):
    verify(edition)


@pytest.mark.parametrize("times", [1, 40])  # where cases are many, the law is looked up once for those alike
def test_a_lot_split_or_shuffled_is_assessed_the_same(times, edition):
    items = [
        [{"code": "081060", "amount": "1234.56", "currency": "USD", "origin": "TH", "preference": "302"}],
        [{"code": "22082000", "amount": 900, "currency": "EUR", "net_mass": 120}, {"code": "870323", "amount": 10**6}],
        [{"code": "100630", "amount": 5, "currency": "VND", "quota": "156001", "origin": "VN"}],
        [{"code": "999999", "amount": 7, "currency": "USD"}],
        [{"code": "2203", "amount": 7, "currency": "XXX", "preference": "399"}],
        [{"code": "081060", "amount": -5, "currency": "USD"}],
        [{"code": "400121", "amount": 900, "currency": "CNY", "net_mass": 120}],
    ]
    lot = goods(items, administration="CN")
    whole = assessed(goods(items * times, administration="CN"), edition)
    for d in range(len(items)):
        alone = assessed(select(lot, [d]), edition)
        keys = ["item", "tax", "if_granted"]
        for name in ("assessments", "findings"):
            order = keys if name == "assessments" else ["rule", "item", "value"]
            one, many = getattr(alone, name), getattr(whole, name).filter(pl.col("d") == d)
            drop = ["d", "i"] if name == "assessments" else ["d"]
            assert one.drop(drop).sort(order).equals(many.drop(drop).sort(order)), (d, name)
    joined = assessed(concat([select(lot, [3, 1]), select(lot, [0, 4, 6, 5, 2])]), edition)
    own = whole.assessments.filter(pl.col("d") < len(items))
    assert joined.assessments["amount"].sort().equals(own["amount"].sort())


def test_an_export_without_export_duty_has_no_rows_and_no_findings(edition):
    stage = assessed(goods([[{"code": "081060", "amount": 5, "currency": "USD"}]], "CN", kind="EXA"), edition)
    assert stage.assessments.is_empty()
    assert stage.findings.is_empty()


def test_an_export_duty_falls_on_exports_only(edition):
    def taxes(kind):
        stage = assessed(goods([[{"code": "72041000", "amount": 100, "currency": "CNY"}]], "CN", kind=kind), edition)
        return dict(stage.assessments.select("tax", "rate").iter_rows())

    assert taxes("EXA") == {"A00": "40 %"}
    assert taxes("IMA") == {"A00": "Free", "B00": "13 %"}


def test_an_administration_without_a_schedule_is_passed_over(edition):
    stage = assessed(goods([[{"amount": 5}]], administration="GB"), edition)
    assert stage.assessments.is_empty()
    assert stage.findings.is_empty()


def test_what_is_no_declaration_is_passed_over(edition):
    lot = goods([[{"amount": 5, "currency": "CNY"}]], administration="CN")
    for message in ("unreadable", "not-a-declaration", "invalidation"):
        declarations = lot["declarations"].with_columns(message=pl.lit(message))
        assert assessed(lot.with_frames(declarations=declarations), edition).assessments.is_empty()


def test_under_a_suspending_procedure_nothing_is_payable(edition):
    item = {"code": "081060", "amount": 100, "currency": "CNY", "procedure": "71"}
    stage = assessed(goods([[item]], administration="CN"), edition)
    assert set(stage.assessments["state"]) == {"suspended"}
    assert stage.assessments["amount"].null_count() == 0


def test_under_an_untaxed_procedure_be_it_a_national_one_nothing_is_assessed_and_no_value_asked_for():
    law = Schedule().tax("A00").measure("A00", "5 %").setting('untaxed_procedures = ["78", "1LV"]').edition
    lot = goods([[{"amount": 100}], [{"amount": None}]])
    codes = pl.DataFrame({"d": [1], "i": [1], "current": ["1LV"]}, schema_overrides={"d": pl.UInt32, "i": pl.UInt32})
    marked = lot.with_frames(procedures=pl.concat([lot["procedures"].clear(), codes], how="diagonal"))
    stage = assessed(marked, law)
    assert stage.assessments["d"].to_list() == [0]
    assert stage.findings.is_empty()
    assert assessed(lot, law).findings["rule"].to_list() == ["TRF-002"]


def test_where_no_tax_falls_no_value_is_asked_for_whatever_stands_beside_it():
    law = Schedule().tax("A00", required="false").measure("A00", "5 %").edition
    alone = assessed(goods([[{"amount": None}]], kind="EXA"), law)
    assert alone.findings.is_empty()
    beside = assessed(goods([[{"amount": None, "code": None}], [{"amount": 100}], [{"amount": None}]]), law)
    assert beside.findings.select("d", "rule").rows() == [(2, "TRF-002")]
