"""The order of taxes: each administration's taxes stand on what its law says they stand on, to its smallest coin."""

import ast
import datetime
import operator
import pathlib
import re
import tomllib
import zoneinfo
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import pytest
from made_schedule import DAY, assessed, goods

from conftest import ROOT, schedule_files
from landsea.codes.country import countries
from landsea.codes.nomenclature import subheadings
from landsea.declaration.finding import findings_of
from landsea.declaration.stage import Control
from landsea.risk.law import risk_laws
from landsea.units import MICRO, decimal_text, micro

CASES = pathlib.Path(__file__).parents[1] / "cases" / "tariff_order.txt"
CORRIDOR = ("BN", "CN", "ID", "KH", "KZ", "LA", "MM", "MY", "SG", "TH", "VN")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


class Case(NamedTuple):
    """One worked case: what is declared, and what each line of the reckoning says."""

    administration: str
    on: datetime.date
    item: dict
    lines: list  # tax, amount, exact or rounded, arithmetic


def cases():
    for block in re.split(r"^# ", CASES.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        situation, _, reckoned = rest.strip().partition("\n\n")
        said = dict(line.split(" ", 1) for line in situation.splitlines())
        lines = [re.fullmatch(r"(\w+) (\S+) ([=~]) (.+)", line).groups() for line in reckoned.splitlines()]
        item = dict(pair.split("=") for pair in said["item"].split())
        day = datetime.date.fromisoformat(said["on"]) if "on" in said else DAY
        case = Case(said["administration"], day, item, lines)
        yield pytest.param(case, id=title)


def worked_out(arithmetic):
    """What the arithmetic comes to, exactly."""
    text = re.sub(r"([\d.]+) ?%", r"(\1/100)", arithmetic.replace(" x ", " * "))
    return _value(ast.parse(text, mode="eval").body, text)


def _value(node, text):
    if isinstance(node, ast.Constant):
        return Fraction(ast.get_source_segment(text, node))
    if isinstance(node, ast.Call):
        assert node.func.id == "max"
        return max(_value(argument, text) for argument in node.args)
    return OPERATORS[type(node.op)](_value(node.left, text), _value(node.right, text))


def payable(amount, administration):
    """The amount in the smallest coin, rounded as the administration names it, by whole numbers."""
    document = tomllib.loads((ROOT / f"schedules/{administration}/administration.toml").read_text("utf-8"))
    coins = amount * 10 ** document["places"]
    added = {"half-up": Fraction(1, 2), "up": Fraction(coins.denominator - 1, coins.denominator)}
    return Fraction(int(coins + added[document["rounding"]]), 10 ** document["places"])


@pytest.mark.parametrize("case", list(cases()))
def test_the_arithmetic_of_a_case_comes_to_its_amounts(case):
    for tax, amount, exactly, arithmetic in case.lines:
        value = worked_out(arithmetic)
        if exactly == "~" and tax == "value":
            assert abs(Fraction(amount) - value) <= Fraction(1, 2), tax
        else:
            assert Fraction(amount) == (value if exactly == "=" else payable(value, case.administration)), tax


@pytest.mark.parametrize("case", list(cases()))
def test_each_tax_of_a_case_is_assessed_as_reckoned_by_hand(case, edition):
    own = edition.documents[f"{case.administration}/administration"]["currency"]
    lot = goods([[{"currency": own} | case.item]], case.administration, on=case.on)
    stage = assessed(lot, edition)
    got = {row["tax"]: decimal_text(row["amount"]) for row in stage.assessments.iter_rows(named=True)}
    bases = dict(stage.assessments.select("tax", "base").iter_rows())
    expected = {tax: decimal_text(micro(amount)) for tax, amount, *_ in case.lines}
    value = expected.pop("value", None)
    assert got == expected
    assert value is None or decimal_text(bases["A00"]) == value
    assert not [found for found in findings_of(stage.findings) if found.rule != "TRF-010"]


def test_the_cases_are_many_and_of_every_administration_of_the_corridor():
    every = [case.values[0] for case in cases()]
    assert len(every) >= 40
    assert {case.administration for case in every} == set(CORRIDOR)


@pytest.mark.parametrize("administration", CORRIDOR)
def test_every_table_of_a_shipped_schedule_says_that_it_is_illustrative(administration):
    files = {path: text for path, text in schedule_files().items() if path.startswith(administration + "/")}
    manifest = tomllib.loads(files[f"{administration}/manifest.toml"].decode())
    assert manifest["illustrative"]
    assert all(table["illustrative"] for table in manifest["tables"].values())
    for name in ("administration", "risk_profiles"):
        assert tomllib.loads(files[f"{administration}/{name}.toml"].decode())["illustrative"]


@pytest.mark.parametrize("administration", CORRIDOR)
def test_a_shipped_schedule_is_complete(administration, edition):
    document = edition.documents[f"{administration}/administration"]
    assert document["timezone"] in zoneinfo.available_timezones()
    assert {"currency", "places", "rounding", "languages", "value_terms", "suspending_procedures"} <= document.keys()
    tables = {name: t.filter(issuer=administration) for name, t in edition.tables.items() if "issuer" in t.columns}
    assert tables["measures"].height >= 60
    assert set(tables["charges"]["sign"]) == {1, -1}
    assert document["currency"] not in set(tables["exchange_rates"]["currency"])
    assert {"USD", "EUR", "JPY"} <= set(tables["exchange_rates"]["currency"])
    assert set(risk_laws(edition)[administration].grounds) == set(Control) - {Control.NONE}


@pytest.mark.parametrize("administration", CORRIDOR)
def test_codes_countries_and_preferences_of_a_shipped_schedule_are_known(administration, edition):
    tables = {name: edition.table(name).filter(issuer=administration) for name in ("measures", "country_groups")}
    codes = set(tables["measures"]["code"]) - {"*"}
    assert {code for code in codes if not any(s.startswith(code) for s in subheadings())} == set()
    assert set(tables["country_groups"]["country"]) <= countries() - {administration}
    known = edition.table("preferences").filter(issuer=administration)
    assert set(tables["measures"]["preference"].drop_nulls()) <= set(known["preference"])
    assert set(known["group"].drop_nulls()) <= set(tables["country_groups"]["group"])


def test_the_currencies_have_their_decimals(edition):
    places = {a: edition.documents[f"{a}/administration"]["places"] for a in CORRIDOR}
    assert Counter(places.values()) == {0: 5, 2: 6}
    assert {a for a, number in places.items() if number == 0} == {"ID", "KH", "LA", "MM", "VN"}


@pytest.mark.parametrize("administration", [a for a in CORRIDOR if a not in ("CN", "LA")])
def test_a_rate_of_exchange_and_its_counterpart_nearly_cancel(administration, edition):
    """Ours in yuan times the yuan in ours is one, to the four digits that are published."""
    currency = edition.documents[f"{administration}/administration"]["currency"]

    def rate(issuer, of):
        rows = edition.table("exchange_rates").filter(issuer=issuer, currency=of)
        row = rows.sort("valid_from").row(-1, named=True)
        return Fraction(row["rate"], row["per"] * MICRO)

    if currency not in set(edition.table("exchange_rates").filter(issuer="CN")["currency"]):
        pytest.skip("the yuan is not quoted against it")
    assert abs(rate(administration, "CNY") * rate("CN", currency) - 1) < Fraction(1, 500)
