"""The schedules: how the files of an edition are read, and what a manifest asserts of them.

Everything is refused that a careful clerk would refuse: a table nobody accounts for, a listed table that is absent, a
row too many, a value that is not of its column's type, two rows with one key, two intervals of one key that overlap.
The message names file and line, the line being that of the row where no value spans several.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl

from landsea.errors import InputError
from landsea.units import micro

_STATED = {"source": str, "licence": str, "date": date, "rows": int, "columns": dict}


def documents_and_tables(
    files: Mapping[str, bytes],
) -> tuple[dict[str, Mapping[str, Any]], dict[str, pl.DataFrame]]:
    """The documents by `issuer/name` and the tables by name, each over all issuers.

    Raises InputError, naming file and line, for anything the module's text refuses.
    """
    parts: dict[str, list[pl.DataFrame]] = {}
    documents: dict[str, Mapping[str, Any]] = {}
    for path in sorted(files):
        if not re.fullmatch(r"[^/]+/[^/]+\.(csv|toml)", path):
            raise InputError(f"{path}: a schedule holds .csv and .toml files only, one folder deep")
    for issuer in sorted({path.split("/")[0] for path in files}):
        manifest = _toml(files, f"{issuer}/manifest.toml")
        stated = manifest.get("tables", {})
        for name in stated:
            if f"{issuer}/{name}.csv" not in files:
                raise InputError(f"{issuer}/{name}.csv is missing; {issuer}/manifest.toml lists it")
        for path in sorted(p for p in files if p.startswith(issuer + "/")):
            name, _, kind = path.split("/", 1)[1].rpartition(".")
            if kind == "toml":
                documents[f"{issuer}/{name}"] = _toml(files, path)
            elif name not in stated:
                raise InputError(f"{issuer}/manifest.toml does not list the table {name!r}")
            else:
                _check_manifest(f"{issuer}/manifest.toml: [tables.{name}]", stated[name])
                frame = _table(path, files[path], stated[name])
                parts.setdefault(name, []).append(frame.with_columns(issuer=pl.lit(issuer)))
    return documents, {name: _joined(name, frames) for name, frames in parts.items()}


def _toml(files: Mapping[str, bytes], path: str) -> Mapping[str, Any]:
    if path not in files:
        raise InputError(f"{path} is missing; every schedule says its source, licence and date there")
    try:
        return tomllib.loads(files[path].decode("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _check_manifest(where: str, stated: Mapping[str, Any]) -> None:
    for needed, kind in _STATED.items():
        if needed not in stated:
            raise InputError(f"{where} does not say {needed}")
        if not isinstance(stated[needed], kind):
            raise InputError(f"{where}: {needed} is {stated[needed]!r}, not a {kind.__name__}")
    for column, kind in stated["columns"].items():
        if kind not in _KINDS:
            raise InputError(f"{where}: column {column} is of type {kind!r}; known are {', '.join(_KINDS)}")
    for column in stated.get("key", []):
        if column not in stated["columns"]:
            raise InputError(f"{where}: the key names {column!r}, which is no column")


def _table(path: str, content: bytes, stated: Mapping[str, Any]) -> pl.DataFrame:
    columns: Mapping[str, str] = stated["columns"]
    try:
        raw = pl.read_csv(content, infer_schema=False, encoding="utf8")
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path}: is not a table in UTF-8 with one header line: {error}") from error
    if raw.columns != list(columns):
        raise InputError(f"{path}: columns are {raw.columns}, the manifest says {list(columns)}")
    if raw.height != stated["rows"]:
        raise InputError(f"{path}: {raw.height} rows, the manifest says {stated['rows']}")
    typed = pl.DataFrame([_column(path, raw[column], kind) for column, kind in columns.items()])
    if "key" in stated:
        _check_key(path, typed, stated["key"])
    return typed


def _column(path: str, raw: pl.Series, kind: str) -> pl.Series:
    dtype, read = _KINDS[kind]
    values: list[Any] = []
    for line, text in enumerate(raw, start=2):
        try:
            values.append(None if text is None else read(text.strip()))
        except ValueError as error:
            raise InputError(f"{path}, line {line}, column {raw.name}: {text!r} {error}") from error
    return pl.Series(raw.name, values, dtype=dtype)


def _date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("is not a date such as 2026-07-01")
    return date.fromisoformat(text)


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        raise ValueError("is not a whole number of at most 18 digits")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text == "true"


_KINDS: dict[str, tuple[pl.DataType, Callable[[str], Any]]] = {
    "text": (pl.String(), str),
    "date": (pl.Date(), _date),
    "decimal": (pl.Int128(), micro),  # millionths
    "integer": (pl.Int64(), _integer),
    "boolean": (pl.Boolean(), _boolean),
}


def _check_key(path: str, table: pl.DataFrame, key: list[str]) -> None:
    """Raises InputError where two rows have one key at one time; without validity every row holds at all times."""
    starts = pl.col("valid_from") if "valid_from" in table.columns else pl.lit(date.min)
    ends = pl.col("valid_to") if "valid_to" in table.columns else pl.lit(None, dtype=pl.Date)
    rows = table.with_row_index("line", offset=2).with_columns(starts.alias("_from"), ends.alias("_to"))
    never = rows.filter(pl.col("_from").is_null() | (pl.col("_to") <= pl.col("_from")))
    if never.height:
        raise InputError(f"{path}, line {never['line'][0]}: is in force on no day")
    columns = [column for column in key if column not in ("valid_from", "valid_to")]
    before = pl.col("line", "_to").shift(1).over(columns, order_by=["_from", "line"]).name.prefix("before_")
    open_still = pl.col("before__to").is_null() | (pl.col("before__to") > pl.col("_from"))
    again = rows.with_columns(before).filter(pl.col("before_line").is_not_null() & open_still)
    for row in again.head(1).iter_rows(named=True):
        named = ", ".join(f"{column} {row[column]}" for column in columns)
        raise InputError(f"{path}, line {row['line']}: {named} stands already in line {row['before_line']}")


def _joined(name: str, frames: list[pl.DataFrame]) -> pl.DataFrame:
    try:
        return pl.concat(frames, how="diagonal")
    except pl.exceptions.PolarsError as error:
        issuers = ", ".join(frame["issuer"][0] for frame in frames if frame.height)
        raise InputError(f"the tables {name!r} of {issuers} give a column different types") from error
