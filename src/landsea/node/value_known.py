"""Known of values: what of the evidence on record bears on a lot whose goods are not at a plain price.

A declarant's evidence bears on a declaration of the same party that cites its reference among its documents, and on no
other: nobody's goods are valued by what another told in confidence (WTO Valuation Agreement, Article 10). What customs
lists bears on the goods it names, the latest first, before what declarants say of the same. A lot whose goods are at a
plain price asks nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.tariff.valuation import value_law
from landsea.tariff.value_claim import FRAMES, doubtful
from landsea.units import micro

from . import accepted_value, records
from .keys import Keys
from .store import Store

Rows = dict[str, list[Sequence[Any]]]
"""Frame → rows in the order of its columns, `d` left out; dates as ISO texts."""
LODGED: Final = ("sales", "costs", "resale", "price_lists", "others")
EVIDENCE: Final = "value-evidence"
"""Kind of the record of a declarant's evidence."""
LIST: Final = "value-list"
"""Kind of the record of what customs lists."""
_CITED: Final = "SELECT reference, leaf FROM acts WHERE kind = ? AND actor = ? AND reference IN"
_OF_GOODS: Final = "SELECT goods, leaf FROM value_lists WHERE goods IN"


def known(store: Store, connection: Connection, lot: Lot, edition: Edition, keys: Keys) -> dict[str, pl.DataFrame]:
    """The frames `value_…` of what bears on the lot; none where all goods are at a plain price, or at a declared value
    that their administration accepts."""
    if doubtful(lot) is None or "value_elements" not in edition.tables:
        return {}
    administrations = lot["declarations"]["administration"].drop_nulls().unique()
    items = doubtful(lot, accepts=all(value_law(edition, one).accepts for one in administrations))
    if items is None or items.is_empty():
        return {}
    cited = _cited(store, connection, lot, items)
    listed = _listed(store, connection, items)
    leaves = sorted({leaf for own in (*cited.values(), *listed.values()) for leaf in own})
    said = _said(connection, keys, leaves)
    found: dict[int, Rows] = {}
    for d in items["d"].unique().to_list():
        evidence = [said[leaf] for leaf in (*listed[d], *cited[d]) if leaf in said]
        found[d] = {name: [row for one in evidence for row in one[name]] for name in LODGED}
    accepted_value.into(found, store, connection, (lot, items), keys)
    return recalled(found)


def _cited(store: Store, connection: Connection, lot: Lot, items: pl.DataFrame) -> Mapping[int, list[int]]:
    """Declaration row → leaves of the evidence that its documents cite, of its own sender."""
    of = pl.col("d").is_in(items["d"].unique().implode())
    papers = lot["documents"].filter(of).select("d", "id").drop_nulls().unique(maintain_order=True)
    senders = dict(lot["declarations"].filter(of).select("d", "sender").iter_rows())
    found: dict[int, list[int]] = defaultdict(list)
    for sender in sorted({one for one in senders.values() if one}):
        own = [(d, name) for d, name in papers.iter_rows() if senders[d] == sender]
        leaves = dict(store.among(connection, _CITED, sorted({name for _, name in own}), EVIDENCE, sender))
        for d, name in own:
            if name in leaves:
                found[d].append(leaves[name])
    return found


def _listed(store: Store, connection: Connection, items: pl.DataFrame) -> Mapping[int, list[int]]:
    """Declaration row → leaves of what customs lists for its goods, the latest first."""
    goods = items.select("d", "commodity_code", "description").unpivot(index="d", value_name="goods")
    goods = goods.select("d", "goods").drop_nulls().unique(maintain_order=True)
    leaves: dict[str, list[int]] = defaultdict(list)
    for name, leaf in store.among(connection, _OF_GOODS, goods["goods"].unique().to_list()):
        leaves[name].append(leaf)
    found: dict[int, set[int]] = defaultdict(set)
    for d, name in goods.iter_rows():
        found[d] |= set(leaves[name])
    return defaultdict(list, {d: sorted(own, reverse=True) for d, own in found.items()})


def _said(connection: Connection, keys: Keys, leaves: Sequence[int]) -> dict[int, Rows]:
    """Leaf → what is evidence in it; what was erased is left out."""
    found: dict[int, Rows] = {}
    for leaf, stored in (records.read(connection, keys, leaves) if leaves else {}).items():
        for blob in (one for one in stored.blobs or () if one.group == "inquiry@1"):
            said = msgspec.json.decode(blob.data)
            found[leaf] = {name: [_row(name, one) for one in said.get(name, ())] for name in LODGED}
    return found


def _row(name: str, said: Mapping[str, Any]) -> Sequence[Any]:
    """What was said of one thing, in the order of its frame."""
    columns = ((column, said.get(column), dtype) for column, dtype in FRAMES[name].items() if column != "d")
    return [micro(value) if dtype == pl.Int128 and value is not None else value for _, value, dtype in columns]


def recalled(rows: Mapping[int, Rows]) -> dict[str, pl.DataFrame]:
    """The frames of these rows of declarations; frames without any are left out."""
    frames = {}
    for name, schema in FRAMES.items():
        given = [(d, *row) for d, own in sorted(rows.items()) for row in own.get(name, ())]
        if given:
            dates = [column for column, dtype in schema.items() if dtype == pl.Date]
            rows_of = pl.DataFrame(given, schema={**schema, **dict.fromkeys(dates, pl.String())}, orient="row")
            frames[f"value_{name}"] = rows_of.with_columns(pl.col(dates).str.to_date())
    return frames


def remembered(frames: Mapping[str, pl.DataFrame]) -> dict[int, Rows]:
    """Declaration row → what bore on it."""
    found: dict[int, Rows] = defaultdict(dict)
    for name in (one for one in FRAMES if f"value_{one}" in frames):
        for d, *row in frames[f"value_{name}"].with_columns(pl.col(pl.Date).cast(pl.String)).iter_rows():
            found[d].setdefault(name, []).append(row)
    return found
