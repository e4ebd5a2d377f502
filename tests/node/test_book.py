"""The books: each entry once, balances exact under concurrency and after SIGKILL, none overdrawn."""

import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain

import pytest
from bookkeeper import CURRENCY, TRADERS, account, act, entered, keep_books
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from databases import quiet
from landsea.clearance import revenue
from landsea.clearance.revenue import OUTSIDE, Account, Kind
from landsea.errors import EnvironmentFault
from landsea.node import book, tables


def balances(node):
    with node.store.reading() as connection:
        rows = connection.execute(select(tables.accounts)).all()
    return {Account(Kind(row.kind), *row[1:4]): row.balance for row in rows}


def summed(node):
    """The balances as all transfers there are make them."""
    found = Counter()
    with node.store.reading() as connection:
        for row in connection.execute(select(tables.transfers)):
            found[Account(Kind(row[3]), *row[4:7])] -= row.amount
            found[Account(Kind(row[7]), *row[8:11])] += row.amount
    return found


def exact(node):
    """Whether the balances are those the transfers make, sum to nought, and no account inside is overdrawn."""
    held = balances(node)
    assert {a: v for a, v in held.items() if v} == {a: v for a, v in summed(node).items() if v}
    assert sum(held.values()) == 0
    assert all(value >= 0 for one, value in held.items() if one.kind not in OUTSIDE)


def enter(node, reference, transfers, digest=b"d", leaf=0):
    with node.store.writing() as connection:
        return book.enter(node.store, connection, book.Entry("payment", reference, digest, leaf, leaf), transfers)


def test_an_entry_is_made_once_and_another_one_under_its_reference_is_refused(node):
    received = revenue.received("T", "LAK", 500)
    assert enter(node, "BANK-1", lambda _: received)
    assert not enter(node, "BANK-1", lambda _: received)
    with pytest.raises(book.OtherEntry, match="another payment was entered under BANK-1"):
        enter(node, "BANK-1", lambda _: received, digest=b"other")
    assert balances(node)[Account(Kind.CREDIT, "LAK", "T")] == 500


def test_what_is_refused_leaves_no_trace(node):
    with pytest.raises(revenue.Overdrawn):
        enter(node, "P", lambda _: revenue.repaid("T", "LAK", 1))
    assert balances(node) == {}
    assert enter(node, "P", lambda _: revenue.received("T", "LAK", 1), digest=b"other"), "its reference is free still"


def test_the_database_itself_refuses_an_overdrawn_account(node):
    wrong = "INSERT INTO accounts (kind, currency, holder, instrument, balance) VALUES ('due', 'LAK', 'M', '', -1)"
    with pytest.raises((IntegrityError, EnvironmentFault), match=r"(?i)never_overdrawn"), node.store.writing() as open_:
        open_.execute(text(wrong))


def test_a_statement_lists_what_touched_an_account_in_order(node):
    enter(node, "A", lambda _: revenue.received("T", "LAK", 700), leaf=1)
    enter(node, "B", lambda b: revenue.assessed(b, "M", "LAK", 300, "T"), leaf=2)
    enter(node, "C", lambda _: revenue.paid("M", "LAK", 300, "T"), leaf=3)
    enter(node, "D", lambda _: revenue.received("OTHER", "LAK", 9), leaf=4)
    credit = Account(Kind.CREDIT, "LAK", "T")
    with node.store.reading() as connection:
        lines = book.statement(connection, credit)
        assert [(line.reference, line.amount) for line in lines] == [("A", 700), ("C", -300)]
        assert lines[1].other == Account(Kind.COLLECTED, "LAK", "M")
        assert [line.reference for line in book.statement(connection, credit, since=2)] == ["C"]


def test_the_instruments_of_a_declaration_are_those_that_hold_something_for_it(node):
    enter(node, "A", lambda _: [*revenue.pledged("G1", "LAK", 5), *revenue.pledged("G2", "LAK", 5)])
    enter(node, "B", lambda _: revenue.secured("M", "LAK", 5, "G2"))
    with node.store.reading() as connection:
        assert book.instruments(connection, "M", "LAK") == ["G2"]


