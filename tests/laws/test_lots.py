"""Laws of the lot: the answer to a declaration never depends on the company it travels in, nor on when it is asked."""

from datetime import date
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import schedule_files
from landsea.clearance.answer import answer
from landsea.clearance.pipeline import clear
from landsea.clearance.records import basis, decision_blobs
from landsea.codes.edition import Edition, edition_of
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot, concat, select
from landsea.declaration.stage import Known, Lodged
from landsea.risk.reasons import Audience
from landsea.risk.sampling import draws
from risk.situation import declarations

SEED = bytes(32)
COUNTRIES = ("CN", "LA", "VN", "TH", "MM")
OPERATORS = ("LA1", "LA2", "CN1", None)


@st.composite
def items(draw):
    amount = draw(st.sampled_from(["0.01", "12.5", "20000000", "9999999999.99", "0"]))
    return {
        "hs": draw(st.sampled_from(["24022000", "87032390", "27101943", "08109000", "85171300", "4407", "99999999"])),
        "origin": draw(st.sampled_from(COUNTRIES)),
        "item_amount": amount,
        "item_amount_currency": draw(st.sampled_from(["LAK", "CNY", "USD", "XXX", None])),
        "net_mass": draw(st.sampled_from(["0.001", "12", "26000"])),
        "net_mass_unit": draw(st.sampled_from(["KGM", "TNE", None])),
        "gross_mass": draw(st.sampled_from(["0.001", "13", "25000"])),
        "description": draw(st.sampled_from(["goods", "电子香烟", 'a "b"', None])),
    }


@st.composite
def told(draw):
    """A declaration in all its variety, faultless or faulty, of any kind of message."""
    one = {
        "message": draw(
            st.sampled_from(["declaration"] * 6 + ["amendment", "invalidation", "presentation", "unreadable"])
        ),
        "administration": draw(st.sampled_from(["LA", "CN", "GB", "XX"])),
        "type": draw(st.sampled_from(["IMA", "IMD", "EXA", "COA", "ZZ", None])),
        "applicable_on": draw(st.sampled_from([date(2025, 6, 1), date(2026, 3, 2), date(2026, 11, 1)])),
        "declaration_office": draw(st.sampled_from(["LAVTE", "", None])),
        "ucr": draw(st.sampled_from(["6CN-1", "6CN-2", None])),
        "incoterm": draw(st.sampled_from(["CIF", "FOB", "???"])),
        "export_country": draw(st.sampled_from(COUNTRIES)),
        "route": draw(st.lists(st.sampled_from(COUNTRIES), max_size=3)),
        "containers": draw(st.lists(st.sampled_from(["CSQU3054383", "CSQU3054384"]), max_size=2)),
        "papers": draw(st.lists(st.sampled_from([("740", "AWB1"), ("380", "I/7"), (None, "x")]), max_size=2)),
        "items": draw(st.lists(items(), max_size=3)),
    }
    parties = {role: draw(st.sampled_from(OPERATORS)) for role in ("importer", "exporter", "declarant")}
    return one | {role: operator for role, operator in parties.items() if operator}


LOTS = st.lists(told(), min_size=1, max_size=4)
SLOW = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def known(lot: Lot) -> Known:
    """What a node would gather: it depends on each declaration alone."""
    standing = pl.DataFrame({"operator": ["LA1", "CN1"], "grade": ["AEO", None], "since": [date(2020, 1, 1), None]})
    states = {"6CN-1": "cleared", "6CN-2": "advance-hold"}
    earlier = (
        lot["declarations"]
        .select("d", "ucr", "message")
        .filter(pl.col("message") != "declaration")
        .select("d", state=pl.col("ucr").replace_strict(states, default="unknown", return_dtype=pl.String))
    )
    return Known(1, {"draws": draws(lot, SEED), "standing": standing, "earlier": earlier})


@cache
def law() -> Edition:
    return edition_of(schedule_files())


def cleared(lot: Lot) -> list[tuple[object, ...]]:
    """Per declaration everything that is said of it: blobs but the basis, and the answers of all audiences."""
    what, edition = known(lot), law()
    decided = clear(Lodged(lot, no_findings()), what, edition)
    blobs = decision_blobs(decided, edition, basis(what, edition, "test")).filter(pl.col("group") != "basis@1")
    return [
        (
            blobs.filter(pl.col("d") == d).drop("d").rows(),
            *(answer(decided, d, audience, edition) for audience in Audience),
        )
        for d in range(len(lot))
    ]


@SLOW
@given(LOTS, LOTS)
def test_joining_lots_changes_no_answer(some, others):
    one, two = declarations(*some), declarations(*others)
    alone = [*cleared(one), *cleared(two)]
    assert without_references(cleared(concat([one, two]))) == without_references(alone)


@SLOW
@given(LOTS, st.randoms(use_true_random=False))
def test_shuffling_a_lot_changes_no_answer(some, chance):
    lot = declarations(*some)
    order = list(range(len(lot)))
    chance.shuffle(order)
    together = cleared(lot)
    assert cleared(select(lot, order)) == [together[d] for d in order]


@SLOW
@given(LOTS)
def test_each_declaration_alone_is_answered_as_in_company(some):
    lot = declarations(*some)
    assert [cleared(select(lot, [d]))[0] for d in range(len(lot))] == cleared(lot)


@SLOW
@given(LOTS)
def test_to_clear_again_gives_the_same_bytes(some):
    lot = declarations(*some)
    assert cleared(lot) == cleared(lot)


@pytest.mark.parametrize(
    "fault", [{"message": "unreadable", "items": []}, {"items": [{"hs": "\x00"}], "type": "\n" * 50}]
)
@SLOW
@given(some=LOTS)
def test_a_fault_in_one_declaration_does_not_touch_the_others(fault, some):
    clean = cleared(declarations(*some))
    assert cleared(declarations(*some, fault))[:-1] == clean


def without_references(said):
    """What is said, without the reference that the situations number within each lot."""
    return [(blobs, *({**a, "reference": None} for a in answers)) for blobs, *answers in said]
