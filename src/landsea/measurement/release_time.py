"""Release time: how long goods stay between arrival and removal, interval by interval, as a time release study has it.

Theory. The Time Release Study of the World Customs Organization (Guide, version 4, 2025; TFA 7.6) divides the way of
goods by the instants at which something is done, and tells of each stretch how long it took. The Lao studies have five
of them, T0 to T3. An interval runs from one kind of event to another (`INTERVALS`) and is a whole number of seconds:

* of a kind that is recorded again the first instant counts, or the last where the goods go in parts (`_LAST`);
* where one of its events is missing it is null, and it is counted as missing, not as nought;
* where its events are out of order it is null too, and a finding names them; a declaration lodged before the arrival is
  no fault but leaves nothing to measure from arrival to lodgement, and the finding says so.

Figures of a group are exact. Median and percentile are observed values by nearest rank: the smallest value that at
least that share of the group does not exceed. So no figure is made up between two, and a group of one has its own.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from landsea.declaration.finding import SCHEMA, Severity
from landsea.declaration.lot import UTC

EVENTS: Final[dict[str, pl.DataType]] = {"d": pl.UInt32(), "kind": pl.String(), "at": UTC}
TIMES: Final[dict[str, pl.DataType]] = {"d": pl.UInt32(), "interval": pl.String(), "seconds": pl.Int64()}
FIGURES: Final = ("count", "missing", "shortest", "median", "p90", "longest", "total")
"""Of the seconds of a group; `total` over `count` is the mean, left to who rounds it."""


class Interval(NamedTuple):
    """From the first of these events to that one; the intervals of a study are told apart by name."""

    name: str
    starts: str
    ends: str
    meaning: str


INTERVALS: Final = (
    Interval("T0", "arrived", "removed", "arrival to removal (Lao TRS; WCO: the whole time)"),
    Interval("T1", "arrived", "unloaded", "arrival to unloading (Lao TRS)"),
    Interval("T1.5", "arrived", "lodged", "arrival to declaration (Lao TRS)"),
    Interval("T2", "lodged", "released", "declaration to approval (Lao TRS; WCO: time of clearance)"),
    Interval("T3", "released", "removed", "approval to removal (Lao TRS)"),
    Interval("release", "arrived", "released", "arrival to release (TFA 7.6, average release time)"),
    Interval("acceptance", "lodged", "accepted", "lodgement to acceptance (WCO TRS)"),
    Interval("examination", "ordered", "examined", "control ordered to its outcome (WCO TRS)"),
    Interval("permits", "lodged", "permitted", "lodgement to the last agency's answer (WCO TRS, other agencies)"),
    Interval("payment", "assessed", "paid", "duties assessed to paid or secured (WCO TRS)"),
)
_LAST: Final = ("removed", "unloaded", "permitted", "examined")

RULES: Final = {
    "MSR-001": (Severity.WARNING, "The events of an interval follow one another in the order of the study."),
    "MSR-002": (Severity.INFORMATION, "A declaration lodged before the arrival has no time from arrival to lodgement."),
}
"""Rule → how grave a breach is, and its requirement."""


class Measured(NamedTuple):
    """Each declaration's intervals (`TIMES`), and findings about events in a wrong order."""

    times: pl.DataFrame
    findings: pl.DataFrame


def release_times(declarations: pl.DataFrame, events: pl.DataFrame) -> Measured:
    """Every interval of every declaration (`d`), in their order; `events` has `EVENTS`, kinds of no interval too."""
    instants = _instants(declarations.select("d"), events)
    parts = [
        instants.select(
            "d",
            interval=pl.lit(one.name),
            starts=pl.lit(one.starts),
            ends=pl.lit(one.ends),
            began=pl.col(one.starts),
            ended=pl.col(one.ends),
        ).with_row_index("row")
        for one in INTERVALS
    ]
    rows = pl.concat(parts).sort("row", maintain_order=True)
    took = (pl.col("ended") - pl.col("began")).dt.total_microseconds()
    times = rows.with_columns(seconds=pl.when(took >= 0).then(took // 1_000_000))
    return Measured(times.select(*TIMES), _findings(rows))


def figures(times: pl.DataFrame, declarations: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """The `FIGURES` of every interval, for each group of declarations that are alike in these columns, in order.

    Columns are such as office, mode of transport or class of operator; a declaration of which one is not known is in a
    group of its own kind. Figures of a group without any value are null, its count is 0.
    """
    rows = times.join(declarations.select("d", *by), on="d", how="left", maintain_order="left")
    seconds = pl.col("seconds").drop_nulls()
    told = {
        "count": pl.col("seconds").count(),
        "missing": pl.col("seconds").null_count(),
        "shortest": seconds.min(),
        "median": _nearest_rank(50),
        "p90": _nearest_rank(90),
        "longest": seconds.max(),
        "total": pl.when(pl.col("seconds").count() > 0).then(pl.col("seconds").cast(pl.Int128).sum()),
    }
    grouped = rows.group_by(*by, "interval").agg(value.alias(name) for name, value in told.items())
    place = pl.col("interval").cast(pl.Enum([one.name for one in INTERVALS]))
    return grouped.sort(*by, place, nulls_last=True).select(*by, "interval", *FIGURES)


def _instants(declarations: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """One column per kind of event: when it happened to each declaration."""
    kinds = sorted({kind for one in INTERVALS for kind in (one.starts, one.ends)})
    at = {kind: pl.col("at").filter(pl.col("kind") == kind) for kind in kinds}
    counted = [(of.max() if kind in _LAST else of.min()).alias(kind) for kind, of in at.items()]
    return declarations.join(events.group_by("d").agg(counted), on="d", how="left", maintain_order="left")


def _findings(rows: pl.DataFrame) -> pl.DataFrame:
    """One finding for each interval whose events are in the wrong order."""
    early = (pl.col("starts") == "arrived") & (pl.col("ends") == "lodged")
    rule = pl.when(early).then(pl.lit("MSR-002")).otherwise(pl.lit("MSR-001"))
    grave = {name: int(severity) for name, (severity, _) in RULES.items()}
    wrong = rows.filter(pl.col("ended") < pl.col("began"))
    told = wrong.with_columns(
        rule=rule,
        version=pl.lit(1),
        value=pl.format("{} {} before {} {}", "ends", _text("ended"), "starts", _text("began")),
        place=pl.col("interval"),
    ).with_columns(severity=pl.col("rule").replace_strict(grave, return_dtype=pl.UInt8))
    given = [pl.col(name) if name in told.columns else pl.lit(None).alias(name) for name in SCHEMA]
    return told.select(given).cast(pl.Schema(SCHEMA))


def _text(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _nearest_rank(percent: int) -> pl.Expr:
    """The smallest value that at least so many percent of the values do not exceed; null where there is none."""
    values = pl.col("seconds").drop_nulls().sort()
    rank = (pl.col("seconds").count().cast(pl.Int64) * percent + 99) // 100
    return values.gather(pl.when(rank > 0).then(rank - 1)).first()
