"""The blobs of a decision record: what was decided, for whom to read, as JSON made in columns.

A message that arrives becomes a record of its own, whose groups are those of the declaration (`dossier.group`). The
decision on it is a second record, caused by the first, with these groups:

* `decision@1` what the declarant is told (`told`)
* `duty@1`     per goods item, the taxes with base, rate and amount
* `quota@1`    per goods item that claims a quota, what of it was granted, and from which stock
* `liability@1` who acts for whom, by which mandate, and who answers, where the principal keeps mandates here
* `agencies@1` per goods item, what agencies with a say ask, and their fees
* `findings@1` what the rules had to say
* `reasons@1`  why it was selected, and what was decided before arrival: officers and auditors only
* `basis@1`    what the decision was computed from: edition, what was known, engine; officers and auditors only
* `known@1`    what was known, so that the node can decide again (`node.replay`); officers and auditors only

Names are fixed; amounts are decimal texts; what is not there is null. Members stand in the order below.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

import msgspec
import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.element import elements
from landsea.declaration.lot import collected
from landsea.declaration.stage import Assessed, Control, Decided, Known, Outcome
from landsea.dossier.group import SCHEMA, groups
from landsea.risk.reasons import Audience

from .told import TOLD, named, plan_of_told

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
_DECISION: Final = frozenset({"decision@1", "duty@1", "quota@1", "findings@1", "agencies@1", "liability@1"})
_DECLARED: Final = _DECISION | {*groups(), "national@1", "advice@1", "act@1", "cargo@1"}
_OFFICERS: Final = frozenset({"reasons@1", "basis@1", "known@1", "hints@1", "lane@1", "inquiry@1"})
DISCLOSED: Final = {
    Audience.TRADER: _DECLARED,
    Audience.OFFICER: _DECLARED | _OFFICERS,
    Audience.AUDITOR: _DECLARED | _OFFICERS,
}
"""Audience → the groups it may see. A group that stands nowhere here is shown to nobody."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a lot was cleared with; two clearings with the same basis give the same bytes."""

    edition: str  # digest
    known: str  # digest
    log_position: int
    engine: str  # release of landsea


def basis(known: Known, edition: Edition, engine: str) -> Basis:
    """The basis of clearing with these.

    What was known is digested frame by frame in the order of their names, each as JSON behind its length: the name,
    then name, type and values of every column, bytes in base64.
    """
    digest = hashlib.sha256(b"landsea/known/2")
    for name in sorted(known.frames):
        columns = [(column.name, str(column.dtype), column.to_list()) for column in known.frames[name].get_columns()]
        text = msgspec.json.encode((name, columns))
        digest.update(len(text).to_bytes(8) + text)
    return Basis(edition.digest, "sha256:" + digest.hexdigest(), known.log_position, engine)


_HEADER: Final = pl.lit(0, pl.UInt32)


def decision_blobs(decided: Decided, edition: Edition, on: Basis) -> pl.DataFrame:
    """The blobs of every decision of the lot (`dossier.group.SCHEMA`), ordered by d, item and group."""
    parts = [_decision(decided, edition), _reasons(decided), _basis(decided, on)]
    if decided.assessments.height:
        parts.append(_duty(decided))
    if decided.findings.height:
        parts.append(_findings(decided))
    if decided.claims.height:
        parts.append(_quota(decided))
    if decided.asks.height:
        parts.append(_agencies(decided, edition))
    if decided.represented.height:
        parts.append(_liability(decided))
    return collected(pl.concat(parts).sort("d", "item", "group"))


def assessed_blobs(assessed: Assessed) -> pl.DataFrame:
    """Findings and duties as a decision would tell them, of what is only assessed (`dossier.group.SCHEMA`)."""
    asked = ((_duty, assessed.assessments), (_findings, assessed.findings))
    parts = [part(assessed) for part, rows in asked if rows.height]
    return collected(pl.concat(parts).sort("d", "item", "group")) if parts else pl.DataFrame(schema=SCHEMA)


def _object(*members: str) -> pl.Expr:
    return pl.struct(*members).struct.json_encode()


def decimal(name: str) -> pl.Expr:
    """The decimal text of a column of millionths, without zeros at its end."""
    value = (pl.col(name).cast(pl.Decimal(38, 6)) / 1_000_000).cast(pl.String)  # exact: six decimals are all there are
    return value.str.strip_chars_end("0").str.strip_chars_end(".")


