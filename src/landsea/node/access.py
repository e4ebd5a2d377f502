"""API keys: who may speak to the node, and as whom. The store holds a digest of each key, never the key.

A key is `landsea_<id>_<secret>`; the secret has 256 bits, so a plain SHA-256 of it cannot be guessed back.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import select, update

from landsea.errors import InputError

from . import tables
from .clock import Clock, micros
from .store import Store

Role = Literal["trader", "officer", "auditor", "operator", "carrier", "treasury", "agency"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a valid key stands for: the party it was given to, and in which role."""

    key_id: str
    party: str
    role: Role


class Access:
    """The API keys of one node."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def grant(self, party: str, role: str) -> str:
        """A new key for this party in this role; it is told here once and never again."""
        if role not in ROLES:
            raise InputError(f"role {role!r} is unknown; known: {', '.join(ROLES)}")
        if not party.strip() or not party.isprintable():
            raise InputError("a key is for somebody: name the party as it will stand in records")
        key_id, secret = secrets.token_hex(4), secrets.token_hex(32)
        row = (key_id, _digest(secret), party, role, micros(self._clock.now()), None)
        with self._store.writing() as connection:
            self._store.insert(connection, tables.api_keys, [row])
        return f"landsea_{key_id}_{secret}"

    def revoke(self, key_id: str) -> None:
        """The key opens nothing any more. Raises InputError where there is no such key in force."""
        keys = tables.api_keys
        change = update(keys).where(keys.c.id == key_id, keys.c.revoked.is_(None))
        with self._store.writing() as connection:
            if not connection.execute(change.values(revoked=micros(self._clock.now()))).rowcount:
                raise InputError(f"no key {key_id} is in force")

    def caller(self, key: str) -> Caller | None:
        """Who speaks with this key; None where it is unknown, wrong or revoked. Takes the same time for each."""
        _, _, rest = key.partition("_")
        key_id, _, secret = rest.partition("_")
        keys = tables.api_keys
        with self._store.reading() as connection:
            row = connection.execute(select(keys).where(keys.c.id == key_id, keys.c.revoked.is_(None))).one_or_none()
        right = hmac.compare_digest(row.digest if row else bytes(32), _digest(secret))
        return Caller(row.id, row.party, row.role) if row and right else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(b"landsea/api-key/1" + secret.encode()).digest()
