"""What goes out is what came in, from the tree alone."""

from dataclasses import replace

import pytest
from lxml import etree
from messages import BARE, ODD, OWN, canonical, lodgement, one, samples, schema

from conftest import needs_shared
from landsea.errors import InputError
from landsea.wire import read, write


def without_body(document):
    return replace(document, body=b"")


def readable(lodged, sources):
    for source, document, message in zip(sources, lodged.documents, lodged.lot["declarations"]["message"], strict=True):
        if message not in ("unreadable", "not-a-declaration"):
            yield source, without_body(document)


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.name)
def test_our_own_messages_come_back_as_they_were(path):
    body = path.read_bytes()
    lodged = one(body)
    for _, document in readable(lodged, [path]):
        assert canonical(write(document)) == canonical(body)
        twin = one(write(document, "json")).documents[0]
        assert canonical(write(twin), blanks=False) == canonical(body, blanks=False)


def test_some_of_our_own_messages_are_odd_enough_to_prove_it():
    odd = b"".join(path.read_bytes() for path in ODD)
    assert all(mark in odd for mark in (b"<?", b"CDATA", b"urn:example", b"&#13;", b" stray", b'xmlns=""'))


@needs_shared
def test_every_outside_declaration_comes_back_as_it_was():
    lodged = read([lodgement(body) for body in samples().values()], BARE)
    compared = 0
    for body, document in readable(lodged, samples().values()):
        assert canonical(write(document)) == canonical(body)
        compared += 1
    assert compared > 150


@needs_shared
def test_every_outside_declaration_comes_back_through_its_json_twin():
    lodged = read([lodgement(body) for body in samples().values()], BARE)
    twins = [(body, write(document, "json")) for body, document in readable(lodged, samples().values())]
    back = read([lodgement(twin) for _, twin in twins], BARE)
    for (body, twin), document in zip(twins, back.documents, strict=True):
        assert canonical(write(without_body(document)), blanks=False) == canonical(body, blanks=False)
        assert write(without_body(document), "json") == twin


@needs_shared
def test_what_is_written_is_valid_by_the_schemas_of_the_standard():
    lodged = read([lodgement(body) for body in samples().values()], BARE)
    law, cancellation = schema("declaration", "DEC"), 0
    for path, document in readable(lodged, samples()):
        message = next(etree.fromstring(write(document)).iter("{*}MetaData"))
        valid = law.validate(etree.fromstring(etree.tostring(message)))
        assert valid, f"{path.name}: {law.error_log.last_error}"
        cancellation += 1
    assert cancellation > 150


@needs_shared
def test_the_schemas_are_really_asked():
    law = schema("declaration", "DEC")
    bad = one(next(path for path in OWN if path.name.startswith("rail-01")).read_bytes()).documents[0].tree
    assert law.validate(bad)
    next(bad.iter("{*}TypeCode")).text = "FOUR"
    assert not law.validate(bad)


def test_a_document_that_was_unreadable_is_not_written():
    with pytest.raises(InputError, match="unreadable"):
        write(one("<cut").documents[0])


def test_a_format_nobody_knows_is_not_written():
    with pytest.raises(InputError, match="known: xml, json"):
        write(one(OWN[0].read_bytes()).documents[0], "edifact")
