"""Consulted: what every agency with a say asks of a lot, what release waits for, and what the registers object to.

Part of hop 5. A declaration that touches no rule of an agency or a register costs a look at its codes. An answer to an
earlier version of the declaration holds for the new one, unless it was in favour: an agency agreed to what it was shown
then (`docket.held`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import Severity, no_findings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known, Selected

from . import condition, establishment
from .agency import asked
from .breach import RULES
from .hearing import ANSWERS, heard, waiting
from .mandate import REPRESENTED, Represented, represented
from .state import ADVANCE, CONTROLLED, State
from .supplement import is_supplementary

SAID: Final = {name: kind for name, kind in ANSWERS.items() if name != "i"} | {"item": pl.UInt32()}
"""Answers known from before (`Known.frames["answers"]`): as `hearing.ANSWERS`, but an item by its position."""
WAITS: Final = {"d": pl.UInt32(), "agencies": pl.List(pl.String())}  # conditions of release, by name
_PROFILE: Final = "landsea"


class Consulted(NamedTuple):
    """What is asked (`agency.ASKED`), which agencies release waits for (`WAITS`), and the findings of registers;
    `represented` (`mandate.REPRESENTED`) tells who acts for whom, where the principal keeps mandates here."""

    asks: pl.DataFrame
    waits: pl.DataFrame
    findings: pl.DataFrame
    represented: pl.DataFrame


_NOTHING: Final = pl.DataFrame(schema=WAITS)
_ALONE: Final = Represented(pl.DataFrame(schema=REPRESENTED), no_findings())


def consulted(selected: Selected, known: Known, edition: Edition) -> Consulted:
    """Every agency is asked about every declaration of the lot, and every register looked into."""
    lot = selected.lot
    asks = _of_declarations(asked(lot, edition), lot)
    acting, without = _represented(lot, known, edition)
    found = graded(pl.concat([_of_declarations(establishment.check(lot, edition), lot), without]), lot, edition)
    waits = [_waiting(asks, lot, known, edition)] if asks.height else []
    if "earlier" in known.frames and known.frames["earlier"].height:
        waits.append(_awaited(lot, known.frames["earlier"]))
    return Consulted(asks, _together(waits), found, acting)


def _together(waits: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All that is waited for, by declaration."""
    some = [rows for rows in waits if rows.height]
    if len(some) < 2:
        return some[0] if some else _NOTHING
    each = pl.concat(some).explode("agencies").unique()
    return each.group_by("d").agg(pl.col("agencies").sort()).sort("d")


def _represented(lot: Lot, known: Known, edition: Edition) -> Represented:
    """Who acts for whom, and the findings on those who may not, where the principal keeps mandates at this node."""
    if "mandates" not in known.frames:
        return _ALONE
    given = known.frames["mandates"]
    done = represented(lot, given, edition)
    bound = done.declarations.hstack(lot["declarations"].select("administration", "message").get_columns())
    kept = bound.filter(pl.col("message") == "declaration", pl.col("acting").ne_missing(pl.col("principal")))
    kept = kept.join(
        given.select("administration", "principal").unique(), on=["administration", "principal"], how="semi"
    )
    return Represented(kept.select(*REPRESENTED).sort("d"), done.findings.join(kept, on="d", how="semi"))


_WAITING: Final = [state.value for state in (*ADVANCE, *CONTROLLED, State.AWAITING)]


def joined(decisions: pl.DataFrame, waits: pl.DataFrame) -> pl.DataFrame:
    """The decisions; those that wait for anything wait for these agencies (`WAITS`) too."""
    if waits.is_empty():
        return decisions
    rows = decisions.select("state", "awaits")[waits["d"]].hstack(waits.get_columns())
    rows = rows.filter(pl.col("state").is_in(_WAITING))
    alone = rows["awaits"].list.len() == 0  # nearly always, and to put lists together is dear
    both = rows.filter(~alone).select("d", pl.concat_list("awaits", "agencies"))
    more = pl.concat([rows.filter(alone).select("d", awaits="agencies"), both])
    height = decisions.height
    places = pl.int_range(height, dtype=pl.UInt32, eager=True)
    places = places.scatter(more["d"], pl.int_range(height, height + more.height, dtype=pl.UInt32, eager=True))
    awaits = pl.concat([decisions["awaits"], more["awaits"]], rechunk=True)
    return decisions.with_columns(awaits.gather(places))


def graded(found: pl.DataFrame, lot: Lot, edition: Edition) -> pl.DataFrame:
    """These findings of `RULES` as grave as the message profile of their declaration says, without those it switches
    off."""
    said = _severities(edition)
    if found.is_empty() or said.is_empty():
        return found
    profile = lot["declarations"]["message_profile"].fill_null(_PROFILE)[found["d"]].alias("profile")
    laid = found.hstack([profile]).join(said, on=["profile", "rule"], how="left", maintain_order="left")
    kept = laid.filter(pl.col("word").ne_missing("off"))
    grave = pl.col("word").replace_strict(_GRAVE, default=pl.col("severity"), return_dtype=pl.UInt8)
    return kept.with_columns(severity=grave).select(found.columns)


_GRAVE: Final = {severity.name.lower(): severity.value for severity in Severity}


@lru_cache(maxsize=16)
def _severities(edition: Edition) -> pl.DataFrame:
    """What message profiles say of the rules of clearance: profile, rule, word."""
    profiles = edition.documents.get("landsea/message_profiles", {})
    rows = [
        (name, rule, word)
        for name, profile in profiles.items()
        for rule, word in profile.get("severity", {}).items()
        if rule in RULES
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("profile", "rule", "word"), pl.String()), orient="row")


def _of_declarations(rows: pl.DataFrame, lot: Lot) -> pl.DataFrame:
    """Only what concerns goods that are still to be released: an amendment is asked about as the version it leads to,
    a supplementary declaration follows goods that were released."""
    if rows.is_empty():
        return rows
    asked = (pl.col("message") == "declaration") & ~is_supplementary()
    return rows.filter(lot["declarations"].select(asked.fill_null(value=False)).to_series()[rows["d"]])


def _waiting(asks: pl.DataFrame, lot: Lot, known: Known, edition: Edition) -> pl.DataFrame:
    """The agencies release waits for, of the declarations that are asked about."""
    said = known.frame("answers", SAID)
    items = lot["goods_items"].select("d", item="n", i="i")
    given = said.join(items, on=["d", "item"], how="left") if said.height else said.with_columns(i=None)
    return waiting(heard(asks, given.select(*ANSWERS), edition).asks)


def _awaited(lot: Lot, earlier: pl.DataFrame) -> pl.DataFrame:
    """The agencies that declarations waited for before they were presented; and the suspensions, which no new version
    ends."""
    if "awaits" not in earlier.columns:
        return _NOTHING
    message, version = (lot["declarations"][name].gather(earlier["d"]) for name in ("message", "version"))
    presented = earlier.filter(message == "presentation").select(
        "d", agencies=_awaits(condition.agency(""), condition.right(""))
    )
    again = earlier.filter((message == "declaration") & (version > 1)).select(
        "d", agencies=_awaits(condition.right(""))
    )
    return pl.concat([presented, again]).filter(pl.col("agencies").list.len() > 0)


def _awaits(*kinds: str) -> pl.Expr:
    return pl.col("awaits").str.extract_all(f"(?:{'|'.join(kinds)})\\S+")
