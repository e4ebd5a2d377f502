"""Whatever arrives, the answer is one clear finding in bounded time and memory."""

import codecs
import subprocess
import sys
import time

import pytest
from messages import BARE, DEC, declaration, lodgement, one, told

from conftest import ROOT
from landsea.wire import RULES, read
from landsea.wire.limits import Limits

GOOD = declaration("<FunctionCode>9</FunctionCode>")
LATIN = "<?xml version='1.0'{}?><a>é</a>"
BAD = {
    "an empty file": (b"", "WIR-001"),
    "nothing but blanks": (b" \r\n\t\0\0", "WIR-001"),
    "a byte order mark alone": (codecs.BOM_UTF8, "WIR-004 byte 1"),
    "too many bytes": (b"<a>" + b"x" * 10_000_000, "WIR-002"),
    "a hundred megabytes": (b"<a>" + b"x" * 100_000_000, "WIR-002 100000003 bytes, at most 10000000"),
    "Latin letters called UTF-8": (LATIN.format("").encode("latin-1"), "WIR-003 line 1"),
    "an encoding nobody knows": (LATIN.format(" encoding='x-none'").encode("latin-1"), "WIR-003 line 1"),
    "UTF-16 cut in half": (GOOD.encode("utf-16")[:-1], "WIR-003 byte"),
    "called UTF-16 in single bytes": (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "WIR-003 line 1"),
    "marked UTF-8 and called another": (
        codecs.BOM_UTF8 + b"<?xml version='1.0' encoding='GB18030'?><a/>",
        "WIR-003 line 1 marked as UTF-8 but declared as GB18030",
    ),
    "JSON that is not UTF-8": (b'{"a": "\xff"}', "WIR-003 byte 8"),
    "EDIFACT": (b"UNA:+.? 'UNB+UNOA:1", "WIR-004 byte 1"),
    "a table": (b"lrn,type\n1,IMA\n", "WIR-004 byte 1"),
    "EBCDIC": ("<?xml version='1.0'?><a/>".encode("cp500"), "WIR-004 byte 1"),
    "an archive": (b"PK\x03\x04" + bytes(30), "WIR-004 byte 1 a zip archive"),
    "every byte there is": (bytes(range(256)), "WIR-004 byte 1"),
    "cut off": (GOOD.encode()[:-9], "WIR-005 line 1"),
    "a double hyphen in a comment": (b"<a>\n <!-- x -- y -->\n</a>", "WIR-005 line 2, column"),
    "an entity nobody declared": (b"<a>&b;</a>", "WIR-005 line 1"),
    "a control character": (b"<a>\x01</a>", "WIR-003 line 1"),
    "a nested entity bomb": (
        b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;"><!ENTITY d "&c;&c;">]><a>&d;</a>',
        "WIR-006 line 1",
    ),
    "an entity bomb in UTF-16": (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'.encode("utf-16"),
        "WIR-006 line 1",
    ),
    "a file named as an entity": (
        b'<?xml version="1.0"?><!-- - -->\n<?p q?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        "WIR-006 line 1",
    ),
    "deep": (b"<a>" * 66 + b"</a>" * 66, "WIR-007 deeper than 64"),
    "very deep": (b"<a>" * 1_000_000, "WIR-007 line 1"),
    "deep JSON": (b'{"MetaData":' + b'{"x":' * 70 + b"1" + b"}" * 71, "WIR-007 /MetaData/x"),
    "very deep JSON": (b'{"a":' * 1_000_000, "WIR-007"),
    "very deep arrays": (b"[" * 1_000_000, "WIR-007"),
    "millions of elements": (b"<a>" + b"<b/>" * 2_400_000 + b"</a>", "WIR-008 more than 1000000 elements"),
    "millions of JSON values": (b'{"a":[' + b"0," * 4_000_000 + b"0]}", "WIR-008 more than 1000000 elements"),
    "a prefix for every element": (
        b"<a " + b" ".join(b'xmlns:b%d="u"' % k for k in range(100_000)) + b"/>",
        "WIR-016 more than 64 prefixes",
    ),
    "a prefix for every JSON object": (
        b'{"a":{"@xmlns":{' + b",".join(b'"b%d":"u"' % k for k in range(100_000)) + b"}}}",
        "WIR-016 /a more than 64 prefixes",
    ),
    "JSON cut off": (b'{"Declaration":\n{"Func', "WIR-009 line 2, column 2"),
    "a name twice": (b'{"Declaration":{"ID":"1","ID":"2"}}', "WIR-010 ID"),
    "NaN": (b'{"Declaration":{"InvoiceAmount":NaN}}', "WIR-011 NaN"),
    "Infinity": (b'{"Declaration":{"InvoiceAmount":-Infinity}}', "WIR-011 -Infinity"),
    "null": (b'{"Declaration":{"ID":null}}', "WIR-012 /Declaration/ID neither text nor number"),
    "true": (b'{"Declaration":{"ID":[true]}}', "WIR-012 /Declaration/ID neither text nor number"),
    "two roots": (b'{"Declaration":{},"MetaData":{}}', "WIR-012 the message does not have one root"),
    "no object": (b'["Declaration"]', "WIR-012 the message is not an object"),
    "a name that breaks out": (b'{"Declaration":{"a/><b":"1"}}', "WIR-012 /Declaration/a/><b no name of an element"),
    "an attribute that breaks out": (
        b'{"Declaration":{"@a=\'\' b":"1"}}',
        "WIR-012 /Declaration no name of an element",
    ),
    "a prefix that breaks out": (b'{"Declaration":{"@xmlns":{"a=\'\' b":"u"}}}', "WIR-012 /Declaration/@xmlns"),
    "an instruction that breaks out": (b'{"Declaration":{"@content":[{"?a":"?><b/>"}]}}', "WIR-012 /Declaration/?a"),
    "a character XML has not": (b'{"Declaration":{"ID":"\\u0000"}}', "WIR-012 /Declaration/ID the character U+0000"),
    "half a surrogate pair": (b'{"Declaration":{"ID":"\\ud83d"}}', "WIR-012 /Declaration/ID the character U+D83D"),
}


