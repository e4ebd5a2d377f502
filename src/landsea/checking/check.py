"""Hop 2, checking the goods declaration: every rule speaks, none interrupts another (RKC General Annex 3.30)."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.stage import Checked, Known, Lodged

from .breach import breaches, findings
from .catalogue import catalogue
from .fact import Facts
from .facts import facts_of
from .rows import Rows, values_of
from .rule import Rule

DEFAULT = "landsea"


def check(lodged: Lodged, known: Known, edition: Edition) -> Checked:
    """What was lodged, with a finding for every requirement it breaks; findings of reading stay as they are.

    How grave each is follows the message profile (`schedules/landsea/message_profiles.toml`). Raises BuildFault where
    a rule gives no verdict.
    """
    facts = facts_of(lodged.lot, known, edition)
    broken = [
        breach
        for message, profile, chosen in _kinds(facts)
        for frame, rules in _rules(edition, message, profile).items()
        if frame in facts and (rows := _of_kind(facts[frame], chosen)).height
        for breach in breaches(rules, rows)
    ]
    if not broken:
        return Checked(lodged.lot, lodged.findings, lodged.documents)
    found = findings(broken, lodged.lot["goods_items"]["n"])
    return Checked(lodged.lot, pl.concat([lodged.findings, found]), lodged.documents)


def _kinds(facts: Facts) -> Iterator[tuple[Any, Any, pl.Series | None]]:
    """The kinds of message and profile there are, each with the declarations it is of; None for all of them."""
    if not facts:
        return
    messages, profiles = (facts["declarations"][key] for key in ("message", "message_profile"))
    kinds = list(product(values_of(messages), values_of(profiles)))
    if len(kinds) == 1:
        yield *kinds[0], None
        return
    for message, profile in kinds:
        chosen = (messages == message) & profiles.eq_missing(profile)
        if chosen.any():
            yield message, profile, chosen


def _of_kind(rows: Rows, chosen: pl.Series | None) -> Rows:
    return rows if chosen is None else rows.only(chosen[rows["d"]])


@lru_cache(maxsize=64)
def _rules(edition: Edition, message: str, profile: str | None) -> dict[str, list[tuple[Rule, int]]]:
    """The rules for such messages by frame, at the severity the profile gives them, without those it switches off."""
    profiles = edition.documents.get("landsea/message_profiles", {})
    severities = profiles.get(profile or DEFAULT, profiles.get(DEFAULT, {})).get("severity", {})
    chosen: dict[str, list[tuple[Rule, int]]] = {}
    for rule in catalogue():
        word = severities.get(rule.id, rule.severity.name.lower())
        if message in rule.messages and word != "off":
            chosen.setdefault(rule.frame, []).append((rule, Severity[word.upper()]))
    return chosen
