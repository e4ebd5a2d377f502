"""Hop 4: profiles and the draw choose controls; the highest wins, and nobody sees from outside which of them it was."""

import dataclasses
from datetime import date, timedelta

import polars as pl
import pytest

from landsea.codes.edition import Edition
from landsea.declaration.stage import Control
from landsea.errors import InputError
from landsea.risk.law import risk_laws
from landsea.risk.profile import RANK, Profile, TriedProfile, profile_of, try_on
from landsea.risk.reasons import Audience, reasons
from landsea.risk.select import select

from .situation import DAY, assessed, declarations, known

NEVER = 2**64 - 1


def profile(applies: str, **changed):
    row = {
        "id": "T-1",
        "version": 1,
        "author": "risk analyst",
        "valid_from": date(2026, 1, 1),
        "control": "physical",
        "applies": applies,
        "reason": "a test",
        "trial": {
            "first": date(2025, 12, 1),
            "last": date(2025, 12, 31),
            "declarations": 100,
            "hits": 5,
            "controlled": 2,
            "found": 1,
        },
    }
    return row | changed


def edition_with(*profiles, random=None, administration="LA", **more):
    shares = {"documents": "0.02", "scan": "0.02", "physical": "0.02", "sample": "0.01", "audit": "0.03"}
    grounds = {c: {"id": f"G-{c}", "law": f"Law on {c}", "action": f"Await {c}"} for c in shares}
    document = {"random": random or shares, "grounds": grounds, "profiles": list(profiles), **more}
    return Edition(f"test:{document!r}", {}, {f"{administration}/risk_profiles": document})


def controls(selected):
    return [Control(code).name.lower() for code in selected.selections["control"]]


TOBACCO = {"hs": "24022000", "origin": "VN", "item_amount": "1000", "net_mass": "10", "gross_mass": "12"}
TEA = {"hs": "09024000", "origin": "CN", "item_amount": "1234.5", "net_mass": "100", "gross_mass": "99"}


@pytest.mark.parametrize(
    ("applies", "hit"),
    [
        ('hs starts_with "2402"', [0]),
        ('hs starts_with ("2402", "0902")', [0, 1]),
        ('origin in ("CN", "VN", "TH", "MM", "KH")', [0, 1]),
        ('not origin = "VN"', [1]),
        ("weight_ratio > 1", [1]),
        ("round_amount", [0]),
        ("net_mass >= 100", [1]),
        ("value_per_kg < 2.5 and value > 0", [0]),
        ("tax > 40 and tax_share >= 2.5", [0]),
        ("transit_countries = 2", [1]),
        ('route has ("MM", "TH")', [1]),
        ("origin_elsewhere", [0]),
        ("preference_elsewhere", []),
        ('operator_grade = "AEO"', [1]),
        ("new_operator", [0]),
        ("first_use", [1]),
        ("sensitive_chapter", [0]),
        ("price_ratio < 0.1", [0]),
        ("preferential_origin is missing", [0, 1]),
        ('description contains "tea"', [1]),
        ('documents has "740"', [1]),
        ("quota_order = quota_order", InputError),
    ],
)
def test_a_profile_hits_where_its_predicate_is_true(applies, hit):
    lot = declarations(
        {"importer": "LA1", "export_country": "CN", "items": [TOBACCO]},
        {
            "importer": "LA2",
            "export_country": "CN",
            "route": ["CN", "MM"],
            "papers": [("740", "AWB 1")],
            "items": [TEA | {"description": "black tea"}],
        },
    )
    standing = pl.DataFrame({"operator": ["LA1", "LA2"], "grade": [None, "AEO"], "since": [DAY, date(2020, 1, 1)]})
    experience = pl.DataFrame({"operator": ["LA1", "LA2"], "commodity": ["240220", "240220"]})
    taxed = assessed(lot, taxes=[{"i": 0, "base": "20", "amount": "50"}, {"i": 1, "base": "900", "amount": "9"}])
    references = [{"hs": "2402", "value_per_kg": "100"}, {"hs": "090240", "value_per_kg": "9"}]
    if hit is InputError:
        with pytest.raises(InputError):
            profile_of(profile(applies), "test")
        return
    law = edition_with(profile(applies), sensitive_chapters=["24"], reference_values=references)
    selected = select(taxed, known(lot, standing=standing, experience=experience), law)
    assert selected.hits["d"].to_list() == hit
    assert [d for d, control in enumerate(controls(selected)) if control == "physical"] == hit


