"""Tariff law: tables that contradict themselves are a fault of the build, named with table and row."""

import datetime

import pytest
from made_schedule import Schedule, assessed, goods

from landsea.errors import BuildFault
from landsea.tariff import verify


def law():
    return Schedule().tax("A00").tax("B00", "value+A00").group("G", "TH", "LA").group("H", "LA", "MM")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.measure("A00", "5 %").measure("A00", "6 %"), "M000 and M001 are both in force"),
        (lambda s: s.measure("A00", "5 %", origin="G").measure("A00", "6 %", origin="H"), "M000 and M001 are both"),
        (lambda s: s.measure("A00", "5 %", origin="NOWHERE"), "NOWHERE, which no country_groups.csv lists"),
        (lambda s: s.measure("A00", "5 percent"), "measure M000: the rate '5 percent': at position 3"),
        (lambda s: s.measure("A00", ""), "measure M000: states no rate"),
        (lambda s: s.measure("A00", "p/st"), "is a unit, not a rate"),
        (lambda s: s.measure("Z99", "5 %"), "measure M000 is of tax Z99"),
        (lambda s: s.tax("C00", "value+D00").measure("C00", "5 %"), "tax C00 stands on D00"),
        (lambda s: s.tax("A00").measure("A00", "5 %"), "tax A00 is listed twice"),
        (lambda s: s.tax("C00", inclusive="true").measure("C00", "5 % MIN 2 XAC"), "a tax in its own base"),
        (lambda s: s.tax("C00", inclusive="true").measure("C00", "100 %"), "its own base takes no limit and less"),
        (lambda s: s.measure("A00", "5 %").rate("USD", 1, "7").rate("USD", 1, "8"), "exchange_rates.csv: USD and USD"),
    ],
)
def test_a_law_that_contradicts_itself_is_refused(change, why):
    with pytest.raises(BuildFault, match=why):
        verify(change(law()).edition)


@pytest.mark.parametrize("setting", [{"rounding": "nearest"}, {"places": 7}])
def test_a_schedule_says_how_amounts_are_rounded(setting):
    with pytest.raises(BuildFault, match=next(iter(setting))):
        verify(Schedule(**setting).tax("A00").measure("A00", "5 %").edition)


def test_the_same_case_at_different_times_or_with_different_claims_is_no_contradiction():
    made = law().measure("A00", "5 %", valid_to="2020-01-01").measure("A00", "6 %", valid_from="2020-01-01")
    made.measure("A00", "1 %", preference="302").measure("A00", "2 %", quota_order="Q1").measure("B00", "9 %")
    verify(made.edition)


@pytest.mark.parametrize(("on", "amount"), [("2019-12-31", 5), ("2020-01-01", 6), ("2026-06-01", 6)])
def test_law_is_drawn_by_the_day_it_applies_on(on, amount):
    made = Schedule().tax("A00").measure("A00", "5 %", valid_to="2020-01-01")
    made.measure("A00", "6 %", valid_from="2020-01-01")
    lot = goods([[{"amount": 100}]], on=datetime.date.fromisoformat(on))
    assert assessed(lot, made.edition).assessments["amount"].to_list() == [amount * 10**6]


@pytest.mark.parametrize(("on", "value"), [("2024-12-31", 700), ("2025-01-01", 800), ("2026-01-01", None)])
def test_the_rate_of_exchange_is_that_of_the_day(on, value):
    made = Schedule().tax("A00").measure("A00", "100 %")
    made.rate("USD", 1, "7", until="2025-01-01").rate("USD", 1, "8", since="2025-01-01", until="2026-01-01")
    lot = goods([[{"amount": 100, "currency": "USD"}]], on=datetime.date.fromisoformat(on))
    assert assessed(lot, made.edition).assessments["amount"].to_list() == [value and value * 10**6]
