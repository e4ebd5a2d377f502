import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from databases import quiet
from landsea.clearance import pipeline
from landsea.dossier.evidence import verify_receipt
from landsea.errors import EnvironmentFault
from landsea.node import lodging, tables
from landsea.node.clock import Clock, micros
from landsea.node.commit import Conflict
from landsea.node.lodging import rounds
from landsea.node.settings import Settings
from landsea.transparency import checkpoint
from lodged import (
    NOON,
    PARTY,
    amendment,
    decisions,
    declaration,
    invalidation,
    lodgement,
    mrn,
    presentation,
    shown,
)


def lodge(node, body, sender=PARTY):
    return node.lodge(lodgement(body, sender)).result(60)


def count(node, table):
    with node.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def held_by(receipt, node, body=None, reference=None):
    steps = verify_receipt(receipt.document, str(node.log.key), body=body, reference=reference)
    return [step.name for step in steps if step.holds is False]


def test_a_lodged_declaration_is_in_the_log_and_its_receipt_proves_it(node):
    body = declaration("L1")
    receipt = lodge(node, body)
    assert held_by(receipt, node, body, "L1") == []
    assert held_by(receipt, node, body.replace(b"18500", b"18501")) == ["body"]
    declared = node.register.declared(mrn(receipt))
    assert (declared.lrn, declared.sender, declared.version) == ("L1", PARTY, 1)
    head = checkpoint.opened(node.log.published("checkpoint"), node.log.key)
    assert head.size == count(node, tables.records)


def test_the_same_body_again_gets_the_same_receipt_byte_for_byte(node):
    first, size = lodge(node, declaration("L1")), count(node, tables.records)
    again = lodge(node, declaration("L1"))
    assert again.document == first.document
    assert (first.repeated, again.repeated) == (False, True)
    assert count(node, tables.records) == size


def test_the_same_body_many_times_in_one_lot_is_one_declaration(node):
    answers = node.clear([lodgement(declaration("L1"))] * 5)
    assert len({a.document for a in answers}) == 1
    assert [a.repeated for a in answers] == [False, True, True, True, True]
    assert count(node, tables.declarations) == 1


def test_another_body_under_the_reference_is_a_conflict_that_names_the_first(node):
    first = lodge(node, declaration("L1"))
    with pytest.raises(Conflict, match=next(shown(first))[0]["id"]):
        lodge(node, declaration("L1", price="1.00"))
    one, two = node.clear([lodgement(declaration("L2")), lodgement(declaration("L2", price="1.00"))])
    assert isinstance(two, Conflict)
    assert held_by(one, node) == []
    assert count(node, tables.declarations) == 2


def test_two_traders_may_use_the_same_reference(node):
    one, two = lodge(node, declaration("L1")), lodge(node, declaration("L1"), "LA0100000002")
    assert mrn(one) != mrn(two)


def test_a_rejected_reference_may_be_used_again(node):
    wrong = declaration("L1").replace(b"<TotalPackageQuantity>20<", b"<TotalPackageQuantity>21<")
    assert decisions(lodge(node, wrong))[0]["outcome"] == "rejected"
    right = lodge(node, declaration("L1"))
    assert decisions(right)[0]["outcome"] != "rejected"
    assert lodge(node, declaration("L1")).document == right.document


def test_an_amendment_leads_to_a_new_version_that_is_decided_anew(node):
    number = mrn(lodge(node, declaration("L1")))
    receipt = lodge(node, amendment("A1", number, "20000.00"))
    assert [header["kind"] for header, _ in shown(receipt)] == [
        "amendment-lodged",
        "decision",
        "declaration-lodged",
        "decision",
    ]
    assert held_by(receipt, node) == []
    assert [d["version"] for d in decisions(receipt)] == [1, 2]
    assert node.register.declared(number).version == 2
    base = [t["base"] for _, blobs in shown(receipt) for t in blobs.get("duty@1", {"taxes": []})["taxes"]]
    assert "20000" in {b.split(".")[0] for b in base if b} or base
    again = lodge(node, amendment("A2", number, "21000.00"))
    assert decisions(again)[-1]["version"] == 3


def test_a_declaration_and_what_follows_it_may_come_in_one_lot(node):
    first = lodge(node, declaration("L1"))
    number = mrn(first)
    lot = [amendment("A1", number, "20000.00"), amendment("A2", number, "30000.00"), presentation("P1", number)]
    one, two, three = node.clear([lodgement(body) for body in lot])
    assert (decisions(one)[-1]["version"], decisions(two)[-1]["version"]) == (2, 3)
    assert decisions(three)[0]["outcome"] in ("released", "examine", "held")
    assert len(node.register.receipts(number)) == 4
    assert node.register.receipts(number)[0].document == first.document


def test_nobody_amends_anothers_declaration(node):
    number = mrn(lodge(node, declaration("L1")))
    refused = lodge(node, amendment("A1", number, "1.00"), "LA0100000666")
    assert decisions(refused)[0]["ground"] in ("unknown-declaration", "findings")
    assert node.register.declared(number).version == 1


def test_an_invalidated_declaration_frees_its_reference(node):
    number = mrn(lodge(node, declaration("L1")))
    refusal = decisions(lodge(node, invalidation("I1", number)))[0]
    assert refusal["outcome"] == "accepted"
    assert node.register.declared(number).state in ("invalidated", "invalidation-requested")
    if node.register.declared(number).state == "invalidated":
        assert mrn(lodge(node, declaration("L1", price="7.00"))) != number


@pytest.mark.parametrize("body", [b"", b"\x00", b"<a/>", b"{}", b"not xml", b"<" * 1000], ids=range(6))
def test_what_cannot_be_read_is_answered_and_on_record(node, body):
    receipt = lodge(node, body)
    assert decisions(receipt)[0]["outcome"] == "rejected"
    assert held_by(receipt, node, body) == []
    assert lodge(node, body).document == receipt.document
    assert count(node, tables.declarations) == 0