def test_concurrent_entries_leave_the_books_exact(node, request):
    count, seed = request.config.getoption("--entries"), random.randrange(2**32)
    print(f"seed {seed}", file=sys.stderr)
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as threads:
        said = Counter(threads.map(lambda n: entered(node, "C", n, seed), range(count)))
    print(f"{(time.perf_counter() - begun) / count * 1000:.1f} ms for each of {count} entries", file=sys.stderr)
    assert said["entered"] > count / 5
    assert said["refused"] > 0
    assert said["again"] == 0
    exact(node)
    with node.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tables.entries)).scalar_one() == said["entered"]


def test_sigkill_loses_and_repeats_no_entry(settings, edition, request):
    count, seed = request.config.getoption("--entries"), random.randrange(2**32)
    kills = request.config.getoption("--crashes")
    print(f"seed {seed}", file=sys.stderr)
    chance, told, at = random.Random(seed), {}, {"A": 0, "B": 0}
    for life in range(kills + 1):
        last = life == kills
        with ThreadPoolExecutor(len(at)) as threads:
            # each life begins with some of what the one before told, and goes on behind it
            work = [(settings, prefix, range(max(0, begun - 5), count), seed) for prefix, begun in at.items()]
            seconds = [600 if last else chance.random() * 4 for _ in work]
            lives = list(threads.map(lived, work, seconds))
        for prefix, number, what in chain.from_iterable(lives):
            before = told.get((prefix, number))
            assert before not in ("entered", "again") or what == "again", f"{prefix}{number} was entered and is gone"
            told[prefix, number] = what
            at[prefix] = max(at[prefix], number + 1)
    assert set(at.values()) == {count}, "the last life came to the end"
    with quiet(settings, edition) as node:
        exact(node)
        with node.store.reading() as connection:
            there = {row.reference for row in connection.execute(select(tables.entries))}
    assert {f"{prefix}{number}" for (prefix, number), what in told.items() if what != "refused"} == there


def lived(work, seconds):
    """What a process told that did this work until its end, or until it was killed after so many seconds."""
    processes = multiprocessing.get_context("spawn")  # a fork would inherit the locks of Polars' threads
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=keep_books, args=(theirs, *work), daemon=True)
    process.start()
    theirs.close()
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    told = []
    with suppress(EOFError):
        while (said := ours.recv())[1] is not None:
            told.append(said)
    timer.cancel()
    process.kill()
    process.join(20)
    return told


def test_the_acts_of_these_tests_reach_every_kind_of_account():
    kinds = {act(random.Random(n))[0].split()[0] for n in range(100)}
    assert kinds == {"assess", "claim", "receive", "pay", "pledge", "lower", "secure", "call", "repay"}
    assert account("credit", TRADERS[0]).currency == CURRENCY


def test_first_claims_of_a_lot_stand_as_if_each_had_been_entered_by_itself(node):
    def first(reference, amount):
        entry = book.Entry("claim", reference, str(amount).encode(), 1, 1)
        return entry, revenue.Transfer(Account(Kind.ASSESSED, "LAK"), Account(Kind.DUE, "LAK", reference), amount)

    with node.store.writing() as connection:
        book.opened(node.store, connection, [first("M1", 500), first("M2", 0), first("M3", 7)])
    with node.store.writing() as connection:
        book.opened(node.store, connection, [first("M4", 3)])
    held = balances(node)
    assert {account.holder: value for account, value in held.items()} == {"": -510, "M1": 500, "M3": 7, "M4": 3}
    exact(node)
    with node.store.writing() as connection:
        entry, transfer = first("M2", 0)
        assert not book.enter(node.store, connection, entry, lambda _: [transfer]), "an entry of nothing stands too"
