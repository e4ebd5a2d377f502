"""Claims on quotas: granted from what is known, in the order of the lot, and settled into what is due."""

import polars as pl
import pytest
from made_schedule import DAY, Schedule, assessed, goods

from landsea.codes.edition import Edition
from landsea.declaration.finding import findings_of
from landsea.declaration.stage import Known
from landsea.errors import BuildFault
from landsea.tariff.claim import BALANCES, RETURNED, settle
from landsea.units import decimal_text, micro

NOBODY = pl.Series("d", [], dtype=pl.UInt32)
STOCK = "Q1 from 2026-01-01"


def law(opening="100", unit="KGM", allocation="first-come", licences=()):
    """5 % within a quota of so many kilograms, 20 % without it; value added tax of 10 % on both."""
    made = Schedule().tax("A00").tax("B00", base="value+A00").measure("A00", "20 %").measure("B00", "10 %")
    made = made.measure("A00", "5 %", quota_order="Q1").edition
    quota = {"quota_order": "Q1", "valid_from": DAY.replace(month=1, day=1), "valid_to": None, "issuer": "XA"}
    quota["opening"] = micro(opening)
    quotas = pl.DataFrame([quota | {"allocation": allocation, "unit": unit}])
    tables = {**made.tables, "quotas": quotas.cast({"opening": pl.Int128, "valid_to": pl.Date, "unit": pl.String})}
    if licences:
        rows = [quota | {"licence": name, "holder": holder, "opening": micro(o)} for name, holder, o in licences]
        tables["quota_licences"] = pl.DataFrame(rows).cast({"opening": pl.Int128, "valid_to": pl.Date})
    return Edition(f"{made.digest}{opening}{unit}{allocation}{licences}", tables, made.documents)


def claim(mass=60, **more):
    return {"amount": 1000, "net_mass": mass, "quota": "Q1"} | more


def settled(lot, edition, without=NOBODY, drawn=(), returned=()):
    stocks = pl.DataFrame([("XA", *one) for one in drawn], schema=BALANCES, orient="row")
    back = pl.DataFrame(list(returned), schema=RETURNED, orient="row")
    return settle(assessed(lot, edition), without, Known(0, {"stocks": stocks, "returned": back}), edition)


def granted(done):
    return [(d, decimal_text(g), decimal_text(w)) for d, g, w in done.grants.select("d", "granted", "wanted").rows()]


def due(done, d=0):
    rows = done.assessments.filter(d=d).select("tax", "base", "amount")
    return [(tax, *map(decimal_text, amounts)) for tax, *amounts in rows.rows()]


def test_what_is_granted_is_due_at_the_rate_of_the_quota_and_hangs_on_no_claim_any_more():
    done = settled(goods([[claim()]]), law())
    assert due(done) == [("A00", "1000", "50"), ("B00", "1050", "105")]
    assert done.assessments["if_granted"].null_count() == 2
    assert done.assessments["quota_order"].to_list() == ["Q1", None]
    assert done.findings.is_empty()


def test_in_the_order_of_the_lot_the_last_claim_is_granted_in_part_and_says_so():
    done = settled(goods([[claim()], [claim()], [claim()]]), law())
    assert granted(done) == [(0, "60", "60"), (1, "40", "60"), (2, "0", "60")]
    # 40 of 60 parts at 5 %, 20 at 20 %: 1000 x 2/3 x 5 % and 1000 x 1/3 x 20 %
    assert [row for row in due(done, 1) if row[0] == "A00"] == [
        ("A00", "333.333334", "66.67"),
        ("A00", "666.666666", "33.33"),
    ]
    assert due(done, 2) == [("A00", "1000", "200"), ("B00", "1200", "120")]
    told = [(f.rule, f.value) for f in findings_of(done.findings)]
    assert told == [("TRF-013", "40 of 60 KGM: exhausted"), ("TRF-013", "0 of 60 KGM: exhausted")]


