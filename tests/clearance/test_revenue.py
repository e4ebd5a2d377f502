"""The books: what is claimed, secured, paid and repaid always balances, and no account is ever overdrawn."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from landsea.clearance import revenue
from landsea.clearance.revenue import OUTSIDE, Account, Cover, Kind, Overdrawn

MRN, TRADER, INSTRUMENT = "26LA1", "TRADER", "G1"
BOOKS = ({Kind.ASSESSED, Kind.DUE}, {Kind.BANK, Kind.CREDIT, Kind.COLLECTED}, {Kind.PLEDGED, Kind.FREE, Kind.RESERVED})


class Books:
    """Accounts in memory, as the node keeps them in its database."""

    def __init__(self):
        self.held = Counter()

    def balance(self, account):
        return self.held[account]

    def make(self, transfers):
        self.held.update({a: after - self.held[a] for a, after in revenue.moved(self.balance, transfers).items()})

    def assess(self, amount, mrn=MRN):
        self.make(revenue.assessed(self.balance, mrn, "LAK", amount, TRADER))

    def of(self, kind, holder=MRN, instrument=""):
        return self.held[Account(kind, "LAK", holder, instrument)]

    def cover(self, mrn=MRN):
        return revenue.cover(self.balance, mrn, "LAK", [INSTRUMENT])


@pytest.fixture
def books():
    return Books()


def test_what_is_assessed_is_due_until_it_is_paid(books):
    books.assess(9_000_000_000_000)
    assert (books.of(Kind.DUE), books.cover()) == (9_000_000_000_000, Cover.OPEN)
    books.make(revenue.received(TRADER, "LAK", 9_000_000_000_001))
    books.make(revenue.paid(MRN, "LAK", 9_000_000_000_000, TRADER))
    assert (books.of(Kind.DUE), books.of(Kind.CREDIT, TRADER), books.cover()) == (0, 1, Cover.PAID)


def test_a_reservation_covers_what_is_due_and_is_free_once_it_is_paid(books):
    books.make(revenue.pledged(INSTRUMENT, "LAK", 500))
    books.assess(400)
    books.make(revenue.secured(MRN, "LAK", 400, INSTRUMENT))
    assert (books.cover(), books.of(Kind.FREE, INSTRUMENT)) == (Cover.SECURED, 100)
    books.make(revenue.received(TRADER, "LAK", 400))
    books.make(revenue.paid(MRN, "LAK", 300, TRADER))
    books.make(revenue.freed(books.balance, MRN, "LAK", [INSTRUMENT]))
    assert (books.cover(), books.of(Kind.FREE, INSTRUMENT)) == (Cover.SECURED, 400)
    books.make(revenue.paid(MRN, "LAK", 100, TRADER))
    books.make(revenue.freed(books.balance, MRN, "LAK", [INSTRUMENT]))
    assert (books.cover(), books.of(Kind.FREE, INSTRUMENT)) == (Cover.PAID, 500)


def test_a_retroactive_proof_of_origin_gives_back_what_was_paid_beyond_the_claim(books):
    books.assess(1000)
    books.make(revenue.received(TRADER, "LAK", 700))
    books.make(revenue.paid(MRN, "LAK", 700, TRADER))
    books.assess(200)  # 300 were still due and are waived first, 500 of what was paid come back
    assert (books.of(Kind.DUE), books.of(Kind.COLLECTED), books.of(Kind.CREDIT, TRADER)) == (0, 200, 500)
    books.make(revenue.repaid(TRADER, "LAK", 500))
    assert books.of(Kind.BANK, "") == -200


def test_a_guarantee_that_is_called_pays_and_is_worth_less(books):
    books.make(revenue.pledged(INSTRUMENT, "LAK", 500))
    books.assess(400)
    books.make(revenue.secured(MRN, "LAK", 400, INSTRUMENT))
    books.make(revenue.called(MRN, "LAK", 400, INSTRUMENT, "BANK OF X"))
    assert (books.cover(), books.of(Kind.FREE, INSTRUMENT), books.of(Kind.PLEDGED, "")) == (Cover.PAID, 100, -100)


@pytest.mark.parametrize(
    "asked",
    [
        revenue.paid(MRN, "LAK", 1, TRADER),
        revenue.secured(MRN, "LAK", 1, INSTRUMENT),
        revenue.repaid(TRADER, "LAK", 1),
        revenue.pledged(INSTRUMENT, "LAK", -1),
    ],
    ids=["paid without credit", "secured beyond the instrument", "repaid without credit", "withdrawn beyond free"],
)
def test_nothing_is_taken_from_an_account_that_does_not_hold_it(books, asked):
    with pytest.raises(Overdrawn, match="holds 0 LAK"):
        books.make(asked)
    assert not any(books.held.values())


def test_more_than_is_due_cannot_be_paid_though_the_credit_is_there(books):
    books.assess(10)
    books.make(revenue.received(TRADER, "LAK", 50))
    with pytest.raises(Overdrawn, match="account due of 26LA1 holds 10"):
        books.make(revenue.paid(MRN, "LAK", 11, TRADER))
    assert books.of(Kind.CREDIT, TRADER) == 50


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_below_one_moves_nothing(books, amount):
    made = revenue.Transfer(Account(Kind.BANK, "LAK"), Account(Kind.CREDIT, "LAK", TRADER), amount)
    with pytest.raises(ValueError, match="cannot be made"):
        books.make([made])


AMOUNTS = st.integers(0, 10**13)
MRNS = st.sampled_from(["M1", "M2", "M3"])


class AnySequence(RuleBasedStateMachine):
    """Whatever is asked, in whatever order: the books balance, and what is refused changed nothing."""

    def __init__(self):
        super().__init__()
        self.books, self.claimed = Books(), Counter()

    def _try(self, transfers):
        before = dict(self.books.held)
        try:
            self.books.make(transfers)
        except Overdrawn:
            assert {a: v for a, v in self.books.held.items() if v} == {a: v for a, v in before.items() if v}

    @rule(mrn=MRNS, amount=AMOUNTS)
    def assess(self, mrn, amount):
        self.books.assess(amount, mrn)
        self.claimed[mrn] = amount

    @rule(amount=AMOUNTS)
    def receive(self, amount):
        self._try(revenue.received(TRADER, "LAK", amount))

    @rule(mrn=MRNS, amount=AMOUNTS)
    def pay(self, mrn, amount):
        self._try(revenue.paid(mrn, "LAK", amount, TRADER))
        self.books.make(revenue.freed(self.books.balance, mrn, "LAK", [INSTRUMENT]))

    @rule(amount=st.integers(-(10**13), 10**13))
    def pledge(self, amount):
        self._try(revenue.pledged(INSTRUMENT, "LAK", amount))

    @rule(mrn=MRNS, amount=AMOUNTS)
    def secure(self, mrn, amount):
        self._try(revenue.secured(mrn, "LAK", amount, INSTRUMENT))

    @rule(amount=AMOUNTS)
    def repay(self, amount):
        self._try(revenue.repaid(TRADER, "LAK", amount))

    @rule(mrn=MRNS, amount=AMOUNTS)
    def call(self, mrn, amount):
        self._try(revenue.called(mrn, "LAK", amount, INSTRUMENT, "GUARANTOR"))

    @invariant()
    def every_book_sums_to_nought(self):
        for kinds in BOOKS:
            assert sum(v for a, v in self.books.held.items() if a.kind in kinds) == 0

    @invariant()
    def nothing_inside_is_negative(self):
        assert all(v >= 0 for a, v in self.books.held.items() if a.kind not in OUTSIDE)

    @invariant()
    def each_claim_is_either_due_or_collected(self):
        for mrn, amount in self.claimed.items():
            assert self.books.of(Kind.DUE, mrn) + self.books.of(Kind.COLLECTED, mrn) == amount


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
