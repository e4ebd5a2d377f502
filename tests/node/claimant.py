"""A process that lodges rice on a quota, lot after lot, until it is done or killed; what it tells was committed."""

import random

from databases import quiet
from landsea.node.law import edition_in
from quota_claims import granted, opening, rice, to_china

TOGETHER = 4


def claim(pipe, settings, prefix, count, kilograms):
    """Lodges `count` claims of the prefix and tells of each its number, what it wanted and what it was granted."""
    with quiet(settings, opening(edition_in(), kilograms)) as node:
        for first in range(0, count, TOGETHER):
            numbers = range(first, min(first + TOGETHER, count))
            receipts = node.clear([to_china(rice(f"{prefix}{n}", mass(prefix, n))) for n in numbers])
            for n, receipt in zip(numbers, receipts, strict=True):
                said = granted(receipt)
                pipe.send((f"{prefix}{n}", mass(prefix, n), float(said["granted"])))
    pipe.send((prefix, None, "done"))


def mass(prefix, number):
    """The same for the same claim in every life of the process."""
    return random.Random(f"{prefix}{number}").randrange(1, 90)
