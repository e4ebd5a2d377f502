"""Preferences: what every regime open to an item would charge, the best first, and why the others do not apply.

Revised Kyoto Convention, Specific Annex K; RCEP Article 3.22 and its like. Each regime of the administration
(`preferences`: preference, name, group) is tried by the one reckoning there is (`assess`), with nothing changed but the
regime claimed, so that an offer is to the last unit what would be charged. A regime whose group is a scheme needs a
good proof of origin (`proof.PROVED`); a general regime needs none.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, lot_of
from landsea.errors import InputError
from landsea.tariff.assess import charged
from landsea.tariff.ground import shaped
from landsea.tariff.measure import tariffs_of
from landsea.tariff.proof_of_origin import PROVED
from landsea.units import decimal_text

OFFERS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),
    "if_granted": pl.Boolean(),  # null: no quota is claimed
    "rank": pl.UInt32(),  # from 1; what applies before what does not
    "preference": pl.String(),
    "name": pl.String(),
    "rate": pl.String(),  # of the first tax that the regime sets, else of the first tax
    "amount": pl.Int128(),  # of all taxes; null where one is unknown
    "currency": pl.String(),
    "applies": pl.Boolean(),
    "why": pl.String(),  # why not: no rate, no proof, or the proof's own reason; dearer where it applies but is
}
KEY: Final[dict[str, pl.DataType]] = {  # one item to be asked for
    "administration": pl.String(),
    "direction": pl.String(),  # import, export
    "on": pl.Date(),
    "commodity_code": pl.String(),
    "origin": pl.String(),
    "amount": pl.Int128(),
    "currency": pl.String(),
    "net_mass": pl.Int128(),  # kilograms
}
_SENTENCES: Final = {
    None: "{name} charges {amount} {currency} at {rate}",
    "dearer": "{name} would charge {amount} {currency} at {rate}, which is more",
    "no rate": "{name} has no rate for the goods and their origin",
    "no proof": "{name} would charge {amount} {currency} at {rate}, but there is no proof of origin",
}
_UNPROVED: Final = "{name} would charge {amount} {currency} at {rate}, but the proof of origin fails: {why}"
_ITEM: Final = ("d", "i", "item", "if_granted")


def offers(lot: Lot, proofs: pl.DataFrame | None, edition: Edition) -> pl.DataFrame:
    """Every regime for every item of the lot (`OFFERS`), the best first; `proofs` are `proof.PROVED`, by d and i."""
    regimes = edition.table("preferences").select("preference", "name", "group", administration="issuer")
    here = lot["declarations"]["administration"].unique()
    regimes = regimes.filter(pl.col("administration").is_in(here.implode()))
    codes = regimes["preference"].unique().sort()
    tried = [_tried(lot, code, edition) for code in codes]
    if not tried:
        return pl.DataFrame(schema=OFFERS)
    rows = (
        pl.concat(tried)
        .join(lot["declarations"].select("d", "administration"), on="d", maintain_order="left")
        .join(regimes, on=["administration", "preference"], maintain_order="left")
    )
    return _ranked(_proved(rows, shaped(proofs, PROVED), edition))


def offers_told(rows: pl.DataFrame) -> list[str]:
    """The offers as sentences, in their order."""
    sentences = []
    for row in rows.iter_rows(named=True):
        amount = "an unknown amount of" if row["amount"] is None else decimal_text(row["amount"])
        words = row | {"amount": amount, "rate": row["rate"] or "no rate"}
        sentences.append(_SENTENCES.get(row["why"], _UNPROVED).format(**words))
    return sentences


def offered(key: Mapping[str, Any], proved: Collection[str], edition: Edition) -> pl.DataFrame:
    """Every regime for one item (`KEY`), as if there were good proofs of origin for these schemes.

    Raises InputError where the edition has no tariff of the administration.
    """
    known = tariffs_of(edition)
    if key["administration"] not in known:
        raise InputError(f"there is no tariff of {key['administration']!r}; there are {', '.join(known)}")
    proofs = [{"d": 0, "i": 0, "scheme": scheme, "good": True} for scheme in sorted(proved)]
    keys = pl.DataFrame([dict(key)], schema={name: dtype for name, dtype in KEY.items() if name in key})
    return offers(asked_for(keys), pl.DataFrame(proofs, schema=PROVED) if proofs else None, edition)


def asked_for(keys: pl.DataFrame) -> Lot:
    """A lot with one declaration of one item for every key (`KEY`), to ask offers for before anything is declared."""
    rows = shaped(keys, KEY).with_row_index("d")
    one = rows.select("d", i="d", n=pl.lit(1))
    letter = pl.col("direction").replace_strict({"import": "IM", "export": "EX"}, default="IM")
    return lot_of(
        {
            "declarations": rows.select(
                "d", "administration", body="d", message=pl.lit("declaration"), type=letter, applicable_on="on"
            ).cast({"body": pl.UInt32}),
            "goods_items": one.with_columns(
                item_amount=rows["amount"],
                item_amount_currency=rows["currency"],
                net_mass=rows["net_mass"],
                net_mass_unit=pl.lit("KGM"),
            ).cast({"n": pl.UInt32}),
            "classifications": one.with_columns(id=rows["commodity_code"], id_type=pl.lit("TSP")).cast(
                {"n": pl.UInt32}
            ),
            "origins": one.with_columns(country=rows["origin"], type=pl.lit("1")).cast({"n": pl.UInt32}),
        }
    )


def _tried(lot: Lot, preference: str, edition: Edition) -> pl.DataFrame:
    """What every item would be charged if it claimed this regime: rate, amount, and whether the regime sets a rate."""
    items = lot["goods_items"].with_columns(preference=pl.lit(preference))
    rows, _ = charged(lot.with_frames(goods_items=items), edition)
    set_here = pl.col("regime") == preference
    unknown = pl.col("amount").is_null().any()
    return rows.group_by(_ITEM, maintain_order=True).agg(
        preference=pl.lit(preference),
        granted=set_here.any(),
        rate=pl.coalesce(pl.col("rate").filter(set_here).first(), pl.col("rate").first()),
        amount=pl.when(~unknown).then(pl.col("amount").sum()),
        currency=pl.col("currency").first(),
    )


def _proved(rows: pl.DataFrame, proofs: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The offers with `why` they do not apply, null where they do."""
    # an item may bring several proofs of one scheme: a good one stands before the others
    best = proofs.sort("good", descending=True, maintain_order=True).unique(
        ["d", "i", "scheme"], keep="first", maintain_order=True
    )
    brought = best.select("d", "i", "good", failed="why", group="scheme")
    rows = rows.join(brought, on=["d", "i", "group"], how="left", maintain_order="left")
    needs_proof = pl.col("group").is_in(edition.table("schemes")["scheme"].implode())
    general = pl.col("preference").str.starts_with("1")
    why = (
        pl.when(general).then(None)
        .when(~pl.col("granted").fill_null(value=False)).then(pl.lit("no rate"))
        .when(needs_proof & pl.col("good").is_null()).then(pl.lit("no proof"))
        .when(needs_proof & ~pl.col("good")).then("failed")
    )  # fmt: skip
    return rows.with_columns(why=why).with_columns(applies=pl.col("why").is_null())


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """The offers, item by item, what applies first, the cheaper first, the general regime first of equals."""
    order = [*_ITEM, "rank"]
    known = rows.sort(~pl.col("applies"), "amount", "preference", nulls_last=True, maintain_order=True)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over(_ITEM)
    least = pl.col("amount").filter("applies").min().over(_ITEM)
    dearer = pl.when(pl.col("applies") & (pl.col("amount") > least)).then(pl.lit("dearer")).otherwise("why")
    return shaped(known.with_columns(rank=place, why=dearer).sort(order, nulls_last=False), OFFERS)
