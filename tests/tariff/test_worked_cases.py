"""Worked examples: how many there are, that each names its source, and that each amount is told to the last coin.

`pytest tests/tariff -k "text_says or by_hand or worked"` runs them all; run as a script, this module lists them with
their sources.
"""

import pathlib
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_schedule import Schedule, assessed, goods
from test_tax_order import cases

from landsea.tariff import explain
from landsea.units import MICRO, decimal_text, micro

FOLDER = pathlib.Path(__file__).parents[1] / "cases"
ASKED_FOR = ("valuation", "tariff_order", "preference", "quota")
BESIDE = ("origin", "proof_of_origin", "differential", "relief")


def worked(name):
    """Title and source of every case in a file; the source is None where it names none."""
    blocks = re.split(r"^# ", (FOLDER / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]
    for block in blocks:
        title, *lines = block.strip().splitlines()
        yield title, next((line.removeprefix("source ") for line in lines if line.startswith("source ")), None)


def test_at_least_120_worked_cases_of_value_tax_order_preference_and_quota_name_their_source():
    found = [case for name in ASKED_FOR for case in worked(name)]
    assert len(found) >= 120
    assert [title for title, source in found if not source] == []
    assert len({title for title, _ in found}) == len(found)


def test_so_do_the_worked_cases_of_origin_proof_and_relief():
    found = [case for name in BESIDE for case in worked(name)]
    assert len(found) >= 60
    assert [title for title, source in found if not source] == []


@pytest.mark.parametrize("case", list(cases()))
def test_the_trace_of_a_worked_case_leads_to_each_of_its_amounts(case, edition):
    own = edition.documents[f"{case.administration}/administration"]["currency"]
    lot = goods([[{"currency": own} | case.item]], case.administration, on=case.on)
    told = explain(lot, edition, 0)
    for tax, amount, _, _ in case.lines:
        subject, end = ("item 1: ", "the customs value") if tax == "value" else (f"item 1, {tax}: ", "rounded is")
        mine = [sentence for sentence in told if sentence.startswith(subject)]
        assert mine[-1].endswith(f" {end} {decimal_text(micro(amount))}"), told


def half_up(amount, coin):
    return int((amount / coin + Fraction(1, 2)) // 1) * coin


@given(
    st.integers(10**12, 10**16 - 1),
    st.integers(1, 5000),
    st.integers(1, 2500),
    st.sampled_from([("IDR", 0), ("VND", 0), ("LAK", 0), ("IDR", 2)]),
)
def test_amounts_of_rupiah_dong_and_kip_are_exact_to_the_last_coin(value, duty, tax, money):
    currency, places = money
    made = Schedule(currency=currency, places=places).tax("A00").tax("B00", base="value+A00")
    made = made.measure("A00", f"{duty / 100:.2f} %").measure("B00", f"{tax / 100:.2f} %")
    found = assessed(goods([[{"amount": value, "currency": currency}]]), made.edition).assessments["amount"]
    coin = Fraction(1, 10**places)
    first = half_up(Fraction(value * duty, 10_000), coin)
    second = half_up((value + first) * Fraction(tax, 10_000), coin)
    known = [None if amount is None else Fraction(amount, MICRO) for amount in found]
    # beyond ten thousand million million an amount is unknown, and never wrong
    assert known == [first, second if value + first < 10**16 else None]


if __name__ == "__main__":
    for file in (*ASKED_FOR, *BESIDE):
        for number, (title, source) in enumerate(worked(file), 1):
            print(f"{file} {number}: {title}  [{source}]")
