"""Hop 1: every body has one row and one document, whatever it is."""

import datetime

import pytest
from messages import BARE, DEC, NOW, declaration, lodgement, one, samples, told

from conftest import needs_shared
from landsea.codes.edition import edition_of
from landsea.declaration.lot import schemas
from landsea.errors import InputError
from landsea.wire import read

META = 'xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"'


def context(body, **about):
    return one(body, **about).lot["declarations"].row(0, named=True)


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        ("9", "IMA", "declaration"),
        ("9", "EXD", "declaration"),
        ("13", "COR", "amendment"),
        ("13", "INV", "invalidation"),
        ("13", "GPR", "presentation"),
        ("4", "IMA", "amendment"),
        ("1", "IMA", "invalidation"),
    ],
)
def test_the_function_of_a_message_says_what_is_asked(function, kind, message):
    inner = f"<FunctionCode>{function}</FunctionCode><TypeCode>{kind}</TypeCode>"
    assert context(declaration(inner))["message"] == message


@pytest.mark.parametrize(
    ("body", "root"),
    [
        ("<MetaData><Response/></MetaData>", "MetaData"),
        (f'<md:MetaData {META}><Response xmlns="urn:wco:datamodel:WCO:RES-DMS:2"/></md:MetaData>', "MetaData"),
        ('<Declaration xmlns="urn:example:other"><FunctionCode>9</FunctionCode></Declaration>', "Declaration"),
        ("<Declaration><FunctionCode>9</FunctionCode></Declaration>", "Declaration"),
        (f'<report><Declaration xmlns="{DEC}"><FunctionCode>9</FunctionCode></Declaration></report>', "report"),
        ('{"Invoice": {"number": "7"}}', "Invoice"),
    ],
)
def test_what_is_no_declaration_is_said_to_be_none(body, root):
    lodged = one(body)
    assert lodged.lot["declarations"]["message"].to_list() == ["not-a-declaration"]
    assert told(lodged)[0].startswith("WIR-013")
    assert told(lodged)[0].endswith(root)


def test_a_message_with_two_declarations_is_not_half_read():
    two = 2 * f'<md:MetaData {META}><Declaration xmlns="{DEC}"/></md:MetaData>'
    assert told(one(f"<many>{two}</many>")) == ["WIR-014 line 1 2 declarations"]


def test_the_administration_is_the_one_addressed_or_the_one_the_message_names():
    body = (
        f"<md:MetaData {META}><md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>"
        "<md:ResponsibleCountryCode> LA\n</md:ResponsibleCountryCode><md:Colour/>"
        f"{declaration('<FunctionCode>9</FunctionCode>')}</md:MetaData>"
    )
    assert context(body)["administration"] == "LA"
    assert context(body, administration="CN")["administration"] == "CN"
    assert context(declaration("<FunctionCode>9</FunctionCode>"))["administration"] is None
    assert context(body)["model_version"] == "3.6"
    assert told(one(body)) == ["WIR-020 MetaData/Colour"]


ACCEPTED = (
    '<AcceptanceDateTime><DateTimeString xmlns="urn:wco:datamodel:WCO:Declaration_DS:DMS:2" formatCode="304">'
    "20260930180000Z</DateTimeString></AcceptanceDateTime><FunctionCode>9</FunctionCode>"
)


def test_law_is_drawn_by_the_legal_day_where_the_administration_is():
    late = datetime.datetime(2026, 12, 31, 17, 30, tzinfo=datetime.UTC)
    body = declaration("<FunctionCode>9</FunctionCode>")
    assert context(body, received_at=late)["applicable_on"] == datetime.date(2026, 12, 31)
    assert context(body, received_at=late, administration="XX")["applicable_on"] == datetime.date(2027, 1, 1)
    assert context(declaration(ACCEPTED), administration="XX")["applicable_on"] == datetime.date(2026, 10, 1)
    assert context(declaration(ACCEPTED))["applicable_on"] == datetime.date(2026, 9, 30)


def test_an_administration_with_an_unknown_zone_keeps_utc():
    edition = edition_of({"YY/manifest.toml": b"", "YY/administration.toml": b'timezone = "Sea/Atlantis"\n'})
    row = one(declaration(ACCEPTED), edition, administration="YY").lot["declarations"].row(0, named=True)
    assert row["applicable_on"] == datetime.date(2026, 9, 30)


def test_one_bad_body_takes_nothing_from_its_neighbours():
    good = declaration("<FunctionCode>9</FunctionCode><ID>G</ID>")
    lodged = read([lodgement(b) for b in (good, "<cut", good, "{}", good)], BARE)
    assert lodged.lot["declarations"]["message"].to_list() == [
        "declaration",
        "unreadable",
        "declaration",
        "unreadable",
        "declaration",
    ]
    assert lodged.lot["declarations"]["mrn"].to_list() == ["G", None, "G", None, "G"]
    assert [d.tree is None for d in lodged.documents] == [False, True, False, True, False]
    assert lodged.findings["d"].to_list() == [1, 3]


def test_no_lodgements_are_an_empty_lot_with_every_column():
    lot = read([], BARE).lot
    assert len(lot) == 0
    assert all(set(schema) <= set(lot[name].columns) for name, schema in schemas().items())


def test_an_instant_of_receipt_without_zone_is_the_callers_mistake():
    with pytest.raises(InputError, match="without a time zone"):
        one("", received_at=NOW.replace(tzinfo=None))


@needs_shared
def test_every_outside_declaration_is_read_without_a_complaint_about_its_form():
    lodged = read([lodgement(body, message_profile="uk-dms") for body in samples().values()], BARE)
    message = lodged.lot["declarations"]["message"].to_list()
    broken = [path.name for path, m in zip(samples(), message, strict=True) if m == "unreadable"]
    assert message.count("declaration") > 150
    assert {"amendment", "invalidation", "presentation"} <= set(message)
    assert len(broken) <= 3
    said = {d for d in lodged.findings["d"].to_list() if message[d] not in ("unreadable", "not-a-declaration")}
    assert not said


@needs_shared
def test_what_outside_samples_have_broken_is_told_with_line_and_column():
    lodged = read([lodgement(body) for body in samples().values()], BARE)
    message = lodged.lot["declarations"]["message"].to_list()
    lines = [line for d, m in enumerate(message) if m == "unreadable" for line in told(lodged, d)]
    assert any(line.startswith("WIR-005 line ") and "column" in line for line in lines)
    assert all(line.startswith(("WIR-005 line ", "WIR-014 line ")) for line in lines)