@pytest.mark.parametrize(("body", "expected"), BAD.values(), ids=BAD)
def test_a_bad_body_has_one_clear_finding(body, expected):
    began = time.monotonic()
    lodged = one(body)
    assert told(lodged)[0].startswith(expected)
    assert len(told(lodged)) == 1
    assert lodged.lot["declarations"]["message"].to_list() == ["unreadable"]
    assert time.monotonic() - began < 10


def test_every_rule_of_reading_is_broken_by_a_test_of_its_own():
    beside = [ROOT / "tests/cases/wire.txt", ROOT / "tests/node/test_legacy.py"]
    named = "".join(path.read_text("utf-8") for path in [*ROOT.glob("tests/wire/test_*.py"), *beside])
    assert [rule for rule in RULES if rule not in named] == []


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "body", [GOOD.replace("9<", "9</").replace("<//", "</"), '{"Declaration":{"FunctionCode":"9"}}']
)
def test_every_unicode_encoding_is_understood(encoding, body):
    assert told(one(body.encode(encoding))) == []


def test_a_declared_encoding_is_obeyed():
    body = f'<?xml version="1.0" encoding="GB18030"?><Declaration xmlns="{DEC}"><FunctionCode>9</FunctionCode>'
    lodged = one((body + "<Exporter><Name>重庆</Name></Exporter></Declaration>").encode("gb18030"))
    assert lodged.lot["parties"]["name"].to_list() == ["重庆"]


def test_a_comment_that_mentions_a_document_type_is_only_a_comment():
    assert told(one(f"<!-- <!DOCTYPE a [] > -->{GOOD}")) == []


def items(number):
    inside = "".join(
        f"<GovernmentAgencyGoodsItem><SequenceNumeric>{n}</SequenceNumeric></GovernmentAgencyGoodsItem>"
        for n in range(1, number + 1)
    )
    return declaration(f"<FunctionCode>9</FunctionCode><GoodsShipment>{inside}</GoodsShipment>")


def test_five_thousand_goods_items_are_read_and_one_too_many_is_said_once():
    lodged = one(items(5000))
    assert lodged.lot["goods_items"].height == 5000
    assert [f for f in told(lodged) if "WIR-023" not in f] == []
    assert len(told(lodged)) == 1


def test_more_goods_items_than_the_node_admits_are_not_read():
    lodged = one(items(10_000))
    assert told(lodged) == ["WIR-015 10000 goods items, at most 9999"]
    assert lodged.lot["goods_items"].is_empty()


def test_amounts_are_exact_to_the_last_digit_in_any_currency():
    amounts = ["999999999999.999", "9999999999999999", "0.001", "1000000000000.01"]
    body = "".join(f'<InvoiceAmount currencyID="IDR">{a}</InvoiceAmount>' for a in amounts[:1])
    assert one(declaration("<FunctionCode>9</FunctionCode>" + body)).lot["declarations"][
        "invoice_amount"
    ].to_list() == [999_999_999_999_999_000]
    for amount in amounts:
        twin = f'{{"Declaration":{{"FunctionCode":9,"InvoiceAmount":{{"value":{amount},"currencyID":"IDR"}}}}}}'
        whole, _, fraction = amount.partition(".")
        expected = int(whole) * 10**6 + int(fraction.ljust(6, "0"))
        assert one(twin).lot["declarations"]["invoice_amount"].to_list() == [expected]


@pytest.mark.parametrize("number", ["9" * 5000, "1e400", "-1e5", "1" + "0" * 30])
def test_a_huge_number_is_text_until_it_is_refused(number):
    lodged = one(f'{{"Declaration":{{"FunctionCode":9,"InvoiceAmount":{number}}}}}')
    assert told(lodged) == [f"WIR-032 Declaration/InvoiceAmount {number[:200]}"]


MEASURED = """
import resource, sys
sys.path[:0] = ["tests", "tests/wire"]
from messages import one
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
head = b'<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">'
for body in (
    b"<a " + b" ".join(b'b%d=""' % k for k in range(800_000)) + b"/>",
    head + b"<b/>" * 900_000 + b"</Declaration>",
    head + b"<TypeCode/><ID/>" * 400_000 + b"</Declaration>",
    head + b"<AdditionalDocument/>" * 400_000 + b"</Declaration>",
    b'{"a":"' + b"x" * 9_000_000 + b'"}',
    b'{"Declaration":{"@content":[' + b'{"b":""},' * 499_000 + b'""]}}',
):
    one(body)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_the_worst_messages_within_the_limits_take_bounded_time_and_memory():
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert int(done.stdout) < 1500, "megabytes"


def test_limits_are_the_readers_not_the_senders():
    assert told(read([lodgement(GOOD)], BARE, Limits(bytes=20)))[0].startswith("WIR-002")
    assert told(read([lodgement(GOOD)], BARE, Limits(depth=1)))[0].startswith("WIR-007")
