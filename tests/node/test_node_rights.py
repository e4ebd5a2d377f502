"""Rights of others in both databases: what is accepted is found after a restart, and what ended is not."""

import pytest

from databases import quiet
from landsea.clearance.act import Act, OfRight, Refused
from landsea.declaration.lot import lot_of
from landsea.node import right_list
from landsea.node.rights import Application
from landsea.node.stopping import Step
from lodged import PARTY, declaration, lodgement, mrn

SAID = {"kind": "trademark", "title": "t", "goods": "g", "contact": "c"}
SPAN = {"valid_from": "2020-01-01", "valid_to": "2099-12-31"}


def accepted(node, mark, **more):
    said = {"reference": f"A/{mark}", "holder": "holder", "marks": (mark,), **SAID, **SPAN, **more}
    return node.rights.accept("officer", Application(**said)).id


def touched(node):
    lot = lot_of(
        {
            "declarations": {"d": [0], "message": ["declaration"], "received_at": [node.clock.now()]},
            "goods_items": {"d": [0], "i": [0], "n": [1], "description": ["ZEPHYR parts"]},
        }
    )
    with node.store.reading() as connection:
        return right_list.touched(node.store, connection, lot)["stop"].to_list()


def test_what_is_accepted_holds_over_a_restart_until_it_ends(settings, edition):
    with quiet(settings, edition) as node:
        right = accepted(node, "zephyr")
        accepted(node, "zephyr ", valid_to="2020-01-02")
        assert touched(node) == [right]
    with quiet(settings, edition) as node:
        assert touched(node) == [right]
        assert [one["marks"] for one in node.rights.listed("holder")] == [["zephyr"], ["zephyr "]]
        assert node.rights.listed("somebody else") == []
        node.rights.end("officer", right, Step("E", "over"))
        assert touched(node) == []
        with pytest.raises(Refused):
            node.rights.end("officer", right, Step("E2", "over"))


def test_a_suspension_and_its_end_stand_in_one_table(node):
    right = accepted(node, "steel")
    number = mrn(node.lodge(lodgement(declaration("R-1", kind="IMA"))).result(60))
    node.acting.act(Act("suspended", "officer", "officer", "S", number, OfRight(right, "seen")))
    (stands,) = node.rights.suspensions("holder")
    assert (stands.right, stands.state, stands.mrn) == (right, "suspended", "")
    node.acting.act(Act("suspension-lifted", "officer", "officer", "L", number, OfRight(right, "agreed")))
    assert [(one.state, one.mrn) for one in node.rights.suspensions()] == [("ended", number)]
    assert node.rights.suspensions(PARTY) == []
