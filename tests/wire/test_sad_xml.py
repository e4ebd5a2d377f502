"""SAD XML of ASYCUDAWorld: each box stands where it belongs, nothing is lost unnamed, what was decided is quoted."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from messages import BARE, DEC, NOW, told

from conftest import SHARED, needs_shared
from landsea.declaration.element import element
from landsea.declaration.finding import Finding, Severity
from landsea.declaration.national import Status
from landsea.declaration.pointer import pointer
from landsea.declaration.stage import Control, Lodgement
from landsea.errors import InputError
from landsea.units import MICRO
from landsea.wire import RULES, read, sad_xml
from landsea.wire.adapter import Line, System
from landsea.wire.limits import Limits
from landsea.wire.reply import Reply
from landsea.wire.sniff import Unreadable
from sad import ASSESSED, HEADER, PAID, document, item, sad, tax

SYSTEM = System("ASYCUDAWorld", "LA", "LAK", "dmy")
JAMAICA = System("ASYCUDAWorld", "JM", "JMD", "mdy")
LANE = (Line("Selectivity/Lane", "national/lane"), Line("Selectivity/Release_date", "national/released/date"))
D = {"d": DEC}
XML = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")


def translated(body, system=SYSTEM, own=LANE):
    return sad_xml.translated(body, system, own)


def lodged(body, edition, system=SYSTEM):
    message = translated(body, system).message
    return read([Lodgement(message, "national", NOW, system.administration)], edition)


def leaf(body, path, system=SYSTEM):
    """The texts at this path of the message."""
    root = etree.fromstring(translated(body, system).message)
    steps = "/".join(f"d:{step}" for step in path.split("/"))
    return [one.text for one in root.iterfind(f".//d:Declaration/{steps}", D)]


def refusal(body, limits=None):
    with pytest.raises(Unreadable) as raised:
        sad_xml.translated(body, SYSTEM, LANE, limits or Limits())
    return raised.value.rule


@needs_shared
def test_the_registered_sample_is_read_whole(edition):
    body = (SHARED / "samples/asycuda/CBJ250.xml").read_bytes()
    found = translated(body, JAMAICA)
    lot = lodged(body, edition, JAMAICA).lot
    header = lot["declarations"].row(0, named=True)
    assert found.unmapped == ()
    assert (header["lrn"], header["mrn"], header["type"]) == ("2025/RELIEF94", "JMKAJ-2025-C8879", "IMR")
    assert (header["declaration_office"], header["total_packages"], header["goods_item_count"]) == ("JMKAJ", 50, 8)
    assert (header["invoice_amount"], header["invoice_amount_currency"]) == (6800 * MICRO, "JMD")
    assert (header["total_gross_mass"], header["total_gross_mass_unit"]) == (186_900_000, "KGM")
    assert (header["export_country"], header["destination"], header["loading_location_id"]) == ("US", "JM", "USMIA")
    assert header["importer_id"] == header["consignee_id"] == "0014048220000"
    national = found.national
    assert (national.status, national.number) == (Status.ASSESSED, "JMKAJ-2025-C8879")
    assert [(a.status, a.number, a.on) for a in national.acts] == [
        (Status.REGISTERED, "C8879", date(2025, 11, 19)),
        (Status.ASSESSED, "A8879", date(2025, 11, 19)),
    ]
    said = {"item_taxes": "10345.47", "total_taxes": "10445.47", "global_taxes": "100", "customs_value": "6800"}
    assert said.items() <= national.stated.items()


@needs_shared
def test_the_blank_sample_is_no_declaration_of_anybody():
    assert refusal((SHARED / "samples/asycuda/blank.xml").read_bytes()) == "HDR-003"


def filled_everywhere():
    """A SAD with a value in every box the table has a line for, made from the table."""
    root = etree.Element("ASYCUDA")
    values = {"date": "19/11/2026", "count": "3", "number": "7", "amount": "7", "sum": "7", "flag": "true"}
    values |= {"first-line": "A\nB", "head": "4000"}
    groups = [line.source for line in sad_xml.lines() if line.form == "each"]
    for n, line in enumerate(sad_xml.lines()):
        for path, value in ((line.source, values.get(line.form, f"V{n}")), (line.beside, "USD")):
            if path and path[0] not in "=@*" and path not in groups:
                box = root
                for step in path.split("/"):
                    found = box.find(step)
                    box = etree.SubElement(box, step) if found is None else found
                box.text = box.text or value
    root.find("Property/Sad_flow").text = "I"
    return etree.tostring(root)


def test_a_sad_filled_in_every_box_of_the_table_leaves_nothing_uninterpreted():
    found = translated(filled_everywhere())
    assert found.unmapped == ()
    root = etree.fromstring(found.message)
    for line in sad_xml.lines():
        if line.target and line.form != "each" and not line.target.startswith("national/") and line.flow != "E":
            steps = [step.partition("{")[0].partition("[")[0] for step in line.target.split("/")]
            assert root.find(".//d:Declaration/" + "/".join(f"d:{step}" for step in steps), D) is not None, line


def test_no_box_of_the_table_is_out_of_the_order_of_the_data_model(edition):
    message = translated(filled_everywhere()).message
    lodged = read([Lodgement(message, "", NOW, "LA")], edition)
    out_of_place = {"WIR-020", "WIR-022", "WIR-023", "WIR-024", "WIR-026", "WIR-027"}
    assert not [line for line in told(lodged) if line[:7] in out_of_place]


def test_an_item_has_its_goods_origin_procedure_masses_and_values(edition):
    boxes = {"Valuation_item__Statistical_value": "397750000", "Tarification__Preference_code": "acfta"}
    lot = lodged(sad(items=[item(**boxes), item(Tarification__HScode__Precision_1="12")]), edition).lot
    first = lot["goods_items"].row(0, named=True)
    assert first["commodity_code"] == "87089900"
    assert lot["goods_items"]["commodity_code"][1] == "8708990012"
    assert (first["procedure"], first["previous_procedure"], first["origin"]) == ("40", "00", "CN")
    assert (first["gross_mass"], first["net_mass"]) == (1200 * MICRO, 1100 * MICRO)
    assert (first["item_amount"], first["item_amount_currency"]) == (18500 * MICRO, "USD")
    assert (first["statistical_value"], first["statistical_value_currency"]) == (397_750_000 * MICRO, "LAK")
    assert (first["description"], first["preference"]) == ("Steel parts for motor vehicles (synthetic)", "ACFTA")
    package = lot["packages"].row(0, named=True)
    assert (package["quantity"], package["type"], package["marks"]) == (20, "CT", "LS 1/20 MADE IN CHINA")
    assert lot["equipment"]["id"].to_list() == ["CSQU3054383"]


def test_an_item_has_its_taxes_and_documents_in_their_order(edition):
    taxes = [tax("ID", "3000000", "10", "300000"), tax("VAT", "3300000", "7.5", "247500"), tax("", "", "", "")]
    papers = [document("380", "INV-1", "18/11/2026"), document("861", "CO-9")]
    body = sad(items=[item(taxes, papers, Previous_doc__Summary_declaration="BL 77", Licence_number="L1")], **ASSESSED)
    lot = lodged(body, edition).lot
    assert lot["taxes"].select("type", "assessed", "assessed_currency").rows() == [
        ("ID", 300_000 * MICRO, "LAK"),
        ("VAT", 247_500 * MICRO, "LAK"),
    ]
    listed = lot["documents"].select("role", "type", "id").rows()
    assert [(kind, number) for role, kind, number in listed if role == "additional"] == [
        ("911", "L1"),
        ("380", "INV-1"),
        ("861", "CO-9"),
    ]
    assert {("previous", "785", "2026 77"), ("previous", "700", "BL 77")} <= set(listed)
    national = translated(body).national
    assert [(t.item, t.tax, t.amount) for t in national.taxes] == [(1, "ID", "300000"), (1, "VAT", "247500")]


def test_null_and_empty_elements_are_not_there():
    body = sad().replace(b"<Delivery_terms><Code>CIF</Code>", b"<Delivery_terms><Code> <null/>\n</Code>")
    assert leaf(body, "GoodsShipment/TradeTerms/ConditionCode") == []
    assert leaf(sad(Transport__Delivery_terms__Code=""), "GoodsShipment/TradeTerms/ConditionCode") == []


def test_a_nought_without_a_currency_is_no_charge():
    charges = "GoodsShipment/CustomsValuation/ChargeDeduction/OtherChargeDeductionAmount"
    assert leaf(sad(), charges) == []
    stated = {"Valuation__Gs_insurance__Currency_code": "USD", "Valuation__Gs_insurance__Amount_foreign_currency": "12"}
    assert leaf(sad(**stated), charges) == ["12"]


def test_a_party_is_a_name_and_the_lines_below_it():
    assert leaf(sad(), "Exporter/Name") == ["Example Parts (synthetic)"]
    assert leaf(sad(), "Exporter/Address/Line") == ["1 Example Road, Chongqing"]


def test_an_export_has_a_departure_and_no_importer():
    body = sad(Property__Sad_flow="E", Identification__Type__Type_of_declaration="EX")
    assert leaf(body, "GoodsShipment/Consignment/DepartureTransportMeans/ID") == ["X9571"]
    assert leaf(body, "GoodsShipment/Importer/ID") == []
    assert leaf(body, "GoodsShipment/Consignee/ID") == ["LA0100000001"]


def test_without_a_flow_the_type_of_declaration_tells_it():
    assert leaf(sad(Property__Sad_flow=""), "GoodsShipment/Importer/ID") == ["LA0100000001"]


@pytest.mark.parametrize(
    ("days", "written", "read_as"),
    [
        ("mdy", "11/19/25", "20251119"),
        ("dmy", "19/11/2025", "20251119"),
        ("dmy", "1.2.2026", "20260201"),
        ("mdy", "1/2/2026", "20260102"),
        ("mdy", "2025-11-19", "20251119"),
        ("mdy", "2025-11-19T08:00:00", "20251119"),
        ("ymd", "25/11/19", "20251119"),
        ("mdy", "20251119", "20251119"),
        ("mdy", "31/12/2025", "31/12/2025"),  # no such month: reading says so
        ("dmy", "soon", "soon"),
    ],
)
def test_days_are_read_in_the_order_the_system_writes_them(days, written, read_as):
    body = sad(items=[item(documents=[document("380", "I", written)])])
    path = "GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument/EffectiveDateTime"
    root = etree.fromstring(translated(body, SYSTEM._replace(days=days)).message)
    steps = "/".join(f"d:{step}" for step in path.split("/"))
    assert root.find(f".//d:Declaration/{steps}", D)[0].text == read_as


def test_what_the_table_does_not_know_is_named_once():
    more = "<Terms><Code>10</Code></Terms><Terms><Code>11</Code><Empty/></Terms><Odd><null/></Odd>"
    found = translated(sad(more=more))
    assert found.unmapped == ("Terms/Code",)
    assert found.body == sad(more=more)


def test_a_second_value_in_a_box_that_has_one_is_named_too():
    unit = "<Supplementary_unit><Suppplementary_unit_code>{}</Suppplementary_unit_code></Supplementary_unit>"
    body = sad().replace(b"<HScode>", (unit.format("KGM") + unit.format("NMB") + "<HScode>").encode())
    assert translated(body).unmapped == ("Item/Tarification/Supplementary_unit/Suppplementary_unit_code",)


@pytest.mark.parametrize(
    ("boxes", "status"),
    [
        ({"Identification__Registration__Number": ""}, Status.STORED),
        ({}, Status.REGISTERED),
        ({"Selectivity__Lane": "Red"}, Status.SELECTED),
        (ASSESSED, Status.ASSESSED),
        (PAID, Status.PAID),
        ({**PAID, "Selectivity__Release_date": "21/11/2026"}, Status.RELEASED),
        ({**PAID, "Export_release__Date_of_exit": "22/11/2026"}, Status.LEFT),
    ],
)
def test_the_status_is_the_furthest_act_the_file_tells_of(boxes, status):
    assert translated(sad(**boxes)).national.status is status


def test_a_lane_means_what_the_installation_says_it_means():
    lane = {"Selectivity__Lane": "Orange"}
    assert translated(sad(**lane)).national.control is None
    assert translated(sad(**lane), SYSTEM._replace(lanes={"orange": "scan"})).national.control is Control.SCAN
    assert translated(sad(Selectivity__Lane="RED")).national.control is Control.PHYSICAL


def test_whole_days_lie_between_the_acts():
    assert translated(sad(**ASSESSED)).national.elapsed() == [(Status.REGISTERED, Status.ASSESSED, 1)]


def test_before_registration_the_declarant_and_his_reference_tell_it_from_others():
    national = translated(sad(Identification__Registration__Number="")).national
    assert (national.number, national.reference) == (None, "LA0100000001/2026/R1")


def test_a_registration_without_a_stated_year_takes_that_of_its_day():
    assert translated(sad(Assessment_notice__Registration_year="")).national.number == "LABTN-2026-C1"


def test_names_are_read_in_any_case_and_any_namespace():
    body = sad().replace(b"<ASYCUDA ", b'<asycuda xmlns="urn:example" ').replace(b"</ASYCUDA>", b"</asycuda>")
    assert translated(body).national == translated(sad()).national
    assert translated(body).message == translated(sad()).message


def test_lines_of_an_installation_that_lead_nowhere_are_refused():
    with pytest.raises(InputError, match="which the data model has not"):
        translated(sad(), own=(Line("A", "GoodsShipment/Colour"),))
    with pytest.raises(InputError, match="holds elements"):
        translated(sad(), own=(Line("A", "GoodsShipment/UCR"),))
    with pytest.raises(InputError, match="form 'colour'"):
        translated(sad(), own=(Line("A", "TypeCode", "colour"),))


HOSTILE = {
    "entities": (b'<!DOCTYPE a [<!ENTITY x "y">]><ASYCUDA>&x;</ASYCUDA>', "WIR-006"),
    "cut short": (sad()[:900], "WIR-005"),
    "another root": (b"<Awmds/>", "WIR-013"),
    "not XML": (b"PK\x03\x04 what", "WIR-004"),
    "JSON": (b'{"ASYCUDA": 1}', "WIR-004"),
    "nothing": (b" \n", "WIR-001"),
    "other bytes than declared": (b'<?xml version="1.0" encoding="UTF-8"?><ASYCUDA>\xff</ASYCUDA>', "WIR-003"),
    "a nought byte": (sad().replace(b"CIF", b"C\x00F"), "WIR-003"),
    "too deep": (b"<ASYCUDA>" + b"<a>" * 200 + b"</a>" * 200 + b"</ASYCUDA>", "WIR-007"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_hostile_is_refused_with_the_rule_it_breaks(kind):
    body, rule = HOSTILE[kind]
    assert refusal(body) == rule


def test_a_file_beyond_the_limits_is_refused():
    assert refusal(sad(), Limits(bytes=100)) == "WIR-002"
    assert refusal(sad(items=[item() for _ in range(50)]), Limits(elements=500)) == "WIR-008"


WHOLE = sad(items=[item([tax("ID", "1", "2", "3")], [document("380", "I", "1/2/2026")])], **PAID)
CUTS = st.integers(0, len(WHOLE))
MARKS = st.sampled_from([b"<null/>", b"<Item>", b"</Item>", b"<Item/>", b"&lt;", b"<x>1</x>"])


def come_to(body):
    """`declaration` where it can be read, else the rule by which it is refused."""
    try:
        found = translated(body)
    except Unreadable as refused:
        return refused.rule
    (message,) = read([Lodgement(found.message, "", NOW, "LA")], BARE).lot["declarations"]["message"]
    return message


@given(CUTS, CUTS, st.binary(max_size=8) | MARKS)
@example(len(WHOLE) - 10, len(WHOLE) - 10, b"<Item/>")
def test_whatever_is_changed_in_a_sad_it_is_read_or_refused(start, end, put):
    assert come_to(WHOLE[:start] + put + WHOLE[end:]) in {"declaration", "HDR-003", *RULES}


@given(st.dictionaries(st.sampled_from(sorted(HEADER)), st.text(XML, max_size=40), max_size=8))
def test_whatever_stands_in_a_box_it_is_read_or_refused(boxes):
    assert come_to(sad(**{name.replace("/", "__"): text for name, text in boxes.items()})) in {"declaration", "HDR-003"}


def test_a_path_of_xml_in_a_box_stays_a_text():
    assert leaf(sad(Transport__Delivery_terms__Place="../<x>&{A=1}"), "GoodsShipment/TradeTerms/LocationName") == [
        "../<x>&{A=1}"
    ]


def test_an_answer_points_at_the_box_of_the_sad():
    at = element("GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Classification/ID").at
    found = [
        Finding("GDS-010", 1, Severity.ERROR, pointer(at, 3), "", "8708<"),
        Finding("WIR-021", 1, Severity.INFORMATION, None, "Terms/Code", "Terms/Code"),
    ]
    root = etree.fromstring(sad_xml.answer([Reply("LABTN-2026-C1", "r1", "advised", "paid", findings=found)]))
    assert root.tag == "ASYCUDA_answer"
    assert root.findtext("Declaration/Record") == "r1"
    assert [(one.findtext("Item_number") or "", one.findtext("Sad_element")) for one in root.iter("Finding")] == [
        ("3", "Item[3]/Tarification/HScode/Commodity_code"),
        ("", "Terms/Code"),
    ]
    assert root.findtext("Declaration/Finding/Value") == "8708<"
