"""What an imported tariff changes in a schedule: the measures afterwards, every rate that differs, the files to write.

A sheet speaks of some regimes (direction, tax, preference) and is silent on the others, which stay: anti-dumping
duties, quotas and whatever else another source states. Of the regimes it speaks of it is all that is known; with a day
on which it takes effect, what was law before that day stays law for those days.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import polars as pl

from landsea.errors import InputError
from landsea.units.validity import in_force

from .layout import Regime
from .tariff_sheet import SCHEMA

_REGIME: Final = ("direction", "tax", "preference")
_KEY: Final = ("direction", "code", "origin", "tax", "preference", "quota_order")
_TYPES: Final = {pl.String(): "text", pl.Date(): "date", pl.Int64(): "integer"}


class Source(NamedTuple):
    """What a manifest says of a table: where it comes from, under which licence, as of which day."""

    source: str
    licence: str
    day: date


def merged(
    present: pl.DataFrame, imported: pl.DataFrame, regimes: Iterable[Regime], since: date | None = None
) -> pl.DataFrame:
    """The measures (`SCHEMA`) after the import: `imported` for these regimes, those `present` for all others.

    With `since` the present ones of these regimes end on that day, and imported ones begin on it at the earliest.
    """
    ours = _of_regimes(regimes)
    present = shaped(present)
    if since is None:
        return pl.concat([present.filter(~ours), imported])
    day = pl.lit(since)
    before = present.filter(ours, pl.col("valid_from") < day).with_columns(
        valid_to=pl.min_horizontal("valid_to", day)  # null, open, is passed over
    )
    after = imported.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
    after = after.with_columns(valid_from=pl.max_horizontal("valid_from", day))
    return pl.concat([present.filter(~ours), before, _told_apart(after, before)])


def _told_apart(after: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The later measures, those whose id an earlier one has with the day they begin on behind it."""
    again = pl.concat_str("id", pl.lit("-"), pl.col("valid_from").dt.strftime("%Y%m%d"))
    taken = pl.col("id").is_in(before["id"].implode())
    return after.with_columns(id=pl.when(taken).then(again).otherwise("id"))


def shaped(present: pl.DataFrame) -> pl.DataFrame:
    """The measures of a schedule with the columns of `SCHEMA`, those it lacks null."""
    has = set(present.columns)
    return present.select(
        (pl.col(name) if name in has else pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items()
    )


def _of_regimes(regimes: Iterable[Regime]) -> pl.Expr:
    """Whether a measure is of one of these regimes and draws on no quota."""
    kept = pl.DataFrame(
        [(r.direction, r.tax, r.preference or "") for r in regimes],
        schema=dict.fromkeys(_REGIME, pl.String),
        orient="row",
    ).select(pl.concat_str(_REGIME, separator="|"))
    mine = pl.concat_str("direction", "tax", pl.col("preference").fill_null(""), separator="|")
    everyone = (pl.col("origin") == "ERGA OMNES") | pl.col("preference").is_not_null()
    return pl.col("quota_order").is_null() & everyone & mine.is_in(kept.to_series().implode())


def difference(present: pl.DataFrame, afterwards: pl.DataFrame, on: date) -> pl.DataFrame:
    """Every rate that the day finds different: _KEY, `was`, `is` (null: none), `change` added, removed or changed."""
    was, now = (shaped(f).filter(in_force(pl.lit(on))).select(*_KEY, "rate") for f in (present, afterwards))
    both = was.join(now, on=_KEY, how="full", nulls_equal=True, coalesce=True, suffix="_now")
    old, new = pl.col("rate"), pl.col("rate_now")
    kind = pl.when(old.is_null()).then(pl.lit("added")).when(new.is_null()).then(pl.lit("removed"))
    differing = both.filter(old.ne_missing(new))
    return differing.select(*_KEY, was=old, **{"is": new}, change=kind.otherwise(pl.lit("changed"))).sort(_KEY)


def files_of(measures: pl.DataFrame, manifest: bytes, source: Source) -> dict[str, bytes]:
    """`measures.csv` and `manifest.toml` with the section of its table written anew, the rest as it was.

    Raises InputError where the manifest does not become what was meant, as where its section is no plain one.
    """
    table = measures.sort("code", "direction", "tax", "preference", "valid_from", "id", nulls_last=False)
    columns = "".join(f'{name} = "{_TYPES[dtype]}"\n' for name, dtype in SCHEMA.items())
    key = ", ".join(f'"{name}"' for name in _KEY)
    text = manifest.decode("utf-8")
    # rows of an illustrative table may stand among the new ones, and no row says which it is
    illustrative = str(bool(_tables(text).get("measures", {}).get("illustrative"))).lower()
    section = (
        f"[tables.measures]\nsource = {_quoted(source.source)}\nlicence = {_quoted(source.licence)}\n"
        f"date = {source.day.isoformat()}\nrows = {table.height}\nkey = [{key}]\nillustrative = {illustrative}\n\n"
        f"[tables.measures.columns]\n{columns}"
    )
    old = re.compile(r"^\[tables\.measures\].*?(?=^\[(?!tables\.measures\b)|\Z)", re.MULTILINE | re.DOTALL)
    found = old.search(text)
    written = f"{text[: found.start()]}{section}\n{text[found.end() :]}" if found else f"{text.rstrip()}\n\n{section}"
    _refuse_other_than(written, _tables(text), table.height)
    return {"measures.csv": table.write_csv().encode(), "manifest.toml": (written.rstrip() + "\n").encode()}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def _tables(text: str) -> Mapping[str, Any]:
    try:
        tables: Mapping[str, Any] = tomllib.loads(text).get("tables", {})
    except ValueError as error:
        raise InputError(f"manifest.toml: {error}") from error
    return tables


def _refuse_other_than(written: str, before: Mapping[str, Any], rows: int) -> None:
    after = dict(_tables(written))
    mine = after.pop("measures", {})
    if mine.get("rows") != rows or after != {name: t for name, t in before.items() if name != "measures"}:
        raise InputError("manifest.toml: write its section on measures as [tables.measures] with lines below it")
