"""A second adapter is a map of columns: the same declaration as CSV, as JSON lines and as SAD gives the same rows."""

import csv
import json

import pytest
from lxml import etree
from messages import NOW

from landsea.declaration.element import element
from landsea.declaration.finding import Finding, Severity
from landsea.declaration.national import Status
from landsea.declaration.pointer import pointer
from landsea.declaration.stage import Control, Lodgement
from landsea.errors import InputError
from landsea.units import MICRO
from landsea.wire import foreign_table, read
from landsea.wire.adapter import System, Translated
from landsea.wire.foreign_table import answer, layout
from landsea.wire.limits import Limits
from landsea.wire.reply import Reply
from landsea.wire.sniff import Unreadable

SYSTEM = System("Border ledger (synthetic)", "LA", "LAK", "dmy", statuses={"out": "released"})
STATED = {
    "files": ["*.csv"],
    "declaration": "Entry",
    "header": [
        {"source": "entry", "target": "national/registered/number"},
        {"source": "office", "target": "national/office", "form": "code"},
        {"source": "day", "target": "national/registered/date"},
        {"source": "kind", "target": "TypeCode", "form": "code"},
        {"source": "state", "target": "national/status"},
        {"source": "lane", "target": "national/lane"},
    ],
    "item": [
        {"source": "hs", "target": "Commodity/Classification{IdentificationTypeCode=TSP}/ID"},
        {"source": "goods", "target": "Commodity/Description"},
        {
            "source": "price",
            "target": "Commodity/InvoiceLine/ItemChargeAmount",
            "form": "amount",
            "beside": "currency",
        },
        {"source": "duty", "target": "national/amount"},
    ],
}
LEDGER = layout("ledger", STATED)
COLUMNS = ("entry", "office", "day", "kind", "state", "lane", "hs", "goods", "price", "currency", "duty")
ROWS = [
    ("7", "LABTN", "1/11/2026", "im", "Out", "Red", "87089900", "Steel, cut (synthetic)", "100.50", "USD", "12000"),
    ("8", "LABTN", "2/11/2026", "IM", "", "", "01012100", 'A "horse" (synthetic)', "900", "USD", ""),
    ("7", "LABTN", "1/11/2026", "im", "Out", "Red", "87082100", "Belts\n(synthetic)", "5", "USD", "600"),
]


class Lines(list):
    write = list.append


def as_csv(rows=ROWS, columns=COLUMNS, **how):
    text = Lines()
    csv.writer(text, **how).writerows([columns, *rows])
    return "".join(text).encode()


def as_json(rows=ROWS):
    return "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows).encode()


def parts(body, form="csv", by=LEDGER):
    return foreign_table.translated(body, form, by, SYSTEM)


def test_rows_of_one_entry_are_one_declaration_with_its_items(edition):
    found = parts(as_csv())
    assert [one.national.number for one in found] == ["LABTN-2026-7", "LABTN-2026-8"]
    lot = read([Lodgement(one.message, "", NOW, "LA") for one in found], edition).lot
    assert lot["declarations"]["type"].to_list() == ["IM", "IM"]
    assert lot["goods_items"].select("d", "n", "commodity_code", "item_amount").rows() == [
        (0, 1, "87089900", 100_500_000),
        (0, 2, "87082100", 5 * MICRO),
        (1, 1, "01012100", 900 * MICRO),
    ]


def test_csv_and_json_lines_say_the_same():
    assert parts(as_csv()) == parts(as_json(), "jsonl")
    assert [one.message for one in parts(as_csv())] == [one.message for one in parts(as_json(), "jsonl")]


def test_what_was_decided_is_read_from_its_columns():
    first, second = (one.national for one in parts(as_csv()))
    assert (first.status, first.control, second.status) == (Status.RELEASED, Control.PHYSICAL, Status.REGISTERED)
    assert [(tax.item, tax.amount) for tax in first.taxes] == [(1, "12000"), (2, "600")]


