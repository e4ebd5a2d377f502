"""Numbers customs gives during a run, put where later messages of the run name them as `MRN OF <LRN>`.

An amendment or invalidation names a number that no file can hold before the declaration it is about is lodged.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .intake import Named

_MRN_OF = re.compile(rb"MRN OF ([A-Za-z0-9-]+)")


class Numbers:
    """For each reference of this run, the number it was given and who sent it."""

    def __init__(self) -> None:
        self._given: dict[bytes, tuple[bytes, str]] = {}

    def learn(self, lot: Sequence[Named], documents: Sequence[Mapping[str, Any]]) -> None:
        """The numbers in these answers are known from here on."""
        for one, document in zip(lot, documents, strict=True):
            if document["mrn"] and document["reference"]:
                self._given[document["reference"].encode()] = (document["mrn"].encode(), one.sender)

    def filled(self, one: Named) -> Named:
        """The same with the numbers in it, sent by who sent the declaration it is about; as it is if none is known."""
        known = [self._given[lrn] for lrn in _MRN_OF.findall(one.body) if lrn in self._given]
        if not known:
            return one
        body = _MRN_OF.sub(lambda found: self._given.get(found[1], (found[0], ""))[0], one.body)
        return replace(one, body=body, party=known[0][1])


def awaits(one: Named) -> bool:
    """Whether a number is named in it that an earlier message of the run may be given."""
    return _MRN_OF.search(one.body) is not None
