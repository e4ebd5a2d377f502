"""Channels: how a notice reaches its party: by webhook, by e-mail, as a text message. Each sends one, or raises Unsent.

A webhook is a POST of JSON, signed as Standard Webhooks says (HMAC-SHA256 over id, instant and body). It goes to public
addresses only: the name is resolved here, every address it has is looked at, and the connection is made to the very
address that was, so that no name can lead into the operator's own network; redirections are not followed. E-mail goes
through the operator's relay, text messages through the operator's gateway, and both carry the number of the declaration
and nothing else of it.
"""

import base64
import hashlib
import hmac
import http.client
import json
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from .clock import Clock
from .notice import Told
from .notice_subscription import Opened
from .settings import Settings

PATIENCE: Final = 10.0
"""Seconds within which a receiver has to answer, from the first packet to the status."""
_NAT64: Final = ip_network("64:ff9b::/96")


class Unsent(Exception):
    """The notice was not taken; the message says why, without the address it went to."""


class Way(NamedTuple):
    """An address to connect to, and the name that stands behind it."""

    name: str  # with the port, where one was said
    host: str
    port: int
    address: str
    secure: bool
    path: str


def public(address: str) -> bool:
    """Whether this address is one of the open Internet, whatever it is wrapped in."""
    one: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(one, IPv6Address):
        if one in _NAT64:
            return public(str(IPv4Address(int(one) & 0xFFFFFFFF)))
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if inner is not None:
            return public(str(inner))
    return one.is_global and not one.is_multicast and not one.is_reserved and not one.is_unspecified


def split(url: str) -> SplitResult | None:
    """The parts of a URL that a request could be made to; None for any other."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        return None
    return parts if usable else None


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways out of one node."""

    settings: Settings
    clock: Clock

    def refusal(self, url: str) -> str | None:
        """Why webhooks may not go to this address, as far as it can be said without asking for it; None if they may."""
        parts = split(url)
        if parts is None:
            return "the target of webhook is an https address without user name"
        if parts.scheme == "http" and not self._here(parts.hostname or ""):
            return "webhooks go to https addresses only"
        try:
            inside = not public(parts.hostname or "")
        except ValueError:  # a name: looked at when it is resolved
            return None
        return None if not inside or self._here(parts.hostname or "") else "webhooks do not go to private addresses"

    def send(self, notice: Told, to: Opened) -> None:
        """The notice was taken by its receiver. Raises Unsent."""
        {"webhook": self._webhook, "email": self._mail, "sms": self._text}[to.channel](notice, to)

    def _here(self, host: str) -> bool:
        return self.settings.webhooks == "demonstration" and host == "127.0.0.1"

    def _webhook(self, notice: Told, to: Opened) -> None:
        if reason := self.refusal(to.target):
            raise Unsent(reason)
        body = json.dumps({"type": notice.kind, "timestamp": notice.at, "data": notice.data}).encode()
        at = int(self.clock.now().timestamp())
        signed = {"webhook-id": notice.id, "webhook-timestamp": str(at)}
        signed["webhook-signature"] = signature(notice.id, at, body, to.key)
        _posted(self._way(to.target, guarded=True), body, {"Content-Type": "application/json", **signed})

    def _text(self, notice: Told, to: Opened) -> None:
        said = {"to": to.target, "text": _sentence(notice, self.settings.administration)}
        url = self.settings.sms_gateway
        for name, value in said.items():
            url = url.replace("{" + name + "}", quote(value, safe=""))
        template = self.settings.sms_body
        is_json = template.lstrip().startswith("{")
        form = {
            name: json.dumps(value)[1:-1] if is_json else urlencode({"": value})[1:] for name, value in said.items()
        }
        for name, value in form.items():
            template = template.replace("{" + name + "}", value)
        headers = {"Content-Type": "application/json" if is_json else "application/x-www-form-urlencoded"}
        if self.settings.sms_authorization:
            headers["Authorization"] = self.settings.sms_authorization
        headers["Idempotency-Key"] = notice.id
        _posted(self._way(url, guarded=False), template.encode(), headers)

    def _mail(self, notice: Told, to: Opened) -> None:
        host, _, port = self.settings.mail_relay.rpartition(":")
        message = EmailMessage()
        sender = self.settings.mail_sender or f"landsea@{host}"
        message["From"], message["To"] = sender, to.target
        message["Date"] = datetime.fromisoformat(notice.at)
        message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Subject"] = f"Customs {self.settings.administration}: {notice.data['mrn']}"
        link = notice.data["link"]
        message.set_content(_sentence(notice, self.settings.administration) + (f"\n\n{link}\n" if link else "\n"))
        try:
            with smtplib.SMTP(host, int(port), timeout=PATIENCE) as relay:
                relay.ehlo()
                if relay.has_extn("starttls"):
                    relay.starttls(context=ssl.create_default_context())
                relay.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as refused:
            raise Unsent(f"the mail relay: {type(refused).__name__}") from None

    def _way(self, url: str, *, guarded: bool) -> Way:
        parts = split(url)
        if parts is None:
            raise Unsent("the address is none that a request can be made to")
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unsent("the name of the receiver is not known") from None
        addresses = [str(one[4][0]) for one in found]
        if guarded and not self._here(host) and not all(public(one) for one in addresses):
            raise Unsent("webhooks do not go to private addresses")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Way(parts.netloc, host, port, addresses[0], secure, path)


def signature(identity: str, at: int, body: bytes, key: bytes) -> str:
    """The signature of a webhook, as Standard Webhooks 1.0 says, version 1."""
    signed = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _sentence(notice: Told, country: str) -> str:
    word = {"goods.released": "goods released", "declaration.awaits": "your answer is awaited"}
    return f"Customs {country}: {notice.data['mrn']}: {word.get(notice.kind, notice.data['state'])}."


def _posted(way: Way, body: bytes, headers: Mapping[str, str]) -> None:
    """The receiver took the body: it answered with a status of the two hundreds, in time."""
    connection = http.client.HTTPConnection(way.host, way.port, timeout=PATIENCE)
    try:
        with _in_time(connection):
            plain = socket.create_connection((way.address, way.port), timeout=PATIENCE)
            connection.sock = plain
            if way.secure:
                connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=way.host)
            said = {"Host": way.name, "User-Agent": "landsea", "Connection": "close", **headers}
            connection.request("POST", way.path, body, said)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as refused:
        raise Unsent(f"the receiver: {type(refused).__name__}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise Unsent(f"the receiver answered {status}")


@contextmanager
def _in_time(connection: http.client.HTTPConnection) -> Iterator[None]:
    """What is waited for inside is given up after `PATIENCE`, even by a receiver that sends a byte now and then."""

    def cut() -> None:
        if connection.sock:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(PATIENCE, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
