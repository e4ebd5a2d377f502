"""First proofs at the node: back-to-back proofs never draw more than the first is for, whoever lodges at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from databases import quiet
from landsea.node import tables
from landsea.node.replay import replay
from landsea.tariff.first_proof import stocks_named
from landsea.units import micro
from landsea.wire import read
from lodged import amendment, decisions, invalidation, mrn
from proof_claims import FIRST, STOCK, regime, to_china_by_way_of_viet_nam
from quota_claims import lodge, overtaken, rice, to_china

QUANTITY = 40_000  # of the first proof, in kilograms
TOO_MUCH = "what is drawn on the first proof does not exceed its quantity"


@pytest.fixture
def settings(settings):
    return replace(settings, administration="CN")


def drawn(node):
    """What is drawn of the first proof, which is what the declarations drew together."""
    with node.store.reading() as connection:
        stocks = [row.drawn for row in connection.execute(select(tables.quota_stocks)) if row.stock == STOCK]
        draws = [row.amount for row in connection.execute(select(tables.quota_draws)) if row.stock == STOCK]
    assert sum(stocks) == sum(draws)
    return sum(draws) // micro("1")


def test_what_one_proof_drew_is_gone_for_the_next(node):
    (first,) = lodge(node, to_china_by_way_of_viet_nam("L1", 25_000))
    assert (regime(first), drawn(node)) == (("302", []), 25_000)
    (second,) = lodge(node, to_china_by_way_of_viet_nam("L2", 25_000))
    assert regime(second) == (None, [f"ACFTA back-to-back B-L2: {TOO_MUCH}"])
    (third,) = lodge(node, to_china_by_way_of_viet_nam("L3", 15_000))
    assert (regime(third), drawn(node)) == (("302", []), QUANTITY)


def test_two_of_one_lot_do_not_both_have_the_rest(node):
    bodies = [to_china_by_way_of_viet_nam(f"L{n}", 30_000) for n in range(2)]
    assert sorted(regime(one)[0] or "general" for one in lodge(node, *bodies)) == ["302", "general"]
    assert drawn(node) == 30_000


def test_an_invalidated_declaration_gives_back_what_it_drew(node):
    (receipt,) = lodge(node, to_china_by_way_of_viet_nam("L1", 30_000, kind="IMD"))
    assert drawn(node) == 30_000
    lodge(node, invalidation("I1", mrn(receipt)))
    assert drawn(node) == 0
    assert regime(lodge(node, to_china_by_way_of_viet_nam("L2", 40_000))[0])[0] == "302"


def test_an_amended_declaration_draws_anew_with_its_own_given_back(node):
    (receipt,) = lodge(node, to_china_by_way_of_viet_nam("L1", 30_000, kind="IMD"))
    (amended,) = lodge(node, amendment("A1", mrn(receipt), "2000.00"))
    assert decisions(amended)[-1]["version"] == 2
    assert (regime(amended), drawn(node)) == (("302", []), 30_000)


def test_who_is_rejected_and_what_is_suspended_draw_nothing(node):
    wrong = to_china_by_way_of_viet_nam("L1", 600).replace(b"PackageQuantity>20<", b"PackageQuantity>21<")
    assert decisions(lodge(node, wrong)[0])[0]["outcome"] == "rejected"
    lodge(node, to_china_by_way_of_viet_nam("L2", 600, procedure="71"))
    assert drawn(node) == 0


def test_only_papers_that_are_back_to_back_proofs_ask_for_stocks(edition):
    plain = to_china_by_way_of_viet_nam("L1", 600)
    named = [
        stocks_named(read([to_china(body)], edition).lot, edition)
        for body in (plain, plain.replace(b">954<", b">380<"), plain.replace(b">302<", b">100<"), rice("L2", 5))
    ]
    assert [STOCK in names for names in named] == [True, False, True, False]
    assert (named[1], named[3]) == ([], [])


def test_a_refusal_that_no_longer_holds_is_decided_anew(node, monkeypatch):
    (receipt,) = lodge(node, to_china_by_way_of_viet_nam("L1", 30_000, kind="IMD"))
    with overtaken(node, monkeypatch, invalidation("I1", mrn(receipt))):
        (second,) = lodge(node, to_china_by_way_of_viet_nam("L2", 30_000))
    assert (regime(second), drawn(node)) == (("302", []), 30_000)


def test_what_was_decided_is_replayed_byte_for_byte(node):
    (receipt,) = lodge(node, to_china_by_way_of_viet_nam("L1", 30_000, kind="IMD"))
    lodge(node, amendment("A1", mrn(receipt), "2000.00"), to_china_by_way_of_viet_nam("L2", 20_000))
    wrong = to_china_by_way_of_viet_nam("L3", 20_000).replace(b"PackageQuantity>20<", b"PackageQuantity>21<")
    lodge(node, wrong)
    seen = list(replay(node.lodging))
    assert [(one.differences, one.obstacle) for one in seen] == [((), "")] * len(seen)
    assert len(seen) == 5


def test_traders_who_lodge_at_once_never_draw_more_than_the_first_proof_is_for(settings, edition):
    with quiet(settings, edition) as one, quiet(settings, edition) as two, ThreadPoolExecutor(2) as pool:

        def work(job):
            node, name = job
            bodies = [to_china_by_way_of_viet_nam(f"{name}{n}", 3_000 + 100 * n) for n in range(9)]
            return [regime(receipt)[0] for at in range(0, 9, 3) for receipt in lodge(node, *bodies[at : at + 3])]

        found = list(pool.map(work, ((one, "A"), (two, "B"))))
        granted = sum(3_000 + 100 * n for regimes in found for n, said in enumerate(regimes) if said == "302")
        assert drawn(one) == granted <= QUANTITY
        assert QUANTITY - granted < 3_800, "the last that was refused would not have fitted"


def test_the_stock_is_named_by_country_and_number(node):
    lodge(node, to_china_by_way_of_viet_nam("L1", 10))
    with node.store.reading() as connection:
        (row,) = connection.execute(select(tables.quota_stocks))
    assert (row.administration, row.stock) == ("TH", f"ACFTA proof {FIRST}")
