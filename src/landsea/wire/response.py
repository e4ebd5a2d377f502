"""Responses: customs' answers to a declarant, as RES messages of the WCO Data Model 3.6 and their JSON twin.

A response is a value; who may see what in it was decided before it was made. Nothing here knows a channel or a score.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lxml import etree

from landsea.declaration.element import elements
from landsea.declaration.pointer import Pointer
from landsea.errors import InputError
from landsea.units import MICRO, decimal_text

from . import wco_json, wco_xml
from .mapping import METADATA, RES, RES_TYPES
from .value import written


class Function(StrEnum):
    """What a response says (WCO 017 of RES, DMS profile)."""

    ACCEPTED = "01"
    RECEIVED = "02"
    REJECTED = "03"
    CONTROL = "05"
    DOCUMENTS = "06"
    AMENDED = "07"
    RELEASED = "08"
    CLEARED = "09"
    INVALIDATED = "10"
    REQUESTED = "11"
    TAX = "13"
    EXIT = "16"
    QUERY = "51"


@dataclass(frozen=True, slots=True)
class Breach:
    """One reason for a rejection: the rule, where in the declaration, and a sentence for people."""

    rule: str
    pointer: Pointer | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A legal ground, an instruction or a request, with the instant until which it is to be met."""

    type: str
    code: str = ""
    text: str = ""
    until: datetime | None = None
    pointer: Pointer | None = None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One duty or tax of one goods item; amounts and quantity in millionths."""

    item: int
    type: str
    assessed: int
    payable: int
    currency: str
    base: int | None = None
    quantity: int | None = None
    unit: str | None = None
    rate: str | None = None
    regime: str | None = None
    deduct: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer about one declaration. `reference` is the answer's own; `places` the decimals amounts are paid in."""

    function: Function
    reference: str
    issued_at: datetime
    lrn: str | None
    mrn: str | None = None
    version: int = 1
    administration: str | None = None
    breaches: Sequence[Breach] = ()
    statements: Sequence[Statement] = ()
    status: str | None = None
    taxes: Sequence[TaxLine] = ()
    places: int = 2


_PERCENT = re.compile(r"([0-9]{1,14}(?:\.[0-9]{1,3})?)(?: %)?")
_NAMESPACES = {"md": METADATA, None: RES, "ds": RES_TYPES}
_INSTANT = {  # the element of the declaration that holds the instant of an answer, and whether it stands before the LRN
    Function.ACCEPTED: ("AcceptanceDateTime", True),
    Function.INVALIDATED: ("CancellationDateTime", True),
    Function.REJECTED: ("RejectionDateTime", False),
}
_REPEATING = frozenset(e.wco_id for e in elements() if e.is_class and e.repeats)


def respond(response: Response, form: str = "xml") -> bytes:
    """The bytes of a response as XML or JSON. Raises InputError for any other format."""
    writers = {"xml": wco_xml.write, "json": wco_json.write}
    if form not in writers:
        raise InputError(f"a response is not written as {form!r}; known: {', '.join(writers)}")
    return writers[form](tree(response))


def tree(response: Response) -> Any:
    """The response as an lxml element in its envelope."""
    root = etree.Element(f"{{{METADATA}}}MetaData", nsmap=_NAMESPACES)
    for name, text in (
        ("WCODataModelVersionCode", "3.6"),
        ("WCOTypeName", "RES"),
        ("ResponsibleCountryCode", response.administration),
    ):
        _leaf(root, name, text, METADATA)
    body = etree.SubElement(root, f"{{{RES}}}Response")
    _leaf(body, "FunctionCode", response.function.value)
    _leaf(body, "FunctionalReferenceID", response.reference)
    _instant(body, "IssueDateTime", response.issued_at)
    for statement in response.statements:
        holder = etree.SubElement(body, f"{{{RES}}}AdditionalInformation")
        _leaf(holder, "StatementCode", statement.code)
        _leaf(holder, "StatementDescription", statement.text[:512])
        if statement.until is not None:
            _instant(holder, "LimitDateTime", statement.until)
        _leaf(holder, "StatementTypeCode", statement.type)
        _pointer(holder, statement.pointer)
    for breach in response.breaches:
        holder = etree.SubElement(body, f"{{{RES}}}Error")
        _leaf(holder, "Description", breach.sentence[:512])
        _leaf(holder, "ValidationCode", breach.rule)
        _pointer(holder, breach.pointer)
    if response.status is not None:
        _leaf(etree.SubElement(body, f"{{{RES}}}Status"), "NameCode", response.status)
    _declaration(etree.SubElement(body, f"{{{RES}}}Declaration"), response)
    return root


