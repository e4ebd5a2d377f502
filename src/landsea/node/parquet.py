"""Lots from Parquet: a folder with one file per frame of a lot, read by stretches of whole declarations.

`declarations.parquet` must be there; any other frame may be missing, and so may columns. Rows stand in the order of `d`
(0, 1, 2 …), goods items in the order of `i` (0, 1, 2 …). Decimals are Int128 counts of millionths, as in a lot, or
Parquet decimals in whole units. Of the context columns `sender` and `administration` are taken where given; `message`,
`version`, `received_at` and `applicable_on` have the defaults of a declaration lodged now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from landsea.declaration.lot import Lot, lot_of, schemas
from landsea.errors import InputError


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a bulk lot does not say of itself: who lodged it, when, to whom, and under which profile."""

    sender: str
    received_at: datetime
    administration: str
    message_profile: str


def write(lot: Lot, folder: Path) -> None:
    """The lot stands in the folder as Parquet, one file for each frame that has rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        if lot[name].height:
            lot[name].select(list(schema)).write_parquet(folder / f"{name}.parquet")


class Rows:
    """The lot in a folder, any stretch of which can be read.

    Raises InputError, naming file and column, for what is no frame of a lot or stands out of order.
    """

    def __init__(self, folder: Path) -> None:
        self._frames = _frames(folder)
        self._starts = {name: _numbers(folder, name, frame, "d") for name, frame in self._frames.items()}
        if "goods_items" in self._frames:
            _numbers(folder, "goods_items", self._frames["goods_items"], "i", whole=True)

    def __len__(self) -> int:
        return self._starts["declarations"].len()

    def lot(self, first: int, end: int, arrival: Arrival) -> Lot:
        """The declarations from `first` up to `end`, numbered from 0."""
        bounds = {name: _bounds(d, first, end) for name, d in self._starts.items()}
        item = bounds["goods_items"][0] if "goods_items" in bounds else 0
        cut = {
            name: _renumbered(frame.slice(low, high - low), first, item).collect()
            for name, frame in self._frames.items()
            for low, high in (bounds[name],)
        }
        return _arrived(cut, arrival)


def _frames(folder: Path) -> dict[str, pl.LazyFrame]:
    frames = {}
    for file in sorted(folder.glob("*.parquet")):
        if file.stem not in schemas():
            raise InputError(f"{file}: a lot has no frame {file.stem!r}; it has {', '.join(schemas())}")
        try:
            scan = pl.scan_parquet(file)
            frames[file.stem] = scan.with_columns(_typed(file, scan.collect_schema()))
        except pl.exceptions.PolarsError as error:
            raise InputError(f"{file} cannot be read as Parquet: {error}") from error
    if "declarations" not in frames:
        raise InputError(f"{folder} has no declarations.parquet")
    return frames


def _typed(file: Path, given: pl.Schema) -> Iterator[pl.Expr]:
    schema = schemas()[file.stem]
    for name, kind in given.items():
        if name not in schema:
            raise InputError(f"{file}: the frame has no column {name!r}")
        if kind == schema[name]:
            continue
        column = pl.col(name)
        if isinstance(kind, pl.Decimal) and schema[name] == pl.Int128():
            yield (column.cast(pl.Decimal(38, 6)) * 1_000_000).cast(pl.Int128)
        elif (kind.is_integer() and schema[name].is_integer()) or kind == pl.Null or kind.is_temporal():
            yield column.cast(schema[name])
        else:
            raise InputError(f"{file}: column {name!r} is {kind}, not {schema[name]}")


def _numbers(folder: Path, name: str, frame: pl.LazyFrame, key: str, *, whole: bool = False) -> pl.Series:
    """The key column; every number from 0 once where `whole` or in `declarations`, else in rising order."""
    numbers = frame.select(pl.col(key)).collect().to_series()
    steps = numbers.cast(pl.Int64).diff().drop_nulls()
    once = whole or name == "declarations"
    holds = bool((steps == 1).all() and numbers.first() in (0, None)) if once else bool((steps >= 0).all())
    if numbers.null_count() or not holds:
        wanted = "0, 1, 2 … in order" if once else "in rising order"
        raise InputError(f"{folder / name}.parquet: column {key!r} must have {wanted}")
    return numbers


def _bounds(d: pl.Series, first: int, end: int) -> tuple[int, int]:
    low, high = d.search_sorted(pl.Series([first, end]), side="left").to_list()
    return low, high


def _renumbered(frame: pl.LazyFrame, first: int, item: int) -> pl.LazyFrame:
    columns = [(pl.col("d") - first).cast(pl.UInt32)]
    if "i" in frame.collect_schema():
        columns.append((pl.col("i") - item).cast(pl.UInt32))
    return frame.with_columns(columns)


def _arrived(frames: dict[str, pl.DataFrame], arrival: Arrival) -> Lot:
    named = frames["declarations"]

    def default(column: str, value: pl.Expr) -> pl.Expr:
        return pl.coalesce(column, value).alias(column) if column in named.columns else value.alias(column)

    received = pl.lit(arrival.received_at).dt.cast_time_unit("us")
    frames["declarations"] = named.with_columns(
        pl.col("d").alias("body"),
        default("message", pl.lit("declaration")),
        default("sender", pl.lit(arrival.sender)),
        default("administration", pl.lit(arrival.administration)),
        default("message_profile", pl.lit(arrival.message_profile)),
        default("version", pl.lit(1, pl.UInt32)),
        default("received_at", received),
    ).with_columns(
        pl.coalesce(
            *(pl.col(c) for c in ("applicable_on",) if c in named.columns),
            *(pl.col(c).dt.date() for c in ("accepted_at",) if c in named.columns),
            received.dt.date(),
        ).alias("applicable_on")
    )
    return lot_of(frames)
