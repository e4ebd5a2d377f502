"""Notices: owed with the decision, sent in order until they are taken, and never more than the declarant is told."""

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from databases import quiet
from landsea.clearance.act import ACTS, Act, act_of
from landsea.errors import EnvironmentFault, InputError
from landsea.node import tables
from landsea.node.clock import Clock, micros
from landsea.node.notice import News, owe
from landsea.node.notice_channel import Channels, Unsent, public
from landsea.node.notice_sending import FIRST, LEASE, LONGEST, SECOND, TERM, pause
from landsea.node.settings import Settings
from lodged import PARTY, calm_law, declaration, lodgement, mrn
from sinks import http_sink, mail_sink

ROLES = {"trader": PARTY, "carrier": "port", "officer": "officer-1", "treasury": "bank"}


class Hands:
    """The hands of a clock that tests put forward."""

    def __init__(self):
        self.ahead = 0
        self._machine = Clock()

    def __call__(self):
        return micros(self._machine.now()) + self.ahead


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def sink():
    with http_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos selects nobody."""
    return calm_law(edition)


@pytest.fixture
def node(settings, law, hands):
    """A node that may send to this machine."""
    settings = replace(settings, webhooks="demonstration", public_address="https://node.example")
    with quiet(settings, law, Clock(source=hands)) as node:
        yield node


def lodge(node, reference, kind="IMA"):
    return mrn(node.lodge(lodgement(declaration(reference, kind=kind))).result(60))


def act(node, kind, number, **content):
    role = next(role for role in ROLES if role in ACTS[kind].roles)
    node.acting.act(Act(kind, ROLES[role], role, f"{kind}-{number}", number, act_of(kind, content, role)))


def subscribed(node, sink, party=PARTY, role="trader"):
    return node.sending.subscriptions.make(party, role, "webhook", sink.url)


def sent(node):
    """Everything that is due was tried once; how many notices were settled."""
    total = 0
    while (done := node.sending.once()) > 0:
        total += done
    return total


def owed(node):
    with node.store.reading() as connection:
        return len(connection.execute(select(tables.notices)).all())


def test_a_decision_is_told_to_its_declarant_and_signed(node, sink):
    made = subscribed(node, sink)
    number = lodge(node, "N-1")
    assert sent(node) == 1
    ((path, headers, body),) = sink.came
    told = json.loads(body)
    assert (path, told["type"]) == ("/hook", "declaration.decided")
    assert (told["data"]["mrn"], told["data"]["outcome"], told["data"]["responses"]) == (number, "released", [1, 13, 9])
    assert told["data"]["link"] == f"https://node.example/v1/declarations/{number}"
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert owed(node) == 0


def test_a_notice_says_nothing_of_what_was_decided_in_advance(node, sink):
    subscribed(node, sink)
    number = lodge(node, "N-2", kind="IMD")
    act(node, "intercepted", number, reason="a reason that no trader reads")
    sent(node)
    (told,) = sink.bodies  # the interception before arrival is told to nobody
    assert (told["data"]["state"], told["data"]["outcome"]) == ("registered", "registered")
    act(node, "arrived", number)
    sent(node)
    told = sink.bodies[-1]["data"]
    assert (told["state"], told["outcome"]) == ("examination", "examine")
    for secret in ("intercept", "reason", "profile", "Example", "87089900"):
        assert secret not in json.dumps(sink.bodies)


def test_a_party_hears_of_its_own_declarations_only(node, sink):
    subscribed(node, sink, party="LA0100000666")
    lodge(node, "N-3")
    assert owed(node) == 0


def test_where_nobody_subscribed_nothing_is_owed(node):
    lodge(node, "N-4")
    assert owed(node) == 0
    assert node.sending.once() == -1


def test_a_receiver_that_was_down_hears_everything_in_order_once_it_is_up(node, hands):
    with http_sink() as down:
        subscribed(node, down)
        port = down.port
    numbers = [lodge(node, f"N-5-{n}") for n in range(3)]
    assert sent(node) == 0
    assert node.sending.once() == -1, "it is left alone for a while"
    with http_sink(port) as up:
        hands.ahead += FIRST
        assert sent(node) == 3
        assert [one["data"]["mrn"] for one in up.bodies] == numbers
        assert len(set(up.ids)) == 3
    assert 'landsea_notices{result="delivered"} 3' in node.metrics()


def test_a_refusal_is_tried_again_under_the_same_id_and_holds_back_what_is_behind_it(node, sink, hands):
    subscribed(node, sink)
    numbers = [lodge(node, f"N-6-{n}") for n in range(2)]
    sink.answers = [500, 429, 302, 0]
    for failures in range(1, 5):
        assert sent(node) == 0
        (one,) = node.sending.subscriptions.of(PARTY, "trader")
        assert one.failures == failures
        hands.ahead += FIRST << failures
    assert sent(node) == 2
    assert len(set(sink.ids[:5])) == 1
    assert [one["data"]["mrn"] for one in sink.bodies] == [numbers[0]] * 5 + numbers[1:]
    assert node.sending.subscriptions.of(PARTY, "trader")[0].failures == 0


def test_a_sender_that_dies_before_it_settles_sends_once_more_under_the_same_id(node, sink, hands, monkeypatch):
    subscribed(node, sink)
    lodge(node, "N-7")
    sending = type(node.sending)
    with monkeypatch.context() as broken:
        broken.setattr(sending, "_settled", lambda *_: (_ for _ in ()).throw(EnvironmentFault("killed here")))
        with pytest.raises(EnvironmentFault):
            node.sending.once()
    assert node.sending.once() == -1, "its lease holds"
    hands.ahead += LEASE
    assert sent(node) == 1
    assert len(sink.came) == 2
    assert len(set(sink.ids)) == 1
    assert owed(node) == 0


def test_many_senders_at_once_send_each_notice_once_and_in_order(node, sink):
    subscribed(node, sink)
    numbers = [lodge(node, f"N-8-{n}") for n in range(40)]

    def work():
        while node.sending.once() >= 0 or owed(node):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one["data"]["mrn"] for one in sink.bodies] == numbers
    assert len(set(sink.ids)) == 40


def test_a_notice_too_old_is_given_up_and_counted(node, hands):
    with http_sink() as gone:
        subscribed(node, gone)
    lodge(node, "N-9")
    sent(node)
    assert "landsea_notices_waiting 1" in node.metrics()
    hands.ahead += TERM + LONGEST
    assert f"landsea_notices_oldest_seconds {(TERM + LONGEST) // SECOND}" in node.metrics()
    assert sent(node) == 1
    assert 'landsea_notices{result="expired"} 1' in node.metrics()
    assert owed(node) == 0


def test_what_was_erased_meanwhile_is_not_sent(node, sink):
    subscribed(node, sink)
    number = lodge(node, "N-10")
    node.retention.erase(node.retention.dossier_of(number), "test", node.edition.digest)
    assert sent(node) == 1
    assert sink.came == []


def test_a_subscription_that_ended_hears_nothing_more(node, sink):
    made = subscribed(node, sink)
    lodge(node, "N-11")
    assert not node.sending.subscriptions.end("LA0100000666", "trader", made.id), "it is another's"
    assert node.sending.subscriptions.end(PARTY, "trader", made.id)
    assert (owed(node), sent(node)) == (0, 0)


def test_a_carrier_hears_of_the_release_of_goods_it_brought_and_no_more(node, sink):
    subscribed(node, sink, "port", "carrier")
    lodge(node, "N-12")  # another's
    number = lodge(node, "N-13", kind="IMD")
    act(node, "intercepted", number, reason="x")
    act(node, "arrived", number)
    act(node, "examined", number, findings="as declared", conform=True)
    assert node.register.declared(number).state == "cleared"
    sent(node)
    (told,) = sink.bodies
    assert told["type"] == "goods.released"
    assert set(told["data"]) == {"mrn", "record", "state", "link"}
    assert told["data"]["mrn"] == number


def test_an_agency_hears_of_declarations_that_wait_for_it(node, sink):
    subscribed(node, sink, "QUARANTINE", "agency")
    asked = News("M1", PARTY, "awaiting", "duties agency/FOOD agency/QUARANTINE", 7, 2)
    others = News("M2", PARTY, "awaiting", "agency/FOOD", 9, 2)
    with node.store.writing() as connection:
        owe(node.store, connection, [asked, others], 0)
        owed = connection.execute(select(tables.notices)).all()
    assert [(one.mrn, one.kind, one.leaf) for one in owed] == [("M1", "declaration.awaits", 7)]


def test_a_sender_gives_up_in_time_what_it_cannot_finish_under_its_lease(node, sink, hands, monkeypatch):
    subscribed(node, sink)
    for n in range(3):
        lodge(node, f"N-15-{n}")
    slow = Channels.send

    def slowly(self, *said):
        slow(self, *said)
        hands.ahead += LEASE // 4

    with monkeypatch.context() as slowed:
        slowed.setattr(Channels, "send", slowly)
        assert node.sending.once() == 2
    (one,) = node.sending.subscriptions.of(PARTY, "trader")
    assert one.failures == 0, "it was not refused"
    assert sent(node) == 1
    assert len(set(sink.ids)) == len(sink.came) == 3


def test_a_commit_that_fails_owes_nothing(node, sink, monkeypatch):
    subscribed(node, sink)
    from landsea.node import counters

    with monkeypatch.context() as broken:
        broken.setattr(counters, "count", lambda *_: (_ for _ in ()).throw(EnvironmentFault("the disk is full")))
        with pytest.raises(EnvironmentFault):
            node.lodge(lodgement(declaration("N-14", kind="IMA"))).result(60)
    assert owed(node) == 0


def test_where_notices_go_lies_sealed(node, sink):
    made = subscribed(node, sink)
    with node.store.reading() as connection:
        (row,) = connection.execute(select(tables.subscriptions)).all()
    assert sink.url.encode() not in bytes(row.sealed)
    assert made.secret not in str(row)
    assert node.sending.subscriptions.of(PARTY, "trader")[0].secret is None


@pytest.mark.parametrize(
    ("role", "channel", "target", "why"),
    [
        ("officer", "webhook", "https://example.com/", "the role officer has no notices"),
        ("trader", "pigeon", "x", "there is no channel"),
        ("trader", "email", "a@example.com", "has not set mail_relay"),
        ("trader", "sms", "+8562012345678", "has not set sms_gateway"),
        ("trader", "webhook", "ftp://example.com/", "an https address"),
        ("trader", "webhook", "http://example.com/", "https addresses only"),
        ("trader", "webhook", "https://me:secret@example.com/", "without user name"),
        ("trader", "webhook", "https://10.0.0.1/", "private"),
        ("trader", "webhook", "https://[::1]/", "private"),
        ("trader", "webhook", "https://169.254.169.254/latest", "private"),
        ("trader", "webhook", "https://[::ffff:192.168.1.1]/", "private"),
    ],
)
def test_a_subscription_that_leads_nowhere_good_is_refused(node, role, channel, target, why):
    with pytest.raises(InputError, match=why):
        node.sending.subscriptions.make(PARTY, role, channel, target)


def test_a_party_has_a_limit_of_subscriptions(node, sink):
    for _ in range(10):
        subscribed(node, sink)
    with pytest.raises(InputError, match="the most a party may have"):
        subscribed(node, sink)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
     "240.0.0.1", "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
     "2002:a00:1::1"],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_an_address_of_the_open_internet_is_public(address):
    assert public(address)


def test_a_name_that_leads_inside_is_refused_when_it_is_used(sink, monkeypatch, tmp_path):
    import socket

    from landsea.node.notice import Told
    from landsea.node.notice_subscription import Opened

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", sink.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found + inside)
    channels = Channels(Settings(data=tmp_path), Clock())
    notice = Told("id", "declaration.decided", "2026-11-22T00:00:00+00:00", {"mrn": "M"})
    with pytest.raises(Unsent, match="private"):
        channels.send(notice, Opened("webhook", "https://rebound.example/", b"k"))
    assert sink.came == []


def test_pauses_double_up_to_an_hour_and_differ_between_subscriptions():
    pauses = [pause(n, "a") for n in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pause(0, "a") == 0
    assert LONGEST * 3 // 4 <= pauses[-1] <= LONGEST
    assert len({pause(3, str(n)) for n in range(50)}) > 10


def test_a_notice_goes_by_mail_with_the_number_and_nothing_else(settings, law):
    with mail_sink() as (relay, came):
        chosen = replace(settings, mail_relay=relay, mail_sender="customs@node.example")
        with quiet(chosen, law) as node:
            node.sending.subscriptions.make(PARTY, "trader", "email", "broker@example.com")
            number = lodge(node, "N-20", kind="IMD")
            assert sent(node) == 1
        ((sender, to, text),) = came
    assert (sender, to) == ("<customs@node.example>", ["<broker@example.com>"])
    assert f"Subject: Customs LA: {number}" in text
    assert f"Customs LA: {number}: registered." in text
    for personal in ("Example", PARTY, "87089900", "N-20"):
        assert personal not in text


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"to": "{to}", "text": "{text}"}', '{"to": "+8562012345678", "text": "Customs LA: %s: cleared."}'),
        ("to={to}&text={text}", "to=%%2B8562012345678&text=Customs+LA%%3A+%s%%3A+cleared."),
    ],
)
def test_a_text_message_goes_to_the_gateway_in_the_form_it_wants(settings, law, sink, template, expected):
    more = {"sms_gateway": sink.url + "?to={to}", "sms_body": template, "sms_authorization": "Bearer gateway"}
    with quiet(replace(settings, **more), law) as node:
        node.sending.subscriptions.make(PARTY, "trader", "sms", "+8562012345678")
        number = lodge(node, "N-21")
        assert sent(node) == 1
    ((path, headers, body),) = sink.came
    assert path == "/hook?to=%2B8562012345678"
    assert headers["Authorization"] == "Bearer gateway"
    assert body.decode() == expected % number
