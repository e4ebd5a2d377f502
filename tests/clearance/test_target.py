"""Targets: from when they run, how long they stand, when they are met, in the zone of each administration."""

import datetime

import polars as pl
import pytest

from conftest import schedule_files
from happenings import ZONES, instant, stories
from landsea.clearance.target import DECLARATIONS, GOODS, targets
from landsea.codes import nomenclature
from landsea.codes.edition import edition_of
from landsea.errors import BuildFault

KINDS = ("arrived", "lodged", "lodged-incomplete", "complete", "queried", "answered", "released", "rejected")
MANIFEST = """
[tables.clocks]
source = "made for this test"
licence = "none"
date = 2026-11-21
rows = {rows}
key = ["administration", "target"]
[tables.clocks.columns]
administration = "text"
target = "text"
minutes = "integer"
before = "boolean"
name = "text"
reference = "text"
scheme = "text"
valid_from = "date"
valid_to = "date"
basis = "text"
"""
HEAD = "administration,target,minutes,before,name,reference,scheme,valid_from,valid_to,basis\n"


def with_clocks(*rows):
    """The edition with more clocks beside the shipped ones."""
    table = HEAD + "\n".join(f"{row},a target of this test,none,,2020-01-01,," for row in rows) + "\n"
    trial = {"trial/clocks.csv": table.encode(), "trial/manifest.toml": MANIFEST.format(rows=len(rows)).encode()}
    return edition_of(schedule_files() | trial)


@pytest.fixture(scope="module")
def law():
    return with_clocks("KZ,general,2880,false", "GB,general,2880,false", "SG,general,1440,false")


def frames(story):
    rows = [
        {
            "d": one["d"],
            "administration": one["administration"],
            "direction": one.get("direction"),
            "express": one.get("express") == "yes",
            "exported_from": one.get("from"),
        }
        for one in story.declarations
    ]
    goods = [(one["d"], code) for one in story.declarations for code in one["codes"]]
    return pl.DataFrame(rows, schema=DECLARATIONS), pl.DataFrame(goods, schema=GOODS, orient="row")


def told(row):
    first = f"{row['target'] or 'no target'} {row['state']}"
    if row["minutes_left"] is None:
        return [first]
    hours = {None: "hours unknown", True: "closed", False: "open"}[row["out_of_hours"]]
    paused = row["paused"] // datetime.timedelta(minutes=1)
    due = f"due {row['due_at']:%Y-%m-%dT%H:%MZ} on {row['due_on']}, {hours}"
    return [
        f"{first}, {row['minutes_left']} minutes left",
        f"since {row['since']:%Y-%m-%dT%H:%MZ}, paused {paused}, {due}",
    ]


@pytest.mark.parametrize("story", stories("target", KINDS))
def test_a_clock_stands_as_the_text_says(story, law):
    now = instant(story.word("now"), story.declarations[0]["administration"])
    rows = targets(*frames(story), story.frame_of_events(), law, now)
    assert [line for row in rows.iter_rows(named=True) for line in told(row)] == story.expected


def test_the_zones_of_the_cases_are_those_of_the_administrations(edition):
    stated = edition.named("administration")
    assert {code: stated[code]["timezone"] for code in ZONES} == ZONES


def test_each_clock_says_that_it_is_a_target_and_on_what_it_stands(edition):
    clocks = edition.table("clocks")
    assert clocks["name"].str.starts_with("Target: ").all()
    assert clocks["reference"].str.contains(r"^RCEP Article 4\.1[15]\.\d$").all()
    assert set(clocks["basis"]) == {"read", "memory"}


def test_no_clock_runs_before_the_agreement_is_in_force_for_the_member(edition):
    members = edition.table("scheme_members").filter(pl.col("scheme") == "RCEP")
    both = edition.table("clocks").join(members, left_on="administration", right_on="country", how="left")
    assert both["valid_from_right"].null_count() == 0
    assert (both["valid_from"] >= both["valid_from_right"]).all()


def test_perishable_goods_are_named_by_codes_of_the_nomenclature(edition):
    codes = nomenclature.chapters() | nomenclature.headings() | nomenclature.subheadings()
    assert set(edition.table("perishables")["prefix"]) <= codes


def one(kind, query=None):
    at = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    return pl.DataFrame({"d": [0], "kind": [kind], "at": [at], "query": [query]}), at


def test_a_query_without_a_name_is_a_fault_of_the_node(edition):
    declared = pl.DataFrame({"d": [0], "administration": ["CN"]})
    events, at = one("queried")
    with pytest.raises(BuildFault, match="which query"):
        targets(declared, pl.DataFrame(schema=GOODS), events, edition, at)


def test_now_is_an_instant(edition):
    events, at = one("lodged")
    declared = pl.DataFrame({"d": [0], "administration": ["CN"]})
    with pytest.raises(ValueError, match="time zone"):
        targets(declared, pl.DataFrame(schema=GOODS), events, edition, at.replace(tzinfo=None))


def test_a_clock_for_goods_nobody_knows_is_a_fault_of_the_law():
    events, at = one("lodged")
    declared = pl.DataFrame({"d": [0], "administration": ["CN"]})
    with pytest.raises(BuildFault, match="frozen"):
        targets(declared, pl.DataFrame(schema=GOODS), events, with_clocks("CN,frozen,60,false"), at)


def test_no_declarations_have_no_targets(edition):
    none = pl.DataFrame(schema=DECLARATIONS)
    events, at = one("lodged")
    assert targets(none, pl.DataFrame(schema=GOODS), events, edition, at).is_empty()
