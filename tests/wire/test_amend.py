"""An amendment changes what its pointers name, and nothing else."""

import difflib
import re

import pytest
from lxml import etree
from messages import BARE, DEC, OWN, declaration, lodgement, one, samples

from conftest import needs_shared
from landsea.declaration.finding import findings_of
from landsea.errors import InputError
from landsea.wire import amend, read

BASE = declaration(
    """
  <FunctionCode>9</FunctionCode>
  <FunctionalReferenceID>SYN-1</FunctionalReferenceID>
  <TypeCode>IMA</TypeCode>
  <TotalPackageQuantity>55</TotalPackageQuantity>
  <Exporter>
    <Name>Old Name</Name>
    <Address>
      <CityName>Old Town</CityName>
    </Address>
  </Exporter>
  <GoodsShipment>
    <own xmlns="urn:example:own">kept</own>
    <GovernmentAgencyGoodsItem>
      <SequenceNumeric>1</SequenceNumeric>
      <AdditionalDocument>
        <ID>D1</ID>
      </AdditionalDocument>
      <AdditionalDocument>
        <ID>D2</ID>
        <Name>second</Name>
      </AdditionalDocument>
      <Commodity>
        <InvoiceLine>
          <ItemChargeAmount currencyID="CNY">1000</ItemChargeAmount>
        </InvoiceLine>
      </Commodity>
    </GovernmentAgencyGoodsItem>
    <GovernmentAgencyGoodsItem>
      <SequenceNumeric>2</SequenceNumeric>
    </GovernmentAgencyGoodsItem>
    <GovernmentAgencyGoodsItem>
      <SequenceNumeric>4</SequenceNumeric>
    </GovernmentAgencyGoodsItem>
  </GoodsShipment>
"""
)


def pointing(*pointers):
    """Amendments as `42A/67A/68A[2]/108`, each the steps and, where the last has no capital, the tag."""
    return "".join(
        "<Amendment><ChangeReasonCode>32</ChangeReasonCode>" + "".join(steps(p)) + "</Amendment>" for p in pointers
    )


def steps(pointer):
    parts = pointer.split("/") if pointer else []
    tag = parts.pop() if parts and not re.fullmatch(r"\d\d[A-C](\[\d+\])?", parts[-1]) else ""
    for k, part in enumerate(parts):
        code, number = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part).groups()
        sequence = f"<SequenceNumeric>{number}</SequenceNumeric>" if number else ""
        end = f"<TagID>{tag}</TagID>" if tag and k == len(parts) - 1 else ""
        yield f"<Pointer>{sequence}<DocumentSectionCode>{code}</DocumentSectionCode>{end}</Pointer>"


def message(pointers, before="", after=""):
    head = "<FunctionCode>13</FunctionCode><FunctionalReferenceID>SYN-2</FunctionalReferenceID><TypeCode>COR</TypeCode>"
    return declaration(head + before + pointing(*pointers) + after)


def item(number, inside):
    sequence = f"<SequenceNumeric>{number}</SequenceNumeric>"
    return f"<GoodsShipment><GovernmentAgencyGoodsItem>{sequence}{inside}</GovernmentAgencyGoodsItem></GoodsShipment>"


def changes(before, after):
    """The lines of canonical XML that differ, taken away and added, stripped."""
    texts = [etree.tostring(d.tree.getroottree(), method="c14n").decode().split("\n") for d in (before, after)]
    lines = [line for line in difflib.ndiff(*texts) if line[:2] in ("- ", "+ ")]
    return [line[0] + line[2:].strip() for line in lines]


