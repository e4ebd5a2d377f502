"""Claims of relief in a declaration: granted by the facts declared, else charged, with the reason told."""

import datetime

import polars as pl
import pytest
from made_schedule import assessed, goods

from landsea.declaration.finding import findings_of
from landsea.declaration.lot import lot_of
from landsea.units import decimal_text

ON = datetime.date(2026, 6, 1)


def declared(*, code=None, amount=1000, previous="00", nature=None, exported=None, months=None, procedure="40"):
    """Durian of Thailand for China, at 20 % duty and 9 % value added tax, claiming a relief by this code."""
    item = {"code": "081060", "amount": amount, "currency": "CNY", "origin": "TH", "procedure": procedure}
    lot = goods([[item]], administration="CN", on=ON)
    rows = [(procedure, previous), *([(code, None)] if code else [])]
    frames = dict(lot.frames) | {
        "procedures": {
            "d": [0] * len(rows),
            "i": [0] * len(rows),
            "n": range(1, len(rows) + 1),
            "current": [current for current, _ in rows],
            "previous": [before for _, before in rows],
        },
        "declarations": lot["declarations"].with_columns(transaction_nature=pl.lit(nature, dtype=pl.String)),
    }
    if exported:
        at = datetime.datetime.combine(datetime.date.fromisoformat(exported), datetime.time(), datetime.UTC)
        frames["documents"] = {"d": [0], "n": [1], "role": ["previous"], "id": ["26CNEX1"], "effective_at": [at]}
    if months:
        frames["statements"] = {"d": [0], "i": [0], "n": [1], "code": ["MONTHS"], "text": [months]}
    return lot_of(frames)


def due(edition, **more):
    stage = assessed(declared(**more), edition)
    rows = [
        (tax, decimal_text(a), state) for tax, a, state in stage.assessments.select("tax", "amount", "state").rows()
    ]
    return rows, [(f.rule, f.value) for f in findings_of(stage.findings)]


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ({"code": "C07", "amount": 250}, "relieved"),  # 20 % of 250 is fifty
        ({"code": "C07", "amount": 251}, "payable"),
        ({"code": "C30", "nature": "31"}, "relieved"),
        ({"code": "C30", "nature": "11"}, "payable"),
        ({"code": "F01", "procedure": "61", "previous": "10", "exported": "2025-06-01"}, "relieved"),
        ({"code": "F01", "procedure": "61", "previous": "10", "exported": "2025-05-31"}, "payable"),
        ({"code": "F01", "procedure": "61", "previous": "21", "exported": "2026-01-01"}, "payable"),
        ({"code": "F01", "procedure": "61", "previous": "10"}, "payable"),
    ],
)
def test_a_relief_claimed_is_had_where_what_is_declared_meets_its_conditions(edition, claim, state):
    rows, said = due(edition, **claim)
    assert {one for *_, one in rows} == {state}
    assert said == ([] if state == "relieved" else [("TRF-014", said[0][1])])


def test_goods_admitted_for_a_time_are_charged_by_the_month(edition):
    whole, _ = due(edition)
    months, said = due(edition, code="D51", months="6 months")
    # 20 % of 1000 is 200 and 9 % of 1200 is 108; six of sixty parts
    assert [(tax, amount) for tax, amount, _ in whole] == [("A00", "200"), ("B00", "108")]
    assert [(tax, amount) for tax, amount, _ in months] == [("A00", "20"), ("B00", "10.8")]
    assert said == []


def test_who_claims_no_relief_has_none_however_small_the_consignment(edition):
    rows, said = due(edition, amount=10)
    assert {state for *_, state in rows} == {"payable"}
    assert said == []


def test_a_claim_that_fails_says_which(edition):
    assert due(edition, code="D51")[1] == [("TRF-014", "D51 temporary")]
