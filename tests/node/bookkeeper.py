"""A process that claims, reserves, pays, calls and repays at random until it is done or killed; what it tells has been
committed."""

import hashlib
import random

from databases import quiet
from landsea.clearance import revenue
from landsea.clearance.revenue import Account, Kind, Overdrawn
from landsea.node import book
from landsea.node.law import edition_in

CURRENCY, TRADERS, INSTRUMENTS = "IDR", ("T1", "T2"), ("G1", "G2")
MRNS = tuple(f"M{n}" for n in range(6))
LARGE = 10**12


def act(chance):
    """Something that moves money, as a function of the balances; what it is, in words that tell one from another."""
    mrn, trader, instrument = chance.choice(MRNS), chance.choice(TRADERS), chance.choice(INSTRUMENTS)
    amount = chance.randrange(1, LARGE)

    def settled(balance):
        paid = revenue.paid(mrn, CURRENCY, amount, trader)
        after = revenue.moved(balance, paid)
        return [*paid, *revenue.freed(lambda a: after.get(a, balance(a)), mrn, CURRENCY, INSTRUMENTS)]

    def called(balance):
        part = min(amount, balance(account("reserved", mrn, instrument)), balance(account("due", mrn)))
        return revenue.called(mrn, CURRENCY, part, instrument, "GUARANTOR")

    claim = revenue.Claim(mrn, CURRENCY, trader)
    choices = {
        "assess": lambda balance: revenue.assessed(balance, mrn, CURRENCY, amount, trader),
        "receive": lambda _: revenue.received(trader, CURRENCY, amount),
        "pay": settled,
        "pledge": lambda _: revenue.pledged(instrument, CURRENCY, amount),
        "secure": lambda _: revenue.secured(mrn, CURRENCY, amount, instrument),
        "repay": lambda _: revenue.repaid(trader, CURRENCY, amount),
        "lower": lambda _: revenue.pledged(instrument, CURRENCY, -amount),
        "call": called,
        "claim": lambda balance: revenue.claimed(balance, claim, amount, INSTRUMENTS),  # frees what it no longer needs
    }
    kind = chance.choice(list(choices))
    return f"{kind} {mrn} {trader} {instrument} {amount}", choices[kind]


def entered(node, prefix, number, seed):
    """The number's act is entered, or refused; the same number is the same act in every life of the process."""
    said, transfers = act(random.Random(f"{seed}{prefix}{number}"))
    entry = book.Entry(said.split()[0], f"{prefix}{number}", hashlib.sha256(said.encode()).digest(), 0, number)
    try:
        with node.store.writing() as connection:
            return "entered" if book.enter(node.store, connection, entry, transfers) else "again"
    except Overdrawn:
        return "refused"


def keep_books(pipe, settings, prefix, numbers, seed):
    """Enters the acts of these numbers one after the other and tells each."""
    with quiet(settings, edition_in()) as node:
        for number in numbers:
            pipe.send((prefix, number, entered(node, prefix, number, seed)))
    pipe.send((prefix, None, "done"))


def account(kind, holder="", instrument=""):
    """An account of the test's currency."""
    return Account(Kind(kind), CURRENCY, holder, instrument)
