"""Hop 2, checking the goods declaration: every rule speaks, none interrupts another (RKC General Annex 3.30)."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity
from landsea.declaration.stage import Checked, Known, Lodged

from .breach import breaches, findings
from .catalogue import catalogue
from .facts import with_facts
from .rule import Rule

DEFAULT = "landsea"


def check(lodged: Lodged, known: Known, edition: Edition) -> Checked:
    """What was lodged, with a finding for every requirement it breaks; findings of reading stay as they are.

    How grave each is follows the message profile (`schedules/landsea/message_profiles.toml`). Raises BuildFault where
    a rule gives no verdict.
    """
    frames = with_facts(lodged.lot, known, edition)
    broken = [
        breach
        for message, profile, part in _by_kind(frames)
        for frame, rules in _rules(edition, message, profile).items()
        if frame in part
        for breach in breaches(rules, part[frame])
    ]
    if not broken:
        return Checked(lodged.lot, lodged.findings, lodged.documents)
    found = findings(broken, lodged.lot["goods_items"]["n"])
    return Checked(lodged.lot, pl.concat([lodged.findings, found]), lodged.documents)


def _by_kind(frames: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, str | None, Mapping[str, pl.DataFrame]]]:
    """The frames of each kind of message and profile apart, as far as they have rows."""
    if not frames:
        return
    messages, profiles = (frames["declarations"][key] for key in ("message", "message_profile"))
    kinds = list(product(messages.unique().sort(), profiles.unique().sort()))
    if len(kinds) == 1:
        yield *kinds[0], frames
        return
    for message, profile in kinds:
        own = (messages == message) & profiles.eq_missing(profile)
        if own.any():
            parts = {name: frame.filter(own[frame["d"]]) for name, frame in frames.items()}
            yield message, profile, {name: part for name, part in parts.items() if part.height}


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
