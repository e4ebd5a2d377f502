"""The blobs of a decision record: what was decided, for whom to read, as JSON made in columns.

A message that arrives becomes a record of its own, whose groups are those of the declaration (`dossier.group`). The
decision on it is a second record, caused by the first, with these groups:

* `decision@1` what the declarant is told (`told`)
* `duty@1`     per goods item, the taxes with base, rate and amount
* `findings@1` what the rules had to say
* `reasons@1`  why it was selected, and what was decided before arrival: officers and auditors only
* `basis@1`    what the decision was computed from: edition, what was known, engine; officers and auditors only

Names are fixed; amounts are decimal texts; what is not there is null. Members stand in the order below.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.element import elements
from landsea.declaration.stage import Control, Decided, Known, Outcome
from landsea.dossier.group import SCHEMA
from landsea.risk.reasons import Audience

from .told import told

KINDS: Final = {
    "declaration": "declaration-lodged",
    "amendment": "amendment-lodged",
    "invalidation": "invalidation-lodged",
    "presentation": "goods-presented",
    "unreadable": "body-lodged",
    "not-a-declaration": "body-lodged",
}
"""Kind of message → kind of the record it becomes."""
DECISION: Final = "decision"
"""Kind of the record of a decision."""
WITHHELD: Final = {
    Audience.TRADER: frozenset({"reasons@1", "basis@1"}),
    Audience.OFFICER: frozenset[str](),
    Audience.AUDITOR: frozenset[str](),
}
"""Audience → groups that are never disclosed to it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a lot was cleared with; two clearings with the same basis give the same bytes."""

    edition: str  # digest
    known: str  # digest
    log_position: int
    engine: str  # release of landsea


def basis(known: Known, edition: Edition, engine: str) -> Basis:
    """The basis of clearing with these."""
    digest = hashlib.sha256(b"landsea/known/1")
    for name in sorted(known.frames):
        frame = known.frames[name]
        columns = [pl.col(c).bin.encode("hex") if t == pl.Binary else pl.col(c) for c, t in frame.schema.items()]
        text = f"{name}\\n{frame.schema}\\n{frame.select(columns).write_csv()}".encode()
        digest.update(len(text).to_bytes(8) + text)
    return Basis(edition.digest, "sha256:" + digest.hexdigest(), known.log_position, engine)


def decision_blobs(decided: Decided, edition: Edition, on: Basis) -> pl.DataFrame:
    """The blobs of every decision of the lot (`dossier.group.SCHEMA`), ordered by d, item and group."""
    return pl.concat(
        [_decision(decided, edition), _duty(decided), _findings(decided), _reasons(decided), _basis(decided, on)]
    ).sort("d", "item", "group")


def _decision(decided: Decided, edition: Edition) -> pl.DataFrame:
    shown = told(decided, edition)
    return _blobs(shown.select("d", text=_object(*(c for c in shown.columns if c != "d"))), "decision@1")


def _duty(decided: Decided) -> pl.DataFrame:
    if decided.assessments.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    amounts = [decimal(name).alias(name) for name in ("base", "quantity", "amount")]
    members = (
        *("tax", "measure", "regime", "base", "quantity", "unit", "rate", "amount", "currency", "state"),
        *("quota_order", "if_granted"),
    )
    rows = decided.assessments.with_columns(amounts).select("d", "item", text=_object(*members))
    return _lists(rows, ["d", "item"], "duty@1", "taxes")


def _findings(decided: Decided) -> pl.DataFrame:
    paths = pl.Series([e.path for e in elements()])
    rows = decided.findings.with_columns(element=pl.lit(paths).gather(pl.col("at")))
    members = ("rule", "version", "severity", "element", "item", "n", "m", "value", "place")
    keyed = rows.sort("d", "item", "rule", "at", "n", "m").select("d", text=_object(*members))
    return _lists(keyed, ["d"], "findings@1", "findings")


def _reasons(decided: Decided) -> pl.DataFrame:
    hits = decided.hits.select("d", text=_object("item", "profile", "control", "values"))
    listed = hits.group_by("d", maintain_order=True).agg(pl.col("text").str.join(","))
    chosen = decided.selections.join(decided.decisions, on="d", how="left", maintain_order="left", suffix="_decided")
    rows = chosen.join(listed, on="d", how="left", maintain_order="left").with_columns(
        outcome=_code("outcome", Outcome), control=_code("control", Control), drawn=_code("drawn", Control)
    )
    head = _object("outcome", "control", "state", "selected_by", "drawn", "inclusion").str.head(-1)
    text = pl.concat_str(head, pl.lit(',"hits":['), pl.col("text").fill_null(""), pl.lit("]}"))
    return _blobs(rows.select("d", text=text), "reasons@1")


def _basis(decided: Decided, on: Basis) -> pl.DataFrame:
    values = (
        pl.lit(v).alias(n)
        for n, v in zip(on.__slots__, (on.edition, on.known, on.log_position, on.engine), strict=True)
    )
    text = pl.select(pl.struct(*values).struct.json_encode()).item()
    return _blobs(decided.decisions.select("d", text=pl.lit(text)), "basis@1")


def decimal(name: str) -> pl.Expr:
    """The decimal text of a column of millionths, without zeros at its end."""
    value = (pl.col(name).cast(pl.Decimal(38, 6)) / 1_000_000).cast(pl.String)  # exact: six decimals are all there are
    return value.str.strip_chars_end("0").str.strip_chars_end(".")


def _code(name: str, codes: type[Outcome] | type[Control]) -> pl.Expr:
    return pl.col(name).replace_strict({c.value: c.name.lower() for c in codes}, return_dtype=pl.String)


def _object(*members: str) -> pl.Expr:
    return pl.struct(*members).struct.json_encode()


def _lists(rows: pl.DataFrame, keys: list[str], group: str, member: str) -> pl.DataFrame:
    texts = rows.group_by(keys, maintain_order=True).agg(pl.col("text").str.join(","))
    whole = pl.concat_str(pl.lit(f'{{"{member}":['), "text", pl.lit("]}"))
    return _blobs(texts.with_columns(text=whole), group)


def _blobs(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    placed = rows if "item" in rows.columns else rows.with_columns(item=pl.lit(0, pl.UInt32))
    return placed.select("d", group=pl.lit(group), item="item", text="text")
