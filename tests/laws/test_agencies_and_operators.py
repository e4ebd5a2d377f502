"""Laws of agencies and operators: nobody's answer depends on the company, and no wrong turns into a right."""

import datetime
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.test_mandate import mandates
from clearance.told_lots import lot_told
from conftest import schedule_files
from landsea.clearance.agency import ACTIONS, asked, asked_counts
from landsea.clearance.establishment import check
from landsea.clearance.hearing import ANSWERS, TABLE, Answer, Hearing, heard
from landsea.clearance.mandate import represented
from landsea.clearance.standing import ACTS, RECORD, standing
from landsea.codes.edition import edition_of
from landsea.declaration.lot import select

SOME = settings(max_examples=40)
NUMBERS = ("VN-TGOR-0001", "VN-TGOR-0002", "VN-TGPH-001", "CVNM03022201010001", "X")
ITEMS = st.fixed_dictionaries(
    {"code": st.sampled_from(["08106000", "0810", "02011000", "29037700", "30049000", "87032300", "73181500"])},
    optional={
        "origin": st.sampled_from(["VN", "TH", "CN"]),
        "procedure": st.sampled_from(["40", "71"]),
        "net_mass": st.sampled_from(["12.5 KGM", "3 LTR"]),
    },
).map(lambda said: ("item", said))
PAPERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["N851", "N853", "N911", "1LAB", "1USE", "1ORC", "1PCK", "1FAC"])},
    optional={"id": st.sampled_from(NUMBERS), "item": st.just("1"), "role": st.just("previous")},
).map(lambda said: ("document", said))
HEADERS = st.fixed_dictionaries(
    {
        "administration": st.sampled_from(["CN", "LA", "VN", "TH", "GB"]),
        "on": st.sampled_from(["2025-01-01", "2026-07-01"]),
    },
    optional={
        "direction": st.sampled_from(["import", "export"]),
        "declarant": st.sampled_from("PBC"),
        "importer": st.sampled_from("PQ"),
        "exporter": st.sampled_from("PQ"),
        "agent": st.sampled_from("BC"),
    },
).map(lambda said: ("declaration", said))
DECLARATIONS = st.tuples(HEADERS, ITEMS, st.lists(st.one_of(ITEMS, PAPERS), max_size=4)).map(
    lambda t: [t[0], t[1], *t[2]]
)
LOTS = st.lists(DECLARATIONS, min_size=1, max_size=4).map(lambda told: [line for one in told for line in one])


@cache
def law():
    return edition_of(schedule_files())


def alone(frame, d):
    """What is said of a declaration, but for the numbers of its rows in the lot."""
    return frame.filter(pl.col("d") == d).select(pl.exclude("d", "i")).rows()


@SOME
@given(LOTS)
def test_what_agencies_and_registers_say_does_not_depend_on_other_declarations(told):
    lot = lot_told(told)
    for speaks in (asked, check):
        together = speaks(lot, law())
        for d in range(len(lot)):
            assert alone(together, d) == alone(speaks(select(lot, [d]), law()), 0)


@SOME
@given(LOTS)
def test_what_is_satisfied_or_not_asked_costs_nothing_and_counts_never_exceed_what_is_asked(told):
    asks = asked(lot_told(told), law())
    assert set(asks["action"]) <= set(ACTIONS)
    assert (
        asks.filter(pl.col("satisfied") | (pl.col("action") == "none"))["fee"].null_count()
        == asks.filter(pl.col("satisfied") | (pl.col("action") == "none")).height
    )
    counted = asked_counts(asks)
    assert (counted["declared"] <= counted["documents"]).all()
    assert counted.height == asks.select("d", "agency").n_unique()


@SOME
@given(LOTS, st.data())
def test_one_more_document_takes_nothing_back(told, data):
    before = asked(lot_told(told), law())
    after = asked(lot_told([*told, data.draw(PAPERS)]), law())
    kept = before.filter("satisfied").join(after, on=["d", "i", "rule"], suffix="_after")
    assert kept["satisfied_after"].all()


OFFICIAL = st.sampled_from([a for a in Answer if a not in (Answer.GRANT, Answer.ASK_SECOND_TEST)])


