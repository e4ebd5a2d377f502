"""Random selection: control without suspicion, for measurement, that nobody can steer and anybody can check later.

The node holds one secret seed per day. A declaration's draw is

    HMAC-SHA256(seed, "landsea/draw/1" ‖ declarant ‖ consignment)   (variable fields length-prefixed, first 8 bytes)

so it is uniform, it depends on nothing but who declares what, and neither an officer nor the node's operator can choose
it. The commitment to the seed, SHA-256("landsea/seed/1" ‖ seed), is published before the day begins; the seed is opened
to the auditor, who computes every draw of the day again.

**What is one consignment.** To cancel and lodge again must not roll again. So the consignment is named by what belongs
to the goods and not by the declaration, the first of these that is given:

1. the UCR (WCO unique consignment reference), which the trader assigns once for the whole chain;
2. the transport and previous documents with the containers: bills, waybills, manifests, entries;
3. exporter, importer, and the set of HS headings, with the invoice.

A declarant who invents another UCR for the same goods does get another draw; the register of arrivals links those, and
that link belongs to a profile. A relodgement on a later day meets another seed: `draws` lets an earlier draw of the
same `key` stand, and the shell keeps keys as long as declarations may be relodged.
"""

import hashlib
import hmac
from typing import Final

import polars as pl

from landsea.declaration.lot import Lot
from landsea.errors import InputError

SEED_LENGTH: Final = 32
DRAWS: Final = {"d": pl.UInt32(), "key": pl.Binary(), "draw": pl.UInt64()}
EARLIER: Final = {"key": pl.Binary(), "draw": pl.UInt64()}

_TRANSPORT_DOCUMENTS: Final = frozenset(
    {"703", "704", "705", "710", "714", "720", "722", "730", "740", "741", "750", "785", "787", "820", "821", "822"}
)
"""UN/EDIFACT 1001: waybills and bills of lading by road, rail, sea, air, post; manifests; transit documents."""


def commitment(seed: bytes) -> bytes:
    """What is published of a day's seed before the day begins. Raises InputError for a seed that is not 32 bytes."""
    return hashlib.sha256(b"landsea/seed/1" + _checked(seed)).digest()


def draws(lot: Lot, seed: bytes, earlier: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per declaration row: `d`, `key` (of the consignment) and `draw`, uniform over UInt64.

    A draw in `earlier` (`key`, `draw`) of the same consignment stands. Raises InputError for a seed that is not
    32 bytes.
    """
    _checked(seed)
    named = consignments(lot)
    texts = [
        b"".join(len(part).to_bytes(4) + part for part in (declarant.encode(), consignment.encode()))
        for declarant, consignment in named.select("declarant", "consignment").iter_rows()
    ]
    drawn = pl.DataFrame(
        {
            "d": named["d"],
            "key": [hashlib.sha256(b"landsea/consignment/1" + text).digest() for text in texts],
            "draw": [int.from_bytes(hmac.digest(seed, b"landsea/draw/1" + text, "sha256")[:8]) for text in texts],
        },
        schema=DRAWS,
    )
    if earlier is None or earlier.is_empty():
        return drawn
    stood = earlier.select("key", _stood="draw").unique("key", keep="first")
    joined = drawn.join(stood, on="key", how="left", maintain_order="left")
    return joined.select("d", "key", draw=pl.coalesce("_stood", "draw"))


def _checked(seed: bytes) -> bytes:
    if len(seed) != SEED_LENGTH:
        raise InputError(f"a seed of the random selection has {SEED_LENGTH} bytes, this one has {len(seed)}")
    return seed


def consignments(lot: Lot) -> pl.DataFrame:
    """One row per declaration row: `d`, `declarant`, `consignment` (both text, never null)."""
    declared = lot["declarations"].select(
        "d",
        pl.coalesce("declarant_id", "submitter_id", "sender", pl.lit("")).alias("declarant"),
        _name("ucr", pl.col("ucr")),
        _traded=pl.concat_str(
            pl.lit("trade:"),
            *map(_blank, ("exporter_id", "importer_id", "consignee_id", "invoice_id")),
            separator="|",
        ),
    )
    transport = pl.col("type").str.strip_prefix("N").is_in(_TRANSPORT_DOCUMENTS) | (pl.col("role") == "previous")
    papers = _set(lot["documents"].filter(transport), pl.col("id"), "_papers")
    containers = _set(lot["equipment"], pl.col("id"), "_containers")
    item_ucr = _set(lot["goods_items"], pl.col("ucr"), "_item_ucr")
    headings = _set(lot["goods_items"], pl.col("commodity_code").str.slice(0, 4), "_headings")
    for other in (papers, containers, item_ucr, headings):
        declared = declared.join(other, on="d", how="left", maintain_order="left")
    carried = pl.col("_papers").is_not_null() | pl.col("_containers").is_not_null()
    return declared.select(
        "d",
        "declarant",
        consignment=pl.coalesce(
            "ucr",
            _name("ucr", pl.col("_item_ucr")),
            _name("carried", pl.when(carried).then(_blank("_papers") + "|" + _blank("_containers"))),
            pl.col("_traded") + "|" + _blank("_headings"),
        ),
    )


def _blank(name: str) -> pl.Expr:
    return pl.col(name).fill_null("")


def _name(kind: str, of: pl.Expr) -> pl.Expr:
    return (pl.lit(kind + ":") + of).alias(kind)


def _set(frame: pl.DataFrame, of: pl.Expr, name: str) -> pl.DataFrame:
    values = frame.select("d", of.alias(name)).drop_nulls()
    return values.group_by("d").agg(pl.col(name).unique().sort().str.join(","))
