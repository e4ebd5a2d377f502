"""Establishments: goods of listed kinds come from a registered orchard, packing house or factory."""

import polars as pl
import pytest

from clearance.test_agency import odd
from clearance.told_lots import WORDS, lot_told
from landsea.clearance.establishment import check, verify
from landsea.clearance.scope import fallen, reached, scope_of
from landsea.codes.edition import Edition
from landsea.declaration.finding import findings_of
from landsea.declaration.lot import concat
from landsea.errors import BuildFault
from tariff.text_cases import cases

DURIAN = [("declaration", {}), ("item", {"code": "08106000", "origin": "VN"})]


@pytest.mark.parametrize("case", cases("establishment", WORDS))
def test_numbers_of_establishments_are_checked_as_the_text_says(case, edition):
    found = check(lot_told(case.situation), edition).select("rule", "item", "value").iter_rows()
    told = [f"{rule} {'header' if item is None else f'item {item}'}: {value}" for rule, item, value in found]
    assert (told or ["nothing to find"]) == case.expected


def test_a_finding_points_at_the_number(edition):
    told = [*DURIAN, ("document", {"type": "1ORC", "id": "X", "item": "1"}), ("document", {"type": "1PCK", "id": "Y"})]
    places = {f.value: f.where for f in findings_of(check(lot_told(told), edition))}
    assert places["X"] == "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[1]/ID"
    assert places["Y"] == "Declaration/AdditionalDocument[1]/ID"


def test_a_number_named_twice_points_at_each_place(edition):
    told = [*DURIAN, *[("document", {"type": "1ORC", "id": number, "item": "1"}) for number in ("A", "B")]]
    found = check(lot_told(told), edition).filter(pl.col("rule") == "CLR-102")
    assert found.select("value", "n").rows() == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(("day", "decree"), [("2026-05-31", "248"), ("2026-06-01", "280"), ("2021-12-31", None)])
def test_the_decree_in_force_on_the_day_is_the_law(edition, day, decree):
    scope = scope_of(edition, "establishment_rules", ("kind",))
    met = reached(lot_told([("declaration", {"on": day}), ("item", {"code": "03061700", "origin": "VN"})]), scope)
    laws = fallen(met.items.select("cell", "on").unique(), met.codes, scope).select(scope.of("reference"))
    assert [text.split()[2].strip(",") for text in laws["reference"]] == ([] if decree is None else [decree])


def test_the_shipped_register_keeps_its_own_patterns(edition):
    verify(edition)
    rules, register = edition.table("establishment_rules"), edition.table("establishments")
    for number, kind, country in register.select("number", "kind", "country").iter_rows():
        of_kind = rules.filter(pl.col("kind") == kind, pl.col("origin").is_in([country, "ERGA OMNES"]))
        assert any(pl.Series([number]).str.contains(f"^(?:{p})$")[0] for p in of_kind["pattern"]), number
    assert register["name"].str.contains("synthetic").all()


def test_many_declarations_are_found_as_each_alone(edition):
    one = lot_told([*DURIAN, ("document", {"type": "1ORC", "id": "VN-TGOR-0001", "item": "1"})])
    other = lot_told([*DURIAN, ("document", {"type": "1PCK", "id": "VN-TGPH-999", "item": "1"})])
    both = check(concat([one, other]), edition)
    for d, lot in enumerate((one, other)):
        assert both.filter(pl.col("d") == d).drop("d").rows() == check(lot, edition).drop("d").rows()


def test_an_edition_without_such_law_finds_nothing(edition):
    assert check(lot_told(DURIAN), Edition("bare", {}, {})).is_empty()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [({"document": None, "party": None}, "neither a document nor a party"), ({"pattern": "(["}, "cannot be read")],
)
def test_tables_that_do_not_hold_together_are_a_fault_of_the_build(edition, changed, complaint):
    with pytest.raises(BuildFault, match=complaint):
        verify(odd(edition, "establishment_rules", **changed))
