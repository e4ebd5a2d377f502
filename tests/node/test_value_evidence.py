"""Values that are not plain prices, at the node: assessed by what is on record for them, and by nobody else's."""

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select

from landsea.clearance.act import Refused
from landsea.declaration.stage import Known
from landsea.node import records, tables
from landsea.node.acting import OtherAct
from landsea.node.recording import KNOWN, Remembered
from landsea.node.replay import replay
from landsea.node.value_evidence import Evidence
from landsea.tariff import explain
from landsea.wire import read
from lodged import PARTY, decisions, declaration, shown
from quota_claims import to_china

SALES = [
    {"kind": "87089900", "origin": "TH", "sold_on": "2026-11-10", "unit_price": "20", "quantity": quantity}
    for quantity in ("300", "65")
]
USUAL = {"resale": [{"kind": "87089900", "margin": "20", "duties": "6", "inland": "1"}]}


@pytest.fixture
def settings(settings):
    return replace(settings, administration="CN")


def parts(lrn, method="4", citing="EV-1", price="1000.00", mass=1100):
    """Thai parts for China, valued by this method, with this reference among their papers."""
    body = declaration(lrn, price=price, kind="IMA")
    paper = (
        "<AdditionalDocument><CategoryCode>N</CategoryCode>"
        f"<ID>{citing}</ID><TypeCode>325</TypeCode></AdditionalDocument>"
    )
    for old, new in (
        (b'currencyID="USD"', b'currencyID="CNY"'),
        (b"<Commodity>", paper.encode() + b"<Commodity>"),
        (b"<MethodCode>1<", f"<MethodCode>{method}<".encode()),
        (b"<CountryCode>LA</CountryCode>", b"<CountryCode>CN</CountryCode>"),
        (b"<Origin><CountryCode>CN</CountryCode>", b"<Origin><CountryCode>TH</CountryCode>"),
        (b'KGM">1100<', f'KGM">{mass}<'.encode()),
        (b'KGM">1200<', f'KGM">{mass + 100}<'.encode()),
    ):
        assert old in body, old
        body = body.replace(old, new)
    return body


def keep(node, reference="EV-1", *, party=PARTY, customs=False, **said):
    return node.value_evidence.lodge(
        party, msgspec.convert({"reference": reference, **said}, Evidence), customs=customs
    )


def duty(receipt):
    """Base, amount and state of the import duty, and what is told of the value."""
    found = [blobs for header, blobs in shown(receipt) if header["kind"] == "decision"][-1]
    (due,) = ((tax["base"], tax["amount"], tax["state"]) for tax in found["duty@1"]["taxes"] if tax["tax"] == "A00")
    rows = found.get("findings@1", {"findings": []})["findings"]
    return due, [(one["rule"], one["value"]) for one in rows if one["rule"] in ("TRF-015", "TRF-016")]


def lodge(node, *bodies, sender=PARTY):
    return node.clear([to_china(body, sender) for body in bodies])


def test_without_evidence_the_goods_wait_for_an_officer(node):
    (receipt,) = lodge(node, parts("L1"))
    due, said = duty(receipt)
    assert (due, [rule for rule, _ in said]) == ((None, None, "unassessed"), ["TRF-015"])
    assert decisions(receipt)[-1]["outcome"] in ("held", "examine")


def test_an_import_by_method_4_is_assessed_on_the_sales_it_cites_and_hears_how(node):
    keep(node, sales=SALES)
    keep(node, "LIST-1", party="officer-1", customs=True, **USUAL)
    (receipt,) = lodge(node, parts("L1"))
    due, said = duty(receipt)
    net = (20 - 4 - 1) * 1100 / 1.06
    assert due == (f"{net:.2f}", f"{round(round(net, 2) * 0.06, 2):.2f}", "payable")
    assert [rule for rule, _ in said] == ["TRF-016"]
    assert "most of them, 365, are sold here at 20 a unit (5.1(a))" in said[0][1]
    assert said[0][1].endswith(
        "less duties and taxes of 6 % of the value (5.1(a)(iv)); the deductive value is 15566.037735 (5)"
    )