CASES = {
    "a value is replaced": (
        ("42A/146",),
        "<TotalPackageQuantity>53</TotalPackageQuantity>",
        "",
        ["-<TotalPackageQuantity>55</TotalPackageQuantity>", "+<TotalPackageQuantity>53</TotalPackageQuantity>"],
    ),
    "a value and its attributes are replaced": (
        ("42A/67A/68A[1]/23A/79A/112",),
        "",
        item(
            1,
            "<Commodity><InvoiceLine><ItemChargeAmount currencyID='LAK'>9.5</ItemChargeAmount></InvoiceLine>"
            "</Commodity>",
        ),
        [
            '-<ItemChargeAmount currencyID="CNY">1000</ItemChargeAmount>',
            '+<ItemChargeAmount currencyID="LAK">9.5</ItemChargeAmount>',
        ],
    ),
    "real messages number the steps themselves": (
        ("42A[1]/57A[2]/R031", "42A[1]/57A[1]/04A[3]/241"),
        "",
        (
            "<Exporter><Name>New Name</Name>"
            "<Address><CityName>New Town</CityName><Line>not named</Line></Address></Exporter>"
        ),
        [
            "-<Name>Old Name</Name>",
            "+<Name>New Name</Name>",
            "-<CityName>Old Town</CityName>",
            "+<CityName>New Town</CityName>",
        ],
    ),
    "a value is added where the data model has it": (
        ("42A/57A/R032",),
        "",
        "<Exporter><ID>CN1</ID></Exporter>",
        ["+<ID>CN1</ID>"],
    ),
    "a class is made for a value that has none": (
        ("42A/67A/68A[2]/23A/65A/126",),
        "",
        item(2, "<Commodity><GoodsMeasure><GrossMassMeasure>7</GrossMassMeasure></GoodsMeasure></Commodity>"),
        ["+<Commodity><GoodsMeasure><GrossMassMeasure>7</GrossMassMeasure></GoodsMeasure></Commodity>"],
    ),
    "what the message lacks is removed": (("42A/67A/68A[1]/02A[2]/D028",), "", "", ["-<Name>second</Name>"]),
    "a goods item is found by its number, not its place": (
        ("42A/67A/68A[4]",),
        "",
        "",
        ["-<GovernmentAgencyGoodsItem>", "-<SequenceNumeric>4</SequenceNumeric>", "-</GovernmentAgencyGoodsItem>"],
    ),
    "a document is found by its place, the others given for the count": (
        ("42A/67A/68A[1]/02A[2]/D005",),
        "",
        item(
            1,
            "<AdditionalDocument><ID>D1</ID></AdditionalDocument><AdditionalDocument><ID>X2</ID></AdditionalDocument>",
        ),
        ["-<ID>D2</ID>", "+<ID>X2</ID>"],
    ),
    "a document is found by its place, only itself given": (
        ("42A/67A/68A[1]/02A[2]/D005",),
        "",
        item(1, "<AdditionalDocument><ID>X2</ID></AdditionalDocument>"),
        ["-<ID>D2</ID>", "+<ID>X2</ID>"],
    ),
    "positions are those before the amendment": (
        ("42A/67A/68A[1]/02A[1]", "42A/67A/68A[1]/02A[2]/D005"),
        "",
        "",
        ["-<ID>D1</ID>", "-</AdditionalDocument>", "-<AdditionalDocument>", "-<ID>D2</ID>"],
    ),
    "several values make one new class": (
        ("42A/67A/68A[1]/02A[3]/D005", "42A/67A/68A[1]/02A[3]/D006"),
        "",
        item(1, "<AdditionalDocument><ID>D3</ID><TypeCode>T</TypeCode></AdditionalDocument>"),
        [],
    ),
    "a whole class is replaced": (
        ("42A/57A",),
        "",
        "<Exporter><ID>CN9</ID></Exporter>",
        [],
    ),
    "a goods item is added with its number": (
        ("42A/67A/68A[5]/108",),
        "",
        (
            "<GoodsShipment><GovernmentAgencyGoodsItem><CustomsValueAmount currencyID='CNY'>1</CustomsValueAmount>"
            "<SequenceNumeric>5</SequenceNumeric></GovernmentAgencyGoodsItem></GoodsShipment>"
        ),
        [],
    ),
}


@pytest.mark.parametrize(("pointers", "before", "after", "expected"), CASES.values(), ids=CASES)
def test_an_amendment_changes_only_what_it_names(pointers, before, after, expected):
    base = one(BASE).documents[0]
    amended = amend(base, one(message(pointers, before, after)).documents[0])
    assert amended.findings.is_empty()
    if expected:
        assert changes(base, amended.document) == expected
    again = one(amended.document.body)
    assert [f.rule for f in findings_of(again.findings)] == ["WIR-021"], "kept, and nothing out of order"


def amended_rows(*arguments):
    return one(amend(one(BASE).documents[0], one(message(*arguments)).documents[0]).document.body).lot


def test_several_pointers_into_a_new_document_make_one_document():
    pointers, before, after, _ = CASES["several values make one new class"]
    documents = amended_rows(pointers, before, after)["documents"]
    assert documents.select("n", "id", "type").rows() == [(1, "D1", None), (2, "D2", None), (3, "D3", "T")]


def test_a_replaced_class_keeps_nothing_of_what_it_was():
    pointers, before, after, _ = CASES["a whole class is replaced"]
    assert amended_rows(pointers, before, after)["parties"].select("role", "id", "name", "city").rows() == [
        ("Exporter", "CN9", None, None)
    ]


def test_a_new_goods_item_stands_behind_the_others():
    pointers, before, after, _ = CASES["a goods item is added with its number"]
    items = amended_rows(pointers, before, after)["goods_items"]
    assert items.select("sequence", "customs_value").rows() == [(1, None), (2, None), (4, None), (5, 1_000_000)]


