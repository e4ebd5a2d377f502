"""The lie: a lodgement that customs has answered is sent again, to be released twice, charged once, or drawn anew."""

import json

import pytest
from sqlalchemy import func, select

from landsea.node import tables
from landsea.node.commit import Conflict
from lodged import PARTY, declaration, invalidation, lodgement, mrn


def leaves(node):
    with node.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(tables.records)).scalar_one()


def draws(node):
    with node.store.reading() as connection:
        return list(connection.execute(select(tables.draws.c.consignment, tables.draws.c.draw)))


def test_the_same_bytes_again_leave_no_trace_but_the_same_receipt(node):
    first = node.lodge(lodgement(declaration("L1"))).result(60)
    before = leaves(node)
    for _ in range(3):
        assert node.lodge(lodgement(declaration("L1"))).result(60).document == first.document
    assert leaves(node) == before


def test_the_same_goods_under_a_changed_price_do_not_pass_as_the_same_lodgement(node):
    node.lodge(lodgement(declaration("L1"))).result(60)
    with pytest.raises(Conflict):
        node.lodge(lodgement(declaration("L1", price="1.00"))).result(60)


def test_a_thief_gets_no_receipt_of_anothers_lodgement(node):
    first = node.lodge(lodgement(declaration("L1"))).result(60)
    stolen = node.lodge(lodgement(declaration("L1"), "LA0100000666")).result(60)
    assert mrn(stolen) != mrn(first)
    ids = [
        json.loads(r["header"])["id"] for receipt in (first, stolen) for r in json.loads(receipt.document)["records"]
    ]
    assert len(set(ids)) == len(ids)


def test_to_cancel_and_lodge_again_does_not_roll_again(node):
    first = node.lodge(lodgement(declaration("L1"))).result(60)
    drawn = draws(node)
    node.lodge(lodgement(invalidation("I1", mrn(first)))).result(60)
    node.lodge(lodgement(declaration("L2"))).result(60)
    assert draws(node) == drawn
    assert len(drawn) == 1
    assert node.register.referred(PARTY, "L2")
