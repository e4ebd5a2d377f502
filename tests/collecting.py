"""A node in Laos that collects before it releases and selects nobody, and what the tests of money do to it."""

from landsea.clearance.act import ACTS, Act, act_of
from landsea.clearance.instrument import content_of
from landsea.clearance.revenue import Account, Kind
from landsea.node import book
from lodged import PARTY, calm_law, decisions, declaration, lodgement, mrn

ROLES = {"trader": PARTY, "officer": "officer-1", "carrier": "port", "treasury": "treasurer"}


def collecting_law(edition):
    """The law of the edition, but Laos collects before it releases, and selects nobody."""
    return calm_law(edition, release="covered")


def lodge(node, reference, *, kind="IMA", price="18500.00", previous=(), body=None, taken=True):
    """The MRN of a declaration lodged, and taken up unless `taken` says otherwise; `previous` are the numbers it refers
    to as previous documents."""
    text = (body or declaration(reference, price, kind)).decode()
    papers = "".join(
        f"<PreviousDocument><CategoryCode>Y</CategoryCode><ID>{one}</ID><TypeCode>SDE</TypeCode></PreviousDocument>"
        for one in previous
    )
    receipt = node.lodge(lodgement(text.replace("<TradeTerms>", f"{papers}<TradeTerms>").encode())).result(60)
    assert (decisions(receipt)[-1]["outcome"] != "rejected") is taken, receipt.document
    return mrn(receipt)


def act(node, kind, number, reference=None, actor=None, **content):
    role = next(role for role in reversed(ROLES) if role in ACTS[kind].roles)
    made = (kind, actor or ROLES[role], role, reference or f"{kind}-{number}", number, act_of(kind, content, role))
    return node.acting.act(Act(*made))


def institute(node, kind, instrument, reference=None, **content):
    said = content_of(kind, {"instrument": instrument, **content})
    return node.treasury.institute("treasurer", reference or f"{kind}-{instrument}", kind, said)


def register(node, instrument, amount, *, form="bank", holder=PARTY, last_day="2099-12-31", **more):
    said = {"form": form, "holder": holder, "last_day": last_day, **kip(amount), **more}
    return institute(node, "registered", instrument, **said)


def kip(amount):
    return {"amount": str(amount), "currency": "LAK"}


def stands(node, number):
    declared = node.register.declared(number)
    return declared.state, declared.awaits


def held(node, kind, holder="", instrument=""):
    with node.store.reading() as connection:
        return book.balance(connection)(Account(Kind(kind), "LAK", holder, instrument))


def claim(node, number):
    """What is claimed on the declaration now, paid or not."""
    return held(node, "due", number) + held(node, "collected", number)