@pytest.mark.parametrize(
    ("pointer", "finding"),
    [
        ("42A/99Z/112", "WIR-050 42A/99Z/112"),
        ("42A/67A/999", "WIR-050 42A/67A/999"),
        ("67A/68A[1]", "WIR-050 67A/68A[1]"),
        ("42A/67A/68A[3]", "WIR-051 Declaration/GoodsShipment/GovernmentAgencyGoodsItem"),
        (
            "42A/67A/68A[1]/02A[7]/D005",
            "WIR-051 Declaration/GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument/ID",
        ),
        ("42A/67A/68A[99999]", "WIR-051 Declaration/GoodsShipment/GovernmentAgencyGoodsItem"),
        ("42A/D014", "WIR-052 42A/D014"),
        ("42A/D026", "WIR-052 42A/D026"),
        ("42A/017", "WIR-052 42A/017"),
        ("42A/D013", "WIR-052 42A/D013"),
        ("42A", "WIR-052 42A"),
        ("", "WIR-053"),
    ],
)
def test_a_pointer_that_may_not_lead_there_is_a_finding_and_changes_nothing(pointer, finding):
    base = one(BASE).documents[0]
    amended = amend(
        base, one(message(["42A/146", pointer], "<TotalPackageQuantity>55</TotalPackageQuantity>")).documents[0]
    )
    [found] = findings_of(amended.findings)
    assert " ".join(filter(None, (found.rule, found.value))) == finding
    assert str(found.pointer) == "Declaration/Amendment[2]"
    assert changes(base, amended.document) == []


def test_a_position_too_long_for_its_format_is_read_as_none():
    endless = message(["42A/67A/68A[7]/23A/79A/112"]).replace("<SequenceNumeric>7<", f"<SequenceNumeric>{'7' * 5000}<")
    base = one(BASE).documents[0]
    amended = amend(base, one(endless).documents[0])
    assert changes(base, amended.document) == ['-<ItemChargeAmount currencyID="CNY">1000</ItemChargeAmount>']


def test_statements_that_explain_the_amendment_are_no_statements_of_the_declaration():
    base = one(
        BASE.replace(
            "<Exporter>", "<AdditionalInformation><StatementCode>A</StatementCode></AdditionalInformation><Exporter>"
        )
    )
    explaining = (
        "<AdditionalInformation><StatementDescription>why</StatementDescription><StatementTypeCode>AES</StatementTypeCode>"
        "<Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer></AdditionalInformation>"
    )
    own = "<AdditionalInformation><StatementCode>B</StatementCode></AdditionalInformation>"
    amended = amend(base.documents[0], one(message(["42A/03A[1]/226"], explaining + own)).documents[0])
    assert one(amended.document.body).lot["statements"]["code"].to_list() == ["B"]


def test_the_declaration_amended_is_left_as_it_was():
    base = one(BASE).documents[0]
    before = etree.tostring(base.tree)
    amend(base, one(message(["42A/67A"])).documents[0])
    assert etree.tostring(base.tree) == before


def test_a_json_declaration_is_amended_by_an_xml_message_and_stays_json():
    base = one('{"Declaration": {"FunctionCode": 9, "TotalPackageQuantity": 55}}').documents[0]
    amended = amend(base, one(message(["42A/146"], "<TotalPackageQuantity>53</TotalPackageQuantity>")).documents[0])
    assert amended.document.format == "json"
    assert one(amended.document.body).lot["declarations"]["total_packages"].to_list() == [53]


def test_an_amendment_of_nothing_readable_is_the_callers_mistake():
    with pytest.raises(InputError, match="read them first"):
        amend(one("<cut").documents[0], one(message(["42A/146"])).documents[0])


def test_a_prefix_of_the_message_does_not_come_into_the_declaration():
    foreign = message(["42A/57A/R031"], "", "<Exporter><Name>New</Name></Exporter>")
    foreign = re.sub(r"<(/?)(\w)", r"<\1z:\2", foreign).replace("xmlns=", "xmlns:z=")
    amended = amend(one(BASE).documents[0], one(foreign).documents[0])
    assert b"z:" not in amended.document.body
    assert f'<Declaration xmlns="{DEC}">'.encode() in amended.document.body


@needs_shared
def test_every_outside_amendment_changes_its_declaration_and_leaves_it_in_order():
    lodged = read([lodgement(body) for body in samples().values()], BARE)
    kinds = dict(zip(samples(), zip(lodged.documents, lodged.lot["declarations"]["message"], strict=True), strict=True))
    done = 0
    for path, (amendment, message_) in kinds.items():
        if message_ != "amendment":
            continue
        bases = [d for p, (d, m) in kinds.items() if m == "declaration" and path.is_relative_to(p.parent)]
        if not bases:
            continue
        amended = amend(bases[0], amendment)
        assert amended.findings.is_empty(), path.name
        assert one(amended.document.body).findings.is_empty(), path.name
        assert changes(bases[0], amended.document), path.name
        done += 1
    assert done >= 7


def test_our_own_demonstration_amends_too():
    path = next(p for p in OWN if "amendment" in p.name)
    amendment = one(path.read_bytes()).documents[0]
    bases = [one(p.read_bytes()) for p in OWN if p.name.startswith("road-0")]
    base = next(b for b in bases if b.lot["declarations"]["message"][0] == "declaration")
    assert amend(base.documents[0], amendment).findings.is_empty()
