"""The law of amendment: what an amendment may name, and where in a declaration that leads.

The declarant is allowed to amend the declaration already lodged (Revised Kyoto Convention, General Annex, Standard
3.27). The message names every change by a WCO pointer (class 06A with steps 97A): section codes from the declaration
down, each with the position among its siblings where the class repeats, and the tag of the element at the end. The
message carries the new values; what it names and does not carry is removed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .element import Element, children, element, elements

FIXED: frozenset[str] = frozenset(
    {
        "Declaration",
        "Declaration/Amendment",
        "Declaration/FunctionCode",
        "Declaration/FunctionalReferenceID",
        "Declaration/ID",
        "Declaration/TypeCode",
    }
)
"""What no amendment changes: what identifies the declaration, and what in the message speaks of the message itself."""

CHANGE_REASONS: Mapping[str, str] = {
    "1": "the declaration is withdrawn",
    "21": "a value is amended",
    "25": "a document or permit is amended",
    "28": "a weight or quantity is amended",
    "29": "a party is amended",
    "30": "goods items are added or taken away",
    "32": "another particular is amended",
}
"""Reasons for a change (WCO 099) in use under the DMS profile. The list is the administration's to extend: a code that
is not here is no fault."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a pointer leads to: an element of the table, and a position for each class on the way, from the top."""

    element: Element
    positions: tuple[int, ...]

    @property
    def classes(self) -> tuple[Element, ...]:
        """The classes on the way, from `Declaration` down; the last is the target itself where it is a class."""
        return lineage(self.element)


@cache
def lineage(target: Element) -> tuple[Element, ...]:
    """The classes from `Declaration` down to this element, itself included where it is one."""
    parts = target.path.split("/")
    return tuple(element("/".join(parts[:end])) for end in range(1, len(parts) + target.is_class))


def target(steps: Iterable[tuple[str, int | None]], tag: str = "") -> Target | None:
    """Where the steps (section code, position) and the tag lead; None where the data model has no such place.

    Positions of classes that do not repeat say nothing and are read as 1, and so is one that is missing: real messages
    number the steps themselves.
    """
    path, positions = "", []
    for section, position in steps:
        found = next((e for e in _under(path) if e.is_class and e.wco_id == section), None)
        if found is None:
            return None
        path = found.path
        positions.append((position or 1) if found.repeats else 1)
    if not path:
        return None
    if not tag:
        return Target(element(path), tuple(positions))
    leaf = next((e for e in children(path) if not e.is_class and e.wco_id == tag), None)
    return None if leaf is None else Target(leaf, tuple(positions))


def _under(path: str) -> tuple[Element, ...]:
    return children(path) if path else elements()[:1]