@SOME
@given(st.lists(OFFICIAL, max_size=8))
def test_without_grant_or_request_an_adverse_result_stays_open_to_a_second_test(words):
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "19011010"})]), law())
    start = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
    spoken = [Answer.SAMPLE, Answer.NOT_CONFORM, *words, Answer.ASK_SECOND_TEST]
    rows = [
        {
            "d": 0,
            "agency": "cn-food",
            "answer": word,
            "at": start + datetime.timedelta(hours=n),
            "laboratory": "CN-LAB-01",
        }
        for n, word in enumerate(spoken)
    ]
    done = heard(asks, pl.DataFrame(rows, schema={name: ANSWERS[name] for name in rows[0]}), law())
    assert done.asks["hearing"].to_list() == [Hearing.SECOND_TEST]
    assert done.unheard.height == len(words)


@given(st.lists(st.sampled_from(list(Answer)), max_size=8))
def test_an_ask_is_always_in_one_state_the_table_knows(words):
    state = Hearing.OPEN
    for word in words:
        step = TABLE[state][word]
        state = step if isinstance(step, Hearing) else state
        assert state in TABLE


MINUTES = st.integers(0, 20)
BASE = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def minute(n):
    return (BASE + datetime.timedelta(minutes=n)).replace(tzinfo=None).isoformat()


@SOME
@given(MINUTES, MINUTES, st.none() | MINUTES, st.none() | MINUTES)
def test_a_mandate_holds_from_when_it_is_given_until_it_ends_or_is_revoked(at, begins, ends, revoked):
    said = {"given_at": minute(begins)}
    said |= {name: minute(n) for name, n in (("ends_at", ends), ("revoked_at", revoked)) if n is not None}
    lot = lot_told([("declaration", {"declarant": "B", "importer": "P", "at": minute(at)})])
    done = represented(lot, mandates(said), law())
    holds = begins <= at and all(end is None or at < end for end in (ends, revoked))
    assert done.declarations["representation"].to_list() == ["direct" if holds else "own"]
    assert done.findings.is_empty() == holds


@SOME
@given(
    LOTS,
    st.lists(st.fixed_dictionaries({"principal": st.sampled_from("PQ"), "agent": st.sampled_from("BC")}), max_size=4),
)
def test_who_answers_does_not_depend_on_other_declarations(told, given_to):
    lot = lot_told(told)
    known = mandates(*({"mandate": f"M{n}"} | one for n, one in enumerate(given_to)))
    together = represented(lot, known, law())
    for d in range(len(lot)):
        by_itself = represented(select(lot, [d]), known, law())
        for whole, one in zip(together, by_itself, strict=True):
            assert alone(whole, d) == alone(one, 0)


DAYS = st.dates(datetime.date(2024, 1, 1), datetime.date(2026, 8, 1))
ACT = st.tuples(st.sampled_from("PQR"), st.sampled_from(["CN", "LA"]), DAYS, st.sampled_from(ACTS), st.integers(1, 90))
TODAY = datetime.date(2026, 7, 1)


def record(rows):
    return pl.DataFrame(rows, schema=RECORD, orient="row")


@SOME
@given(st.lists(ACT, max_size=12))
def test_a_standing_does_not_depend_on_other_operators_nor_on_the_order_of_acts(acts):
    together = standing(record(acts), TODAY, law())
    assert together.figures.equals(standing(record(acts[::-1]), TODAY, law()).figures)
    for operator in "PQR":
        by_itself = standing(record([act for act in acts if act[0] == operator]), TODAY, law())
        for whole, one in zip(together, by_itself, strict=True):
            assert whole.filter(pl.col("operator") == operator).equals(one)


@SOME
@given(
    st.lists(ACT, min_size=1, max_size=12), st.sampled_from(["error", "not-conform", "paid-late", "security-called"])
)
def test_a_wrong_never_betters_a_grade(acts, wrong):
    def grades(rows):
        return dict(standing(record(rows), TODAY, law()).grades.select("administration", "grade").iter_rows())

    mine = [("P", *act[1:]) for act in acts]
    before, after = grades(mine), grades([*mine, ("P", acts[0][1], datetime.date(2026, 6, 30), wrong, 1)])
    assert all(after[place] >= grade for place, grade in before.items())