def _declaration(holder: Any, response: Response) -> None:
    name, early = _INSTANT.get(response.function, ("", False))
    if name and early:
        _instant(holder, name, response.issued_at)
    _leaf(holder, "FunctionalReferenceID", response.lrn)
    _leaf(holder, "ID", response.mrn)
    if name and not early:
        _instant(holder, name, response.issued_at)
    _leaf(holder, "VersionID", str(response.version))
    if response.taxes:
        shipment = etree.SubElement(holder, f"{{{RES}}}GoodsShipment")
        for item in sorted({line.item for line in response.taxes}):
            goods = etree.SubElement(shipment, f"{{{RES}}}GovernmentAgencyGoodsItem")
            _leaf(goods, "SequenceNumeric", str(item))
            commodity = etree.SubElement(goods, f"{{{RES}}}Commodity")
            for line in response.taxes:
                if line.item == item:
                    _tax(commodity, line, response.places)


def numeric(rate: str | None) -> str | None:
    """The rate as WCO 115 admits it: the per cent as a number, nought where it is free; null where it is more than one
    number, or none."""
    if rate == "Free":
        return "0"
    percent = _PERCENT.fullmatch(rate or "")
    return percent[1] if percent else None


def _tax(commodity: Any, line: TaxLine, places: int) -> None:
    fee = etree.SubElement(commodity, f"{{{RES}}}DutyTaxFee")
    money = {"currencyID": line.currency}
    if line.base is not None:  # WCO 116 admits three decimals; what is payable follows from the base itself
        _leaf(fee, "AdValoremTaxBaseAmount", decimal_text(line.base - line.base % (MICRO // 1000)), RES, **money)
    if line.deduct is not None:
        _leaf(fee, "DeductAmount", decimal_text(line.deduct, places), RES, **money)
    _leaf(fee, "DutyRegimeCode", line.regime)
    if line.quantity is not None:
        unit = {"unitCode": line.unit} if line.unit else {}
        _leaf(fee, "SpecificTaxBaseQuantity", decimal_text(line.quantity), RES, **unit)
    _leaf(fee, "TaxRateNumeric", numeric(line.rate))
    _leaf(fee, "TypeCode", line.type)
    payment = etree.SubElement(fee, f"{{{RES}}}Payment")
    _leaf(payment, "TaxAssessedAmount", decimal_text(line.assessed, places), RES, **money)
    _leaf(payment, "PaymentAmount", decimal_text(line.payable, places), RES, **money)


def _pointer(holder: Any, pointer: Pointer | None) -> None:
    """One `Pointer` per step, the tag on the last; a position where the class repeats."""
    steps = pointer.steps if pointer else ()
    for k, step in enumerate(steps, start=1):
        made = etree.SubElement(holder, f"{{{RES}}}Pointer")
        _leaf(made, "SequenceNumeric", str(step.sequence) if step.wco_id in _REPEATING else None)
        _leaf(made, "DocumentSectionCode", step.wco_id)
        _leaf(made, "TagID", pointer.tag if pointer and k == len(steps) else None)


def _leaf(holder: Any, name: str, text: str | None, namespace: str = RES, **attributes: str) -> None:
    if text:
        etree.SubElement(holder, f"{{{namespace}}}{name}", attributes).text = text


def _instant(holder: Any, name: str, moment: datetime) -> None:
    made = etree.SubElement(etree.SubElement(holder, f"{{{RES}}}{name}"), f"{{{RES_TYPES}}}DateTimeString")
    made.set("formatCode", "304")
    made.text = written(moment)
