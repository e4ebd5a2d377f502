"""Conditions of release: what must still be so before goods that customs has nothing against are released.

Goods are released once they were presented, their duties are paid or secured, no question is open, no control is, and
every agency with a say has agreed (Revised Kyoto Convention, General Annex, Standard 3.40). A declaration that customs
decided in favour of waits for the conditions still open and for nothing else. All of them are told to the declarant; a
control only once it is ordered, which before arrival it is not.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Condition(StrEnum):
    """What is waited for. The values are stored and never reused; those of agencies and rights beside them."""

    ARRIVAL = "arrival"  # the goods are not yet presented
    DUTIES = "duties"  # neither paid nor secured
    ANSWER = "answer"  # a query to the declarant is open
    CONTROL = "control"  # of documents or goods
    SUPPLEMENT = "supplement"  # the supplementary declaration, which is owed after release and hinders none


_AGENCY: Final = "agency/"
_RIGHT: Final = "right/"
_ORDER: Final = {condition.value: place for place, condition in enumerate(Condition)}


def agency(name: str) -> str:
    """The condition that this agency agrees."""
    return _AGENCY + name


def right(name: str) -> str:
    """The condition that the suspension on the application of this right's holder ends (TRIPS 51)."""
    return _RIGHT + name


def ordered(conditions: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of `Condition`, agencies behind by name. Raises ValueError for any other word."""
    found = set(conditions)
    if strange := sorted(one for one in found if one not in _ORDER and not one.startswith((_AGENCY, _RIGHT))):
        raise ValueError(f"{', '.join(strange)} is no condition of release")
    return tuple(str(one) for one in sorted(found, key=lambda one: (_ORDER.get(one, len(_ORDER)), one)))


def written(conditions: Iterable[str]) -> str:
    """The conditions as one text, as a node keeps it."""
    return " ".join(ordered(conditions))


def read(text: str) -> tuple[str, ...]:
    """The conditions that stand in such a text."""
    return ordered(text.split())