def test_a_fault_in_one_declaration_leaves_the_rest_committed(node, monkeypatch):
    def clear(lodged, known, edition):
        if "L3" in lodged.lot["declarations"]["lrn"].to_list():
            raise ZeroDivisionError
        return pipeline.clear(lodged, known, edition)

    monkeypatch.setattr(lodging, "clear", clear)
    answers = node.clear([lodgement(declaration(f"L{n}")) for n in range(6)])
    outcomes = [decisions(a)[0] for a in answers]
    assert (outcomes[3]["outcome"], outcomes[3]["ground"]) == ("held", "node-fault")
    assert all(o["ground"] != "node-fault" for n, o in enumerate(outcomes) if n != 3)
    assert next(iter(blobs for _, blobs in shown(answers[3]) if "findings@1" in blobs))["findings@1"]["findings"][0][
        "rule"
    ]
    assert all(held_by(a, node) == [] for a in answers)
    monkeypatch.undo()
    assert lodge(node, declaration("L3")).document == answers[3].document


def test_after_a_large_step_back_reads_are_served_and_commits_refused(settings, edition):
    now = [Clock().source()]
    with quiet(settings, edition, Clock(5, lambda: now[0])) as node:
        first = lodge(node, declaration("L1"))
        now[0] -= 3_600_000_000
        with pytest.raises(EnvironmentFault, match="until time has caught up"):
            lodge(node, declaration("L2"))
        assert lodge(node, declaration("L1")).document == first.document
        assert node.log.published("checkpoint")
        now[0] += 3_600_000_000
        assert held_by(lodge(node, declaration("L2")), node) == []


def fill(node):
    for n in range(50):
        node.clear([lodgement(declaration(f"F{n}-{k}")) for k in range(10)])


def test_a_full_disk_is_told_and_nothing_is_half_done(settings, edition):
    if settings.database:
        pytest.skip("the page limit is SQLite's")
    with quiet(settings, edition) as node:
        first = lodge(node, declaration("L1"))
        with node.store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar() + 40
        raw = node.store.engine.raw_connection
        limited = [raw() for _ in range(5)]  # every connection the pool may hand out
        for connection in limited:
            connection.cursor().execute(f"PRAGMA max_page_count={pages}").close()
        for connection in limited:
            connection.close()
        with pytest.raises(EnvironmentFault, match="full"):
            fill(node)
        assert lodge(node, declaration("L1")).document == first.document
        head = checkpoint.opened(node.log.published("checkpoint"), node.log.key)
        assert head.size == count(node, tables.records) == count(node, tables.sealed) == count(node, tables.record_keys)


def test_nothing_personal_is_told_to_the_operator(node):
    lodge(node, declaration("SECRET-REFERENCE"))
    told = node.observation._out.getvalue()
    assert json.loads(told.splitlines()[-1])["event"] == "committed"
    for personal in ("SECRET-REFERENCE", PARTY, "Example Parts", "18500"):
        assert personal not in told


def test_metrics_count_decisions_and_tell_the_size_of_the_log(node):
    lodge(node, declaration("L1"))
    told = node.metrics()
    assert f"landsea_log_size {count(node, tables.records)}" in told
    assert "landsea_decisions{" in told


def test_closing_answers_what_was_taken(settings, edition):
    node = quiet(settings, edition)
    waiting = [node.lodge(lodgement(declaration(f"L{n}"))) for n in range(20)]
    node.close()
    assert len({mrn(future.result(0)) for future in waiting}) == 20


def test_a_node_of_another_administration_gives_numbers_of_its_own(settings, edition):
    with quiet(replace(settings, administration="CN"), edition) as node:
        assert mrn(lodge(node, declaration("L1")))[2:4] == "CN"


@given(st.lists(st.lists(st.integers(0, 5), max_size=3), max_size=20))
def test_no_two_of_a_round_speak_of_the_same_and_order_is_kept(keys):
    found = rounds(keys)
    assert sorted(sum(found, [])) == list(range(len(keys)))  # noqa: RUF017
    for rows in found:
        named = [key for row in rows for key in set(keys[row])]
        assert len(named) == len(set(named))
    number = {row: n for n, rows in enumerate(found) for row in rows}
    for a in range(len(keys)):
        for b in range(a + 1, len(keys)):
            assert not set(keys[a]) & set(keys[b]) or number[a] < number[b]


def test_what_is_addressed_to_another_administration_is_refused_with_the_reason(tmp_path, edition):
    with quiet(Settings(data=tmp_path / "node", administration="CN"), edition) as node:
        astray, at_home = node.clear(
            [lodgement(declaration("L1")), lodgement(declaration("L2").replace(b">LA</md", b">CN</md"))]
        )
    (decision,) = decisions(astray)
    assert (decision["outcome"], decision["ground"]) == ("rejected", "findings")
    said = [one for _, blobs in shown(astray) for one in blobs.get("findings@1", {"findings": []})["findings"]]
    (found,) = [one for one in said if one["rule"] == "CLR-004"]
    assert found["value"] == "LA; this is the node of CN"
    assert b"CLR-004" not in at_home.document


def test_no_two_processes_ever_give_the_same_number(settings, edition):
    """Not even where their clocks stand still: each process was given a number of its own by the database."""
    still = Clock(source=lambda: micros(NOON))
    with quiet(settings, edition, still) as one, quiet(settings, edition, still) as other:
        taken = [node.lodging.serials.take(NOON, 500) for node in (one, other, one)]
    assert len({number for own in taken for number in own}) == 1500