def test_what_is_missing_never_hits_not_even_negated():
    lot = declarations({"items": [{"hs": "24022000"}]})
    law = edition_with(profile('origin = "VN"'), profile('not origin = "VN"', id="T-2"), profile("first_use", id="T-3"))
    assert select(assessed(lot), known(lot), law).hits.is_empty()


def test_a_declaration_without_goods_items_is_judged_by_its_header():
    lot = declarations({"type": "IMA", "items": []}, {"type": "EXA", "items": [TEA]})
    law = edition_with(profile('direction = "import"'))
    hits = select(assessed(lot), known(lot), law).hits
    assert hits.select("d", "item").rows() == [(0, None)]


def test_only_declarations_are_judged():
    lot = declarations(*({"message": m, "items": [TEA]} for m in ("amendment", "unreadable", "declaration")))
    law = edition_with(profile('hs starts_with "09"'), random={c.name.lower(): "0.2" for c in RANK if c})
    selected = select(assessed(lot), known(lot, draw=0), law)
    assert selected.hits["d"].to_list() == [2]
    assert controls(selected) == ["none", "none", "sample"]


def test_a_profile_binds_its_own_administration_from_its_first_day_to_the_day_before_its_last():
    lot = declarations(
        {"applicable_on": date(2026, 1, 31), "items": [TEA]},
        {"applicable_on": date(2026, 2, 1), "items": [TEA]},
        {"applicable_on": date(2026, 3, 1), "items": [TEA]},
        {"applicable_on": date(2026, 2, 1), "items": [TEA], "administration": "CN"},
    )
    law = edition_with(profile('hs starts_with "09"', valid_from=date(2026, 2, 1), valid_to=date(2026, 3, 1)))
    assert select(assessed(lot), known(lot), law).hits["d"].to_list() == [1]


