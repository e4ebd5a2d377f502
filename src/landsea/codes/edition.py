"""The edition: all law and reference data the node holds, as one immutable, content-addressed value.

It is made from the files of `schedules/`: one folder per issuer, each with a `manifest.toml` that names the source,
licence and date of every table, the types of its columns, and how many rows it must have. A table of the same name from
several issuers is one frame with an `issuer` column. Every other TOML file is a document, addressed `issuer/name`.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from landsea.errors import InputError
from landsea.units import micro

_SCALARS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "decimal": pl.Int128(),  # millionths
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Edition:
    """Law and reference data with validity intervals. Equal digests mean equal law, byte for byte."""

    digest: str
    tables: Mapping[str, pl.DataFrame]
    documents: Mapping[str, Mapping[str, Any]]

    def table(self, name: str) -> pl.DataFrame:
        """The table of that name over all issuers. Raises InputError where no issuer has one."""
        if name not in self.tables:
            raise InputError(f"this edition has no table {name!r}; it has {', '.join(sorted(self.tables))}")
        return self.tables[name]

    def named(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Issuer → document, for all documents of that name."""
        return {path.split("/")[0]: doc for path, doc in self.documents.items() if path.split("/")[1] == name}

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edition) and other.digest == self.digest


def edition_of(files: Mapping[str, bytes]) -> Edition:
    """The edition made of these files, addressed `issuer/name.csv`, `issuer/name.toml`, `issuer/manifest.toml`.

    Raises InputError, naming file and line, for a table no manifest lists, a value that does not fit its column, or a
    count that a manifest asserts and the file does not have.
    """
    digest = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(files[path]).digest()
        digest.update(len(path).to_bytes(2) + path.encode() + content)
    parts: dict[str, list[pl.DataFrame]] = {}
    documents: dict[str, Mapping[str, Any]] = {}
    for issuer in sorted({path.split("/")[0] for path in files}):
        manifest = _toml(files, f"{issuer}/manifest.toml")
        for path in sorted(p for p in files if p.startswith(issuer + "/")):
            name, _, kind = path.split("/", 1)[1].rpartition(".")
            if kind == "csv":
                parts.setdefault(name, []).append(_table(path, files[path], issuer, manifest))
            elif kind == "toml":
                documents[f"{issuer}/{name}"] = _toml(files, path)
            else:
                raise InputError(f"{path}: a schedule holds .csv and .toml files only")
    tables = {name: pl.concat(frames, how="diagonal") for name, frames in parts.items()}
    return Edition("sha256:" + digest.hexdigest(), tables, documents)


def _toml(files: Mapping[str, bytes], path: str) -> Mapping[str, Any]:
    if path not in files:
        raise InputError(f"{path} is missing; every schedule says its source, licence and date there")
    try:
        return tomllib.loads(files[path].decode("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _table(path: str, content: bytes, issuer: str, manifest: Mapping[str, Any]) -> pl.DataFrame:
    name = path.split("/", 1)[1].removesuffix(".csv")
    stated = manifest.get("tables", {}).get(name)
    if stated is None:
        raise InputError(f"{issuer}/manifest.toml does not list the table {name!r}")
    for needed in ("source", "licence", "date", "rows", "columns"):
        if needed not in stated:
            raise InputError(f"{issuer}/manifest.toml: [tables.{name}] does not say {needed}")
    columns: Mapping[str, str] = stated["columns"]
    raw = pl.read_csv(content, infer_schema=False, encoding="utf8")
    if raw.columns != list(columns):
        raise InputError(f"{path}: columns are {raw.columns}, the manifest says {list(columns)}")
    if raw.height != stated["rows"]:
        raise InputError(f"{path}: {raw.height} rows, the manifest says {stated['rows']}")
    typed = [_column(path, raw[column], kind) for column, kind in columns.items()]
    return pl.DataFrame(typed).with_columns(issuer=pl.lit(issuer))


def _column(path: str, raw: pl.Series, kind: str) -> pl.Series:
    values: list[Any] = []
    for line, text in enumerate(raw, start=2):
        try:
            values.append(None if text is None else _value(text.strip(), kind))
        except ValueError as error:
            raise InputError(f"{path}, line {line}, column {raw.name}: {text!r} {error}") from error
    return pl.Series(raw.name, values, dtype=_SCALARS[kind])


def _value(text: str, kind: str) -> Any:
    if kind == "decimal":
        return micro(text)
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return text == "true"
    if kind == "date":
        return tomllib.loads(f"v={text}")["v"]
    return text
