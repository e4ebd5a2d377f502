"""The blobs of a declaration: what stands in them, for any text, any number and in any company."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from landsea.declaration.element import element, elements
from landsea.declaration.lot import Lot, concat, lot_of, select
from landsea.declaration.stage import Lodgement
from landsea.dossier import group
from landsea.units import MICRO, decimal_text
from landsea.wire import read

CASES = (ROOT / "tests" / "cases" / "groups.txt").read_text("utf-8").strip().split("\n\n\n")
ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"


def at(path: str) -> int:
    return element(path).at


def situation() -> dict[str, dict[str, list]]:
    """Two declarations: one of two goods items, one with nothing but a type."""
    seal = "GoodsShipment/Consignment/TransportEquipment"
    return {
        "declarations": {
            "d": [0, 1],
            "type": ["IMA", "EXD"],
            "lrn": ['L"1', None],
            "goods_item_count": [2, None],
            "issued_at": [datetime(2026, 3, 1, 8, 30, tzinfo=UTC), None],
            "total_gross_mass": [1_250_000, None],
            "total_gross_mass_unit": ["KGM", None],
            "invoice_amount": [10**22 - 1, None],
            "invoice_amount_currency": [None, "USD"],
        },
        "goods_items": {
            "d": [0, 0],
            "i": [0, 1],
            "n": [1, 2],
            "at": [at(ITEM)] * 2,
            "description": ["ສິນຄ້າ \\ 货物\n", None],
            "net_mass": [500_000, 0],
            "net_mass_unit": ["KGM", None],
        },
        "documents": {
            "d": [0, 0, 0],
            "i": [1, None, 1],
            "n": [2, 1, 1],
            "m": [1, 1, 1],
            "at": [at(ITEM + "/AdditionalDocument"), at("AdditionalDocument"), at(ITEM + "/AdditionalDocument")],
            "role": ["additional"] * 3,
            "id": ["second", "at the header", "first"],
        },
        "equipment": {"d": [0, 0], "i": [None, None], "n": [1, 2], "m": [1, 1], "at": [at(seal)] * 2, "id": ["A", "B"]},
        "seals": {
            "d": [0, 0, 0],
            "i": [None] * 3,
            "n": [1, 2, 1],
            "m": [1, 1, 2],
            "at": [at(seal + "/Seal")] * 3,
            "id": ["a1", "a2", None],
        },
    }


def written(lot: Lot) -> dict[tuple[int, str, int], dict]:
    def once(pairs):
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    return {
        (d, name, item): json.loads(text, object_pairs_hook=once)
        for d, name, item, text in group.blobs(lot).iter_rows()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.split("\n")[0])
def test_a_group_of_an_item_is_written_so(case):
    place, _, text = case.partition("\n\n")
    d, name, item = place.split()
    assert written(lot_of(situation()))[int(d), name, int(item)] == json.loads(text)


def test_these_are_all_the_blobs_there_are():
    places = [tuple(case.partition("\n\n")[0].split()) for case in CASES]
    blobs = group.blobs(lot_of(situation()))
    assert blobs.schema == pl.Schema(group.SCHEMA)
    assert {(str(d), name, str(item)) for d, name, item, _ in blobs.iter_rows()} == set(places)
    assert blobs.height == len(places)


def test_a_lot_of_nothing_has_no_blobs():
    assert group.blobs(lot_of({})).schema == pl.Schema(group.SCHEMA)


@given(st.text(st.characters(codec="utf-8")), st.text(st.sampled_from('"\\:,{}[]nul/ID\x00\x1f\u2028')))
def test_any_text_comes_back_from_json_as_it_was(first, second):
    lot = lot_of({"declarations": {"d": [0, 1], "lrn": [first, None], "type": [second, second], "mrn": [None, first]}})
    found = written(lot)
    assert found[0, "header@1", 0] == {"FunctionalReferenceID": first, "TypeCode": second}
    assert found[1, "header@1", 0] == {"ID": first, "TypeCode": second}


@given(st.lists(st.integers(-(10**22) + 1, 10**22 - 1), min_size=1, max_size=20))
def test_a_decimal_is_written_exactly(values):
    lot = lot_of({"declarations": {"d": range(len(values)), "freight_charge": values}})
    found = written(lot)
    for d, value in enumerate(values):
        assert found[d, "valuation@1", 0] == {"GoodsShipment/CustomsValuation/FreightChargeAmount": decimal_text(value)}
        assert value % MICRO or "." not in decimal_text(value)


def test_a_blob_does_not_depend_on_the_company_it_travels_in():
    lot = lot_of(situation())
    alone = [group.blobs(select(lot, [d])).drop("d") for d in (0, 1)]
    company = group.blobs(concat([select(lot, [1]), lot, select(lot, [0])]))
    for d, same in enumerate([1, 0, 1, 0]):
        assert company.filter(pl.col("d") == d).drop("d").equals(alone[same])


def test_a_column_has_one_name_and_one_group_in_its_frame():
    names: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for e in elements():
        if e.frame and e.column and not e.is_class and e.frame not in ("declarations", "goods_items"):
            classes = [c for c in elements() if c.is_class and c.frame == e.frame and e.path.startswith(c.path + "/")]
            nearest = max(classes, key=lambda c: len(c.path))
            names.setdefault((e.frame, e.column), set()).add((e.path.removeprefix(nearest.path + "/"), e.group))
    assert {place: found for place, found in names.items() if len(found) > 1} == {}


def test_the_body_as_lodged_is_in_no_group_that_an_agreement_can_name():
    assert group.BODY not in group.groups()
    assert set(group.groups()) == {f"{e.group}@1" for e in elements() if e.column and not e.is_class}


def test_every_value_declared_stands_in_one_blob(edition):
    def leaves(value) -> int:
        inner = value.values() if isinstance(value, dict) else value
        return sum(map(leaves, inner)) if isinstance(value, dict | list) else 1

    bodies = [path.read_bytes() for path in sorted((ROOT / "demonstration").iterdir())]
    received = datetime(2026, 3, 1, tzinfo=UTC)
    lot = read([Lodgement(body, "sender", received) for body in bodies], edition).lot
    columns = {(e.frame, e.column) for e in elements() if e.frame and e.column and not e.is_class}
    declared = sum(lot[frame][column].count() for frame, column in columns)
    assert declared > 1000
    assert sum(map(leaves, written(lot).values())) == declared
