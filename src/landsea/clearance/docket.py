"""The docket: what agencies asked of a declaration and what was said to it since, as an act on it finds them.

What was asked stands in the decision on the version in force (`agencies@1`); what was said, in the acts. What an agency
has against goods no amendment washes off, but an answer in favour is to what the agency was shown: a new version is
heard anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec
import polars as pl

from landsea.codes.edition import Edition
from landsea.dossier.blob import Blob
from landsea.units import micro

from .agency import ASKED
from .hearing import ANSWERS, Answer, has_say, heard

GROUP: Final = "agencies@1"
"""The group of a decision that says what agencies ask: per goods item, one blob."""
KINDS: Final = ("agency-answered", "second-test-requested")
"""Kinds of acts that say something to what agencies ask."""
_IN_FAVOUR: Final = frozenset({Answer.GRANT, Answer.CONFORM, Answer.SECOND_CONFORM})


class Said(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An answer to what an agency asks: by whom, what, at which instant (microseconds since 1970), of which items."""

    agency: str
    answer: str
    at: int
    items: tuple[int, ...] = ()  # none: all
    rule: str | None = None  # None: all
    laboratory: str | None = None

    def rows(self, d: int) -> Iterator[dict[str, Any]]:
        """The answer as rows of `consulted.SAID`."""
        said = {"d": d, "agency": self.agency, "rule": self.rule, "answer": self.answer, "laboratory": self.laboratory}
        at = datetime.fromtimestamp(self.at / 1_000_000, UTC)
        for item in self.items or (None,):
            yield {**said, "at": at, "item": item}


@dataclass(frozen=True, slots=True)
class Docket:
    """What is asked of a version (blobs of the decision on it), what was said before, the law, and the instant now."""

    blobs: Sequence[Blob]
    before: Sequence[Said]
    edition: Edition
    now: int

    @property
    def asks(self) -> pl.DataFrame:
        """What agencies ask (`agency.ASKED`) of the one declaration, 0; `i` is the position of the goods item."""
        return asks_in(self.blobs)

    def heard(self, said: Said) -> tuple[str | None, bool]:
        """Why the answer changes nothing (None: it does), and whether release waits for its agency afterwards."""
        spoken = [row for one in (*self.before, said) for row in one.rows(0)]
        rows = pl.DataFrame(
            [{**row, "i": row["item"]} for row in spoken], schema={**ANSWERS, "item": pl.UInt32}, orient="row"
        )
        done = heard(self.asks, rows.select(*ANSWERS), self.edition)
        mine = done.unheard.filter(pl.col("at") == rows["at"][-1], pl.col("agency") == said.agency)
        why = mine["why"][0] if mine.height >= len(said.items or (None,)) else None
        say = has_say(done.asks.filter(pl.col("agency") == said.agency))
        return why, bool(say["waits"].any())

    def waits(self) -> frozenset[str]:
        """The conditions of the agencies that release waits for, as things were said."""
        spoken = [{**row, "i": row["item"]} for one in self.before for row in one.rows(0)]
        rows = pl.DataFrame(spoken, schema={**ANSWERS, "item": pl.UInt32}, orient="row").select(*ANSWERS)
        return frozenset(has_say(heard(self.asks, rows, self.edition).asks).filter("waits")["condition"])

    def instant(self) -> int:
        """Now, and never before what was said last."""
        return max([self.now, *(one.at + 1 for one in self.before)])


def asks_in(blobs: Iterable[Blob]) -> pl.DataFrame:
    """What agencies ask (`agency.ASKED`), read from the blobs of a decision; `i` is the position of the goods item."""
    rows = [
        {**ask, "d": 0, "i": one.item, "fee": None if ask["fee"] is None else micro(ask["fee"])}
        for one in blobs
        if one.group == GROUP
        for ask in msgspec.json.decode(one.data)["asks"]
    ]
    return pl.DataFrame(rows, schema=ASKED, orient="row")


class Made(Protocol):
    """An act as it is remembered: its kind, what later acts have to know of it, and at which place it was made."""

    @property
    def kind(self) -> str:
        """Of `act.ACTS`."""

    @property
    def about(self) -> str:
        """For those of `KINDS` what was said (`Said`), as JSON."""

    @property
    def place(self) -> str:
        """State and version, with an `@` between."""


def held(acts: Iterable[Made], version: int) -> list[Said]:
    """What was said in these acts and holds for this version, in their order."""
    found = []
    for one in acts:
        if one.kind in KINDS:
            said = msgspec.json.decode(one.about, type=Said)
            if one.place.rpartition("@")[2] == str(version) or said.answer not in _IN_FAVOUR:
                found.append(said)
    return found
