"""Fuzz targets, one per reader: `python tests/fuzz/targets.py xml [libFuzzer options] [corpus folder]`.

The invariant of each: whatever the bytes are, one body has one row and one document, and no exception leaves the core.
"""

import datetime
import sys

import atheris

with atheris.instrument_imports(include=["landsea.wire"]):
    from landsea.wire import amend, read, split, write
    from landsea.wire.sheet import rows

from landsea.codes.edition import edition_of
from landsea.declaration.stage import Document, Lodgement
from landsea.errors import InputError

EDITION = edition_of({})
NOW = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
BASE = b"""<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"><FunctionCode>9</FunctionCode><TypeCode>IMA</TypeCode>
<Exporter><Name>A</Name></Exporter><GoodsShipment><GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>
<AdditionalDocument><ID>1</ID></AdditionalDocument><AdditionalDocument><ID>2</ID></AdditionalDocument>
</GovernmentAgencyGoodsItem></GoodsShipment></Declaration>"""


def document(body: bytes) -> Document:
    """The one document of a body that is read alone."""
    lodged = read([Lodgement(body, "", NOW)], EDITION)
    assert len(lodged.lot) == len(lodged.documents) == 1
    return lodged.documents[0]


def xml(body: bytes) -> None:
    """The reader of XML: what it reads it writes, and reads again."""
    found = document(body)
    if found.tree is not None:
        assert document(write(found)).tree is not None
        assert document(write(found, "json")).tree is not None


def json(body: bytes) -> None:
    """The reader of JSON, and the taking apart of arrays and lines."""
    for part in split(body):
        found = document(part)
        if found.tree is not None:
            assert document(write(found, "json")).tree is not None


def amendment(body: bytes) -> None:
    """Any message as an amendment: refused, or the declaration stays readable."""
    found = document(body)
    try:
        amended = amend(document(BASE), found)
    except InputError:
        return
    assert document(amended.document.body).tree is not None


def sheet(body: bytes) -> None:
    """The reader of sheets: rows of texts, or one refusal."""
    try:
        found = list(rows(body))
    except InputError:
        return
    assert all(isinstance(cell, str) for row in found for cell in row.cells)


if __name__ == "__main__":
    target = {"xml": xml, "json": json, "amendment": amendment, "sheet": sheet}[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
