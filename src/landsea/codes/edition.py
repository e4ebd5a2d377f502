"""The edition: all law and reference data the node holds, as one immutable, content-addressed value.

It is made from the files of `schedules/`: one folder per issuer, each with a `manifest.toml` that names the source,
licence and date of every table, the types of its columns, how many rows it must have and, as `key`, the columns that
tell its rows apart. A table with a `valid_from` may have the same key again where the intervals do not overlap, so
that a lot's row draws at most one row of law by its `applicable_on`. A table of the same name from several issuers is
one frame with an `issuer` column. Every other TOML file is a document, addressed `issuer/name`.

Law is public, risk profiles are not. The digest covers every published file as it is and the profiles through a
commitment that a secret salt keeps from being guessed: who holds only what is published can check the digest
(`digest_of`), and whoever is shown profiles and salt later can check that these were the ones.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from landsea.errors import InputError
from landsea.units.validity import in_force

from .schedule import documents_and_tables

SALTED = "risk_profiles.toml"
"""The file of an issuer that only the salted commitment covers."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Law and reference data with validity intervals. Equal digests mean equal law, byte for byte.

    `commitment` stands for the risk profiles; empty where there are none.
    """

    digest: str
    tables: Mapping[str, pl.DataFrame]
    documents: Mapping[str, Mapping[str, Any]]
    commitment: str = ""

    def table(self, name: str) -> pl.DataFrame:
        """The table of that name over all issuers. Raises InputError where no issuer has one."""
        if name not in self.tables:
            raise InputError(f"this edition has no table {name!r}; it has {', '.join(sorted(self.tables))}")
        return self.tables[name]

    def in_force(self, name: str, on: date) -> pl.DataFrame:
        """The rows of that table in force on a day; all of them where the table has no validity."""
        table = self.table(name)
        return table.filter(in_force(pl.lit(on))) if "valid_from" in table.columns else table

    def named(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Issuer → document, for all documents of that name."""
        return {path.split("/")[0]: doc for path, doc in self.documents.items() if path.split("/")[1] == name}

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edition) and other.digest == self.digest


def edition_of(files: Mapping[str, bytes], salt: bytes = b"") -> Edition:
    """The edition made of these files, addressed `issuer/name.csv`, `issuer/name.toml`, `issuer/manifest.toml`.

    `salt` keeps the risk profiles from being guessed from their commitment; without one they can be. Raises InputError,
    naming file and line, for what no manifest lists or a manifest asserts and the file does not keep.
    """
    documents, tables = documents_and_tables(files)
    commitment = _commitment(files, salt)
    return Edition(digest_of(published(files), commitment), tables, documents, commitment)


def published(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without the risk profiles: what a node may show to anyone."""
    return {path: content for path, content in files.items() if not path.endswith("/" + SALTED)}


def digest_of(files: Mapping[str, bytes], commitment: str = "") -> str:
    """The digest of an edition with these published files and this commitment to its risk profiles."""
    digest = hashlib.sha256(_listing(files))
    digest.update(commitment.encode())
    return "sha256:" + digest.hexdigest()


def _commitment(files: Mapping[str, bytes], salt: bytes) -> str:
    secret = {path: content for path, content in files.items() if path.endswith("/" + SALTED)}
    if not secret:
        return ""
    opened = b"landsea/profiles/1" + len(salt).to_bytes(2) + salt + _listing(secret)
    return "sha256:" + hashlib.sha256(opened).hexdigest()


def _listing(files: Mapping[str, bytes]) -> bytes:
    """Each path, with its length before it, and the hash of its content, in the order of the paths."""
    parts = []
    for path in sorted(files):
        name = path.encode()
        parts.append(len(name).to_bytes(2) + name + hashlib.sha256(files[path]).digest())
    return b"".join(parts)
