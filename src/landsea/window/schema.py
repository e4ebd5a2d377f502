"""The JSON schema of a goods declaration, generated from the element table: OpenAPI shows each element with its WCO id.

It tells senders what the reader understands. It does not validate: the rules do, in columns, and all at once.
"""

from functools import cache
from typing import Any

from landsea.declaration.element import Element, children, element

Schema = dict[str, Any]

NUMBERS = frozenset({"count", "number", "measure", "amount"})
BESIDE = {"amount": "currencyID", "measure": "unitCode"}  # what stands beside a value as an attribute


@cache
def message() -> Schema:
    """The schema of a whole message as JSON: the envelope, where there is one, and the declaration."""
    names = ("WCODataModelVersionCode", "WCOTypeName", "ResponsibleCountryCode")
    envelope: Schema = {name: {"type": "string"} for name in names}
    inside = {"$ref": "#/components/schemas/Declaration"}
    return {
        "type": "object",
        "properties": {
            "Declaration": inside,
            "MetaData": {
                "type": "object",
                "properties": {**envelope, "Declaration": inside},
                "required": ["Declaration"],
            },
        },
        "minProperties": 1,
        "maxProperties": 1,
    }


@cache
def declaration() -> Schema:
    """The schema of `Declaration`, with everything below it."""
    return _schema(element("Declaration"))


def _schema(place: Element) -> Schema:
    body = _class(place) if place.is_class else _leaf(place)
    if place.wco_id:
        body["x-wco-id"] = place.wco_id
    if place.format:
        body["x-wco-format"] = place.format
    if not place.repeats:
        return body
    several: Schema = {"type": "array", "items": body}
    return several if place.most is None else {**several, "maxItems": place.most}


def _class(place: Element) -> Schema:
    parts = children(place.path)
    schema: Schema = {"type": "object", "properties": {part.name: _schema(part) for part in parts}}
    if required := [part.name for part in parts if part.least]:
        schema["required"] = required
    return schema


def _leaf(place: Element) -> Schema:
    if place.kind == "datetime":
        return _with("formatCode", {"type": "string", "maxLength": 35}, outside="DateTimeString")
    if place.kind in NUMBERS:
        plain: Schema = {"type": ["string", "number"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    else:
        plain = {"type": "string"} if place.length is None else {"type": "string", "maxLength": place.length}
    return _with(BESIDE[place.kind], plain) if place.kind in BESIDE else plain


def _with(attribute: str, plain: Schema, outside: str = "") -> Schema:
    """A value alone, or as an object with its attribute beside it."""
    beside = {
        "type": "object",
        "properties": {"value": plain, attribute: {"type": "string"}},
        "required": ["value"],
    }
    if outside:
        return {"type": "object", "properties": {outside: beside}, "required": [outside]}
    return {"oneOf": [plain, beside]}
