"""Claiming: what is claimed on a declaration stands in the books, and what follows from declaring in two steps.

A supplementary declaration and those it completes are claimed together what it is assessed at; every other is claimed
what its own version in force comes to.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from sqlalchemy import Connection

from landsea.clearance.act import NODE, Act, Supplement
from landsea.clearance.revenue import MOST, Account, Balance, Claim, Kind, Transfer, claimed, freed, moved
from landsea.clearance.state import FREE
from landsea.dossier.blob import Blob
from landsea.units import micro

from . import book, supplementing
from .recording import Place
from .store import Store


def stepped(store: Store, connection: Connection, place: Place) -> None:
    """What is owed after a simplified declaration, and what a supplementary one completes, stands in its table."""
    if place.step.owes and place.before is None:
        row = (place.mrn, place.sender, place.administration, place.step.owes)
        supplementing.took_up(store, connection, [row])
    if place.step.supplements:
        supplementing.taken(connection, place.mrn, place.step.supplements)
    if place.state in FREE:
        supplementing.lost(connection, place.mrn)


def claims(store: Store, connection: Connection, placed: Iterable[tuple[Place, int]], at: int) -> None:
    """What is claimed from now on of each of these stands in the books; beside each is the leaf of its record."""
    first = []
    for place, leaf in placed:
        if place.claim and place.before is None and not place.step.supplements:
            entry, (currency, amount) = _entry(place, leaf, at), place.claim
            due = Account(Kind.DUE, currency, place.mrn)
            first.append((entry, Transfer(Account(Kind.ASSESSED, currency), due, amount)))
        else:
            claim(store, connection, place, leaf, at)
    if first:
        book.opened(store, connection, first)


def _entry(place: Place, leaf: int, at: int) -> book.Entry:
    amount = place.claim[1] if place.claim else 0
    return book.Entry("claim", f"{place.mrn}/{leaf}", str(amount).encode(), leaf, at)


def claim(store: Store, connection: Connection, place: Place, leaf: int, at: int) -> None:
    """What is claimed on the declaration from now on stands in the books; `leaf` is that of its record."""
    if place.claim is None:
        return
    currency, amount = place.claim
    own = Claim(place.mrn, currency, debtor(store, connection, place))
    if place.step.supplements:
        together(store, connection, own, (amount, place.state), (leaf, at))
        return
    held = book.instruments(connection, place.mrn, currency)
    book.enter(store, connection, _entry(place, leaf, at), lambda balance: claimed(balance, own, amount, held))


def debtor(store: Store, connection: Connection, place: Place) -> str:
    """Who owes the duties of the declaration that stands so, as its document in force says."""
    if place.document is not None or place.before is None:
        return place.liable or place.sender
    ((liable,),) = store.rows(connection, "SELECT liable FROM declarations WHERE mrn = ?", [place.mrn])
    return str(liable or place.sender)


def together(
    store: Store, connection: Connection, own: Claim, assessed: tuple[int, str], on_record: tuple[int, int]
) -> bool:
    """The supplementary declaration and those it completes are claimed together what it is assessed at, as far as its
    state lets it; False where it completes none. `on_record` is the leaf of its record and the instant."""
    (total, state), (leaf, at) = assessed, on_record
    first = supplementing.firsts(connection, own.mrn)
    if not first:
        return False

    def transfers(balance: Balance) -> list[Transfer]:
        favourable = state in supplementing.IN_FAVOUR
        made = supplementing.claimed_together(balance, own, total, first, favourable=favourable)
        return [*made, *_freed(connection, balance, own, [own.mrn, *first], made)]

    entry = book.Entry("claim", f"{own.mrn}/{leaf}", str(total).encode(), leaf, at)
    book.enter(store, connection, entry, transfers)
    return True


def _freed(
    connection: Connection, balance: Balance, own: Claim, mrns: Sequence[str], made: Sequence[Transfer]
) -> Iterator[Transfer]:
    after = moved(balance, made)
    for mrn in mrns:
        held = book.instruments(connection, mrn, own.currency)
        yield from freed(lambda account: after.get(account, balance(account)), mrn, own.currency, held)


def payable_of(version: Sequence[Blob], smallest: int) -> int:
    """What these blobs of a decision say is payable, in the smallest unit; of a quota's two outcomes the dearer one."""
    taxes = (tax for one in version if one.group == "duty@1" for tax in msgspec.json.decode(one.data)["taxes"])
    due = (tax for tax in taxes if tax["state"] == "payable" and tax["amount"] and not tax.get("if_granted"))
    return min(sum(micro(tax["amount"]) for tax in due) // smallest, MOST)


def supplement_acts(connection: Connection, mrn: str | None = None) -> list[Act]:
    """The acts that tell simplified declarations of the supplementary ones that completed them: those this one has to
    do with, or (None) all that are left to be told."""
    return [
        Act("supplemented", NODE, "officer", f"supplemented/{first}/{by}", first, Supplement(by))
        for first, by in supplementing.ready(connection, mrn)
    ]
