"""Declarations in two steps: when the second is owed, and what both are claimed together."""

import re
from collections import Counter
from datetime import date

import polars as pl
import pytest

from conftest import ROOT, SHARED, needs_shared
from landsea.clearance import revenue
from landsea.clearance.revenue import Account, Claim, Kind
from landsea.clearance.supplement import AMOUNT, MASS, differences, falls_due, letters, owes, referred, shared
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Lodgement
from landsea.wire import read
from lodged import NOON

CASES = re.split(r"^# ", (ROOT / "tests/cases/two_steps.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]


def lines(case, word):
    return [line.removeprefix(word).strip() for line in case.splitlines() if line.startswith(f"{word} ")]


def cases(word):
    return [pytest.param(case, id=case.partition("\n")[0]) for case in CASES if lines(case, word)]


@pytest.mark.parametrize("case", cases("released"))
def test_when_it_is_owed(case):
    kind, _, day = lines(case, "released")[0].split()
    terms = dict(one.split("=") for one in lines(case, "terms")[0].split())
    due = falls_due(kind, date.fromisoformat(day), {"supplementary": terms})
    assert [due.isoformat()] == lines(case, "due")


@pytest.mark.parametrize("case", cases("total"))
def test_what_both_steps_are_claimed(case):
    books, firsts = Counter(), []

    def make(transfers):
        after = revenue.moved(lambda one: books[one], transfers)
        books.update({one: now - books[one] for one, now in after.items()})

    for said in lines(case, "first"):
        mrn, _, amount, _, paid = said.split()
        firsts.append(Claim(mrn, "LAK", "T"))
        make(revenue.assessed(lambda one: books[one], mrn, "LAK", int(amount), "T"))
        make([*revenue.received("T", "LAK", int(paid)), *revenue.paid(mrn, "LAK", int(paid), "T")])
    total = int(lines(case, "total")[0])
    make(shared(lambda one: books[one], Claim("S", "LAK", "T"), total, firsts))
    of = [(mrn, sum(books[Account(kind, "LAK", mrn)] for kind in (Kind.DUE, Kind.COLLECTED))) for mrn, *_ in firsts]
    of.append(("S", books[Account(Kind.DUE, "LAK", "S")]))
    assert " ".join(f"{mrn}={amount}" for mrn, amount in of) == lines(case, "claims")[0]
    assert sum(amount for _, amount in of) == total
    assert books[Account(Kind.CREDIT, "LAK", "T")] == int(lines(case, "credit")[0])
    assert sum(books.values()) == 0


def goods(*rows):
    columns = ("d", "commodity_code", "net_mass", "item_amount")
    said = {name: [row[n] for row in rows] for n, name in enumerate(columns)}
    items = lot_of(
        {
            "declarations": {"d": sorted({row[0] for row in rows})},
            "goods_items": {
                "d": said.pop("d"),
                **{name: said[name] for name in ("net_mass", "item_amount")},
                "net_mass_unit": ["KGM"] * len(rows),
                "item_amount_currency": ["USD"] * len(rows),
            },
        }
    )
    coded = items["goods_items"].with_columns(pl.Series("commodity_code", said["commodity_code"], dtype=pl.String))
    return items.with_frames(goods_items=coded)


@pytest.mark.parametrize(
    ("firsts", "second", "found"),
    [
        ([(0, "870899", 5, 7)], [(0, "87089900", 5, 7)], {}),
        ([(0, "870899", 5, 7), (1, "870899", 5, 7)], [(0, "870899", 10, 14)], {}),
        ([(0, "870899", 5, 7)], [(0, "870899", 6, 7)], {MASS: "870899: 0.000005 declared first, 0.000006 now, KGM"}),
        ([(0, "870899", 5, 7)], [(0, "870899", 5, 9)], {AMOUNT: "870899: 0.000007 declared first, 0.000009 now, USD"}),
        ([(0, "870899", None, 7)], [(0, "870899", 6, 7)], {}),
        (
            [(0, "870899", 5, 7)],
            [(0, "870899", 5, 7), (0, "080450", 1, 1)],
            {
                MASS: "080450: nothing declared first, 0.000001 now, KGM",
                AMOUNT: "080450: nothing declared first, 0.000001 now, USD",
            },
        ),
    ],
)
def test_what_differs_is_found_with_both_values_and_what_was_left_out_is_not(firsts, second, found):
    rows = differences(goods(*second), goods(*firsts), 0)
    assert dict(rows.select("rule", "value").iter_rows()) == found


@pytest.mark.parametrize(
    ("kind", "administration", "expected"),
    [
        ("IMB", "LA", True),
        ("EXF", "CN", True),
        ("IMA", "LA", False),
        ("IMX", "LA", False),
        ("IMB", "GB", False),
        (None, "LA", False),
    ],
)
def test_a_supplementary_declaration_is_owed_where_the_law_says_so(edition, kind, administration, expected):
    row = {"type": [kind], "administration": [administration], "message": ["declaration"], "version": [1]}
    frame = pl.DataFrame(row, schema_overrides={"type": pl.String}).with_columns(known_awaits=pl.lit(None, pl.String))
    assert frame.select(owes(edition, frame, letters(frame["type"]))).item() is expected


@needs_shared
def test_a_real_aggregated_declaration_says_what_it_completes(edition):
    (file,) = (SHARED / "samples/wco/scenarios/IMY_Aggregated_Supplementary_Declaration").glob("*.xml")
    lot = read([Lodgement(file.read_bytes(), "GB553202734852", NOON)], edition).lot
    numbers = [number for _, number in referred(lot)]
    assert len(numbers) == len(set(numbers)) >= 2
