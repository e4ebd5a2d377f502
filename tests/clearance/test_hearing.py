"""Hearing: every answer in every state leads on or is unheard for a reason; cases stand in `agency.txt`."""

import polars as pl
import pytest

from clearance.told_lots import instant, lot_told
from landsea.clearance import condition
from landsea.clearance.agency import asked
from landsea.clearance.hearing import ANSWERS, TABLE, Answer, Hearing, Unheard, has_say, heard
from landsea.codes.edition import Edition
from landsea.errors import BuildFault


def test_the_table_of_hearing_answers_every_word_in_every_state():
    assert set(TABLE) == set(Hearing)
    for state in Hearing:
        assert set(TABLE[state]) == set(Answer), state
    led = {step for steps in TABLE.values() for step in steps.values()}
    assert {state for state in Hearing if state is not Hearing.OPEN} <= led
    assert {Unheard.LABORATORY, Unheard.NOT_ASKED} == set(Unheard) - led


def test_an_unknown_word_is_a_fault_of_the_build(edition):
    lot = lot_told([("declaration", {}), ("item", {"code": "02011000"})])
    row = {"d": 0, "agency": "cn-quarantine", "answer": "perhaps", "at": instant("2026-07-01T08:00:00")}
    with pytest.raises(BuildFault, match="perhaps"):
        heard(asked(lot, edition), pl.DataFrame([row]), edition)


def test_a_say_is_a_condition_of_release(edition):
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "02011000"})]), edition)
    say = has_say(heard(asks, pl.DataFrame(schema=ANSWERS), edition).asks)
    assert say["condition"].to_list() == [condition.agency("cn-quarantine")]
    assert condition.ordered(say["condition"]) == ("agency/cn-quarantine",)


def test_an_agency_stands_where_the_gravest_of_its_asks_stands(edition):
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "06029000"})]), edition)
    for first in Hearing:
        for second in Hearing:
            say = has_say(asks.with_columns(hearing=pl.Series([first.value, second.value])))
            worse = max(first, second, key=list(Hearing).index)
            assert say.select("hearing", "waits").rows() == [(worse, worse is not Hearing.GRANTED)]


def test_an_answer_to_several_asks_is_heard_where_it_changes_any(edition):
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "06029000"})]), edition)
    at = instant("2026-07-01T08:00:00")
    said = [("CN-006", "sample"), ("CN-006", "not-conform"), (None, "refuse")]
    rows = [{"d": 0, "agency": "cn-quarantine", "rule": rule, "answer": word, "at": at} for rule, word in said]
    done = heard(asks, pl.DataFrame(rows, schema={name: ANSWERS[name] for name in rows[0]}), edition)
    assert done.asks["hearing"].to_list() == [Hearing.ADVERSE, Hearing.REFUSED]
    assert done.unheard.is_empty()


def test_where_no_laboratory_is_published_no_second_result_is_heard(edition):
    without = Edition("none", {k: v for k, v in edition.tables.items() if k != "laboratories"}, edition.documents)
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "19011010"})]), without)
    words = (Answer.SAMPLE, Answer.NOT_CONFORM, Answer.ASK_SECOND_TEST, Answer.SECOND_CONFORM)
    rows = [
        {
            "d": 0,
            "agency": "cn-food",
            "answer": word,
            "at": instant(f"2026-07-0{n}T08:00:00"),
            "laboratory": "CN-LAB-01",
        }
        for n, word in enumerate(words, 1)
    ]
    done = heard(asks, pl.DataFrame(rows, schema={name: ANSWERS[name] for name in rows[0]}), without)
    assert done.asks["hearing"].to_list() == [Hearing.SECOND_TEST]
    assert done.unheard["why"].to_list() == [Unheard.LABORATORY]
