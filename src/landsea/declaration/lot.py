"""The lot: many declarations handled in one pass, in columns.

A lot is a set of Polars frames that are keyed by row and never nested. One declaration is a lot of one, so each
calculation exists once. Which frames and columns there are follows from the element table.

Keys of every frame but `declarations`:

* `d`  row of `declarations` it belongs to (UInt32, 0-based within the lot)
* `i`  row of `goods_items` it belongs to (UInt32, 0-based within the lot); null where it stands at header level
* `n`  its position among its siblings, from 1, in the order given
* `m`  the position of a repeating class between it and `d` or `i` (the equipment of a seal); 1 where there is none
* `at` the element that holds it (`Element.at`), so that a finding can point at it

`declarations` carries `d` and the context columns. Decimals (amounts, measures, rates) are Int128 in millionths
(`landsea.units.MICRO`); 64 bits overflow silently at IDR, VND and LAK sizes. Amounts have a `_currency` column and
measures a `_unit` column beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import polars as pl

from .element import elements

UTC = pl.Datetime("us", "UTC")

KEYS: dict[str, pl.DataType] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "n": pl.UInt32(),
    "m": pl.UInt32(),
    "at": pl.UInt16(),
}

CONTEXT: dict[str, pl.DataType] = {
    "d": pl.UInt32(),
    "body": pl.UInt32(),  # which of the lodged bodies it came in
    "message": pl.String(),  # declaration, amendment, invalidation, presentation, unreadable, not-a-declaration
    "sender": pl.String(),  # who lodged, as authenticated by the window; empty on the command line
    "administration": pl.String(),  # ISO country code of the customs administration addressed
    "message_profile": pl.String(),  # which profile of the standard it is read under
    "model_version": pl.String(),  # WCO Data Model version the message names
    "version": pl.UInt32(),  # 1 as lodged, one more with each amendment
    "received_at": UTC,
    "applicable_on": pl.Date(),  # law is drawn by this date, in the administration's zone
}

DERIVED: dict[str, dict[str, pl.DataType]] = {
    "declarations": {
        "direction": pl.String(),  # import or export, from the first letters of the type; null where neither
        "declarant_id": pl.String(),
        "agent_id": pl.String(),
        "agent_function": pl.String(),
        "importer_id": pl.String(),
        "exporter_id": pl.String(),
        "consignee_id": pl.String(),
        "consignor_id": pl.String(),
        "submitter_id": pl.String(),
    },
    "goods_items": {
        "commodity_code": pl.String(),  # national line where given, else HS; digits only, without additional codes
        "procedure": pl.String(),
        "previous_procedure": pl.String(),
        "origin": pl.String(),
        "preferential_origin": pl.String(),
        "preference": pl.String(),  # the duty regime claimed
        "quota_order": pl.String(),
    },
}

DTYPES: dict[str, pl.DataType] = {
    "code": pl.String(),
    "identifier": pl.String(),
    "text": pl.String(),
    "count": pl.Int64(),
    "number": pl.Int128(),
    "measure": pl.Int128(),
    "amount": pl.Int128(),
    "datetime": UTC,
}
SUFFIX = {"amount": "_currency", "measure": "_unit"}


@cache
def schemas() -> Mapping[str, Mapping[str, pl.DataType]]:
    """Frame name → column → type, as generated from the element table; derived columns are left out."""
    frames: dict[str, dict[str, pl.DataType]] = {"declarations": dict(CONTEXT)}
    for element in elements():
        if not element.frame:
            continue
        columns = frames.setdefault(element.frame, dict(KEYS))
        if element.role:
            columns["role"] = pl.String()
        if not element.is_class and element.column:
            columns[element.column] = DTYPES[element.kind]
            if suffix := SUFFIX.get(element.kind):
                columns[element.column + suffix] = pl.String()
    return frames


@dataclass(frozen=True, slots=True)
class Lot:
    """The frames of some declarations. Every frame of `schemas()` is present, with at least its columns."""

    frames: Mapping[str, pl.DataFrame]

    def __getitem__(self, frame: str) -> pl.DataFrame:
        return self.frames[frame]

    def __len__(self) -> int:
        return self.frames["declarations"].height

    def with_frames(self, **changed: pl.DataFrame) -> "Lot":
        """The same lot with some frames replaced."""
        return replace(self, frames={**self.frames, **changed})


def lot_of(frames: Mapping[str, pl.DataFrame | Mapping[str, Any]]) -> Lot:
    """A complete lot from what there is: missing frames and columns are added empty, derived columns computed."""
    full: dict[str, pl.DataFrame] = {}
    for name, schema in schemas().items():
        given = frames.get(name, {})
        frame = given if isinstance(given, pl.DataFrame) else pl.DataFrame(dict(given), schema_overrides=dict(schema))
        missing = [pl.lit(None, dtype=t).alias(c) for c, t in schema.items() if c not in frame.columns]
        full[name] = frame.with_columns(missing).select(*schema, pl.exclude(*schema))  # so that lots can be joined
    return derive(Lot(full))


def derive(lot: Lot) -> Lot:
    """The lot with its derived columns (`DERIVED`) computed anew from the frames."""
    return lot.with_frames(declarations=_with_parties(lot), goods_items=_with_classification(lot))


def _collected(plan: pl.LazyFrame) -> pl.DataFrame:
    """What the plan gives, just as it is written: over a lot of one, to optimise it costs more than it saves."""
    return plan.collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())


def _given(lot: Lot, name: str) -> pl.LazyFrame:
    """That frame without its derived columns."""
    return lot[name][[column for column in lot[name].columns if column not in DERIVED[name]]].lazy()


def _party(role: str, column: str = "id") -> pl.Expr:
    return pl.col(column).filter(pl.col("role") == role).first().alias(f"{role.lower()}_{column}")


_ROLES = ("Declarant", "Agent", "Importer", "Exporter", "Consignee", "Consignor", "Submitter")
_PARTIES = (*map(_party, _ROLES), _party("Agent", "function"))
_HEADER = pl.col("i").is_null()
_START = pl.col("type").str.slice(0, 2)
_DIRECTION = (
    pl.when(_START == "IM")
    .then(pl.lit("import"))
    .when(_START == "EX")
    .then(pl.lit("export"))
    .when(_START == "CO")
    .then(pl.when(pl.col("exit_office").is_not_null()).then(pl.lit("export")).otherwise(pl.lit("import")))
    .alias("direction")
)


def _with_parties(lot: Lot) -> pl.DataFrame:
    parties = lot["parties"].lazy().filter(_HEADER).group_by("d").agg(_PARTIES)
    given = _given(lot, "declarations")
    return _collected(given.join(parties, on="d", how="left", maintain_order="left").with_columns(_DIRECTION))


def _code(*kinds: str) -> pl.Expr:
    return pl.col("id").filter(pl.col("id_type").is_in(list(kinds))).first()


_BY_ITEM: dict[str, tuple[pl.Expr, ...]] = {
    "classifications": (
        pl.coalesce(_code("TSP", "HS", "SRZ", "TSN") + _code("TRC").fill_null(""), pl.col("id").first()).alias(
            "commodity_code"
        ),
    ),
    "procedures": (
        pl.col("current").filter(pl.col("previous").is_not_null()).first().alias("procedure"),
        pl.col("previous").drop_nulls().first().alias("previous_procedure"),
    ),
    "origins": (
        pl.col("country").sort_by(pl.col("type").fill_null("1") != "1", maintain_order=True).first().alias("origin"),
        pl.col("country").filter(pl.col("type") == "2").first().alias("preferential_origin"),
    ),
    "taxes": (
        pl.col("regime").drop_nulls().first().alias("preference"),
        pl.col("quota_order").drop_nulls().first(),
    ),
}
"""What the rows of a frame, those of one goods item together, say of that item."""


def _with_classification(lot: Lot) -> pl.DataFrame:
    items = _given(lot, "goods_items")
    for name, said in _BY_ITEM.items():
        items = items.join(lot[name].lazy().group_by("i").agg(said), on="i", how="left", maintain_order="left")
    return _collected(items)


def concat(lots: Iterable[Lot]) -> Lot:
    """One lot from several: rows of later lots are renumbered behind those of earlier ones."""
    parts: dict[str, list[pl.LazyFrame]] = {name: [] for name in schemas()}
    d = i = body = 0
    for lot in lots:
        of_d, of_i, of_body = (
            (pl.col(key) + before).cast(pl.UInt32) for key, before in (("d", d), ("i", i), ("body", body))
        )
        for name, frame in lot.frames.items():
            parts[name].append(frame.lazy().with_columns(of_d, of_body if name == "declarations" else of_i))
        d += len(lot)
        i += lot["goods_items"].height
        body += int(lot["declarations"]["body"].max() or -1) + 1  # type: ignore[arg-type]
    return Lot({name: _collected(pl.concat(frames, how="vertical_relaxed")) for name, frames in parts.items()})


def select(lot: Lot, rows: Iterable[int]) -> Lot:
    """The lot of only these declarations, in this order, rows renumbered from 0."""
    order = pl.DataFrame({"d": list(rows)}, schema={"d": pl.UInt32}).with_row_index("_d").lazy()
    own = order.join(lot["goods_items"].lazy().select("d", "i"), on="d", how="inner", maintain_order="left_right")
    items = _collected(own.select("i").with_row_index("_i")).lazy()

    def taken(frame: pl.DataFrame) -> pl.DataFrame:
        if frame.is_empty():
            return frame
        plan = order.join(frame.lazy(), on="d", how="inner", maintain_order="left_right")
        if "i" in frame.columns:
            plan = plan.join(items, on="i", how="left", maintain_order="left")
        return _collected(plan.select(pl.col("_" + c).alias(c) if c in ("d", "i") else c for c in frame.columns))

    return Lot({name: taken(frame) for name, frame in lot.frames.items()})
