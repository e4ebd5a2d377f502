"""Release times: each interval to the second, what is missing or out of order said and not reckoned, exact figures."""

import polars as pl
import pytest

from happenings import stories
from landsea.declaration.finding import SCHEMA, Severity
from landsea.measurement.release_time import FIGURES, INTERVALS, RULES, TIMES, figures, release_times

KINDS = sorted({kind for one in INTERVALS for kind in (one.starts, one.ends)})
COLUMNS = {"d": pl.UInt32, "office": pl.String, "mode": pl.String, "class": pl.String}


def declared(story):
    rows = [{name: one.get(name) for name in COLUMNS} for one in story.declarations]
    return pl.DataFrame(rows, schema=COLUMNS)


def told(measured):
    times = measured.times.drop_nulls("seconds").sort("d", maintain_order=True)
    lines = [f"{d} {interval} {seconds}" for d, interval, seconds in times.iter_rows()]
    found = measured.findings.sort("d", "rule", "value")
    return lines + [f"{d} {rule} {value}" for d, rule, value in found.select("d", "rule", "value").iter_rows()]


def told_of_groups(rows, by):
    lines = []
    for row in rows.iter_rows(named=True):
        group = " ".join(str(row[column]) for column in (*by, "interval"))
        count, *rest = FIGURES
        lines.append(f"{group}: {row[count]}, " + ", ".join(f"{name} {row[name]}" for name in rest))
    return lines


@pytest.mark.parametrize("story", stories("release_time", KINDS))
def test_times_are_as_the_text_says(story):
    measured = release_times(declared(story), story.frame_of_events())
    if not story.words:
        assert told(measured) == story.expected
        return
    interval, *by = story.word("figures").split()
    rows = figures(measured.times, declared(story), by).filter(pl.col("interval") == interval)
    assert told_of_groups(rows, by) == story.expected


def test_each_declaration_has_every_interval_once():
    none = pl.DataFrame(schema={"d": pl.UInt32, "kind": pl.String, "at": pl.Datetime("us", "UTC")})
    measured = release_times(pl.DataFrame({"d": [7, 3]}, schema={"d": pl.UInt32}), none)
    assert measured.times["interval"].to_list() == [one.name for one in INTERVALS] * 2
    assert measured.times["d"].unique(maintain_order=True).to_list() == [7, 3]
    assert measured.times["seconds"].null_count() == 2 * len(INTERVALS)
    assert measured.times.schema == TIMES
    assert measured.findings.schema == SCHEMA


def test_the_five_intervals_of_the_lao_study_are_there_by_name():
    lao = {one.name: (one.starts, one.ends) for one in INTERVALS if one.name.startswith("T")}
    assert lao == {
        "T0": ("arrived", "removed"),
        "T1": ("arrived", "unloaded"),
        "T1.5": ("arrived", "lodged"),
        "T2": ("lodged", "released"),
        "T3": ("released", "removed"),
    }


def test_to_lodge_early_is_no_fault():
    assert {rule: severity for rule, (severity, _) in RULES.items()} == {
        "MSR-001": Severity.WARNING,
        "MSR-002": Severity.INFORMATION,
    }
