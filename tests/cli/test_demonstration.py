"""The demonstration declarations are ours, say so, are valid WCO 3.6, and their JSON twins say the same."""

import re
from datetime import UTC, datetime

import pytest
from lxml import etree

from conftest import ROOT, SHARED, needs_shared
from landsea.declaration.stage import Lodgement
from landsea.wire import read

FOLDER = ROOT / "demonstration"
XML = sorted(FOLDER.glob("*.xml"))
TWINS = sorted(FOLDER.glob("*.json"))
BROKEN = {"road-07-transfer-broken-off.xml", "sea-04-packing-list.xml"}
STORY = sorted((ROOT / "story").glob("truck-*.xml"))
SCHEMAS = SHARED / "samples/wco/schemas/wco/declaration"


def lodged(path, edition):
    return read([Lodgement(path.read_bytes(), "", datetime(2026, 11, 21, tzinfo=UTC))], edition)


@pytest.fixture(scope="module")
def schema():
    """WCO's schemas of the envelope and of the declaration, loaded together as the envelope wants it."""
    imported = "".join(
        f'<xs:import namespace="urn:wco:datamodel:WCO:{name}" schemaLocation="{SCHEMAS / file}"/>'
        for name, file in (
            ("DocumentMetaData-DMS:2", "DocumentMetaData_2_DMS.xsd"),
            ("DEC-DMS:2", "WCO_DEC_2_DMS.xsd"),
        )
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imported}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver))


@needs_shared
@pytest.mark.parametrize("path", [p for p in [*XML, *STORY] if p.name not in BROKEN], ids=lambda p: p.stem)
def test_a_demonstration_declaration_is_valid(path, schema):
    schema.assertValid(etree.parse(path))


@needs_shared
def test_the_schema_would_refuse_what_is_no_declaration(schema):
    assert not schema.validate(etree.parse(FOLDER / "sea-04-packing-list.xml"))


@pytest.mark.parametrize("path", [*XML, *TWINS], ids=lambda p: p.name)
def test_a_demonstration_file_says_that_it_is_synthetic(path):
    text = path.read_text("utf-8")
    assert "SYNTHETIC DEMONSTRATION DATA" in text
    for party in re.findall(r'(?:<Name>|"Name": ")([^<"]+)', text):
        assert party.endswith("(synthetic)") or party.isupper(), party  # in capitals: places of goods, not parties


@pytest.mark.parametrize("path", TWINS, ids=lambda p: p.stem)
def test_the_json_twin_says_the_same_as_the_xml(path, edition):
    twin, original = lodged(path, edition), lodged(path.with_suffix(".xml"), edition)
    assert twin.lot["declarations"]["lrn"].item() == original.lot["declarations"]["lrn"].item() + "J"
    for name, frame in original.lot.frames.items():
        own = ["lrn"] if name == "declarations" else []
        assert twin.lot[name].drop(own).equals(frame.drop(own)), name


def test_the_demonstration_covers_the_corridor_and_each_kind_of_message(edition):
    lots = [lodged(path, edition).lot["declarations"].row(0, named=True) for path in XML]
    messages = {"declaration", "amendment", "invalidation", "unreadable", "not-a-declaration"}
    assert {row["message"] for row in lots} == messages
    assert {row["border_means_mode"] for row in lots if row["function"] == "9"} == {"1", "2", "3"}
    assert {row["administration"] for row in lots} >= {"CN", "LA"}
