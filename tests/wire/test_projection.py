"""What reading says of the form of a declaration, told by cases, and where its values come to stand."""

import pytest
from messages import BARE, DEC, declaration, lodgement, one, told

from conftest import ROOT
from landsea.declaration.finding import findings_of
from landsea.wire import read
from landsea.wire.limits import Limits

CASES = (ROOT / "tests/cases/wire.txt").read_text("utf-8").split("\n", 2)[2].split("\n---\n")


@pytest.mark.parametrize("case", CASES)
def test_a_fault_of_form_is_named_with_its_place(case):
    inner, _, expected = case.strip("\n").rpartition("\n\n")
    assert told(one(declaration(inner))) == [line for line in expected.split("\n") if line != "nothing"]


def equipment(number, seals):
    inside = "".join(f"<Seal><SequenceNumeric>{s}</SequenceNumeric><ID>{number}{s}</ID></Seal>" for s in seals)
    return f"<TransportEquipment><SequenceNumeric>{number}</SequenceNumeric>{inside}</TransportEquipment>"


ITEM = "<GovernmentAgencyGoodsItem><SequenceNumeric>{}</SequenceNumeric>{}</GovernmentAgencyGoodsItem>"
SHIPMENT = "<FunctionCode>9</FunctionCode><GoodsShipment>{}</GoodsShipment>"


def test_a_row_knows_its_place_among_its_siblings():
    packages = "".join(f"<Packaging><SequenceNumeric>{n}</SequenceNumeric></Packaging>" for n in (1, 2))
    containers = f"<Consignment>{equipment(1, [1, 2])}{equipment(2, [1, 2])}</Consignment>"
    inner = SHIPMENT.format(containers + ITEM.format(1, "") + ITEM.format(2, packages))
    lot = read([lodgement(declaration(inner)), lodgement(declaration(inner))], BARE).lot
    assert lot["seals"].select("d", "i", "n", "m").rows() == [
        (0, None, 1, 1),
        (0, None, 2, 1),
        (0, None, 1, 2),
        (0, None, 2, 2),
        (1, None, 1, 1),
        (1, None, 2, 1),
        (1, None, 1, 2),
        (1, None, 2, 2),
    ]
    assert lot["goods_items"].select("d", "i", "n").rows() == [(0, 0, 1), (0, 1, 2), (1, 2, 1), (1, 3, 2)]
    assert lot["packages"].select("d", "i", "n", "m").rows() == [(0, 1, 1, 1), (0, 1, 2, 1), (1, 3, 1, 1), (1, 3, 2, 1)]


def test_the_first_value_stands_where_an_element_is_given_twice():
    lot = one(declaration("<FunctionCode>9</FunctionCode><ID>FIRST</ID><ID>SECOND</ID>")).lot
    assert lot["declarations"]["mrn"].to_list() == ["FIRST"]


def test_a_faulty_number_leaves_its_column_empty_and_the_others_filled():
    inner = "<FunctionCode>9</FunctionCode><InvoiceAmount currencyID='CNY'>much</InvoiceAmount>"
    row = (
        one(declaration(inner + "<TotalPackageQuantity>7</TotalPackageQuantity>"))
        .lot["declarations"]
        .row(0, named=True)
    )
    assert (row["invoice_amount"], row["invoice_amount_currency"], row["total_packages"]) == (None, "CNY", 7)


def test_a_text_too_long_is_kept_whole_and_told_in_part():
    lodged = one(declaration(f"<FunctionCode>9</FunctionCode><ID>{'x' * 5000}</ID>"))
    assert lodged.lot["declarations"]["mrn"].str.len_chars().to_list() == [5000]
    assert len(next(findings_of(lodged.findings)).value) == 200


def test_the_thousandth_goods_item_is_one_too_many_and_named():
    items = "".join(ITEM.format(n, "") for n in range(1, 1102))
    lodged = one(declaration(SHIPMENT.format(items)))
    assert told(lodged) == ["WIR-023 Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1000] more than 999"]
    assert lodged.lot["goods_items"].height == 1101


def test_more_faults_than_anyone_reads_are_counted_not_listed():
    lodged = read([lodgement(declaration("<FunctionCode>9</FunctionCode>" + "<x/>" * 50))], BARE, Limits(findings=10))
    assert [f.rule for f in findings_of(lodged.findings)] == ["WIR-020"] * 10 + ["WIR-019"]


def test_an_unknown_element_is_as_grave_as_the_message_profile_says(edition):
    body = declaration("<FunctionCode>9</FunctionCode><Colour/>")
    grave = [one(body, edition, message_profile=p).findings["severity"].to_list() for p in ("landsea", "uk-dms")]
    assert grave == [[2], [3]]


def test_attributes_of_other_vocabularies_are_nobodys_business():
    body = f'<Declaration xmlns="{DEC}" xmlns:x="urn:x" x:y="z"><FunctionCode x:y="z">9</FunctionCode></Declaration>'
    assert told(one(body)) == []
