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


def _with_parties(lot: Lot) -> pl.DataFrame:
    def of(role: str, column: str = "id") -> pl.Expr:
        return pl.col(column).filter(pl.col("role") == role).first()

    parties = (
        lot["parties"]
        .filter(pl.col("i").is_null())
        .group_by("d")
        .agg(
            *(of(role).alias(role.lower() + "_id") for role in _ROLES),
            of("Agent", "function").alias("agent_function"),
        )
    )
    start = pl.col("type").str.slice(0, 2)
    return (
        lot["declarations"]
        .drop(DERIVED["declarations"], strict=False)
        .join(parties, on="d", how="left", maintain_order="left")
        .with_columns(
            pl.when(start == "IM")
            .then(pl.lit("import"))
            .when(start == "EX")
            .then(pl.lit("export"))
            .when(start == "CO")
            .then(pl.when(pl.col("exit_office").is_not_null()).then(pl.lit("export")).otherwise(pl.lit("import")))
            .alias("direction")
        )
    )


_ROLES = ("Declarant", "Agent", "Importer", "Exporter", "Consignee", "Consignor", "Submitter")


def _with_classification(lot: Lot) -> pl.DataFrame:
    kind = pl.col("id_type")
    codes = (
        lot["classifications"]
        .group_by("i")
        .agg(
            pl.col("id").filter(kind.is_in(["TSP", "HS", "SRZ", "TSN"])).first().alias("_base"),
            pl.col("id").filter(kind == "TRC").first().alias("_national"),
            pl.col("id").first().alias("_first"),
        )
        .select("i", commodity_code=pl.coalesce(pl.col("_base") + pl.col("_national").fill_null(""), "_first"))
    )
    procedures = (
        lot["procedures"]
        .filter(pl.col("previous").is_not_null())
        .group_by("i")
        .agg(procedure=pl.col("current").first(), previous_procedure=pl.col("previous").first())
    )
    origins = (
        lot["origins"]
        .group_by("i")
        .agg(
            origin=pl.col("country").sort_by(pl.col("type").fill_null("1") != "1", maintain_order=True).first(),
            preferential_origin=pl.col("country").filter(pl.col("type") == "2").first(),
        )
    )
    taxes = (
        lot["taxes"]
        .group_by("i")
        .agg(preference=pl.col("regime").drop_nulls().first(), quota_order=pl.col("quota_order").drop_nulls().first())
    )
    items = lot["goods_items"].drop(DERIVED["goods_items"], strict=False)
    for derived in (codes, procedures, origins, taxes):
        items = items.join(derived, on="i", how="left", maintain_order="left")
    return items


def concat(lots: Iterable[Lot]) -> Lot:
    """One lot from several: rows of later lots are renumbered behind those of earlier ones."""
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in schemas()}
    d = i = body = 0
    for lot in lots:
        for name, frame in lot.frames.items():
            shift = [(pl.col("d") + d).cast(pl.UInt32)]
            if name == "declarations":
                shift.append((pl.col("body") + body).cast(pl.UInt32))
            else:
                shift.append((pl.col("i") + i).cast(pl.UInt32))
            parts[name].append(frame.with_columns(shift))
        d += len(lot)
        i += lot["goods_items"].height
        body += int(lot["declarations"]["body"].max() or -1) + 1  # type: ignore[arg-type]
    return Lot({name: pl.concat(frames, how="vertical_relaxed") for name, frames in parts.items()})


def select(lot: Lot, rows: Iterable[int]) -> Lot:
    """The lot of only these declarations, in this order, rows renumbered from 0."""
    order = pl.DataFrame({"d": list(rows)}, schema={"d": pl.UInt32}).with_row_index("_d")
    items = (
        order.join(lot["goods_items"].select("d", "i"), on="d", how="inner", maintain_order="left_right")
        .select("i")
        .with_row_index("_i")
    )
    taken: dict[str, pl.DataFrame] = {}
    for name, frame in lot.frames.items():
        columns = frame.columns
        chosen = order.join(frame, on="d", how="inner", maintain_order="left_right").drop("d").rename({"_d": "d"})
        if "i" in columns:
            chosen = chosen.join(items, on="i", how="left", maintain_order="left").drop("i").rename({"_i": "i"})
        taken[name] = chosen.select(columns)
    return Lot(taken)
