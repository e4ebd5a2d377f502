"""Doubts: what a national system says that cannot be right, or that nobody told this node the meaning of.

The national system decides, so none of it is refused: it is recorded as it came, and told in findings. `place` names
what is doubted: a column of a table, an element of a SAD, or a name under `national/` as the mappings have it. Of a
lane nobody explained only officers are told, as of any lane: that finding is in no record (`node.legacy.reply`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from landsea.declaration.national import National, Status
from landsea.units import micro

CONTRADICTS, LANE, STATUS, NO_DAY, ORDER, AMOUNT = (f"WIR-06{n}" for n in range(6))
DOUBTS: Final = frozenset({CONTRADICTS, LANE, STATUS, NO_DAY, ORDER, AMOUNT})
"""The rules of this module (`rule.RULES`)."""
FIRST: Final = date(1990, 1, 1)
"""No national system whose files are read here kept its declarations before."""
AHEAD: Final = timedelta(days=1)  # its day may have begun where ours has not
_SUMS: Final = ("item_taxes", "total_taxes", "global_taxes", "manual_taxes", "customs_value", "guarantee")
_TURN: Final = (Status.REGISTERED, Status.ASSESSED, Status.RELEASED, Status.LEFT)  # payment may come at any time


class Doubt(NamedTuple):
    """One thing doubted: by which rule, where it stands, and what is said there."""

    rule: str
    place: str
    value: str


def doubts(national: National, word: str, words: Mapping[str, str]) -> list[Doubt]:
    """What is doubted of a decision, whatever the day; `word` is its status in the system's own word, and `words` are
    those of its own that the system explained."""
    return [*_status(word, words), *_days(national), *_turns(national), *_sums(national)]


def ahead(national: National, today: date) -> list[Doubt]:
    """The acts that are said to have taken place on a day which has not come."""
    late = [act for act in national.acts if act.on and act.on > today + AHEAD]
    return [Doubt(NO_DAY, f"national/{act.status}/date", f"{act.on}") for act in late]


def _status(word: str, words: Mapping[str, str]) -> Iterator[Doubt]:
    if word and word.lower() not in {one.lower() for one in words} | set(Status):
        yield Doubt(STATUS, "national/status", word)


def _days(national: National) -> Iterator[Doubt]:
    for act in national.acts:
        if act.written is not None or (act.on and act.on < FIRST):
            yield Doubt(NO_DAY, f"national/{act.status}/date", act.written or f"{act.on}")


def _turns(national: National) -> Iterator[Doubt]:
    dated = [(status, act.on) for status in _TURN if (act := national.act(status)) and act.on]
    for (before, first), (after, then) in pairwise(dated):
        if then < first:
            yield Doubt(ORDER, f"national/{after}/date", f"{after} {then}, {before} {first}")


def _sums(national: National) -> Iterator[Doubt]:
    for name in _SUMS:
        if (text := national.stated.get(name)) and not _possible(text):
            yield Doubt(AMOUNT, f"national/{name}", text)
    for tax in national.taxes:
        for name, figure in (("base", tax.base), ("amount", tax.amount)):
            if figure and not _possible(figure):
                yield Doubt(AMOUNT, f"national/{name}", f"{figure} on goods item {tax.item}")


def _possible(text: str) -> bool:
    """Whether this is an amount: a plain number, not below nought and within what money here is reckoned with."""
    try:
        return micro(text) >= 0
    except ValueError:
        return False
