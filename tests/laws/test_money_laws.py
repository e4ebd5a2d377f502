"""Whatever is done to declarations and instruments in any order, the books balance and claims are as determined."""

from collections import Counter
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from landsea.clearance import revenue
from landsea.clearance.act import ACTS, Act, Refused, act_of
from landsea.clearance.change import Standing
from landsea.clearance.instrument import Held, content_of, instituted
from landsea.clearance.revenue import OUTSIDE, Account, Claim, Kind
from landsea.clearance.ruling import rule as ruled
from landsea.clearance.state import State
from landsea.clearance.supplement import shared
from landsea.declaration.stage import Control

TODAY = date(2026, 11, 22)
MRNS, TRADERS, NAMES = ("M1", "M2"), ("T1", "T2"), ("G1", "G2")
DEBTOR = {"M1": "T1", "M2": "T2"}
KINDS = st.sampled_from(["registered", "raised", "lowered"])
AMOUNTS = st.integers(0, 300)
MRN, NAME = st.sampled_from(MRNS), st.sampled_from(NAMES)


class Treasury(RuleBasedStateMachine):
    """Two declarations and two instruments, as the node keeps them."""

    def __init__(self):
        super().__init__()
        self.books, self.pledges, self.claims = Counter(), {}, {}
        self.states = dict.fromkeys(MRNS, (State.AWAITING, ("duties",), Control.NONE))
        self.overdue = set()

    def balance(self, account):
        return self.books[account]

    def make(self, transfers):
        after = revenue.moved(self.balance, transfers)
        self.books.update({account: now - self.books[account] for account, now in after.items()})

    @property
    def coins(self):
        return Standing("", "", State.AWAITING, (), Control.NONE, "LAK", 0, self.balance)

    def standing(self, mrn):
        reserved = [n for n in NAMES if self.books[Account(Kind.RESERVED, "LAK", mrn, n)]]
        own = {n: one for n, one in self.pledges.items() if one.holder == DEBTOR[mrn] or n in reserved}
        more = {"pledges": own, "today": TODAY, "overdue": frozenset(set(reserved) & self.overdue)}
        state, conditions, control = self.states[mrn]
        return Standing(mrn, DEBTOR[mrn], state, conditions, control, "LAK", 0, self.balance, reserved, **more)

    def act(self, kind, mrn, content, claimed=None):
        before = self.standing(mrn)
        role = max(ACTS[kind].roles)
        actor = DEBTOR[mrn] if role == "trader" else "A"
        try:
            ruling = ruled(Act(kind, actor, role, "R", mrn, act_of(kind, content, role)), before)
        except Refused:
            return
        self.make(ruling.transfers)
        self.states[mrn] = (ruling.state, ruling.conditions, ruling.control)
        if claimed is not None:
            self.claims[mrn] = claimed

    @initialize(first=AMOUNTS, second=AMOUNTS)
    def lodged(self, first, second):
        for mrn, amount in zip(MRNS, (first, second), strict=True):
            self.make(revenue.claimed(self.balance, Claim(mrn, "LAK", DEBTOR[mrn]), amount, ()))
            self.claims[mrn] = amount

    @rule(name=NAME, holder=st.sampled_from(TRADERS), amount=AMOUNTS, kind=KINDS)
    def instrument(self, name, holder, amount, kind):
        said = {"instrument": name, "amount": str(amount), "currency": "LAK"}
        if kind == "registered":
            said |= {"form": "bank", "holder": holder, "last_day": "2026-12-31", "guarantor": "BANK"}
        held = Held(self.pledges.get(name), self.balance, self.coins, TODAY)
        try:
            self.pledges[name], transfers = instituted(kind, content_of(kind, said), held)
        except Refused:
            return
        self.make(transfers)

    @rule(mrn=MRN, amount=AMOUNTS, kind=st.sampled_from(["paid", "settled", "repaid"]))
    def money(self, mrn, amount, kind):
        self.act(kind, mrn, {"amount": str(amount), "currency": "LAK"})

    @rule(mrn=MRN, name=NAME, amount=AMOUNTS)
    def secure(self, mrn, name, amount):
        self.act("secured", mrn, {"amount": str(amount), "currency": "LAK", "instrument": name})

    @rule(mrn=MRN, name=NAME)
    def call(self, mrn, name):
        self.overdue.add(name)
        self.act("called", mrn, {"instrument": name})

    @rule(mrn=MRN, claim=AMOUNTS)
    def audit(self, mrn, claim):
        if self.states[mrn][0] in (State.RELEASED, State.CLEARED):
            self.act("audited", mrn, {"findings": "x", "claim": str(claim)}, claim)

    @rule(mrn=MRN, claim=AMOUNTS)
    def grant(self, mrn, claim):
        state, conditions, control = self.states[mrn]
        if state in (State.RELEASED, State.CLEARED):
            self.states[mrn] = (State.AMENDMENT_REQUESTED, conditions, control)
            self.act("granted", mrn, {"claim": str(claim)}, claim)

    @rule(total=AMOUNTS)
    def supplement(self, total):
        """As if the second supplemented the first."""
        if any(state is State.CLEARED for state, _, _ in self.states.values()):
            return
        firsts, own = [Claim("M1", "LAK", "T1")], Claim("M2", "LAK", "T2")
        self.make(shared(self.balance, own, total, firsts))
        self.claims = {mrn: self.claim(mrn) for mrn in MRNS}
        assert sum(self.claims.values()) == total

    def claim(self, mrn):
        return sum(self.books[Account(kind, "LAK", mrn)] for kind in (Kind.DUE, Kind.COLLECTED))

    @invariant()
    def the_books_balance(self):
        assert sum(self.books.values()) == 0

    @invariant()
    def none_but_the_outside_is_overdrawn(self):
        assert all(held >= 0 for account, held in self.books.items() if account.kind not in OUTSIDE)

    @invariant()
    def claims_are_what_was_determined_last(self):
        assert {mrn: self.claim(mrn) for mrn in self.claims} == self.claims

    @invariant()
    def what_is_reserved_is_never_more_than_was_pledged(self):
        for name in self.pledges:
            free = self.books[Account(Kind.FREE, "LAK", name)]
            reserved = sum(self.books[Account(Kind.RESERVED, "LAK", mrn, name)] for mrn in MRNS)
            assert free >= 0 <= reserved

    @invariant()
    def nobody_secures_on_anothers_instrument(self):
        for mrn in MRNS:
            for name, pledge in self.pledges.items():
                assert not self.books[Account(Kind.RESERVED, "LAK", mrn, name)] or pledge.holder == DEBTOR[mrn]

    @invariant()
    def nothing_is_cleared_while_anything_is_due(self):
        for mrn in MRNS:
            assert self.states[mrn][0] is not State.CLEARED or not self.books[Account(Kind.DUE, "LAK", mrn)]


TestTreasury = Treasury.TestCase
TestTreasury.settings = settings(max_examples=60, stateful_step_count=30)
