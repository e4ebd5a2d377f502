"""Standing: the grade of an operator from its own record, and every figure that led to it.

What counts is what the operator did before this administration: declarations and errors in them, examinations and how
many were not conform, payments and how many came late, security that had to be called. A grade is the best whose
thresholds are all met (table `standing_thresholds`: grade, place from 1 for the best, figure, relation, limit, months,
validity); shares are in percent. Where nothing was examined or paid there is no share, and nothing speaks against the
operator. The last grade asks for nothing, so that everybody has one.

Only acts are read: a record with any other column is refused, so that nothing else about a person, protected or not,
can ever weigh (WCO SAFE Framework, AEO appropriate record of compliance; UDHR article 2).
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.errors import BuildFault
from landsea.tariff.ground import shaped
from landsea.units import MICRO, decimal_text

RECORD: Final[dict[str, pl.DataType]] = {  # one row per act, or per day with a count
    "operator": pl.String(),
    "administration": pl.String(),
    "on": pl.Date(),
    "act": pl.String(),  # ACTS
    "count": pl.UInt32(),  # null: one
}
ACTS: Final = ("declaration", "error", "examination", "not-conform", "payment", "paid-late", "security-called")
FIGURES: Final[Mapping[str, tuple[str, str | None]]] = {  # what is counted, and of what it is a share
    "declarations": ("declaration", None),
    "errors": ("error", "declaration"),  # declarations with an error
    "not-conform": ("not-conform", "examination"),
    "paid-late": ("paid-late", "payment"),
    "security-called": ("security-called", None),
}
RELATIONS: Final = ("at least", "at most")
GRADES: Final[dict[str, pl.DataType]] = {
    "operator": pl.String(),
    "administration": pl.String(),
    "grade": pl.String(),
    "since": pl.Date(),  # the day it was reckoned for
}
SHOWN: Final[dict[str, pl.DataType]] = {  # one row per operator and threshold, the best grade first
    "operator": pl.String(),
    "administration": pl.String(),
    "grade": pl.String(),
    "figure": pl.String(),
    "counted": pl.Int128(),
    "of": pl.Int128(),  # null where the figure is no share
    "value": pl.Int128(),  # millionths, of a percent for shares (cut); null for a share of nothing
    "relation": pl.String(),
    "limit": pl.Int128(),
    "met": pl.Boolean(),
    "months": pl.Int64(),
    "until": pl.Date(),  # the period ends the day before
}
_WHO: Final = ("operator", "administration")


class Standing(NamedTuple):
    """The grade of each operator (`GRADES`), and the figures against the thresholds of every grade (`SHOWN`)."""

    grades: pl.DataFrame
    figures: pl.DataFrame


def standing(record: pl.DataFrame, on: date, edition: Edition) -> Standing:
    """The standing on a day of every operator in the `RECORD`, from its acts before that day.

    Raises BuildFault for a record that holds anything but acts, or thresholds that do not hold together.
    """
    if strange := [name for name in record.columns if name not in RECORD]:
        raise BuildFault(f"standing is drawn from acts only; take {', '.join(strange)} out of the record")
    acts = shaped(record, RECORD).with_columns(pl.col("count").fill_null(1).cast(pl.Int128))
    if unknown := acts.filter(~pl.col("act").is_in(ACTS).fill_null(value=False))["act"].to_list():
        raise BuildFault(f"{unknown[0]!r} is no act of an operator; known are {', '.join(ACTS)}")
    law = _thresholds(edition, on)
    laid = (
        acts.select(_WHO).unique().join(law, on="administration").join(_counted(acts, law, on), on=_PERIOD, how="left")
    )
    figures = laid.with_columns(pl.col(ACTS).fill_null(0)).with_columns(_FIGURED).with_columns(_MEASURED)
    figures = figures.sort(*_WHO, "place", "row").with_columns(until=pl.lit(on))
    held = figures.group_by(*_WHO, "place", "grade", maintain_order=True).agg(pl.col("met").all()).filter("met")
    best = held.unique(_WHO, keep="first", maintain_order=True).with_columns(since=pl.lit(on))
    return Standing(
        best.select(pl.col(name).cast(kind) for name, kind in GRADES.items()),
        figures.select(pl.col(name).cast(kind) for name, kind in SHOWN.items()),
    )


def told(figures: pl.DataFrame) -> list[str]:
    """The figures as sentences an operator can follow, one per row of `Standing.figures`."""
    return [_sentence(row) for row in figures.iter_rows(named=True)]


def _sentence(row: Mapping[str, Any]) -> str:
    percent = "" if row["of"] is None else " %"
    value = "none" if row["value"] is None else decimal_text(row["value"]) + percent
    counted = f"{row['counted']} of {row['of']}, {value}" if percent else value
    verdict = "met" if row["met"] else "not met"
    return (
        f"grade {row['grade']}, {row['figure']}: {counted}; {row['relation']} {decimal_text(row['limit'])}{percent}: "
        f"{verdict} ({row['months']} months before {row['until']})"
    )


_PERIOD: Final = [*_WHO, "months"]
_FIGURED: Final = [
    pl.coalesce(
        pl.when(pl.col("figure") == figure).then(pl.lit(None) if parts[place] is None else pl.col(str(parts[place])))
        for figure, parts in FIGURES.items()
    )
    .cast(pl.Int128)
    .alias(name)
    for place, name in enumerate(("counted", "of"))
]
_SCALED: Final = pl.col("counted") * pl.when(pl.col("of").is_null()).then(MICRO).otherwise(100 * MICRO)
_BASE: Final = pl.col("of").fill_null(1)
_ALLOWED: Final = pl.col("limit") * _BASE
_MEASURED: Final = [
    pl.when(_BASE > 0).then(_SCALED // pl.max_horizontal(_BASE, 1)).alias("value"),
    # by cross multiplication, so that no rounding decides
    pl.when(pl.col("relation") == "at most")
    .then((_SCALED <= _ALLOWED) | (_BASE == 0))
    .otherwise((_SCALED >= _ALLOWED) & (_BASE > 0))
    .alias("met"),
]


def _counted(acts: pl.DataFrame, law: pl.DataFrame, on: date) -> pl.DataFrame:
    """How many acts of each kind each operator has in each period of the thresholds."""
    back = pl.concat_str(pl.lit("-"), pl.col("months"), pl.lit("mo"))
    periods = law.select("administration", "months").unique().with_columns(begins=pl.lit(on).dt.offset_by(back))
    within = acts.join(periods, on="administration").filter(pl.col("begins") <= pl.col("on"), pl.col("on") < on)
    return within.group_by(_PERIOD).agg(pl.col("count").filter(pl.col("act") == act).sum().alias(act) for act in ACTS)


@lru_cache(maxsize=64)
def _thresholds(edition: Edition, on: date) -> pl.DataFrame:
    """The thresholds in force on the day, in the order of their tables."""
    law = edition.in_force("standing_thresholds", on).rename({"issuer": "administration"}).with_row_index("row")
    for row in law.iter_rows(named=True):
        where = f"{row['administration']}/standing_thresholds.csv, grade {row['grade']}"
        if row["figure"] not in FIGURES:
            raise BuildFault(f"{where}: {row['figure']!r} is no figure; known are {', '.join(FIGURES)}")
        if row["relation"] not in RELATIONS:
            raise BuildFault(f"{where}: the relation {row['relation']!r} is none of {', '.join(RELATIONS)}")
        if row["months"] < 1 or row["limit"] < 0:
            raise BuildFault(f"{where}: a period has at least one month, and no limit is below nothing")
    free = (pl.col("figure") == "declarations") & (pl.col("relation") == "at least") & (pl.col("limit") == 0)
    last = law.filter(pl.col("place") == pl.col("place").max().over("administration"))
    if (closed := last.filter(~free)).height:
        raise BuildFault(f"{closed['administration'][0]}/standing_thresholds.csv: the last grade must ask for nothing")
    return law
