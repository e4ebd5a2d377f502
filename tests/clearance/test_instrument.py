"""Instruments of security: when what they secure is to be paid, and what may not be done to them."""

from datetime import date

import pytest

from landsea.clearance.act import Refused
from landsea.clearance.instrument import Held, content_of, falls_due, instituted
from landsea.clearance.pledge import Pledge
from landsea.clearance.revenue import Account, Kind

TODAY = date(2026, 11, 22)
PLEDGE = Pledge("G", "bank", "T", "BANK", "LAK", date(2026, 12, 31))


class Kip:
    currency, places = "LAK", 0


def done(kind, pledge=PLEDGE, free=100, **said):
    balance = {Account(Kind.FREE, "LAK", "G"): free}
    held = Held(pledge, lambda account: balance.get(account, 0), Kip(), TODAY)
    return instituted(kind, content_of(kind, {"instrument": "G", **said}), held)


@pytest.mark.parametrize(
    ("form", "on", "terms", "due"),
    [
        ("bank", date(2026, 11, 22), {"secured_days": 30}, date(2026, 12, 22)),
        ("cash", date(2026, 11, 22), {}, date(2026, 12, 22)),
        ("deferment", date(2026, 11, 1), {"statement_day": 15}, date(2026, 12, 15)),
        ("deferment", date(2026, 11, 30), {"statement_day": 15}, date(2026, 12, 15)),
        ("deferment", date(2026, 12, 1), {"statement_day": 15}, date(2027, 1, 15)),
        ("deferment", date(2027, 1, 31), {"statement_day": 31}, date(2027, 2, 28)),
        ("deferment", date(2026, 11, 1), {}, date(2026, 12, 15)),
    ],
)
def test_the_last_day_to_pay_what_was_reserved(form, on, terms, due):
    assert falls_due(form, on, terms) == due


def test_what_ends_is_good_no_more_and_what_was_reserved_stays():
    pledge, transfers = done("expired", reason="withdrawn")
    assert (pledge.last_day, transfers) == (date(2026, 11, 21), [])


REGISTRATION = {"form": "bank", "holder": "T", "amount": "5", "currency": "LAK"}


@pytest.mark.parametrize(
    ("kind", "said", "pledge", "reason"),
    [
        ("registered", {**REGISTRATION, "last_day": "2026-12-31"}, PLEDGE, "instrument-known"),
        ("registered", {**REGISTRATION, "last_day": "2026-11-21"}, None, "expired"),
        ("raised", {"amount": "5", "currency": "LAK"}, None, "unknown-instrument"),
        ("raised", {"amount": "0", "currency": "LAK"}, PLEDGE, "nothing-due"),
        ("lowered", {"amount": "101", "currency": "LAK"}, PLEDGE, "overdrawn"),
        ("lowered", {"amount": "1.5", "currency": "LAK"}, PLEDGE, "fraction"),
        ("lowered", {"amount": "1", "currency": "USD"}, PLEDGE, "currency"),
        ("expired", {"reason": "x"}, PLEDGE._replace(last_day=date(2026, 11, 1)), "expired"),
        ("melted", {}, PLEDGE, "unknown-kind"),
        ("raised", {"amount": "-1", "currency": "LAK"}, PLEDGE, "content"),
        ("registered", {**REGISTRATION, "last_day": "soon"}, None, "content"),
    ],
)
def test_what_may_not_be_done_is_refused_with_its_reason(kind, said, pledge, reason):
    with pytest.raises(Refused) as refused:
        done(kind, pledge, **said)
    assert refused.value.reason == reason
