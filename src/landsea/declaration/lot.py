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

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import polars as pl

from .element import elements

UTC = pl.Datetime("us", "UTC")

Said = dict[int, str | None]
"""A derived column: row of its frame → its value; a row nothing is said of is left out."""
_Three = tuple[int, str | None, str | None]

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
        "declarant_id": pl.String(),
        "agent_id": pl.String(),
        "importer_id": pl.String(),
        "exporter_id": pl.String(),
        "consignee_id": pl.String(),
        "consignor_id": pl.String(),
        "submitter_id": pl.String(),
        "agent_function": pl.String(),
        "direction": pl.String(),  # import or export, from the first letters of the type; null where neither
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
    said = derived(lambda name, columns: list(zip(*(lot[name][column].to_list() for column in columns), strict=True)))
    frames = {}
    for (name, columns), key in zip(DERIVED.items(), "di", strict=True):
        rows = lot[name][key].to_list()
        found = {column: [said[name][column].get(row) for row in rows] for column in columns}
        frames[name] = lot[name].select(pl.exclude(*columns)).hstack(pl.DataFrame(found, schema=columns))
    return lot.with_frames(**frames)


def derived(rows: Callable[[str, tuple[str, ...]], Sequence[tuple[Any, ...]]]) -> Mapping[str, Mapping[str, Said]]:
    """Frame and derived column → what the rows say; `rows` gives these columns of a frame row by row.

    Row by row and not as a plan over columns, of which a lot of one would pay mostly the planning.
    """
    found: dict[str, dict[str, Said]] = {name: {} for name in DERIVED}
    for of, name, columns, tell in _TELLING:
        found[of] |= tell([row for row in rows(name, columns) if row[0] is not None])
    return found


def _first(pairs: Iterable[tuple[int, str | None]]) -> Said:
    """Row → the first that is said of it."""
    return dict(reversed(list(pairs)))


def _direction(rows: Sequence[_Three]) -> dict[str, Said]:
    starts = [(d, (kind or "")[:2], exit_office) for d, kind, exit_office in rows]
    return {"direction": {d: "export" if s == "CO" and e is not None else _DIRECTIONS.get(s) for d, s, e in starts}}


def _party(rows: Sequence[tuple[int, int | None, str | None, str | None, str | None]]) -> dict[str, Said]:
    ids: dict[str | None, Said] = {role: {} for role in _ROLES}
    function: Said = {}
    for d, i, role, id_, stated in reversed(rows):  # so that the first of a role has the last word
        if i is None and role in ids:
            ids[role][d] = id_
            if role == "Agent":
                function[d] = stated
    return {f"{role.lower()}_id": ids[role] for role in _ROLES} | {"agent_function": function}


def _commodity(rows: Sequence[_Three]) -> dict[str, Said]:
    lines = _first((i, id_) for i, kind, id_ in rows if kind in _LINES)
    more = _first((i, id_) for i, kind, id_ in rows if kind == "TRC")
    whole = {i: line + (more.get(i) or "") for i, line in lines.items() if line is not None}
    return {"commodity_code": _first((i, id_) for i, _, id_ in rows) | whole}


def _procedure(rows: Sequence[_Three]) -> dict[str, Said]:
    whole = [row for row in rows if row[2] is not None]
    return {
        "procedure": _first((i, current) for i, current, _ in whole),
        "previous_procedure": _first((i, previous) for i, _, previous in whole),
    }


def _origin(rows: Sequence[_Three]) -> dict[str, Said]:
    plain = _first((i, country) for i, kind, country in rows if kind in (None, "1"))
    return {
        "origin": _first((i, country) for i, _, country in rows) | plain,
        "preferential_origin": _first((i, country) for i, kind, country in rows if kind == "2"),
    }


def _claim(rows: Sequence[_Three]) -> dict[str, Said]:
    return {
        "preference": _first((i, regime) for i, regime, _ in rows if regime is not None),
        "quota_order": _first((i, order) for i, _, order in rows if order is not None),
    }


_ROLES = ("Declarant", "Agent", "Importer", "Exporter", "Consignee", "Consignor", "Submitter")
_DIRECTIONS = {"IM": "import", "EX": "export", "CO": "import"}
_LINES = frozenset({"TSP", "HS", "SRZ", "TSN"})
_TELLING: tuple[tuple[str, str, tuple[str, ...], Callable[[Sequence[Any]], dict[str, Said]]], ...] = (
    ("declarations", "declarations", ("d", "type", "exit_office"), _direction),
    ("declarations", "parties", ("d", "i", "role", "id", "function"), _party),
    ("goods_items", "classifications", ("i", "id_type", "id"), _commodity),
    ("goods_items", "procedures", ("i", "current", "previous"), _procedure),
    ("goods_items", "origins", ("i", "type", "country"), _origin),
    ("goods_items", "taxes", ("i", "regime", "quota_order"), _claim),
)
"""Of which frame what is said, by the rows of which, in what columns."""


def collected(plan: pl.LazyFrame) -> pl.DataFrame:
    """What the plan gives, just as it is written: over a lot of one, to optimise it costs more than it saves."""
    return plan.collect(engine="in-memory", optimizations=_AS_WRITTEN)


_AS_WRITTEN = pl.QueryOptFlags.none()


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
        last = lot["declarations"]["body"].max()
        body += 0 if last is None else int(last) + 1  # type: ignore[arg-type]
    return Lot({name: collected(pl.concat(frames, how="vertical_relaxed")) for name, frames in parts.items()})


def select(lot: Lot, rows: Iterable[int]) -> Lot:
    """The lot of only these declarations, in this order, rows renumbered from 0."""
    order = pl.DataFrame({"d": list(rows)}, schema={"d": pl.UInt32}).with_row_index("_d").lazy()
    own = order.join(lot["goods_items"].lazy().select("d", "i"), on="d", how="inner", maintain_order="left_right")
    items = collected(own.select("i").with_row_index("_i")).lazy()

    def taken(frame: pl.DataFrame) -> pl.DataFrame:
        if frame.is_empty():
            return frame
        plan = order.join(frame.lazy(), on="d", how="inner", maintain_order="left_right")
        if "i" in frame.columns:
            plan = plan.join(items, on="i", how="left", maintain_order="left")
        return collected(plan.select(pl.col("_" + c).alias(c) if c in ("d", "i") else c for c in frame.columns))

    return Lot({name: taken(frame) for name, frame in lot.frames.items()})
