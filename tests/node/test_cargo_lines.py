"""Cargo reports at a node: on record, amended, matched with what is declared before and after, on both databases."""

import msgspec
import pytest
from sqlalchemy import select

from databases import quiet
from landsea.clearance.act import Act, Refused, act_of
from landsea.clearance.cargo_report import Report
from landsea.dossier.evidence import verify_receipt
from landsea.errors import Erased
from landsea.node import tables
from landsea.node.acting import OtherAct
from lodged import PARTY, amendment, calm_law, declaration, lodgement, mrn, shown


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos selects nobody."""
    return calm_law(edition)


@pytest.fixture
def node(settings, law):
    with quiet(settings, law) as opened:
        yield opened


def line(container="CSQU3054383", packages=20, mass="1200", **more):
    said = {"TransportEquipment": [{"ID": container}], "TotalPackageQuantity": packages, "TotalGrossMassMeasure": mass}
    return {name: value for name, value in (said | more).items() if value is not None}


def report(*lines, reference="CR-1", version=1):
    said = {
        "FunctionalReferenceID": reference,
        "VersionID": version,
        "BorderTransportMeans": {"ModeCode": "2", "ID": "X9571"},
        "UnloadingLocation": {"ID": "LAVTE"},
        "Consignment": list(lines or [line()]),
    }
    return msgspec.convert(said, Report)


def lodge(node, reference, kind="IMD", price="18500.00"):
    return mrn(node.lodge(lodgement(declaration(reference, price, kind))).result(60))


def act(node, kind, number, role="officer", **content):
    made = (kind, role, role, f"{kind}-{number}", number, act_of(kind, content, role))
    return node.acting.act(Act(*made))


def stands(node, number):
    declared = node.register.declared(number)
    return declared.state, declared.ground


def results(node, reference="CR-1"):
    return [(one.result.value, one.arrived, len(one.mrns)) for one in node.cargo.standing("rail", reference)]


def test_a_report_is_on_record_and_its_repeat_gets_the_same_receipt(node):
    kept = node.cargo.lodge("rail", report())
    assert all(step.holds is not False for step in verify_receipt(kept.receipt, str(node.log.key)))
    again = node.cargo.lodge("rail", report())
    assert (again.receipt, again.repeated, kept.repeated) == (kept.receipt, True, False)
    with pytest.raises(OtherAct, match="version 1"):
        node.cargo.lodge("rail", report(line(packages=21)))
    assert results(node) == [("not-declared", False, 0)]


def test_a_new_version_says_everything_again_and_drops_lines(node):
    node.cargo.lodge("rail", report(line(), line("TCNU1234565")))
    node.cargo.lodge("rail", report(line(), version=2))
    assert len(results(node)) == 1
    with pytest.raises(Refused, match="version 2"):
        node.cargo.lodge("rail", report())


def test_reports_of_different_carriers_do_not_touch(node):
    node.cargo.lodge("rail", report())
    node.cargo.lodge("road", report(line("TCNU1234565")))
    assert len(results(node)) == 1
    with pytest.raises(Refused, match="no cargo report"):
        node.arriving.arrive("port", "A", [("cargo-report", "CR-1")])


@pytest.mark.parametrize("first", ["declaration", "report"])
def test_a_line_finds_its_declaration_whichever_came_first(node, first):
    if first == "report":
        node.cargo.lodge("rail", report())
    number = lodge(node, "L1")
    node.cargo.lodge("rail", report())
    assert results(node) == [("declared", False, 1)]
    assert [one.mrns for one in node.cargo.of(number)] == [(number,)]


def test_the_arrival_of_the_train_is_the_arrival_of_all_on_board(node):
    node.cargo.lodge("rail", report(line(), line("TCNU1234565")))
    number = lodge(node, "L1")
    assert node.arriving.arrive("rail", "A", [("cargo-report", "CR-1")]).found == 1
    assert stands(node, number)[0] == "cleared"
    assert results(node) == [("declared", True, 1), ("not-declared", True, 0)]
    lines, total = node.cargo.undeclared(10)
    assert ([one.line.key for one in lines], total) == ([("rail", "CR-1", 2)], 1)


def test_an_officer_names_the_carrier_whose_train_arrived(node):
    node.cargo.lodge("rail", report())
    number = lodge(node, "L1")
    assert node.arriving.arrive("officer", "A", [("cargo-report", "rail/CR-1")]).found == 1
    assert stands(node, number)[0] == "cleared"


def test_a_release_decided_in_advance_on_other_facts_goes_to_an_officer(node):
    number = lodge(node, "L1")
    assert stands(node, number)[0] == "advance-release"
    node.cargo.lodge("rail", report(line(packages=22)))
    assert stands(node, number) == ("advance-hold", "differs-from-cargo-report")
    node.arriving.arrive("rail", "A", [("cargo-report", "CR-1")])
    assert stands(node, number) == ("held", "differs-from-cargo-report")
    act(node, "released", number)
    assert stands(node, number)[0] == "cleared"


def test_it_goes_to_an_officer_too_where_the_report_came_before_the_declaration(node):
    node.cargo.lodge("rail", report(line(mass="1300")))
    number = lodge(node, "L1")
    assert stands(node, number) == ("advance-hold", "differs-from-cargo-report")


def test_what_differs_within_the_tolerance_takes_effect_by_itself(node):
    node.cargo.lodge("rail", report(line(mass="1250")))
    number = lodge(node, "L1")
    node.arriving.arrive("rail", "A", [("container", "CSQU3054383")])
    assert stands(node, number)[0] == "cleared"


def test_an_officer_who_was_satisfied_is_not_asked_again_of_the_same_difference(node):
    number = lodge(node, "L1")
    node.cargo.lodge("rail", report(line(packages=22)))
    for officer in ("one", "two"):
        content = act_of("waived", {"reason": "counted"}, "officer")
        node.acting.act(Act("waived", officer, "officer", f"W-{officer}", number, content))
    node.cargo.lodge("rail", report(line(packages=22), line("TCNU1234565"), version=2))
    assert stands(node, number)[0] == "advance-release"
    node.cargo.lodge("rail", report(line(packages=23), version=3))
    assert stands(node, number)[0] == "advance-hold"


def test_an_amendment_does_not_wash_off_the_difference(node):
    number = lodge(node, "L1")
    node.cargo.lodge("rail", report(line(packages=22)))
    node.lodge(lodgement(amendment("A1", number, "20000.00"))).result(60)
    assert stands(node, number) == ("advance-hold", "differs-from-cargo-report")
    assert node.register.declared(number).version == 2


def test_a_trader_reads_the_difference_once_it_takes_effect_and_nothing_of_it_before(node):
    number = lodge(node, "L1")
    node.cargo.lodge("rail", report(line(packages=22)))
    early = b"".join(one.document for one in node.register.receipts(number))
    assert b"differs-from-cargo-report" not in early
    node.arriving.arrive("rail", "A", [("mrn", number)])
    last = [
        blobs["decision@1"]
        for header, blobs in shown(node.register.receipts(number)[-1])
        if header["kind"] == "decision"
    ]
    assert (last[-1]["outcome"], last[-1]["control"], last[-1]["ground"]) == (
        "held",
        "documents",
        "differs-from-cargo-report",
    )


def test_the_gate_opens_when_everything_on_the_line_is_released(node):
    node.cargo.lodge("rail", report())
    gate = ("container", "CSQU3054383")
    assert node.cargo.gate(*gate) == (False, ("declaration",))
    number = lodge(node, "L1")
    assert node.cargo.gate(*gate) == (False, ("arrival",))
    act(node, "intercepted", number, reason="a word")
    assert node.cargo.gate(*gate) == (False, ("arrival",))
    node.arriving.arrive("rail", "A", [gate])
    assert node.cargo.gate(*gate) == (False, ("customs",))
    act(node, "examined", number, findings="as declared")
    assert node.cargo.gate(*gate) == node.cargo.gate("mrn", number) == (True, ())
    act(node, "removed", number, role="carrier")


def test_goods_are_not_removed_while_others_on_their_line_are_not_released(node):
    node.cargo.lodge("rail", report(line(packages=40, mass="2400")))
    one, other = lodge(node, "L1"), lodge(node, "L2")
    act(node, "queried", other, question="Which grade?")
    node.arriving.arrive("rail", "A", [("mrn", one), ("mrn", other)])
    act(node, "released", one) if stands(node, one)[0] == "held" else None
    with pytest.raises(Refused, match="not released") as refused:
        act(node, "removed", one, role="carrier")
    assert refused.value.reason == "others-not-released"
    act(node, "released", other)
    act(node, "removed", one, role="carrier")


def test_what_is_past_its_term_is_compared_with_nothing_any_more(node):
    kept = node.cargo.lodge("rail", report())
    number = lodge(node, "L1")
    with node.store.reading() as connection:
        dossier = connection.execute(select(tables.cargo_reports.c.dossier)).scalar_one()
    assert node.retention.erase(dossier, "end of term", "test") == 1
    assert (node.cargo.of(number), node.cargo.standing("rail", "CR-1")) == ([], None)
    with pytest.raises(Erased):
        node.cargo.lodge("rail", report())
    assert kept.version == 1


def test_a_restart_finds_reports_as_they_were(settings, law, node):
    kept = node.cargo.lodge("rail", report())
    number = lodge(node, "L1")
    with quiet(settings, law) as again:
        assert again.cargo.lodge("rail", report()).receipt == kept.receipt
        assert results(again) == [("declared", False, 1)]
        assert again.register.declared(number).sender == PARTY
