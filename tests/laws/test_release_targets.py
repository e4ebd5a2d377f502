"""Laws of targets, queues and times: a pause never shortens, company and order never matter, stretches add up."""

import datetime
import zoneinfo
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import schedule_files
from landsea.clearance.queue import WORK, ordered
from landsea.clearance.target import DECLARATIONS, EVENTS, GOODS, targets
from landsea.codes.edition import edition_of
from landsea.measurement.release_time import figures, release_times

START = datetime.datetime(2026, 12, 30, tzinfo=datetime.UTC)  # transitions end two days later
MINUTE = datetime.timedelta(minutes=1)
INSTANTS = st.integers(0, 4 * 24 * 60).map(lambda minutes: START + minutes * MINUTE)
KINDS = ("arrived", "lodged", "complete", "queried", "answered", "released", "rejected", "unloaded", "removed")
EVENT = st.tuples(st.integers(0, 3), st.sampled_from(KINDS), INSTANTS, st.sampled_from(["q1", "q2"]))
HAPPENED = st.lists(EVENT, max_size=24)
DECLARED = st.tuples(
    st.sampled_from(["CN", "LA", "MM", "KH", "KZ", "VN"]),
    st.sampled_from(["import", "export", None]),
    st.booleans(),
    st.sampled_from(["TH", "US", None]),
)
LODGED = st.lists(DECLARED, min_size=4, max_size=4)
CODES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["081060", "847130", None])), max_size=6)
SITUATIONS = st.tuples(LODGED, CODES, HAPPENED)
SOME = settings(max_examples=30)


@cache
def law():
    return edition_of(schedule_files())


def frame(rows, schema):
    return pl.DataFrame(rows, schema=schema, orient="row")


def stand(lodged, codes, happened, now):
    declared = frame([(d, *row) for d, row in enumerate(lodged)], DECLARATIONS)
    return targets(declared, frame(codes, GOODS), frame(happened, EVENTS), law(), now)


@SOME
@given(SITUATIONS, INSTANTS, st.tuples(st.integers(0, 3), INSTANTS, st.integers(0, 2000)))
def test_a_query_never_shortens_the_time_left(situation, now, query):
    (lodged, codes, happened), (d, asked, minutes) = situation, query
    query = [(d, "queried", asked, "q9"), (d, "answered", asked + minutes * MINUTE, "q9")]
    before, after = (stand(lodged, codes, more, now)["left"] for more in (happened, happened + query))
    assert before.is_null().equals(after.is_null())
    assert (after >= before).drop_nulls().all()


@SOME
@given(LODGED, CODES, HAPPENED, INSTANTS, INSTANTS)
def test_the_time_left_never_grows_while_time_passes(lodged, codes, happened, one, other):
    earlier, later = sorted([one, other])
    known = [event for event in happened if event[2] <= earlier]
    both = (stand(lodged, codes, known, now) for now in (earlier, later))
    before, after = (
        [row["left"] for row in rows.filter(pl.col("since").is_not_null()).iter_rows(named=True)] for rows in both
    )
    assert all(a <= b for b, a in zip(before, after, strict=True) if a is not None and b is not None)


@SOME
@given(LODGED, CODES, HAPPENED, INSTANTS)
def test_a_clock_does_not_depend_on_other_declarations(lodged, codes, happened, now):
    together = stand(lodged, codes, happened, now)
    for d in range(4):
        alone = targets(
            frame([(d, *lodged[d])], DECLARATIONS),
            frame([row for row in codes if row[0] == d], GOODS),
            frame([row for row in happened if row[0] == d], EVENTS),
            law(),
            now,
        )
        assert together.filter(pl.col("d") == d).equals(alone)


@SOME
@given(LODGED, CODES, HAPPENED, INSTANTS, st.randoms(use_true_random=False))
def test_a_clock_does_not_depend_on_the_order_of_records(lodged, codes, happened, now, random):
    other, goods = list(happened), list(codes)
    random.shuffle(other)
    random.shuffle(goods)
    assert stand(lodged, codes, happened, now).equals(stand(lodged, goods, other, now))


def desk(rows):
    """The rows as work for an officer: documents to see, of whatever is neither released nor closed."""
    due = pl.col("released_at").is_null() & (pl.col("state") != "closed")
    marks = {name: pl.lit(None, dtype) for name, dtype in WORK.items() if name not in (*rows.columns, "stands")}
    return rows.with_columns(stands=pl.when(due).then(pl.lit("held")).otherwise(pl.lit("cleared")), **marks)


