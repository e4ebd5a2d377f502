"""The published schema is the element table: every element, its WCO id, how often it may stand, how long it may be."""

import json

import pytest

from landsea.declaration.element import elements
from landsea.window.schema import declaration, message


def at(path):
    """The schema of the element at this path, arrays passed through."""
    found = declaration()
    for name in path.split("/")[1:]:
        found = (found["items"] if found["type"] == "array" else found)["properties"][name]
    return found


def test_each_element_of_the_table_is_shown_with_its_wco_id():
    for element in elements():
        shown = at(element.path)
        assert ("items" in shown) == element.repeats, element.path
        one = shown.get("items", shown)
        assert one.get("x-wco-id", "") == element.wco_id, element.path
        assert one.get("x-wco-format", "") == element.format, element.path


def test_nothing_is_shown_that_the_table_does_not_have():
    def count(schema):
        inner = schema.get("items", schema)
        return 1 + sum(count(part) for part in inner.get("properties", {}).values() if "x-wco-id" in json.dumps(part))

    assert count(declaration()) <= len(elements())


def test_a_mandatory_element_is_required():
    assert "FunctionCode" in declaration()["required"]
    assert "AcceptanceDateTime" not in declaration()["required"]


def test_an_amount_has_its_currency_beside_it():
    plain, beside = at("Declaration/InvoiceAmount")["oneOf"]
    assert set(beside["properties"]) == {"value", "currencyID"}
    assert plain["type"] == ["string", "number"]


@pytest.mark.parametrize(("path", "length"), [("Declaration/TypeCode", 3), ("Declaration/FunctionalReferenceID", 35)])
def test_a_text_is_as_long_as_its_format(path, length):
    assert at(path)["maxLength"] == length


def test_a_message_is_a_declaration_in_its_envelope_or_bare():
    assert set(message()["properties"]) == {"Declaration", "MetaData"}