def test_what_others_drew_is_not_there_any_more():
    done = settled(goods([[claim()]]), law(), drawn=[(STOCK, micro("70"))])
    assert granted(done) == [(0, "30", "60")]
    assert decimal_text(done.grants["before"][0]) == "30"


def test_an_opening_that_was_lowered_below_what_is_drawn_grants_nothing():
    done = settled(goods([[claim()]]), law(opening="50"), drawn=[(STOCK, micro("70"))])
    assert granted(done) == [(0, "0", "60")]


def test_what_the_version_before_drew_is_given_back_when_its_turn_comes():
    drawn, own = [(STOCK, micro("100"))], [(1, "XA", STOCK, micro("60"))]
    done = settled(goods([[claim(10)], [claim(80)], [claim(10)]]), law(), drawn=drawn, returned=own)
    assert granted(done) == [(0, "0", "10"), (1, "60", "80"), (2, "0", "10")]


def test_who_is_rejected_draws_nothing_and_keeps_both_outcomes():
    rejected = pl.Series("d", [0], dtype=pl.UInt32)
    done = settled(goods([[claim(100)], [claim(100)]]), law(), without=rejected)
    assert granted(done) == [(1, "100", "100")]
    assert done.assessments.filter(d=0)["if_granted"].null_count() == 0


def test_goods_that_are_not_charged_now_draw_nothing():
    done = settled(goods([[claim(procedure="71")]]), law().__class__(*_suspending(law())))
    assert granted(done) == []


def _suspending(edition):
    document = dict(edition.documents["XA/administration"]) | {"suspending_procedures": ["71"]}
    return f"{edition.digest} suspending", edition.tables, {**edition.documents, "XA/administration": document}


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ({"net_mass": 0.06, "net_mass_unit": "TNE"}, "60"),
        ({"tariff_quantity": 70, "tariff_quantity_unit": "KGM"}, "70"),
        ({"tariff_quantity": 7, "tariff_quantity_unit": "LTR"}, "60"),
        ({"net_mass": None}, "0"),
    ],
)
def test_the_first_quantity_declared_in_a_unit_that_converts_is_wanted(declared, wanted):
    done = settled(goods([[claim(**declared)]]), law())
    assert granted(done)[0][2] == wanted


def test_a_quota_without_a_unit_is_drawn_by_value():
    done = settled(goods([[claim()]]), law(opening="400", unit=None))
    assert granted(done) == [(0, "400", "1000")]


def test_a_quota_by_licence_is_drawn_by_who_holds_it_and_names_it():
    edition = law(allocation="licence", licences=[("L1", "HOLDER", "30"), ("L2", "OTHER", "90")])
    lot = goods([[claim()], [claim()], [claim()]])
    parties = {"d": [0, 1, 2], "n": [1] * 3, "role": ["Importer"] * 3, "id": ["HOLDER", "HOLDER", "OTHER"]}
    papers = {"d": [0, 2], "i": [0, None], "n": [1, 1], "id": ["L1", "L1"]}
    from landsea.declaration.lot import lot_of

    done = settled(lot_of({**lot.frames, "parties": parties, "documents": papers}), edition)
    assert granted(done) == [(0, "30", "60"), (1, "0", "60"), (2, "0", "60")]
    assert [f.value for f in findings_of(done.findings)] == [
        "30 of 60 KGM: exhausted",
        "0 of 60 KGM: no licence",
        "0 of 60 KGM: no licence",
    ]


def test_a_quota_no_table_opens_is_refused_not_guessed():
    edition = law()
    bare = {name: table for name, table in edition.tables.items() if name != "quotas"}
    done = settled(goods([[claim()]]), Edition(f"{edition.digest} bare", bare, edition.documents))
    assert [f.value for f in findings_of(done.findings)] == ["0 of 0: no period"]
    assert due(done) == [("A00", "1000", "200"), ("B00", "1200", "120")]


def test_an_opening_a_node_cannot_count_is_a_fault_of_the_schedule():
    with pytest.raises(BuildFault, match="Q1 opens with more"):
        settled(goods([[claim()]]), law(opening="9999999999999"))
