"""Declarations that claim a quota, for tests: rice into China, 5320000 t a year by the shipped schedule or as told."""

from contextlib import contextmanager

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Lodgement
from landsea.units import micro
from lodged import NOON, PARTY, declaration, shown

ORDER = "156001"
STOCK = "156001 from 2026-01-01"
_CLAIM = f"<DutyTaxFee><DutyRegimeCode>100</DutyRegimeCode><QuotaOrderID>{ORDER}</QuotaOrderID></DutyTaxFee>"


def rice(lrn, mass, kind="IMA", **more):
    """Rice of this net mass in kilograms, at a price of 1000 yuan, claiming the quota."""
    body = declaration(lrn, price="1000.00", kind=kind, **more)
    for old, new in (
        (b"87089900", b"10063000"),
        (b'currencyID="USD"', b'currencyID="CNY"'),
        (b"<GoodsMeasure>", f"{_CLAIM}<GoodsMeasure>".encode()),
        (b"<CountryCode>LA</CountryCode>", b"<CountryCode>CN</CountryCode>"),
        (b"<Origin><CountryCode>CN</CountryCode>", b"<Origin><CountryCode>VN</CountryCode>"),
        (b'KGM">1100<', f'KGM">{mass}<'.encode()),
        (b'KGM">1200<', f'KGM">{mass + 100}<'.encode()),
    ):
        assert old in body
        body = body.replace(old, new)
    return body


def to_china(body, sender=PARTY):
    return Lodgement(body, sender, NOON, "CN")


def opening(edition, kilograms):
    """The edition with so much rice in the quota."""
    quotas = edition.table("quotas")
    changed = quotas.with_columns(
        opening=pl.when(pl.col("quota_order") == ORDER).then(pl.lit(micro(str(kilograms)))).otherwise("opening")
    )
    return Edition(f"{edition.digest} rice {kilograms}", {**edition.tables, "quotas": changed}, edition.documents)


def granted(receipt):
    """What the last decision of a receipt says of its quota; None where it says nothing."""
    found = [blobs.get("quota@1") for header, blobs in shown(receipt) if header["kind"] == "decision"]
    return found[-1]


def lodge(node, *bodies):
    return node.clear([to_china(body) for body in bodies])


@contextmanager
def overtaken(node, monkeypatch, *bodies):
    """What is lodged within is overtaken: these bodies are lodged between its decision and its commit."""
    decided, others = node.lodging.drafted, iter(bodies)

    def while_another_lodges(lodged, named=None):
        done = decided(lodged, named)
        for body in others:
            lodge(node, body)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(type(node.lodging), "drafted", lambda _, *given: while_another_lodges(*given))
        yield
