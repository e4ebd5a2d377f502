"""Subscriptions: where a party wants its notices. The address and the secret lie sealed under the data key.

A webhook gets a secret of its own, told once; with it the receiver checks that a notice is the node's.
"""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import delete, func, select

from landsea.errors import InputError

from . import tables
from .clock import Clock, instant, micros
from .keys import Keys
from .notice import ROLES
from .settings import Settings
from .store import Store

MOST: Final = 10
"""Subscriptions a party may have."""
PREFIX: Final = "whsec_"
"""Of a secret, as Standard Webhooks writes it."""
_OWN = tables.subscriptions
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164
_WEBHOOK: Final = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)


class Channel(NamedTuple):
    """What a target of this channel looks like, in words and as a pattern, and the setting it needs."""

    like: str
    pattern: re.Pattern[str]
    setting: str


CHANNELS: Final[Mapping[str, Channel]] = {
    "webhook": Channel("an https address", _WEBHOOK, "webhooks"),
    "email": Channel("an e-mail address", _MAIL, "mail_relay"),
    "sms": Channel("a telephone number such as +8562012345678", _PHONE, "sms_gateway"),
}


class Subscription(NamedTuple):
    """A subscription as its party sees it; the secret only at the moment it is made."""

    id: str
    channel: str
    target: str
    created: str
    failures: int
    secret: str | None = None


class Opened(NamedTuple):
    """Where notices go, and the key they are signed with."""

    channel: str
    target: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of one node."""

    store: Store
    keys: Keys
    clock: Clock
    settings: Settings
    refusal: Callable[[str], str | None]  # why a webhook may not go to this address; None where it may

    def make(self, party: str, role: str, channel: str, target: str) -> Subscription:
        """The party has this subscription too. Raises InputError where it may not, saying why."""
        self._admit(role, channel, target)
        identity, key, at = secrets.token_hex(8), os.urandom(32), micros(self.clock.now())
        said = msgspec.json.encode({"target": target, "key": base64.b64encode(key).decode()})
        sealed = self.keys.wrap("data", said, b"subscription/" + identity.encode())
        with self.store.writing() as connection:
            own = select(func.count()).select_from(_OWN).where(_OWN.c.party == party)
            if connection.execute(own).scalar_one() >= MOST:
                raise InputError(f"{MOST} subscriptions are the most a party may have; end one first")
            self.store.insert(connection, _OWN, [(identity, party, role, channel, sealed, at, 0, 0, 0)])
        secret = PREFIX + base64.b64encode(key).decode() if channel == "webhook" else None
        return Subscription(identity, channel, target, instant(at).isoformat(), 0, secret)

    def _admit(self, role: str, channel: str, target: str) -> None:
        if role not in ROLES:
            raise InputError(f"the role {role} has no notices; {' or '.join(ROLES)} has")
        if channel not in CHANNELS:
            raise InputError(f"there is no channel {channel[:20]!r}; there are {', '.join(CHANNELS)}")
        if not getattr(self.settings, CHANNELS[channel].setting):
            raise InputError(
                f"this node sends nothing by {channel}; its operator has not set {CHANNELS[channel].setting}"
            )
        if not CHANNELS[channel].pattern.fullmatch(target):
            raise InputError(f"the target of {channel} is {CHANNELS[channel].like}")
        if channel == "webhook" and (reason := self.refusal(target)):
            raise InputError(reason)

    def of(self, party: str, role: str) -> list[Subscription]:
        """The subscriptions of this party in this role, oldest first."""
        own = select(_OWN).where(_OWN.c.party == party, _OWN.c.role == role).order_by(_OWN.c.created, _OWN.c.id)
        with self.store.reading() as connection:
            found = connection.execute(own).all()
        return [
            Subscription(row.id, row.channel, self.opened(row).target, instant(row.created).isoformat(), row.failures)
            for row in found
        ]

    def end(self, party: str, role: str, identity: str) -> bool:
        """The party has this subscription no more, and what was still to be sent to it is not sent; whether it had."""
        own = delete(_OWN).where(_OWN.c.id == identity, _OWN.c.party == party, _OWN.c.role == role)
        with self.store.writing() as connection:
            ended = connection.execute(own).rowcount > 0
            if ended:
                connection.execute(delete(tables.notices).where(tables.notices.c.subscription == identity))
        return ended

    def opened(self, row: Any) -> Opened:
        """Where the notices of this row go."""
        said = msgspec.json.decode(self.keys.unwrap(bytes(row.sealed), b"subscription/" + row.id.encode()))
        return Opened(row.channel, said["target"], base64.b64decode(said["key"]))