def test_the_highest_control_wins_and_the_draw_stays_on_record():
    lot = declarations({"items": [TEA]})
    shares = {"scan": "0.5", "physical": "0.25", "documents": "0.1", "sample": "0.01", "audit": "0.14"}
    law = edition_with(profile('hs starts_with "09"', control="scan"), random=shares)

    def seen(draw):
        row = select(assessed(lot), known(lot, draw=draw), law).selections.row(0, named=True)
        return Control(row["control"]).name, row["selected_by"], Control(row["drawn"]).name, row["inclusion"]

    assert seen(0) == ("SAMPLE", "random", "SAMPLE", 1_000_000)
    assert seen(2**64 // 100 + 1) == ("PHYSICAL", "random", "PHYSICAL", 1_000_000)
    assert seen(2**64 // 2) == ("SCAN", "profile", "SCAN", 1_000_000)
    assert seen(2**64 // 100 * 80) == ("SCAN", "profile", "DOCUMENTS", 1_000_000)
    assert seen(2**64 // 100 * 90) == ("SCAN", "profile", "AUDIT", 1_000_000)


def test_the_probability_of_inclusion_is_on_record_for_what_was_not_chosen_too():
    lot = declarations({"items": [TEA]}, {"items": [TEA]})
    law = edition_with()
    selected = select(assessed(lot), known(lot, draw=NEVER), law)
    assert selected.selections["inclusion"].to_list() == [100_000, 100_000]
    assert selected.selections["selected_by"].to_list() == ["none", "none"]
    undrawn = select(assessed(lot), dataclasses.replace(known(lot), frames={}), law)
    assert undrawn.selections["inclusion"].to_list() == [0, 0]


def test_an_administration_without_risk_law_controls_nothing():
    lot = declarations({"administration": "GB", "items": [TEA]})
    selected = select(assessed(lot), known(lot, draw=0), edition_with())
    assert (controls(selected), selected.selections["inclusion"].to_list()) == (["none"], [0])


def test_no_byte_a_trader_sees_differs_between_a_random_and_a_profile_selection():
    lot = declarations({"items": [TEA]})
    by_profile = edition_with(profile('hs starts_with "09"'))
    drawn = 2**64 // 50  # 0.01 sample, then 0.02 physical
    for law, draw, by in ((by_profile, NEVER, "profile"), (edition_with(), drawn, "random")):
        selected = select(assessed(lot), known(lot, draw=draw), law)
        assert selected.selections["selected_by"].to_list() == [by]
        told = reasons(selected, 0, Audience.TRADER, law)
        assert told == {
            "control": "physical",
            "ground": "G-physical",
            "law": "Law on physical",
            "action": "Await physical",
        }
        officer = reasons(selected, 0, Audience.OFFICER, law)
        assert officer["selected_by"] == by
        assert [(h["profile"], h["values"]) for h in officer["hits"]] == (
            [("T-1@1", "hs=09024000")] * (by == "profile")
        )


def test_many_rows_are_judged_as_few_are():
    item = {"hs": "24022000", "origin": "VN"}
    lot = declarations({"items": [item if n % 3 else TEA for n in range(30)]})
    many = pl.concat([lot["goods_items"]] * 800).with_columns(i=pl.int_range(pl.len(), dtype=pl.UInt32))
    big = lot.with_frames(goods_items=many)
    rows = (profile('hs starts_with "24" and origin = "VN"'), profile("hs is missing or net_mass > 1", id="T-2"))
    law = edition_with(*rows)
    few = select(assessed(lot), known(lot), law).hits
    assert few.height == 30
    assert (
        select(assessed(big), known(big), law)
        .hits.drop("d")
        .unique()
        .sort(pl.all())
        .equals(few.drop("d").sort(pl.all()))
    )


def test_a_profile_never_takes_effect_without_a_trial():
    untried = profile("new_operator")
    del untried["trial"]
    with pytest.raises(InputError, match="trial"):
        risk_laws(edition_with(untried))
    assert not isinstance(Profile, TriedProfile)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"trial": {"first": DAY, "last": DAY, "declarations": 0, "hits": 0, "controlled": 0, "found": 0}},
            "no declaration",
        ),
        ({"valid_from": date(2025, 12, 31)}, "before its trial had ended"),
        ({"trial": profile("")["trial"] | {"found": 3}}, "contradict"),
        ({"control": "torture"}, "TORTURE"),
        ({"applies": "origin"}, "character 7"),
        ({"valid_from": "2026-01-01"}, "not a date"),
        ({"author": " "}, "author must be a text"),
    ],
)
def test_a_profile_that_is_not_sound_is_refused_by_name(changed, message):
    with pytest.raises(InputError, match=message) as refused:
        risk_laws(edition_with(profile("new_operator") | changed))
    assert "LA/risk_profiles.toml, profile T-1" in str(refused.value)


@pytest.mark.parametrize(
    ("random", "message"),
    [
        ({"physical": "0.6", "scan": "0.5"}, "add up"),
        ({"scan": "0.01"}, "never drawn at random"),
        ({"physical": "x"}, "plain decimal"),
    ],
)
def test_every_control_a_profile_asks_for_is_also_drawn_at_random(random, message):
    with pytest.raises(InputError, match=message):
        risk_laws(edition_with(profile("new_operator"), random=random))


def test_a_trial_says_what_the_profile_would_have_hit():
    sheet = pl.DataFrame(
        {"d": [0, 0, 1, 2, 3], "hs": ["24", "24", "24", "09", None]}, schema_overrides={"d": pl.UInt32}
    ).with_columns(applicable_on=pl.lit(DAY) + pl.duration(days=pl.col("d")))
    outcomes = pl.DataFrame({"d": [0, 2], "found": [True, False]}, schema_overrides={"d": pl.UInt32})
    tried = profile_of(profile('hs starts_with "24"'), "test")
    trial = try_on(tried, sheet, outcomes)
    assert (trial.declarations, trial.hits, trial.controlled, trial.found) == (4, 2, 1, 1)
    assert (trial.share, trial.hit_rate) == (500_000, 1_000_000)
    assert (trial.first, trial.last) == (DAY, DAY + timedelta(days=3))
    with pytest.raises(InputError, match="no column hs"):
        try_on(tried, sheet.drop("hs"), outcomes)
    with pytest.raises(InputError, match="no past traffic"):
        try_on(tried, sheet.clear(), outcomes)


def test_the_shipped_profiles_are_sound(edition):
    laws = risk_laws(edition)
    assert set(laws) == set(edition.table("measures")["issuer"])
    assert all(len(law.profiles) >= 10 for law in laws.values())
