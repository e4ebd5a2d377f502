"""A message built from rows says what the rows say, in the order of the data model."""

import datetime

import pytest
from lxml import etree
from messages import BARE, OWN, lodgement, samples, schema
from polars.testing import assert_frame_equal

from conftest import needs_shared
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Document
from landsea.wire import read, tree_of, write


def rebuilt(lodgements):
    first = read(lodgements, BARE)
    bodies = [write(Document(b"", "xml", tree_of(first.lot, d))) for d in range(len(lodgements))]
    return first, bodies, read([lodgement(body) for body in bodies], BARE)


def readable(bodies):
    message = read([lodgement(body) for body in bodies], BARE).lot["declarations"]["message"]
    return [lodgement(b) for b, m in zip(bodies, message, strict=True) if m not in ("unreadable", "not-a-declaration")]


def test_rows_built_into_messages_and_read_again_are_the_same_rows():
    first, _, second = rebuilt(readable([path.read_bytes() for path in OWN if path.name != "disordered.xml"]))
    for name, frame in first.lot.frames.items():
        assert_frame_equal(frame, second.lot[name])
    assert second.findings.is_empty()


@needs_shared
def test_rows_of_the_outside_samples_become_valid_messages_and_the_same_rows():
    first, bodies, second = rebuilt(readable(samples().values()))
    for name, frame in first.lot.frames.items():
        assert_frame_equal(frame, second.lot[name])
    law = schema("declaration", "DEC")
    for body in bodies:
        assert law.validate(etree.fromstring(body)), law.error_log.last_error


def test_rows_that_do_not_say_where_they_stand_stand_at_the_first_place_of_their_kind():
    lot = lot_of(
        {
            "declarations": {
                "d": [0],
                "function": ["9"],
                "accepted_at": [datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)],
            },
            "parties": {"d": [0, 0], "role": ["Importer", "Exporter"], "name": ["B", "A"]},
            "goods_items": {
                "d": [0],
                "i": [0],
                "sequence": [1],
                "item_amount": [1_500_000],
                "item_amount_currency": ["CNY"],
            },
            "documents": {"d": [0, 0], "i": [0, None], "role": ["additional", "previous"], "id": ["in", "out"]},
            "origins": {"d": [0, 0], "i": [0, 0], "country": ["CN", "LA"]},
        }
    )
    paths = [
        (tree.getroottree().getelementpath(e).replace("{urn:wco:datamodel:WCO:DEC-DMS:2}", ""), e.text)
        for tree in [tree_of(lot)]
        for e in tree.iter()
        if len(e) == 0
    ]
    item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"
    assert {
        ("Declaration/Exporter/Name", "A"),
        ("Declaration/GoodsShipment/Importer/Name", "B"),
        (f"{item}/SequenceNumeric", "1"),
        (f"{item}/AdditionalDocument/ID", "in"),
        (f"{item}/Commodity/InvoiceLine/ItemChargeAmount", "1.5"),
        (f"{item}/Origin[1]/CountryCode", "CN"),
        (f"{item}/Origin[2]/CountryCode", "LA"),
        ("Declaration/GoodsShipment/PreviousDocument/ID", "out"),
    } < set(paths)


@pytest.mark.parametrize("d", [0, 1])
def test_each_declaration_of_a_lot_has_only_its_own_rows(d):
    lot = lot_of(
        {
            "declarations": {"d": [0, 1], "lrn": ["A", "B"]},
            "goods_items": {"d": [0, 1, 1], "i": [0, 1, 2], "sequence": [1, 1, 2]},
        }
    )
    text = etree.tostring(tree_of(lot, d)).decode()
    assert text.count("<SequenceNumeric>") == d + 1
    assert f"<FunctionalReferenceID>{'AB'[d]}<" in text
