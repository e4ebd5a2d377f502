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

from .alignment import collected

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
    plan = lot["declarations"].lazy().select(_DECLARED)
    for name, (frame, of) in _SETS.items():
        values = lot[frame].lazy().select("d", of.alias(name)).drop_nulls()
        sets = values.group_by("d").agg(pl.col(name).unique().sort().str.join(","))
        plan = plan.join(sets, on="d", how="left", maintain_order="left")
    return collected(plan.select(_CONSIGNED))


def _blank(name: str) -> pl.Expr:
    return pl.col(name).fill_null("")


def _name(kind: str, of: pl.Expr) -> pl.Expr:
    return (pl.lit(kind + ":") + of).alias(kind)


_DECLARED: Final = [
    pl.col("d"),
    pl.coalesce("declarant_id", "submitter_id", "sender", pl.lit("")).alias("declarant"),
    _name("ucr", pl.col("ucr")),
    pl.concat_str(
        pl.lit("trade:"),
        *map(_blank, ("exporter_id", "importer_id", "consignee_id", "invoice_id")),
        separator="|",
    ).alias("_traded"),
]
_TRANSPORT: Final = pl.col("type").str.strip_prefix("N").is_in(_TRANSPORT_DOCUMENTS) | (pl.col("role") == "previous")
_SETS: Final = {
    "_papers": ("documents", pl.when(_TRANSPORT).then("id")),
    "_containers": ("equipment", pl.col("id")),
    "_item_ucr": ("goods_items", pl.col("ucr")),
    "_headings": ("goods_items", pl.col("commodity_code").str.slice(0, 4)),
}
"""What a declaration has several of: the frame it stands in, and what is told of each."""
_CARRIED: Final = pl.any_horizontal(pl.col("_papers", "_containers").is_not_null())
_CONSIGNED: Final = [
    pl.col("d", "declarant"),
    pl.coalesce(
        "ucr",
        _name("ucr", pl.col("_item_ucr")),
        _name("carried", pl.when(_CARRIED).then(_blank("_papers") + "|" + _blank("_containers"))),
        pl.col("_traded") + "|" + _blank("_headings"),
    ).alias("consignment"),
]