AMOUNTS: Final = tuple(decimal(name).alias(name) for name in ("base", "quantity", "amount"))
"""The amounts of an assessment as decimal texts."""
_TOLD: Final = _object(*(name for name in TOLD if name != "d"))
_TAX: Final = _object(
    *("tax", "measure", "regime", "base", "quantity", "unit", "rate", "amount", "currency", "state"),
    *("quota_order", "if_granted"),
)
_ASK: Final = _object(
    *("agency", "name", "rule", "why", "action", "wanted", "per", "satisfied", "fee", "fee_currency"),
)
_ELEMENT: Final = pl.lit(pl.Series([e.path for e in elements()])).gather("at").alias("element")
_FINDING: Final = _object("rule", "version", "severity", "element", "item", "n", "m", "value", "place")
_HIT: Final = _object("item", "profile", "control", "values")
_CODES: Final = (
    named(pl.col("outcome"), Outcome).alias("outcome"),
    named(pl.col("control"), Control).alias("control"),
    named(pl.col("drawn"), Control).alias("drawn"),
)
_CHOSEN: Final = _object("outcome", "control", "state", "selected_by", "drawn", "inclusion").str.head(-1)
_WITHOUT_HITS: Final = pl.concat_str(_CHOSEN, pl.lit(',"hits":[]}'))
_WITH_HITS: Final = pl.concat_str(_CHOSEN, pl.lit(',"hits":['), pl.col("text").fill_null(""), pl.lit("]}"))


def _decision(decided: Decided, edition: Edition) -> pl.LazyFrame:
    return plan_of_told(decided, edition).select(_blob("decision@1", _TOLD))


def _duty(decided: Assessed) -> pl.LazyFrame:
    rows = decided.assessments.lazy().with_columns(AMOUNTS).select("d", "item", text=_TAX)
    return _lists(rows, ["d", "item"]).select(_blob("duty@1", _array("taxes"), pl.col("item")))


def _liability(decided: Decided) -> pl.LazyFrame:
    said = _object("acting", "principal", "representation", "mandate", "liable")
    return decided.represented.lazy().select(_blob("liability@1", said))


def _agencies(decided: Decided, edition: Edition) -> pl.LazyFrame:
    names = edition.table("agencies").select("agency", "name")
    item = pl.lit(decided.lot["goods_items"]["n"]).gather("i").alias("item")
    rows = decided.asks.lazy().join(names.lazy(), on="agency", how="left", maintain_order="left")
    asked = rows.with_columns(decimal("fee").alias("fee"), item).select("d", "item", text=_ASK)
    return _lists(asked, ["d", "item"]).select(_blob("agencies@1", _array("asks"), pl.col("item")))


def _quota(decided: Decided) -> pl.LazyFrame:
    rows = decided.claims.lazy().with_columns(decimal(name).alias(name) for name in ("wanted", "granted"))
    text = _object("quota_order", "stock", "wanted", "granted", "unit", "why")
    return rows.select(_blob("quota@1", text, pl.col("item")))


def _findings(decided: Assessed) -> pl.LazyFrame:
    rows = decided.findings.lazy().with_columns(_ELEMENT).sort("d", "item", "rule", "at", "n", "m")
    return _lists(rows.select("d", text=_FINDING), ["d"]).select(_blob("findings@1", _array("findings")))


def _reasons(decided: Decided) -> pl.LazyFrame:
    rows = (
        decided.selections.lazy()
        .with_columns(decided.decisions[["outcome", "state"]].get_columns())
        .with_columns(_CODES)
    )
    if decided.hits.is_empty():
        return rows.select(_blob("reasons@1", _WITHOUT_HITS))
    listed = _lists(decided.hits.lazy().select("d", text=_HIT), ["d"])
    return rows.join(listed, on="d", how="left", maintain_order="left").select(_blob("reasons@1", _WITH_HITS))


def _basis(decided: Decided, on: Basis) -> pl.LazyFrame:
    text = json.dumps(asdict(on), ensure_ascii=False, separators=(",", ":"))
    return decided.decisions.lazy().select(_blob("basis@1", pl.lit(text)))


def _lists(rows: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    return rows.group_by(keys, maintain_order=True).agg(pl.col("text").str.join(","))


def _array(member: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f'{{"{member}":['), "text", pl.lit("]}"))


def _blob(group: str, text: pl.Expr, item: pl.Expr = _HEADER) -> tuple[pl.Expr, ...]:
    return pl.col("d"), pl.lit(group).alias("group"), item.alias("item"), text.alias("text")