def test_a_column_without_a_line_is_named_and_kept():
    (one,) = parts(as_csv([(*ROWS[1], "red")], (*COLUMNS, "Colour")))
    assert one.unmapped == ("colour",)
    assert json.loads(one.body)["colour"] == "red"


def test_another_delimiter_and_a_byte_order_mark_are_read():
    by = layout("ledger", {**STATED, "delimiter": ";"})
    assert parts(b"\xef\xbb\xbf" + as_csv(delimiter=";"), by=by) == parts(as_csv())


def test_a_row_of_no_entry_stands_alone_and_holds_up_nothing():
    *good, bad = parts(as_csv([*ROWS, ("", *ROWS[0][1:])]))
    assert all(isinstance(one, Translated) for one in good)
    assert isinstance(bad, Unreadable)
    assert bad.value == "no entry"


FAULTS = {
    "no such column": (b"a,b\n1,2\n", "csv", "has no column 'entry'"),
    "a column twice": (b"entry,Entry \n1,2\n", "csv", "same name"),
    "a cell too many": (as_csv([(*ROWS[0], "x")]), "csv", "line 2 has 12 cells, the first line 11"),
    "a quote left open": (b'entry\n"7', "csv", "line 2 is no row"),
    "an array": (b"[1]\n", "jsonl", "line 1 is no JSON object"),
    "a cell of several": (b'{"entry": {"a": 1}}', "jsonl", "more than one value"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_table_that_cannot_be_read_is_refused_with_its_line(kind):
    body, form, sentence = FAULTS[kind]
    with pytest.raises(InputError, match=sentence):
        parts(body, form)


UNREADABLE = {
    "not UTF-8": (b"entry\n\xff\n", "csv", "WIR-003"),
    "a nought byte": (b"entry,hs\n7,\x00\n", "csv", "WIR-003"),
    "a name twice": (b'{"entry": 1, "Entry": 2}', "jsonl", "WIR-010"),
    "cut short": (as_json()[:-20], "jsonl", "WIR-009"),
    "nested without end": (b'{"entry": ' + b"[" * 100_000, "jsonl", "WIR-009"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_hostile_is_refused_with_the_rule_it_breaks(kind):
    body, form, rule = UNREADABLE[kind]
    with pytest.raises(Unreadable) as raised:
        parts(body, form)
    assert raised.value.rule == rule


def test_a_table_beyond_the_limit_is_refused():
    with pytest.raises(Unreadable, match="WIR-002"):
        foreign_table.translated(as_csv(), "csv", LEDGER, SYSTEM, Limits(unpacked=10))


def test_a_cell_cannot_become_an_element():
    row = [*ROWS[1]]
    row[7] = "</Description><ID>1</ID>"
    (one,) = parts(as_csv([row]))
    assert "</Description><ID>1</ID>" in etree.fromstring(one.message).itertext()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"colour": 1}, "says colour, which is unknown"),
        ({"header": [{"source": "a", "aim": "TypeCode"}]}, "a line has source and any of"),
        ({"header": [{"source": "a", "target": "Colour"}]}, "which the data model has not"),
        ({"header": [{"source": "a", "target": "Commodity[x]"}]}, "is no path"),
    ],
)
def test_a_layout_that_leads_nowhere_is_refused(change, sentence):
    with pytest.raises(InputError, match=sentence):
        layout("ledger", {**STATED, **change})
    with pytest.raises(InputError, match="does not say declaration"):
        layout("ledger", {"files": [], "header": []})


def test_an_answer_names_the_column_and_is_no_formula():
    at = element("GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount").at
    found = [Finding("VAL-002", 1, Severity.ERROR, pointer(at, 2), "", "=1+1")]
    reply, refused = Reply("LABTN-2026-7", "r1", "advised", findings=found), Reply(refused="it is not")
    rows = list(csv.DictReader(answer([reply, refused], LEDGER).decode().splitlines()))
    assert [(row["record"], row["rule"], row["item"], row["column"], row["value"], row["refused"]) for row in rows] == [
        ("r1", "VAL-002", "2", "price", "'=1+1", ""),
        ("", "", "", "", "", "it is not"),
    ]
