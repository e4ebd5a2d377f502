"""The JSON twin has the names of the XML, reads in any order and loses nothing."""

import json

import pytest
from messages import DEC, canonical, declaration, one, told
from polars.testing import assert_frame_equal

from conftest import ROOT
from landsea.wire import write

TWIN = (ROOT / "tests/cases/messages/twin.json").read_bytes()


def json_of(xml):
    return json.loads(write(one(xml).documents[0], "json"))


def test_a_twin_and_its_xml_fill_the_same_rows():
    lodged = one(TWIN)
    again = one(write(lodged.documents[0]))
    assert told(lodged) == ["WIR-021 Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/{urn:example:foreign}note"]
    for name, frame in lodged.lot.frames.items():
        assert_frame_equal(frame, again.lot[name])


def test_names_in_any_order_stand_in_the_order_of_the_data_model():
    order = [child.tag.split("}")[1] for child in next(one(TWIN).documents[0].tree.iter(f"{{{DEC}}}GoodsShipment"))]
    assert order == ["ExitDateTime", "TransactionNatureCode", "GovernmentAgencyGoodsItem", "GovernmentAgencyGoodsItem"]


def test_a_number_keeps_the_form_it_was_written_in():
    tree = one(TWIN).documents[0].tree
    assert [e.text for e in tree.iter(f"{{{DEC}}}GrossMassMeasure", f"{{{DEC}}}InvoiceAmount")] == [
        "1000000000000000",
        "12.50",
    ]


def test_a_class_is_an_object_a_repetition_an_array_and_a_value_a_string():
    found = json_of(
        declaration(
            "<FunctionCode>9</FunctionCode><InvoiceAmount currencyID='CNY'>1.50</InvoiceAmount>"
            "<AdditionalDocument><ID>1</ID></AdditionalDocument><AdditionalDocument><ID>2</ID></AdditionalDocument>"
            "<CurrencyExchange><RateNumeric>1</RateNumeric></CurrencyExchange>"
            "<Exporter/><Colour>red</Colour><x:y xmlns:x='urn:x'>z</x:y>"
        )
    )
    assert found == {
        "Declaration": {
            "@xmlns": {"": DEC},
            "FunctionCode": "9",
            "InvoiceAmount": {"value": "1.50", "currencyID": "CNY"},
            "AdditionalDocument": [{"ID": "1"}, {"ID": "2"}],
            "CurrencyExchange": [{"RateNumeric": "1"}],
            "Exporter": {},
            "Colour": "red",
            "{urn:x}y": {"value": "z", "@xmlns": {"x": "urn:x"}},
        }
    }


ODD = {
    "elements out of order": declaration("<TypeCode>A</TypeCode><FunctionCode>9</FunctionCode>"),
    "equal names apart": declaration("<x>1</x><y/><x>2</x>"),
    "mixed text": declaration("a<FunctionCode>9</FunctionCode> b <x/>c"),
    "an instruction in a value": declaration("<FunctionCode>9<?p q r?>9</FunctionCode>"),
    "instructions around the root": f"<?a b?>{declaration('')}<?c d?>",
    "two prefixes for one namespace": (
        f'<a:Declaration xmlns:a="{DEC}" xmlns:b="{DEC}" xmlns="{DEC}"><b:ID>1</b:ID><ID/></a:Declaration>'
    ),
    "a prefix that changes its meaning": '<a:x xmlns:a="urn:1"><a:x xmlns:a="urn:2"><a:x xmlns:a="urn:1"/></a:x></a:x>',
    "a default namespace taken back": declaration('<none xmlns=""><Declaration>1</Declaration></none>'),
    "names that collide with ours": declaration('<value>1</value><x value="2">3</x>'),
    "attributes of every sort": (
        '<x a="1" b:a="2" xmlns:b="urn:b" xml:lang="lo"><y a="&#10;&#9;&quot;&lt;" b:c="3">z</y></x>'
    ),
    "white space that counts": declaration("<ID> \n x&#13;\n</ID><x> </x>"),
    "names in other scripts": '<申报 xmlns="urn:x"><ລາວ>重庆</ລາວ></申报>',
}


@pytest.mark.parametrize("xml", ODD.values(), ids=ODD)
def test_any_xml_comes_back_through_json(xml):
    document = one(xml).documents[0]
    twin = one(write(document, "json")).documents[0]
    assert canonical(write(twin), blanks=False) == canonical(xml.encode(), blanks=False)


def test_what_the_reader_of_json_does_not_know_is_told_as_in_xml():
    assert told(one('{"Declaration": {"FunctionCode": "9", "Colour": "red", "Exporter": "A"}}')) == [
        "WIR-020 Declaration/Colour",
        "WIR-026 Declaration/Exporter A",
    ]


def test_a_namespace_without_a_prefix_is_given_one():
    body = '{"Declaration": {"FunctionCode": "9", "{urn:x}y": {"{urn:z}w": "1"}}}'
    assert told(one(body)) == ["WIR-021 Declaration/{urn:x}y"]


def test_an_attribute_in_a_namespace_needs_its_prefix():
    assert told(one('{"Declaration": {"@{urn:x}y": "1"}}')) == [
        "WIR-012 /Declaration/@{urn:x}y its namespace has no prefix in @xmlns"
    ]
