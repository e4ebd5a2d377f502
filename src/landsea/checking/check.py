"""Hop 2, checking the goods declaration: every rule speaks, none interrupts another (RKC General Annex 3.30)."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import SCHEMA, Severity
from landsea.declaration.stage import Checked, Known, Lodged

from .catalogue import catalogue
from .facts import with_facts
from .rule import Rule, breaches

DEFAULT = "landsea"


def check(lodged: Lodged, known: Known, edition: Edition) -> Checked:
    """What was lodged, with a finding for every requirement it breaks; findings of reading stay as they are.

    How grave each is follows the message profile (`schedules/landsea/message_profiles.toml`). Raises BuildFault where
    a rule gives no verdict.
    """
    frames = with_facts(lodged.lot, known, edition)
    found = [broken for message, part in _by_message(frames) for broken in _broken(message, part)]
    if not found:
        return Checked(lodged.lot, lodged.findings, lodged.documents)
    items = lodged.lot["goods_items"]["n"]
    findings = pl.concat(found).with_columns(item=items.gather(pl.concat(found)["i"]).cast(pl.UInt32))
    graded = _graded(findings, lodged.lot["declarations"]["message_profile"], edition)
    ordered = graded.sort("d", "item", "rule", "n", "m", maintain_order=True).select(*SCHEMA)
    return Checked(lodged.lot, pl.concat([lodged.findings, ordered]), lodged.documents)


def _by_message(frames: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, Mapping[str, pl.DataFrame]]]:
    """The frames of each kind of message apart; bodies that are none are passed over."""
    if not frames:
        return
    messages = frames["declarations"]["message"]
    kinds = sorted(messages.unique())
    for kind in kinds:
        if len(kinds) == 1:
            yield kind, frames
        else:
            rows = frames["declarations"].filter(messages == kind)["d"].implode()
            yield kind, {name: frame.filter(pl.col("d").is_in(rows)) for name, frame in frames.items()}


def _broken(message: str, frames: Mapping[str, pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for name, frame in frames.items():
        rules = _rules(message).get(name)
        if rules and frame.height:
            yield from breaches(rules, frame)


_BY_MESSAGE: dict[str, dict[str, list[Rule]]] = {}


def _rules(message: str) -> dict[str, list[Rule]]:
    if message not in _BY_MESSAGE:
        _BY_MESSAGE[message] = {}
        for rule in catalogue():
            if message in rule.messages:
                _BY_MESSAGE[message].setdefault(rule.frame, []).append(rule)
    return _BY_MESSAGE[message]


def _graded(findings: pl.DataFrame, profiles: pl.Series, edition: Edition) -> pl.DataFrame:
    """The findings at the severity their message profile gives them, without those it switches off."""
    stated = edition.documents.get("landsea/message_profiles", {})
    rows = [
        {"profile": profile, "rule": rule, "graded": 0 if word == "off" else Severity[word.upper()]}
        for profile in sorted(set(profiles.drop_nulls()))
        for rule, word in _severities(stated, profile).items()
    ]
    if not rows:
        return findings
    overrides = pl.DataFrame(rows, schema={"profile": pl.String, "rule": pl.String, "graded": SCHEMA["severity"]})
    return (
        findings.with_columns(profile=profiles.gather(findings["d"]))
        .join(overrides, on=["profile", "rule"], how="left", maintain_order="left")
        .with_columns(severity=pl.coalesce("graded", "severity"))
        .filter(pl.col("severity") > 0)
    )


def _severities(stated: Mapping[str, Any], profile: str) -> Mapping[str, str]:
    severities: Mapping[str, str] = stated.get(profile, stated.get(DEFAULT, {})).get("severity", {})
    return severities
