"""Targets for the time of release: which one a declaration stands under, how long it was paused, how much is left.

A target is what an administration has undertaken to aim at, never a deadline of the law: nothing follows from missing
one but that it is seen. The table `clocks` of the edition has them by administration: RCEP Article 4.11.2 (48 hours),
4.11.6 (perishable goods, less than 6 hours) and 4.15.1 (express consignments, 6 hours), each from the day on which
Annex 4A ends the member's transition. Others may stand beside them; the shortest one in force holds.

* A clock runs from the later of arrival and lodgement of all the information needed, each as first recorded.
* It stands while any query to the declarant is open, and ends with the release.
* Instants are UTC. The law is drawn by the legal date on which the clock starts, in the administration's zone; opening
  hours lie in that zone too, by the time zone database and not by a fixed distance from UTC.
* RCEP chapter 4 is for goods traded among its parties: where the country of export is known and no member, its clocks
  do not run.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.codes.membership import asked
from landsea.declaration.lot import UTC
from landsea.errors import BuildFault
from landsea.tariff.ground import shaped
from landsea.tariff.scheme import with_membership
from landsea.units.validity import in_force

DECLARATIONS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "administration": pl.String(),
    "direction": pl.String(),  # an export has no target
    "express": pl.Boolean(),
    "exported_from": pl.String(),  # a country; null where not known
}
GOODS: Final[dict[str, pl.DataType]] = {"d": pl.UInt32(), "commodity_code": pl.String()}
EVENTS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "kind": pl.String(),
    "at": UTC,
    "query": pl.String(),  # which query is asked or answered
}
TARGETS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "perishable": pl.Boolean(),
    "target": pl.String(),  # general, perishable, express; null where none is in force
    "name": pl.String(),
    "article": pl.String(),
    "since": UTC,
    "paused": pl.Duration("us"),
    "due_at": UTC,  # while a query is open: if it were answered now
    "due_on": pl.Date(),  # the legal date of it
    "out_of_hours": pl.Boolean(),  # whether it lies outside opening hours; null where these are not known
    "state": pl.String(),  # ClockState
    "left": pl.Duration("us"),  # negative where missed
    "minutes_left": pl.Int64(),  # whole ones, rounded down
    "released_at": UTC,
}


class ClockState(StrEnum):
    """How the clock of a declaration stands."""

    UNMEASURED = "unmeasured"  # no target is in force, or the goods were released and it is not known since when
    WAITING = "waiting"  # for the arrival, or for information
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"  # whether or not the goods are released by now
    CLOSED = "closed"  # rejected, invalidated or seized: there will be no release


_INFORMED: Final = ("lodged", "complete")
"""`lodged`: with all the information needed; where it was not, `lodged-incomplete` and later `complete`."""
_ENDED: Final = ("rejected", "invalidated", "seized")
_RANK: Final = pl.Enum(["perishable", "express", "general"])
"""The kinds of target; of two equally short ones the first holds."""


def targets(
    declarations: pl.DataFrame, goods: pl.DataFrame, events: pl.DataFrame, edition: Edition, now: datetime
) -> pl.DataFrame:
    """One row (`TARGETS`) per declaration, in their order: its target and how its clock stands at `now`, an instant.

    Events after `now` are not known yet; kinds of event that bear on no clock are passed over. Raises ValueError where
    `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("an instant has a time zone")
    present = pl.lit(now).dt.convert_time_zone("UTC").cast(UTC)  # told in whatever zone
    known = shaped(events, EVENTS).filter(pl.col("at") <= present)
    rows = _timed(shaped(declarations, DECLARATIONS), known)
    rows = rows.with_columns(perishable=pl.col("d").is_in(_perishable(goods, edition).implode()))
    started = _local(pl.coalesce("since", present), rows, edition).dt.date()
    rows = _with_clock(rows.with_columns(_on=started), edition)
    ended = pl.min_horizontal("released_at", present)
    rows = rows.with_columns(_until=pl.max_horizontal("since", ended)).with_columns(_allowed=_minutes("minutes"))
    rows = rows.join(_pauses(known, rows), on="d", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("paused").fill_null(pl.duration()), pl.col("_open").fill_null(value=False))
    rows = rows.with_columns(left=pl.col("_allowed") - (pl.col("_until") - pl.col("since") - pl.col("paused")))
    rows = rows.with_columns(state=_state())
    measured = ~pl.col("state").is_in([ClockState.CLOSED.value, ClockState.UNMEASURED.value])
    rows = rows.with_columns(pl.when(measured).then("left"))
    rows = rows.with_columns(
        due_at=pl.when(measured).then(pl.col("since") + pl.col("_allowed") + pl.col("paused")),
        minutes_left=pl.col("left").dt.total_microseconds() // 60_000_000,
    )
    return shaped(_with_hours(rows, edition), TARGETS)


def _minutes(column: str) -> pl.Expr:
    return pl.duration(minutes=pl.col(column), time_unit="us")


def _timed(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The rows with since, released_at and ended: what was first recorded of each."""
    kinds = {"_arrived": ("arrived",), "_informed": _INFORMED, "released_at": ("released",), "_ended": _ENDED}
    first = known.group_by("d").agg(
        pl.col("at").filter(pl.col("kind").is_in(list(kind))).min().alias(name) for name, kind in kinds.items()
    )
    rows = rows.join(first, on="d", how="left", maintain_order="left")
    both = pl.col("_arrived").is_not_null() & pl.col("_informed").is_not_null()
    return rows.with_columns(since=pl.when(both).then(pl.max_horizontal("_arrived", "_informed")))


def _perishable(goods: pl.DataFrame, edition: Edition) -> pl.Series:
    """The declarations with perishable goods among theirs."""
    prefixes = tuple(edition.table("perishables")["prefix"])
    codes = asked(pl.col("commodity_code"), lambda code: code.startswith(prefixes))
    return shaped(goods, GOODS).filter(codes)["d"].unique()


def _local(at: pl.Expr, rows: pl.DataFrame, edition: Edition) -> pl.Expr:
    """The instant as the administration's clocks show it; UTC where its zone is not known."""
    stated = edition.named("administration")
    here = rows["administration"].drop_nulls().unique().sort()
    zones = {code: stated[code]["timezone"] for code in here if "timezone" in stated.get(code, {})}
    shown = [
        pl.when(pl.col("administration") == code).then(at.dt.convert_time_zone(zone).dt.replace_time_zone(None))
        for code, zone in zones.items()
    ]
    return pl.coalesce(*shown, at.dt.replace_time_zone(None))


def _with_clock(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The rows with the shortest clock in force that is for them; its columns are null where there is none."""
    clocks = edition.table("clocks").drop("issuer")
    if unknown := set(clocks["target"]) - set(_RANK.categories):
        raise BuildFault(f"the table clocks has a target for {min(unknown)!r}; known are {', '.join(_RANK.categories)}")
    found = rows.select("d", "administration", "direction", "express", "exported_from", "perishable", "_on")
    found = found.join(clocks, on="administration").filter(in_force(pl.col("_on")))
    found = with_membership(found, edition, "exported_from", "_on", "_member")
    target = pl.col("target")
    meant = (target == "general") | ((target == "perishable") & pl.col("perishable"))
    meant = meant | ((target == "express") & pl.col("express").fill_null(value=False))
    foreign = pl.col("scheme").is_not_null() & pl.col("exported_from").is_not_null() & ~pl.col("_member")
    arriving = pl.col("direction").ne_missing(pl.lit("export"))
    found = found.filter(meant & ~foreign & arriving).sort("minutes", target.cast(_RANK), "name")
    first = found.unique("d", keep="first", maintain_order=True)
    clock = first.select("d", "target", "name", "minutes", "before", article="reference")
    return rows.join(clock, on="d", how="left", maintain_order="left")


def _pauses(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Per declaration asked: for how long, between since and _until, any query was open, and whether one is now."""
    changes = _asked_and_answered(known).join(rows.select("d", "since", "_until"), on="d")
    changes = changes.sort("d", "at")
    changes = changes.with_columns(
        _open=pl.col("step").cum_sum().over("d") > 0,
        _next=pl.col("at").shift(-1).over("d"),
    )
    starts = pl.max_horizontal("at", "since")
    ends = pl.min_horizontal(pl.coalesce("_next", "_until"), "_until")
    stood = pl.when(pl.col("_open") & (ends > starts)).then(ends - starts).otherwise(pl.duration())
    return (
        changes.with_columns(stood=stood).group_by("d").agg(paused=pl.col("stood").sum(), _open=pl.col("_open").last())
    )


def _asked_and_answered(known: pl.DataFrame) -> pl.DataFrame:
    """Each query as a step up where it was first asked, and a step down where it was first answered after that."""
    said = known.filter(pl.col("kind").is_in(["queried", "answered"]))
    if said["query"].null_count():
        raise BuildFault("a query to a declarant, or an answer, does not say which query it is; name its record")
    of = ["d", "query"]
    asked_at = said.filter(pl.col("kind") == "queried").group_by(of).agg(pl.col("at").min())
    answers = said.filter(pl.col("kind") == "answered").select(*of, answer="at")
    answered = asked_at.join(answers, on=of).filter(pl.col("answer") >= pl.col("at"))
    answered = answered.group_by(of).agg(at=pl.col("answer").min())
    return pl.concat([asked_at.with_columns(step=pl.lit(1)), answered.with_columns(step=pl.lit(-1))])


def _state() -> pl.Expr:
    released, nothing = pl.col("released_at").is_not_null(), pl.duration()
    late = (pl.col("left") < nothing) | (pl.col("before") & (pl.col("left") == nothing))
    order = {
        ClockState.CLOSED: pl.col("_ended").is_not_null() & ~released,
        ClockState.UNMEASURED: pl.col("target").is_null() | (released & pl.col("since").is_null()),
        ClockState.WAITING: pl.col("since").is_null(),
        ClockState.MISSED: late,
        ClockState.MET: released,
        ClockState.PAUSED: pl.col("_open"),
    }
    told = [pl.when(applies).then(pl.lit(state.value)) for state, applies in order.items()]
    return pl.coalesce(*told, pl.lit(ClockState.RUNNING.value))


def _with_hours(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The rows with due_on, the legal date on which they are due, and whether that is outside opening hours."""
    shown = _local(pl.col("due_at"), rows, edition)
    rows = rows.with_columns(due_on=shown.dt.date(), _weekday=shown.dt.weekday(), _minute=_minute_of_day(shown))
    hours = edition.table("opening_hours").drop("issuer")
    at = rows.select("d", "administration", "_weekday", "_minute").join(hours, on="administration")
    weekday = pl.col("_weekday").is_between("first_weekday", "last_weekday")
    inside = at.filter(weekday & pl.col("_minute").is_between("opens_minute", "closes_minute"))
    stated = pl.col("administration").is_in(hours["administration"].unique().implode()) & pl.col("due_at").is_not_null()
    outside = ~pl.col("d").is_in(inside["d"].unique().implode())
    return rows.with_columns(out_of_hours=pl.when(stated).then(outside))


def _minute_of_day(shown: pl.Expr) -> pl.Expr:
    return shown.dt.hour().cast(pl.Int64) * 60 + shown.dt.minute()
