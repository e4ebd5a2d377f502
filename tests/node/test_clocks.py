"""Clocks and the queue of a node, from its own records, on both databases."""

import datetime

import pytest

from databases import quiet
from landsea.clearance.act import Act, act_of
from landsea.node import tables
from landsea.node.clock import Clock, micros
from landsea.node.study import Studying, document
from lodged import PARTY, amendment, calm_law, declaration, lodgement, mrn, presentation

START = datetime.datetime(2026, 11, 22, 1, 30, tzinfo=datetime.UTC)  # half past eight in Vientiane
HOUR = datetime.timedelta(hours=1)
ROLES = {"answered": (PARTY, "trader"), "review-requested": (PARTY, "trader"), "removed": ("port", "carrier")}


class Hands:
    """A clock that goes where it is put."""

    def __init__(self):
        self.at = START
        self.clock = Clock(5, lambda: micros(self.at))

    def forward(self, hours):
        self.at += hours * HOUR


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos selects nobody, and its transition for perishable goods is over."""
    return calm_law(edition)


@pytest.fixture
def node(settings, law, hands):
    with quiet(settings, law, hands.clock) as opened:
        yield opened


def lodge(node, reference, kind="IMA", code="87089900"):
    body = declaration(reference, kind=kind).replace(b"87089900", code.encode())
    return mrn(node.lodge(lodgement(body)).result(60))


def examined(node, reference):
    """A declaration whose goods are here, to be examined."""
    number = lodge(node, reference, "IMD")
    act(node, "intercepted", number, reason="x")
    node.arriving.arrive("port", reference, [("mrn", number)])
    return number


def act(node, kind, number, reference=None, actor=None, **content):
    party, role = ROLES.get(kind, ("officer-1", "officer"))
    made = (kind, actor or party, role, reference or f"{kind}-{number}", number, act_of(kind, content, role))
    return node.acting.act(Act(*made))


def clock(node, number):
    told = node.queue.clocks.of(number)
    return told["state"], told["minutes_left"]


def tasks(node, **asked):
    return [(one["task"], one["mrn"]) for one in node.queue.page(10, **asked).entries]


def test_a_clock_runs_from_the_arrival_of_what_was_lodged_before(node, hands):
    number = lodge(node, "L1", "IMD")
    assert clock(node, number) == ("waiting", None)
    hands.forward(5)
    act(node, "intercepted", number, reason="x")
    node.arriving.arrive("port", "A", [("mrn", number)])
    hands.forward(1)
    assert clock(node, number) == ("running", 47 * 60)
    assert node.queue.clocks.of(number)["since"] == START + 5 * HOUR


def test_a_presentation_by_the_declarant_is_an_arrival_too(node, hands):
    number = lodge(node, "L1", "IMD")
    act(node, "intercepted", number, reason="x")
    hands.forward(2)
    node.lodge(lodgement(presentation("G1", number))).result(60)
    assert node.queue.clocks.of(number)["since"] == START + 2 * HOUR


@pytest.mark.parametrize("hours", [0, 3, 30])
def test_a_query_of_so_many_hours_moves_the_target_by_as_many(node, hands, hours):
    number = examined(node, "L1")
    before = node.queue.clocks.of(number)["due_at"]
    act(node, "queried", number, question="Which grade?")
    hands.forward(hours)
    assert clock(node, number)[0] == "paused"
    act(node, "answered", number, answer="S235.")
    assert node.queue.clocks.of(number)["due_at"] == before + hours * HOUR
    hands.forward(1)
    assert clock(node, number) == ("running", 47 * 60)


def test_questions_one_after_the_other_are_each_counted_and_two_at_once_only_once(node, hands):
    number = examined(node, "L1")
    for n in range(2):
        act(node, "queried", number, f"Q{n}", question="Which grade?")
        hands.forward(1)
        act(node, "queried", number, f"R{n}", question="And which mill?")
        hands.forward(1)
        act(node, "answered", number, f"A{n}", answer="S235.")
        hands.forward(1)
    assert node.queue.clocks.of(number)["paused"] == 4 * HOUR
    assert clock(node, number) == ("running", 46 * 60)


def test_a_release_stops_the_clock(node, hands):
    number = lodge(node, "L1")
    assert clock(node, number)[0] == "met"
    hands.forward(100)
    assert clock(node, number)[0] == "met"
    assert node.queue.clocks.of(number)["released_at"] == START


def test_an_amendment_keeps_the_clock_and_changes_what_it_is_of(node, hands):
    number = lodge(node, "L1", "IMD")
    hands.forward(1)
    node.lodge(lodgement(amendment("A1", number, "20000.00"))).result(60)
    node.arriving.arrive("port", "A", [("mrn", number)])
    with node.store.reading() as connection:
        row = connection.execute(tables.clocks.select()).one()
    assert (row.lodged, row.arrived) == (micros(START), micros(hands.at))
    assert (row.commodity, row.packages, row.gross_mass) == ("87089900", 20, 1_200_000_000)


def test_durians_have_less_than_six_hours_once_the_transition_is_over(node, hands):
    hands.at = START + datetime.timedelta(days=60)
    number = lodge(node, "L1", "IMD", "08106000")
    act(node, "intercepted", number, reason="x")
    node.arriving.arrive("port", "A", [("mrn", number)])
    told = node.queue.clocks.of(number)
    assert (told["target"], told["article"], told["minutes_left"]) == ("perishable", "RCEP Article 4.11.6", 360)
    other = examined(node, "L2")
    assert [one["mrn"] for one in node.queue.page(10).entries] == [number, other]


def test_a_consignment_says_by_its_procedure_that_it_is_express(node, hands):
    hands.at = START + datetime.timedelta(days=60)
    mark = b"<GovernmentProcedure><CurrentCode>C07</CurrentCode></GovernmentProcedure><Origin>"
    body = declaration("L1", kind="IMA").replace(b"<Origin>", mark, 1)
    number = mrn(node.lodge(lodgement(body)).result(60))
    assert node.queue.clocks.of(number)["target"] == "express"


@pytest.mark.parametrize(("unit", "kept"), [(b"TNE", 1_200_000_000_000), (b"KGM", 1_200_000_000)])
def test_masses_are_kept_in_kilograms(node, unit, kept):
    body = declaration("L1").replace(b'unitCode="KGM"', b'unitCode="%s"' % unit)
    number = mrn(node.lodge(lodgement(body)).result(60))
    with node.store.reading() as connection:
        rows = connection.execute(tables.clocks.select().where(tables.clocks.c.mrn == number))
        assert rows.one().gross_mass == kept


def test_no_clock_is_no_declaration(node):
    assert node.queue.clocks.of("26LA0000") is None


def test_the_queue_has_what_waits_for_an_officer_and_says_what_to_do(node, hands):
    lodge(node, "L0")  # cleared: nobody's work
    examine, read, ask, early = (lodge(node, f"L{n}", "IMD") for n in range(1, 5))
    for number in (examine, read, ask, early):
        act(node, "intercepted", number, reason="x")
    node.arriving.arrive("port", "A", [("mrn", number) for number in (examine, read, ask)])
    for number in (read, ask):
        act(node, "queried", number, question="?")
    hands.forward(1)
    act(node, "answered", read, answer="!")
    assert tasks(node) == [
        ("examine", examine),
        ("read-answer", read),
        ("prepare", early),
        ("await-answer", ask),
    ]
    assert node.queue.page(2, 2).total == 4
    assert [one["mrn"] for one in node.queue.page(2, 2).entries] == [early, ask]


def test_a_proposal_waits_for_the_second_officer_until_it_is_confirmed(node):
    number = examined(node, "L1")
    assert tasks(node) == [("examine", number)]
    act(node, "waived", number, "W1", reason="y")
    assert tasks(node) == [("confirm", number)]
    act(node, "waived", number, "W2", actor="officer-2", reason="y")
    assert tasks(node) == []


def test_requests_and_reviews_wait_for_an_officer_though_the_goods_are_released(node):
    number, other = lodge(node, "L1"), lodge(node, "L2")
    act(node, "review-requested", number, instance="administrative", grounds="The heading is wrong.")
    node.lodge(lodgement(amendment("A1", other, "20000.00"))).result(60)
    assert sorted(tasks(node)) == sorted([("review", number), ("request", other)])
    act(node, "review-decided", number, instance="administrative", annulled=False, reasons="It is right.")
    assert tasks(node) == [("request", other)]


def test_the_queue_of_an_office_has_its_own_work_only(node):
    number = examined(node, "L1")
    assert tasks(node, office="LAVTE01") == []
    with node.store.writing() as connection:
        connection.execute(tables.clocks.update().values(office="LAVTE01"))
    assert tasks(node, office="LAVTE01") == [("examine", number)]


def test_a_study_measures_what_is_on_record_and_counts_what_is_not(node, hands):
    node.arriving.arrive("port", "A", [("container", "CSQU3054383")])
    hands.forward(3)
    number = lodge(node, "L1")  # declared three hours after it arrived, and released at once
    hands.forward(2)
    act(node, "removed", number)
    told = document(Studying(node.store).of(START, hands.at + HOUR, ("mode", "chapter")), ("mode", "chapter"))
    assert told["declarations"] == 1
    medians = {one["interval"]: one["median"] // 3600 for one in told["figures"]}
    assert medians == {"T0": 5, "T1.5": 3, "T2": 0, "T3": 2, "release": 3, "acceptance": 0}
    assert told["figures"][0]["group"] == {"mode": "rail", "chapter": "87"}
    assert Studying(node.store).of(hands.at, hands.at + HOUR).declarations == 0


def test_a_declaration_before_arrival_has_no_time_from_arrival_to_lodgement(node, hands):
    number = lodge(node, "L1", "IMD")
    hands.forward(4)
    node.arriving.arrive("port", "A", [("mrn", number)])
    study = Studying(node.store).of(START, hands.at + HOUR)
    told = {row["interval"]: row["median"] for row in study.figures.to_dicts()}
    assert (told["T1.5"], told["T2"], told["release"]) == (None, 4 * 3600, 0)
    assert study.findings["rule"].to_list() == ["MSR-002"]
