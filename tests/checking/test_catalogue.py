"""The catalogue as published equals the rules as written, word for word and both ways."""

import re

import polars as pl

from landsea.checking.catalogue import catalogue, published
from landsea.clearance.breach import RULES
from landsea.declaration.lot import DERIVED

from .published import FOLDER


def test_the_published_catalogue_is_the_catalogue():
    stated = pl.read_csv(FOLDER / "rules.csv", infer_schema=False)
    assert stated.rows() == published().with_columns(pl.all().cast(pl.String)).rows(), (
        "write it again: python tests/checking/published.py"
    )


def test_the_edition_holds_the_catalogue(edition):
    assert edition.table("rules")["id"].to_list() == [rule.id for rule in catalogue()]


def test_there_are_enough_rules_and_each_says_where_it_comes_from():
    assert len(catalogue()) >= 90
    for rule in catalogue():
        assert re.fullmatch(r"(HDR|GDS|VAL|ORG|TRN|PRM|DOC|PTY)-\d{3}", rule.id)
        assert len(rule.reference) > 8, rule.id
        assert rule.requirement.endswith("."), rule.id
        assert rule.places, rule.id


def test_profiles_speak_of_rules_that_exist(edition):
    ids = {rule.id for rule in catalogue()}
    for profile, stated in edition.documents["landsea/message_profiles"].items():
        for rule, word in stated.get("severity", {}).items():
            assert rule in ids | RULES.keys() or rule.startswith("WIR-"), (profile, rule)
            assert word in ("error", "warning", "information", "off")


def test_derived_columns_are_there_for_rules():
    assert {"direction", "declarant_id"} <= set(DERIVED["declarations"])
