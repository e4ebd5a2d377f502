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
from collections.abc import Iterable, Iterator
from typing import Any, Final

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
    texts = [
        b"".join(len(part).to_bytes(4) + part for part in (declarant.encode(), consignment.encode()))
        for declarant, consignment in consignments(lot)
    ]
    drawn = pl.DataFrame(
        {
            "d": lot["declarations"]["d"],
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


def consignments(lot: Lot) -> list[tuple[str, str]]:
    """Who declares and what, for every declaration row.

    Row by row and not as a plan over columns, of which a lot of one would pay mostly the planning.
    """
    sets = {
        "papers": _sets((d, id_) for d, id_, kind, role in _rows(lot, "documents", *_PAPER) if _carries(kind, role)),
        "containers": _sets(_rows(lot, "equipment", "d", "id")),
        "ucrs": _sets(_rows(lot, "goods_items", "d", "ucr")),
        "headings": _sets((d, code and code[:4]) for d, code in _rows(lot, "goods_items", "d", "commodity_code")),
    }
    found = []
    for d, ucr, declarant, submitter, sender, *traded in _rows(lot, "declarations", *_DECLARED):
        papers, containers, ucrs, headings = (of.get(d) for of in sets.values())
        if ucr is not None or ucrs is not None:
            name = "ucr:" + (ucrs or "" if ucr is None else ucr)
        elif papers is not None or containers is not None:
            name = f"carried:{papers or ''}|{containers or ''}"
        else:
            name = "|".join(("trade:", *(of or "" for of in traded), headings or ""))
        found.append((next((who for who in (declarant, submitter, sender) if who is not None), ""), name))
    return found


_PAPER: Final = ("d", "id", "type", "role")
_DECLARED: Final = (
    *("d", "ucr", "declarant_id", "submitter_id", "sender"),
    *("exporter_id", "importer_id", "consignee_id", "invoice_id"),
)


def _rows(lot: Lot, frame: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(lot[frame][column].to_list() for column in columns), strict=True)


def _carries(kind: str | None, role: str | None) -> bool:
    return role == "previous" or (kind or "").removeprefix("N") in _TRANSPORT_DOCUMENTS


def _sets(told: Iterable[tuple[Any, ...]]) -> dict[int, str]:
    """Declaration row → what is told of it, each once, in order, with commas between; nothing told is no entry."""
    found: dict[int, set[str]] = {}
    for d, text in told:
        if text is not None:
            found.setdefault(d, set()).add(text)
    return {d: ",".join(sorted(texts)) for d, texts in found.items()}