@SOME
@given(LODGED, CODES, INSTANTS, st.integers(0, 600), st.integers(0, 600))
def test_a_pause_of_so_many_minutes_moves_the_target_by_as_many(lodged, codes, since, before, minutes):
    """Wherever it is, whatever the clocks of the place do meanwhile."""
    asked = since + before * MINUTE
    here = [(d, kind, since, None) for d in range(4) for kind in ("arrived", "lodged")]
    query = [
        (d, *event, "q") for d in range(4) for event in (("queried", asked), ("answered", asked + minutes * MINUTE))
    ]
    now = since + 3 * 24 * 60 * MINUTE
    before, after = (stand(lodged, codes, events, now)["due_at"].to_list() for events in (here, here + query))
    assert after == [None if due is None else due + minutes * MINUTE for due in before]


@SOME
@given(SITUATIONS, INSTANTS, st.sampled_from(["Asia/Yangon", "Asia/Almaty", "Europe/London", "Asia/Vientiane"]))
def test_the_zone_an_instant_is_told_in_never_changes_it(situation, now, zone):
    lodged, codes, happened = situation
    there = zoneinfo.ZoneInfo(zone)
    told = [(d, kind, at.astimezone(there), query) for d, kind, at, query in happened]
    assert stand(lodged, codes, told, now.astimezone(there)).equals(stand(lodged, codes, happened, now))


@SOME
@given(
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Almaty", "Asia/Yangon", "Asia/Tehran"]),
    st.integers(0, 366 * 24 * 60),
)
def test_hours_are_of_time_that_passed_and_not_of_clocks_that_were_put_forward(zone, minutes):
    """Over the year in which each of these zones, or all but the fixed ones, changes its clocks."""
    since = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC) + minutes * MINUTE
    shown = since.astimezone(zoneinfo.ZoneInfo(zone))
    here = [(0, "arrived", shown, None), (0, "lodged", shown, None)]
    (row,) = stand([("CN", "import", False, None)], [], here, since).iter_rows(named=True)
    assert row["due_at"] - since == datetime.timedelta(hours=48)


@SOME
@given(SITUATIONS, INSTANTS, st.permutations(range(4)), st.sets(st.integers(0, 3)))
def test_the_queue_does_not_depend_on_the_company_or_the_order_of_its_rows(situation, now, order, some):
    names = pl.DataFrame({"d": range(4), "reference": ["26R", "26Q", "26Z", "26A"]}, schema_overrides={"d": pl.UInt32})
    work = desk(stand(*situation, now).join(names, on="d"))
    queue = ordered(work)["reference"].to_list()
    assert ordered(work[list(order)])["reference"].to_list() == queue
    fewer = work.filter(pl.col("d").is_in(list(some)))
    kept = set(fewer["reference"])
    assert ordered(fewer)["reference"].to_list() == [name for name in queue if name in kept]


@SOME
@given(HAPPENED)
def test_stretches_of_the_way_add_up_to_the_whole(happened):
    declared = pl.DataFrame({"d": range(4)}, schema={"d": pl.UInt32})
    times = release_times(declared, frame(happened, EVENTS)).times
    for row in times.pivot("interval", index="d", values="seconds").iter_rows(named=True):
        parts = row["T1.5"], row["T2"], row["T3"]
        if None not in parts:
            assert sum(parts) == row["T0"]
    assert times["seconds"].drop_nulls().ge(0).all()


@SOME
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_figures_are_observed_values_whatever_the_order(seconds, random):
    rows = list(enumerate(seconds))
    random.shuffle(rows)
    times = pl.DataFrame([(d, "T2", took) for d, took in rows], schema=["d", "interval", "seconds"], orient="row")
    told = figures(times, pl.DataFrame({"d": range(len(seconds))})).row(0, named=True)
    ranked = sorted(seconds)
    assert told["median"] == next(s for s in ranked if 2 * sum(t <= s for t in ranked) >= len(ranked))
    assert told["p90"] == next(s for s in ranked if 10 * sum(t <= s for t in ranked) >= 9 * len(ranked))
    assert (told["count"], told["total"]) == (len(seconds), sum(seconds))
