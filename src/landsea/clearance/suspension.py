"""Suspension of release for a right of others: what officers' acts on it change, and until when it stands.

The holder of a trademark or another right applies once, with customs (TRIPS 51, 52). Where goods may infringe it an
officer suspends their release: from then on release waits for the condition `right/<number>`, whatever else is
fulfilled, and a new version of the declaration waits for it too. The suspension lapses by itself unless the holder
begins proceedings within the term, which is extended once (TRIPS 55); how long it is says the administration
(`[border_measures]` in its administration.toml). An officer ends it before that, or finds the goods infringing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from landsea.declaration.stage import Control
from landsea.errors import InputError

from .act import Infringement, OfRight, Refused
from .change import Change, Earlier, Standing
from .condition import right as condition_of
from .state import Event, State

GROUND: Final = "suspected-infringement"
"""Ground of waiting while release is suspended."""
LAPSED: Final = "no proceedings were begun in time"
ACTS_ON: Final = ("suspended", "suspension-extended", "proceedings-begun", "suspension-lifted", "infringing")


@dataclass(frozen=True, slots=True)
class BorderMeasures:
    """What an administration says on suspensions: working days of the term and of its extension, days of the week
    (Monday is 1) and dates that are none, and up to how many kilograms a consignment is too small to be looked at
    (TRIPS 60)."""

    days: int = 10
    extension: int = 10
    weekend: frozenset[int] = frozenset({6, 7})
    holidays: frozenset[date] = frozenset()
    de_minimis_kg: int = 0

    def until(self, began: date, *, extended: bool) -> date:
        """The last day of a suspension that began on this day."""
        left, day = self.days + (self.extension if extended else 0), began
        while left:
            day += timedelta(days=1)
            left -= day.isoweekday() not in self.weekend and day not in self.holidays
        return day


def border_measures(law: Mapping[str, Any]) -> BorderMeasures:
    """What the administration's law (its administration.toml) says. Raises InputError for what cannot be meant."""
    said = law.get("border_measures", {})
    found = BorderMeasures(
        **{name: said[name] for name in ("days", "extension", "de_minimis_kg") if name in said},
        weekend=frozenset(said.get("weekend", (6, 7))),
        holidays=frozenset(said.get("holidays", ())),
    )
    whole = all(type(one) is int and one >= 0 for one in (found.days, found.extension, found.de_minimis_kg))
    if not whole or not found.days or not found.weekend < set(range(1, 8)):
        raise InputError("administration.toml: [border_measures] has whole days, at least one, and a week with work")
    return found


def _suspended(content: OfRight, standing: Standing) -> Change:
    if _made("suspended", content, standing):
        raise Refused("suspended-before", f"release was suspended for {content.right} before; a term runs once")
    stays = standing.state is State.EXAMINATION or standing.control is Control.AUDIT
    control = None if stays else Control.NONE  # papers are seen: what is waited for now is the holder of the right
    return Change(Event.SUSPENDED, opens=frozenset({condition_of(content.right)}), control=control, about=content.right)


def _extended(content: OfRight, standing: Standing) -> Change:
    _standing(content, standing)
    if _made("suspension-extended", content, standing):
        raise Refused("extended-before", "a suspension is extended once")
    return Change(about=content.right)


def _begun(content: OfRight, standing: Standing) -> Change:
    _standing(content, standing)
    return Change(about=content.right)


def _lifted(content: OfRight, standing: Standing) -> Change:
    closes = _standing(content, standing)
    return Change(Event.SUSPENSION_ENDED, closes=closes, about=content.right)


def _infringing(content: Infringement, standing: Standing) -> Change:
    closes = _standing(content, standing)
    return Change(Event.INFRINGING, closes=closes, about=content.right)


def _standing(content: OfRight, standing: Standing) -> frozenset[str]:
    """The condition of a suspension that stands."""
    condition = condition_of(content.right)
    if condition not in standing.conditions:
        raise Refused("not-suspended", f"release is not suspended for {content.right[:40]}")
    return frozenset({condition})


def _made(kind: str, content: OfRight, standing: Standing) -> bool:
    return any((one.kind, one.about) == (kind, content.right) for one in standing.acts)


CHANGES: Final[Mapping[str, Callable[[Any, Standing], Change]]] = dict(
    zip(ACTS_ON, (_suspended, _extended, _begun, _lifted, _infringing), strict=True)
)
"""What each act on a suspension asks to change (see `change.CHANGES`)."""


def unsettled(acts: Iterable[Earlier]) -> frozenset[str]:
    """The conditions of suspensions that no act of these has ended."""
    open_: set[str] = set()
    for one in acts:
        if one.kind == "suspended":
            open_.add(condition_of(one.about))
        elif one.kind in ("suspension-lifted", "infringing"):
            open_.discard(condition_of(one.about))
    return frozenset(open_)


def rights_in(conditions: Sequence[str]) -> list[str]:
    """The numbers of the rights that release waits for."""
    return [one.removeprefix(condition_of("")) for one in conditions if one.startswith(condition_of(""))]
