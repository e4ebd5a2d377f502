"""The stop list in both databases: what is in force is found, by one query or by all entries at once."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from databases import quiet
from landsea.clearance.act import Refused
from landsea.declaration.lot import lot_of
from landsea.node import stop_list, tables
from landsea.node.stopping import Entry, Step
from lodged import decisions, declaration, lodgement

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def entry(value, **more):
    said = {"kind": "container", "value": value, "reason": "r", "basis": "b", "valid_from": "2026-01-01", **more}
    return Entry(reference=f"{value}/{said}"[:70], **said)


@pytest.fixture
def stopping(node):
    return node.stopping


def in_force(stopping, value, **more):
    asked = stopping.ask("one", entry(value, **more))
    return stopping.confirm("two", asked.id, Step(f"c/{asked.id}"))


def lot(*containers):
    declared = {"d": [0], "message": ["declaration"], "received_at": [NOW]}
    equipment = {"d": [0] * len(containers), "n": range(1, len(containers) + 1), "id": containers}
    return lot_of({"declarations": declared, "equipment": equipment})


def touched(node, lot):
    with node.store.reading() as connection:
        frames = stop_list.known(node.store, connection, lot)
    return frames["stops"]["value"].to_list() if frames else None


def test_what_touches_is_found_whether_there_are_few_marks_or_many(node, stopping):
    assert touched(node, lot("CSQU3054383")) is None
    in_force(stopping, "CSQU3054383")
    in_force(stopping, "MSKU0000001", valid_to="2026-11-21")
    stopping.ask("one", entry("TCLU0000002"))
    for more in (0, 6_000):
        found = touched(node, lot("CSQU3054383", "MSKU0000001", "TCLU0000002", *(f"X{n}" for n in range(more))))
        assert found == ["CSQU3054383"]
    assert touched(node, lot("MSKU9999999")) is None


def test_the_last_day_is_one_of_the_administrations_own(node, stopping):
    in_force(stopping, "CSQU3054383", valid_to="2026-11-22")
    late = lot("CSQU3054383")
    for hour, found in ((16, ["CSQU3054383"]), (17, None)):  # in Laos it is seven hours later
        at = pl.lit(datetime(2026, 11, 22, hour, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
        changed = late.with_frames(declarations=late["declarations"].with_columns(received_at=at))
        assert touched(node, changed) == found


def test_an_unknown_entry_or_one_nobody_asked_to_change_is_not_confirmed(node, stopping):
    done = in_force(stopping, "CSQU3054383")
    for stop, reason in (("nothing", "unknown-stop"), (done.id, "nothing-proposed")):
        with pytest.raises(Refused) as refused:
            stopping.confirm("three", stop, Step("again"))
        assert refused.value.reason == reason
    with node.store.reading() as connection:
        assert len(connection.execute(tables.stops.select()).all()) == 1


def test_a_stop_holds_over_a_restart(settings, edition):
    with quiet(settings, edition) as node:
        in_force(node.stopping, "CSQU3054383")
    with quiet(settings, edition) as node:
        (told,) = decisions(node.lodge(lodgement(declaration("R-1", kind="IMA"))).result(60))
        assert told["outcome"] == "examine"


def test_on_a_node_that_relays_a_stop_is_a_hit_and_no_act(settings, edition):
    with quiet(replace(settings, authority_mode="relays"), edition) as node:
        done = in_force(node.stopping, "CSQU3054383")
        assert (done.intercepted, touched(node, lot("CSQU3054383"))) == (0, ["CSQU3054383"])
