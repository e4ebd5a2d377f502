"""Valuation: the six methods in their order, each step with its article."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from text_cases import cases

from landsea.codes.edition import Edition
from landsea.errors import BuildFault
from landsea.tariff.comparable_value import ACCEPTED, PRICE_LISTS
from landsea.tariff.computed_value import COSTS, OTHERS
from landsea.tariff.deductive_value import RESALE, SALES
from landsea.tariff.transaction_value import CHARGES, GOODS, TESTS
from landsea.tariff.valuation import Evidence, value_law, value_steps, values
from landsea.units import decimal_text, micro

FRAMES = {
    "charge": ("charges", CHARGES),
    "test": ("tests", TESTS),
    "accepted": ("accepted", ACCEPTED),
    "listed": ("price_lists", PRICE_LISTS),
    "sold": ("sales", SALES),
    "resale": ("resale", RESALE),
    "cost": ("costs", COSTS),
    "other": ("others", OTHERS),
}
USUAL = {"product": "P", "kind": "K", "origin": "CN", "d": 0}
DAYS = {"exported_on": date(2026, 5, 20), "imported_on": date(2026, 6, 1), "sold_on": date(2026, 6, 1)}


def law_of(case, edition):
    law = value_law(edition, "XA")
    stated = {key: value for line in case.settings("law") for key, value in line.items()}
    read = {"basis": str, "about_days": int, "alike": micro, "close": micro, "usual_insurance": micro}
    return replace(law, **{key: read[key](value) for key, value in stated.items()})


def told(valued):
    lines = [
        f"{'none' if m is None else m} {'-' if v is None else decimal_text(v)}"
        for m, v in valued.values.select("method", "value").iter_rows()
    ]
    return lines, ["- " + sentence for sentence in value_steps(valued.steps)]


@pytest.mark.parametrize("case", cases("valuation", ["goods", "law", *FRAMES]))
def test_goods_are_valued_as_the_text_says(case, edition):
    usual = USUAL | DAYS | {"level": "wholesale"}
    goods = case.rows("goods", GOODS, **usual).with_columns(i=pl.int_range(pl.len(), dtype=pl.UInt32))
    evidence = {name: case.rows(word, schema, **usual) for word, (name, schema) in FRAMES.items()}
    if "test" in {word for word, _ in case.situation}:
        evidence["tests"] = evidence["tests"].with_columns(pl.col("i").fill_null(0))
    lines, steps = told(values(goods, Evidence(**evidence), law_of(case, edition)))
    expected_steps = [line for line in case.expected if line.startswith("- ")]
    assert lines == [line for line in case.expected if not line.startswith("- ")]
    assert not expected_steps or steps == expected_steps


def test_a_basis_that_is_neither_cif_nor_fob_is_a_fault_of_the_schedule(edition):
    odd = Edition("x", edition.tables, {"XA/administration": {"valuation": {"basis": "EXW"}}})
    with pytest.raises(BuildFault, match="EXW"):
        value_law(odd, "XA")


def test_every_element_of_a_term_of_delivery_is_an_element_of_value(edition):
    law = value_law(edition, "XA")
    assert set(law.contents["element"].drop_nulls()) <= set(law.elements["element"])
    assert set(law.elements["treatment"]) == {"added", "transport", "outside"}
