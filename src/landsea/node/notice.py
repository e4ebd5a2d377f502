"""Notices: what parties hear when something is decided, owed in the transaction that decides it.

A party that subscribed is owed one notice of every decision that concerns it: a declarant of what they are told on
their own declarations, a carrier of the release of goods it brought, an agency of declarations that wait for it. What
is owed is a pointer into the log and nothing else; what a notice says is read from the record when it is sent, out of
`decision@1`, which is what the declarant is told. So no notice says more than that, before arrival none says what was
decided, and where nobody subscribed a commit costs one look at three indexes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select

from landsea.clearance import condition
from landsea.clearance.state import State

from . import tables
from .carriage import brought
from .clock import instant
from .records import Stored
from .store import Store

ROLES: Final = ("trader", "carrier", "agency")
"""Roles that may subscribe."""
_ANYBODY: Final = (
    "SELECT EXISTS(SELECT 1 FROM subscriptions WHERE role = 'trader'), "
    "EXISTS(SELECT 1 FROM subscriptions WHERE role = 'carrier'), "
    "EXISTS(SELECT 1 FROM subscriptions WHERE role = 'agency')"
)
_SUBSCRIBED: Final = "SELECT party, role, id FROM subscriptions WHERE party IN"
_RELEASED: Final = frozenset({State.RELEASED.value, State.CLEARED.value})
_AGENCY: Final = condition.agency("")
_GROUPS: Final = ("decision@1", "advice@1")


class News(NamedTuple):
    """A decision that somebody may want to hear of: on which declaration of whom, where it leads and what it then waits
    for, the leaf of its last record and how many records belong to it."""

    mrn: str
    sender: str
    state: str
    awaits: str
    leaf: int
    records: int


class Told(NamedTuple):
    """A notice as it is sent: its id, which a repeat has too, its kind, when it was decided, and what it says."""

    id: str
    kind: str
    at: str
    data: Mapping[str, Any]


def owe(store: Store, connection: Connection, news: Iterable[News], at: int) -> None:
    """Each subscriber whom one of the news concerns is owed a notice of it, once the transaction is committed."""
    ((*there,),) = store.rows(connection, _ANYBODY)
    roles = frozenset(role for role, anybody in zip(ROLES, there, strict=True) if anybody)
    if not roles:
        return
    concerns = [(role, party, kind, one) for one in news for role, party, kind in _concerned(connection, one, roles)]
    subscribed: dict[tuple[str, str], list[str]] = {}
    for party, role, identity in store.among(connection, _SUBSCRIBED, sorted({party for _, party, _, _ in concerns})):
        subscribed.setdefault((role, party), []).append(identity)
    rows = [
        (identity, one.leaf, one.records, kind, one.mrn, at)
        for role, party, kind, one in concerns
        for identity in subscribed.get((role, party), ())
    ]
    store.insert(connection, tables.notices, rows)


def _concerned(connection: Connection, news: News, roles: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Role and party of whom the news concerns, and the kind of notice it is to them."""
    if "trader" in roles:
        yield "trader", news.sender, "declaration.decided"
    if "agency" in roles:
        for one in news.awaits.split():
            if one.startswith(_AGENCY):
                yield "agency", one.removeprefix(_AGENCY), "declaration.awaits"
    if "carrier" in roles and news.state in _RELEASED:
        for party in brought(connection, news.mrn):
            yield "carrier", party, "goods.released"


def told(notice: Any, found: Mapping[int, Stored], address: str) -> Told | None:
    """What a notice says, given the records it tells of; None where their content was erased meanwhile."""
    said = []
    for leaf in range(notice.leaf - notice.records + 1, notice.leaf + 1):
        if leaf in found and found[leaf].blobs is None:
            return None
        said += [msgspec.json.decode(one.data) for one in _decisive(found.get(leaf))]
    if not said:
        return None
    last, record = said[-1], found[notice.leaf]
    link = f"{address}/v1/declarations/{notice.mrn}" if address else None
    data: dict[str, Any] = {"mrn": notice.mrn, "record": record.id, "state": last["state"]}
    if notice.kind == "declaration.decided":
        responses = [code for one in said for code in one.get("responses", ())]
        data |= {name: last.get(name) for name in ("outcome", "ground", "version")}
        data |= {"awaits": list(last.get("awaits", ())), "responses": responses}
    identity = f"{notice.subscription}-{notice.leaf}"
    return Told(identity, notice.kind, instant(notice.at).isoformat(), {**data, "link": link})


def _decisive(stored: Stored | None) -> Iterator[Any]:
    return (one for one in (stored.blobs if stored and stored.blobs else ()) if one.group in _GROUPS)


WAITING: Final = select(tables.notices.c.at).order_by(tables.notices.c.at).limit(1)
"""When the oldest notice that is still to be sent was owed."""


def pending(connection: Connection, subscription: str, most: int) -> Sequence[Any]:
    """The next notices to be sent to this subscription, in the order of the log."""
    own = tables.notices.c
    asked = select(tables.notices).where(own.subscription == bindparam("of")).order_by(own.leaf).limit(most)
    return connection.execute(asked, {"of": subscription}).all()
