"""Preferences: every regime beside the others, to the unit that would be charged."""

import datetime

import polars as pl
import pytest
from made_schedule import DAY, Schedule
from text_cases import cases

from landsea.codes.edition import Edition
from landsea.tariff.preference import KEY, asked_for, offers, offers_told
from landsea.tariff.proof_of_origin import PROVED

REGIMES = [("100", "General", None), ("302", "ACFTA", "ACFTA"), ("304", "ATIGA", "ATIGA"), ("322", "RCEP", "RCEP")]


def law_of(case, edition):
    stated = {"currency": "XAC", "places": "2", "rounding": "half-up"}
    stated |= next(iter(case.settings("administration")), {})
    made = Schedule(currency=stated["currency"], places=int(stated["places"]), rounding=stated["rounding"])
    for tax in case.settings("tax"):
        made.tax(**tax)
    for measure in case.settings("measure"):
        made.measure(**measure)
    for rate in case.settings("exchange"):
        made.rate(**rate)
    regimes = pl.DataFrame(REGIMES, schema=["preference", "name", "group"], orient="row").with_columns(
        issuer=pl.lit("XA")
    )
    tables = {**made.edition.tables, "preferences": regimes, "schemes": edition.table("schemes")}
    return Edition(made.edition.digest + " with regimes", tables, made.edition.documents)


@pytest.mark.parametrize("case", cases("preference", ["administration", "tax", "measure", "exchange", "key", "proof"]))
def test_the_regimes_stand_beside_each_other_as_the_text_says(case, edition):
    usual = {"administration": "XA", "direction": "import", "on": DAY, "commodity_code": "081060", "currency": "XAC"}
    lot = asked_for(case.rows("key", KEY, **usual))
    proofs = case.rows("proof", PROVED, d=0, i=0)
    assert offers_told(offers(lot, proofs, law_of(case, edition))) == case.expected


def test_the_shipped_schedules_offer_their_regimes(edition):
    key = {"administration": "CN", "on": datetime.date(2026, 6, 1), "commodity_code": "08106000", "origin": "TH"}
    key = pl.DataFrame([key | {"amount": 10**9, "currency": "CNY"}])
    proof = {"d": 0, "i": 0, "scheme": "ACFTA", "good": True}
    rows = offers(asked_for(key), pl.DataFrame([proof]), edition)
    best = rows.row(0, named=True)
    assert (best["preference"], best["applies"], best["why"]) == ("302", True, None)
    assert set(rows.filter(~pl.col("applies"))["why"]) == {"no proof"} | (
        {"no rate"} if "no rate" in set(rows["why"]) else set()
    )
