"""Customs' answers in the shape declarants' software already reads."""

import datetime
import json

import pytest
from lxml import etree
from messages import NOW, canonical, one, schema

from conftest import needs_shared
from landsea.declaration.element import element
from landsea.declaration.pointer import pointer
from landsea.errors import InputError
from landsea.wire import response, write
from landsea.wire.response import Breach, Function, Response, Statement, TaxLine, numeric

LINE = TaxLine(
    item=2,
    type="A00",
    base=15_900_123_456,
    rate="4.60",
    regime="100",
    assessed=731_400_000,
    payable=731_400_000,
    currency="CNY",
    deduct=0,
)
VAT = TaxLine(item=1, type="B00", assessed=10_000_000, payable=0, currency="CNY", quantity=2_500_000, unit="KGM")
SEAL = pointer(element("GoodsShipment/Consignment/TransportEquipment/Seal/ID").at, None, 2, 1)
ANSWERS = {
    "accepted": Response(Function.ACCEPTED, "R-1", NOW, "SYN-1", "26CN00000000000001", administration="CN"),
    "received": Response(Function.RECEIVED, "R-1", NOW, "SYN-1"),
    "rejected": Response(
        Function.REJECTED,
        "R-1",
        NOW,
        "SYN-1",
        breaches=[Breach("GDS-001", SEAL, "A seal has a number."), Breach("WIR-005", None, "XML is well-formed." * 40)],
    ),
    "control": Response(Function.CONTROL, "R-1", NOW, "SYN-1", "M"),
    "documents": Response(
        Function.DOCUMENTS, "R-1", NOW, "SYN-1", "M", statements=[Statement("ACA", "ACA", "invoice", NOW, SEAL)]
    ),
    "amended": Response(Function.AMENDED, "R-1", NOW, "SYN-1", "M", version=2),
    "released": Response(Function.RELEASED, "R-1", NOW, "SYN-1", "M", statements=[Statement("AFB", "A2")]),
    "cleared": Response(Function.CLEARED, "R-1", NOW, "SYN-1", "M"),
    "invalidated": Response(Function.INVALIDATED, "R-1", NOW, "SYN-1", "M"),
    "requested": Response(Function.REQUESTED, "R-1", NOW, "SYN-1", "M", status="39"),
    "query": Response(Function.QUERY, "R-1", NOW, "SYN-1", "M", statements=[Statement("ACB", "ACB", "Which grade?")]),
    "exit": Response(Function.EXIT, "R-1", NOW, "SYN-1", "M"),
    "tax": Response(Function.TAX, "R-1", NOW, "SYN-1", "M", taxes=[LINE, VAT]),
}


def found(answer, path):
    tree = etree.fromstring(response.respond(answer))
    return [e.text for e in tree.iterfind("{*}Response/" + "/".join("{*}" + part for part in path.split("/")))]


@needs_shared
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_is_valid_by_the_schemas_of_the_standard(answer):
    law = schema("notification", "RES")
    assert law.validate(etree.fromstring(response.respond(answer))), law.error_log.last_error


def test_every_function_has_an_answer_here():
    assert {answer.function for answer in ANSWERS.values()} == set(Function)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_the_json_twin_says_the_same(answer):
    twin = one(response.respond(answer, "json")).documents[0]
    assert canonical(write(twin)) == canonical(response.respond(answer))


def test_a_rejection_points_step_by_step():
    answer = ANSWERS["rejected"]
    assert found(answer, "Error/ValidationCode") == ["GDS-001", "WIR-005"]
    assert found(answer, "Error/Pointer/DocumentSectionCode") == ["42A", "67A", "28A", "31B", "44B"]
    assert found(answer, "Error/Pointer/SequenceNumeric") == ["1", "2"]
    assert found(answer, "Error/Pointer/TagID") == ["165"]
    assert all(len(text) <= 512 for text in found(answer, "Error/Description"))
    assert found(answer, "Declaration/RejectionDateTime/DateTimeString") == ["20261102040000Z"]


def test_a_tax_notice_has_its_lines_under_their_goods_items():
    item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem/"
    answer = ANSWERS["tax"]
    assert found(answer, item + "SequenceNumeric") == ["1", "2"]
    assert found(answer, item + "Commodity/DutyTaxFee/TypeCode") == ["B00", "A00"]
    assert found(answer, item + "Commodity/DutyTaxFee/AdValoremTaxBaseAmount") == ["15900.123"]
    assert found(answer, item + "Commodity/DutyTaxFee/SpecificTaxBaseQuantity") == ["2.5"]
    assert found(answer, item + "Commodity/DutyTaxFee/Payment/TaxAssessedAmount") == ["10.00", "731.40"]
    assert found(answer, item + "Commodity/DutyTaxFee/Payment/PaymentAmount") == ["0.00", "731.40"]


def test_an_amount_is_written_with_the_decimals_its_administration_pays_in():
    whole = Response(Function.TAX, "R-1", NOW, "SYN-1", taxes=[VAT], places=0)
    assert found(
        whole, "Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Commodity/DutyTaxFee/Payment/PaymentAmount"
    ) == ["0"]


def test_an_instant_is_written_in_utc_wherever_it_was_taken():
    vientiane = NOW.astimezone(datetime.timezone(datetime.timedelta(hours=7)))
    answer = Response(Function.ACCEPTED, "R-1", vientiane, "SYN-1")
    assert found(answer, "IssueDateTime/DateTimeString") == ["20261102040000Z"]


def test_an_answer_to_an_unreadable_body_needs_no_reference():
    answer = Response(Function.REJECTED, "R-1", NOW, None, breaches=[Breach("WIR-005")])
    assert found(answer, "Declaration/FunctionalReferenceID") == []


def test_the_names_of_the_twin_are_plain():
    twin = json.loads(response.respond(ANSWERS["accepted"], "json"))
    assert twin["MetaData"]["Response"]["FunctionCode"] == "01"
    assert twin["MetaData"]["Response"]["Declaration"]["ID"] == "26CN00000000000001"


def test_a_response_is_no_declaration():
    assert one(response.respond(ANSWERS["accepted"])).lot["declarations"]["message"].to_list() == ["not-a-declaration"]


def test_a_format_nobody_knows_is_not_written():
    with pytest.raises(InputError, match="known: xml, json"):
        response.respond(ANSWERS["accepted"], "edifact")


@pytest.mark.parametrize(
    ("rate", "number"),
    [("9 %", "9"), ("12.5 %", "12.5"), ("Free", "0"), ("9 % + 12 USD / t", None), ("3 USD / kg", None), (None, None)],
)
def test_a_rate_is_a_number_or_absent(rate, number):
    assert numeric(rate) == number