def test_the_trace_of_what_was_decided_is_read_from_what_the_record_remembers(node, edition):
    keep(node, sales=SALES)
    keep(node, "LIST-1", party="officer-1", customs=True, **USUAL)
    lodge(node, parts("L1"))
    with node.store.reading() as connection:
        leaf = connection.execute(select(tables.declarations.c.decided)).scalar_one()
        blobs = records.read(connection, node.lodging.ledger.keys, [leaf])[leaf].blobs
    (known,) = (blob.data for blob in blobs if blob.group == KNOWN)
    frames = msgspec.json.decode(known, type=Remembered).frames()
    told = explain(read([to_china(parts("L1"))], edition).lot, edition, 0, Known(0, frames))
    assert "item 1: the deductive value is 15566.037735 (5)" in told
    assert "item 1, A00: 6 % of 15566.04 is 933.9624" in told


def test_a_computed_value_stands_on_what_the_producer_proves(node):
    cost = {"materials": "6", "fabrication": "3", "profit_and_general": "2.5", "carriage": "0.5"}
    keep(node, costs=[{"product": "Steel parts for motor vehicles (synthetic)", **cost}])
    assert duty(lodge(node, parts("L1", method="5"))[0])[0][0] == "13200"


def test_evidence_is_for_its_own_party_and_for_who_cites_it(node):
    keep(node, sales=SALES, resale=USUAL["resale"])
    lots = [lodge(node, parts("L1"), parts("L2", citing="EV-9")), lodge(node, parts("L3"), sender="CN9900000009")]
    states = [duty(receipt)[0][2] for lot in lots for receipt in lot]
    assert states == ["payable", "unassessed", "unassessed"]


def test_what_customs_says_is_usual_stands_before_what_the_declarant_says(node):
    keep(node, sales=SALES, resale=[{"kind": "87089900", "margin": "90", "duties": "6"}])
    first = duty(lodge(node, parts("L1"))[0])[0][0]
    keep(node, "LIST-1", party="officer-1", customs=True, **USUAL)
    keep(node, "LIST-2", party="officer-1", customs=True, resale=[{"kind": "87089900", "margin": "50", "duties": "6"}])
    assert (first, duty(lodge(node, parts("L2"))[0])[0][0]) == ("2075.47", "10377.36")


def test_who_may_say_what(node):
    for customs, said in (
        (True, {"sales": SALES}),
        (False, {"others": [{"product": "x", "basis": "y", "unit_value": "1"}]}),
        (False, {}),
    ):
        with pytest.raises(Refused):
            keep(node, customs=customs, **said)
    first = keep(node, sales=SALES)
    assert keep(node, sales=SALES) == first._replace(repeated=True)
    with pytest.raises(OtherAct):
        keep(node, sales=SALES[:1])


@pytest.mark.parametrize(("method", "base"), [("2", "1200"), ("3", "1200")])
def test_values_that_customs_accepted_for_like_goods_are_found_on_record(node, edition, method, base):
    lodge(node, parts("A", method="1", price="1300.00"), parts("B", method="1", price="1200.00"))
    lodge(node, parts("C", method="1", price="10.00", mass=9), parts("D", method="4", price="5.00"))
    with node.store.writing() as connection:  # whatever chance selected, all are released now
        connection.execute(tables.declarations.update().values(state="released"))
        connection.execute(tables.clocks.update().values(released=tables.clocks.c.lodged))
    due, said = duty(lodge(node, parts("L1", method=method))[0])
    assert due[0] == base
    assert "of several values the lowest is taken" in said[0][1]


def test_what_was_decided_is_replayed_byte_for_byte(node):
    keep(node, sales=SALES, resale=USUAL["resale"])
    lodge(node, parts("L1"), parts("L2", citing="none"), parts("L3", method="1"))
    seen = list(replay(node.lodging))
    assert [(one.differences, one.obstacle) for one in seen] == [((), "")] * 3
