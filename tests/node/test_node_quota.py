"""Quotas at the node: never below nothing, whoever claims at once, killed or not; given back when a claim falls."""

import multiprocessing
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from claimant import claim, mass
from sqlalchemy import select

from databases import quiet
from landsea.node import tables
from landsea.node.replay import replay
from landsea.units import micro
from lodged import amendment, decisions, invalidation, mrn
from quota_claims import ORDER, STOCK, granted, lodge, opening, overtaken, rice

THOUSAND = 1000


@pytest.fixture
def settings(settings):
    return replace(settings, administration="CN")


@pytest.fixture
def scarce(settings, edition):
    """A node with a thousand kilograms of rice in the quota."""
    with quiet(settings, opening(edition, THOUSAND)) as node:
        yield node


def drawn(node):
    """What is drawn of the stock, and what the declarations drew together."""
    with node.store.reading() as connection:
        stocks = {row.stock: row for row in connection.execute(select(tables.quota_stocks))}
        draws = [row.amount for row in connection.execute(select(tables.quota_draws)) if row.stock == STOCK]
    assert {row.quota_order for row in stocks.values()} <= {ORDER}
    return (stocks[STOCK].drawn if STOCK in stocks else 0), sum(draws)


def amounts(receipts):
    return [granted(receipt)["granted"] for receipt in receipts]


def test_claims_are_granted_in_the_order_they_came_and_the_last_in_part(scarce):
    assert amounts(lodge(scarce, rice("L1", 600), rice("L2", 700), rice("L3", 1))) == ["600", "400", "0"]
    assert drawn(scarce) == (micro("1000"), micro("1000"))
    assert amounts(lodge(scarce, rice("L4", 5))) == ["0"]
    assert granted(lodge(scarce, rice("L2", 700))[0])["granted"] == "400", "a repeat draws nothing more"
    assert drawn(scarce)[0] == micro("1000")


def test_a_lot_that_claims_no_quota_reads_and_writes_none(scarce):
    lodge(scarce, rice("L1", 600).replace(b"<QuotaOrderID>156001</QuotaOrderID>", b""))
    assert drawn(scarce) == (0, 0)


def test_who_is_rejected_draws_nothing(scarce):
    wrong = rice("L1", 600).replace(b"<TotalPackageQuantity>20<", b"<TotalPackageQuantity>21<")
    assert decisions(lodge(scarce, wrong)[0])[0]["outcome"] == "rejected"
    assert drawn(scarce) == (0, 0)


def test_an_invalidated_declaration_gives_back_what_it_drew(scarce):
    (receipt,) = lodge(scarce, rice("L1", 600, kind="IMD"))
    assert drawn(scarce)[0] == micro("600")
    lodge(scarce, invalidation("I1", mrn(receipt)))
    assert drawn(scarce) == (0, 0)
    assert amounts(lodge(scarce, rice("L2", 900))) == ["900"]


def test_an_amended_declaration_draws_anew_from_what_is_left_with_its_own_given_back(scarce):
    (receipt,) = lodge(scarce, rice("L1", 600, kind="IMD"))
    lodge(scarce, rice("L2", 400))
    (amended,) = lodge(scarce, amendment("A1", mrn(receipt), "2000.00"))
    assert decisions(amended)[-1]["version"] == 2
    assert granted(amended)["granted"] == "600"
    assert drawn(scarce) == (micro("1000"), micro("1000"))


def test_what_was_granted_is_replayed_byte_for_byte(scarce):
    (receipt,) = lodge(scarce, rice("L1", 600, kind="IMD"), rice("L2", 700), rice("L3", 1))[:1]
    lodge(scarce, amendment("A1", mrn(receipt), "2000.00"), rice("L4", 7))
    seen = list(replay(scarce.lodging))
    assert [(one.differences, one.obstacle) for one in seen] == [((), "")] * len(seen)
    assert len(seen) == 6


def test_a_grant_in_part_that_no_longer_holds_is_decided_anew(scarce, monkeypatch):
    with overtaken(scarce, monkeypatch, rice("L2", 300)):
        (receipt,) = lodge(scarce, rice("L1", 1200))
    assert granted(receipt)["granted"] == "700"
    assert drawn(scarce) == (micro("1000"), micro("1000"))


def test_traders_who_claim_at_once_never_draw_more_than_there_is(settings, edition):
    edition = opening(edition, THOUSAND)
    with quiet(settings, edition) as one, quiet(settings, edition) as two, ThreadPoolExecutor(2) as pool:
        work = [
            (node, [rice(f"{name}{n}", mass(name, n)) for n in range(24)]) for node, name in ((one, "A"), (two, "B"))
        ]
        found = pool.map(lambda job: [amounts(lodge(job[0], *job[1][at : at + 3])) for at in range(0, 24, 3)], work)
        total = sum(float(amount) for lots in found for lot in lots for amount in lot)
        assert total == THOUSAND
        assert drawn(one) == (micro("1000"), micro("1000"))


def test_processes_killed_at_any_moment_leave_the_draws_that_were_acknowledged(settings, edition, request):
    processes, told = multiprocessing.get_context("spawn"), {}
    chance = random.Random(request.config.getoption("--crashes"))
    for life in range(3):
        crowd = []
        for prefix in "AB":
            ours, theirs = processes.Pipe(duplex=False)
            crowd.append(
                (processes.Process(target=claim, args=(theirs, settings, prefix, 40, THOUSAND), daemon=True), ours)
            )
            crowd[-1][0].start()
            theirs.close()
        for _, pipe in crowd:
            _listen(pipe, told, until=None if life == 2 else 1 + chance.randrange(12))
        for process, pipe in crowd:
            process.kill() if life < 2 else process.join(60)
            _listen(pipe, told, until=None)
            process.join(20)
    with quiet(settings, opening(edition, THOUSAND)) as node:
        assert drawn(node) == (micro("1000"), micro("1000"))
        assert sum(amount for _, amount in told.values()) == THOUSAND
        assert len(told) == 80


def _listen(pipe, told, until):
    """Takes in what was told up to so many claims, or to the end; the same claim has the same grant in every life."""
    end, count = time.monotonic() + 120, 0
    while time.monotonic() < end and (until is None or count < until):
        try:
            if not pipe.poll(1):
                continue
            name, wanted, said = pipe.recv()
        except (EOFError, OSError):
            return
        if wanted is not None:
            assert told.setdefault(name, (wanted, said)) == (wanted, said)
            count += 1
