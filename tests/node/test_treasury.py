"""The treasury: instruments of security, deferred payment, lines of the bank and statements, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collecting import act, claim, collecting_law, held, institute, kip, lodge, register, stands
from databases import quiet
from landsea.clearance.act import Refused
from landsea.clearance.revenue import MOST, Account, Kind, Overdrawn, moved, pledged
from landsea.errors import InputError
from landsea.node.acting import OtherAct
from landsea.node.bank import lines_in
from landsea.node.clock import Clock, micros
from landsea.node.statement import statement
from lodged import PARTY, declaration, lodgement, mrn

HEAD = "reference,amount,currency,about\n"


@pytest.fixture(scope="module")
def law(edition):
    return collecting_law(edition)


@pytest.fixture
def node(settings, law):
    """A node that collects before it releases."""
    with quiet(settings, law) as opened:
        yield opened


def later(settings, law, days):
    """The same node, so many days later."""
    then = micros(datetime.now(UTC) + timedelta(days=days))
    return quiet(settings, law, Clock(source=lambda: then))


def stated(node, operator=PARTY, period=(None, None)):
    with node.store.reading() as connection:
        return statement(connection, operator, node.treasury.law, period)


def confirm(node, text):
    return [(one.reference, one.outcome, one.reason) for one in node.treasury.confirm(lines_in(text.encode()))]


def refused(made, *said, **more):
    with pytest.raises(Refused) as found:
        made(*said, **more)
    return found.value.reason


def test_an_instrument_is_worth_what_was_registered_raised_and_lowered(node):
    register(node, "G1", 1_000)
    institute(node, "raised", "G1", **kip(500))
    institute(node, "lowered", "G1", **kip(200))
    (one,) = node.treasury.instruments(PARTY)
    assert (one.free, one.reserved, one.secures) == ("1300", "0", ())
    assert refused(institute, node, "lowered", "G1", "L2", **kip(1_301)) == "overdrawn"
    assert refused(register, node, "G1", 5, reference="again") == "instrument-known"
    assert refused(institute, node, "raised", "G9", **kip(1)) == "unknown-instrument"


def test_the_same_word_of_the_treasury_counts_once_and_another_one_under_its_reference_not_at_all(node):
    first = register(node, "G1", 1_000)
    again = register(node, "G1", 1_000)
    assert (again.receipt, again.repeated) == (first.receipt, True)
    with pytest.raises(OtherAct):
        register(node, "G1", 2_000)


def test_security_is_given_on_ones_own_instrument_within_its_balance_and_before_its_last_day(node):
    number = lodge(node, "L1")
    due = held(node, "due", number)
    register(node, "OTHERS", due, holder="LA0100000666")
    register(node, "SMALL", due - 1)
    register(node, "GONE", due)
    institute(node, "expired", "GONE", reason="the bank withdrew it")
    offers = {"OTHERS": "unknown-instrument", "NONE": "unknown-instrument", "SMALL": "overdrawn", "GONE": "expired"}
    for instrument, reason in offers.items():
        assert refused(act, node, "secured", number, f"S-{instrument}", **kip(due), instrument=instrument) == reason
    register(node, "OWN", due)
    act(node, "secured", number, **kip(due), instrument="OWN")
    assert stands(node, number) == ("released", "")
    (own,) = [one for one in node.treasury.instruments(PARTY) if one.pledge.name == "OWN"]
    assert (own.free, own.reserved, [one["mrn"] for one in own.secures]) == ("0", str(due), [number])


def test_an_instrument_past_its_last_day_secures_what_it_secured_and_nothing_new(settings, law, node):
    register(node, "G1", 10**12, last_day=str((node.clock.now() + timedelta(days=3)).date()))
    first, second = lodge(node, "L1"), lodge(node, "L2")
    act(node, "secured", first, **kip(held(node, "due", first)), instrument="G1")
    with later(settings, law, 5) as after:
        assert refused(act, after, "secured", second, **kip(1), instrument="G1") == "expired"
        assert held(after, "reserved", first, "G1") == held(after, "due", first) > 0


def test_a_deferment_account_lets_goods_go_and_falls_due_on_its_statements_day(settings, law, node):
    register(node, "DAN-1", 10**9, form="deferment", guarantor="BANK OF X")
    number = lodge(node, "L1")
    assert stands(node, number) == ("released", "")
    (account,) = node.treasury.instruments(PARTY)
    today = node.clock.now().astimezone(UTC) + timedelta(hours=7)
    month = (today.replace(day=1) + timedelta(days=32)).date().replace(day=15)
    assert account.secures == ({"mrn": number, "amount": str(claim(node, number)), "falls_due": str(month)},)
    assert not node.treasury.overdue()
    with later(settings, law, 50) as after:
        assert [one.mrn for one in after.treasury.overdue()] == [number]


def test_what_a_deferment_account_has_not_left_waits_for_payment(node):
    number = lodge(node, "L1")
    register(node, "DAN-1", held(node, "due", number), form="deferment")
    first = lodge(node, "L2")
    assert stands(node, first) == ("released", "")
    second = lodge(node, "L3")
    assert stands(node, second) == ("awaiting", "duties")
    act(node, "settled", first, **kip(held(node, "due", first)))
    assert stands(node, first) == ("cleared", "")
    assert stands(node, lodge(node, "L4")) == ("released", ""), "the account is free again"


def test_what_was_lodged_early_is_covered_by_the_account_and_goes_as_it_arrives(node):
    register(node, "DAN-1", 10**9, form="deferment")
    number = lodge(node, "L1", kind="IMD")
    assert stands(node, number) == ("advance-release", "arrival")
    act(node, "arrived", number)
    assert stands(node, number) == ("released", "")


def test_an_overdue_claim_is_called_from_the_guarantor_once(settings, law, node):
    number = lodge(node, "L1")
    due = held(node, "due", number)
    register(node, "G1", due + 5, guarantor="BANK OF X")
    act(node, "secured", number, **kip(due), instrument="G1")
    assert refused(act, node, "called", number, instrument="G1") == "not-overdue"
    with later(settings, law, 31) as after:
        (one,) = after.treasury.overdue()
        assert not after.treasury.call(one).repeated
        assert after.treasury.call(one).repeated
        assert stands(after, number) == ("cleared", "")
        assert (held(after, "due", number), held(after, "collected", number)) == (0, due)
        assert (held(after, "free", "G1"), held(after, "reserved", number, "G1")) == (5, 0)
        assert not after.treasury.overdue()


def test_lines_of_the_bank_are_booked_once_each_and_those_that_pay_nothing_are_told(node):
    one, two = lodge(node, "L1"), lodge(node, "L2")
    due = held(node, "due", one)
    text = f'{HEAD}B1,{due},LAK,"duty for {one}, thanks"\nB2,{due},LAK,L2\n'
    text += f"B3,7,LAK,nobody\nB4,7,USD,{one}\nB5,7,LAK,{one}\n"
    told = confirm(node, text)
    assert told[:2] == [("B1", "booked", ""), ("B2", "booked", "")]
    assert told[2:] == [
        ("B3", "unmatched", "unknown"),
        ("B4", "unmatched", "currency"),
        ("B5", "unmatched", "nothing-due"),
    ]
    assert stands(node, one) == stands(node, two) == ("cleared", "")
    assert [outcome for _, outcome, _ in confirm(node, text)] == ["repeated"] * 2 + ["unmatched"] * 3
    assert confirm(node, f"{HEAD}B1,{due + 1},LAK,{one}\n") == [("B1", "unmatched", "other-line")]
    assert held(node, "collected", one) == due


def test_a_line_that_names_an_account_pays_what_falls_due_first_and_the_rest_is_credit(node):
    register(node, "DAN-1", 10**9, form="deferment")
    numbers = [lodge(node, reference) for reference in ("L1", "L2")]
    due = claim(node, numbers[0])
    assert confirm(node, f"{HEAD}B1,{due},LAK,account DAN-1\n") == [("B1", "booked", "")]
    assert sorted(stands(node, one)[0] for one in numbers) == ["cleared", "released"]
    assert confirm(node, f"{HEAD}B2,{due + 9},LAK,DAN-1\n") == [("B2", "booked", "")]
    assert {stands(node, one)[0] for one in numbers} == {"cleared"}
    assert (held(node, "credit", PARTY), held(node, "free", "DAN-1")) == (9, 10**9)


@pytest.mark.parametrize(
    "text",
    [
        "reference,amount\nB1,5\n",
        HEAD + "B1,-5,LAK,x\n",
        HEAD + "B1,five,LAK,x\n",
        HEAD + ",5,LAK,x\n",
        HEAD + "B1,5,LAK,x\nB1,6,LAK,x\n",
        "[1]",
        "[{",
        '[{"reference": "B1"}]',
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole(text):
    with pytest.raises(InputError):
        lines_in(text.encode())


def test_lines_come_as_json_too_and_with_semicolons():
    json = b'[{"reference": "B1", "amount": "5", "currency": "LAK", "about": "x"}]'
    assert lines_in(json) == lines_in(b"currency;about;reference;amount;more\nLAK;x;B1;5;y\n")


def test_a_statement_adds_up_to_what_the_books_hold(node):
    register(node, "DAN-1", 10**9, form="deferment")
    one, two = lodge(node, "L1", price="100.00"), lodge(node, "L2")
    due = claim(node, one)
    act(node, "settled", one, "P1", **kip(due + 40))
    act(node, "repaid", one, **kip(15))
    found = stated(node)
    assert next((line.kind, line.amount) for line in found.lines if line.mrn == one) == ("claim", -due)
    assert found.closing == held(node, "credit", PARTY) - held(node, "due", one) - held(node, "due", two)
    assert found.opening + sum(line.amount for line in found.lines) == found.closing
    today = (node.clock.now() + timedelta(hours=7)).date()
    assert stated(node, period=(today, today)).lines == found.lines
    after = stated(node, period=(today + timedelta(days=1), None))
    assert (after.opening, after.lines) == (found.closing, ())
    before = stated(node, period=(None, today - timedelta(days=1)))
    assert (before.closing, before.lines) == (0, ())
    assert stated(node, "LA0100000666").closing == 0
    assert found.table().splitlines()[-1].endswith(str(found.closing))


def test_reservations_at_once_never_exceed_the_instrument(node):
    numbers = [lodge(node, f"L{n}") for n in range(6)]
    due = held(node, "due", numbers[0])
    register(node, "G1", due * 4)

    def secure(number):
        try:
            act(node, "secured", number, **kip(due), instrument="G1")
        except Refused as refusal:
            return refusal.reason
        return "secured"

    with ThreadPoolExecutor(6) as desks:
        said = sorted(desks.map(secure, numbers))
    assert said == ["overdrawn"] * 2 + ["secured"] * 4
    assert held(node, "free", "G1") == 0


def test_whoever_calls_a_declaration_as_anothers_account_has_nothing_paid_from_it(node):
    register(node, "DEF1", 10**9, form="deferment")
    lodge(node, "L1")
    node.treasury.defer()
    theirs = replace(lodgement(declaration("DEF1", kind="IMA")), sender="ANOTHER")
    number = mrn(node.lodge(theirs).result(60))
    assert confirm(node, f"{HEAD}B1,1000,LAK,DEF1\n") == [("B1", "unmatched", "several")]
    assert held(node, "collected", number) == 0


def test_a_statement_goes_on_to_the_last_day_of_the_calendar(node):
    assert stated(node, period=(None, date.max)).closing == stated(node).closing


def test_claims_beyond_all_reason_leave_room_in_the_books_for_those_of_others(node):
    text = declaration("L1", "99999999999.99", "IMA").decode()
    item = text[text.index("<GovernmentAgencyGoodsItem>") : text.index("<Importer>")]
    many = "".join(item.replace("Numeric>1<", f"Numeric>{n}<", 1) for n in range(1, 301))
    text = text.replace(item, many).replace("<GoodsItemQuantity>1<", "<GoodsItemQuantity>300<")
    text = text.replace("<TotalPackageQuantity>20<", "<TotalPackageQuantity>6000<")
    number = lodge(node, "L1", body=text.encode())
    assert held(node, "due", number) == MOST
    assert stands(node, lodge(node, "L2"))[0] == "awaiting"


def test_the_books_refuse_what_they_cannot_hold():
    full = Account(Kind.FREE, "LAK", "G")
    held_there = {full: 2**63 - 10, Account(Kind.PLEDGED, "LAK"): 10 - 2**63}
    with pytest.raises(Overdrawn):
        moved(lambda one: held_there.get(one, 0), pledged("G", "LAK", 10))
    assert moved(lambda one: held_there.get(one, 0), pledged("G", "LAK", 9))[full] == 2**63 - 1
