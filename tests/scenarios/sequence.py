"""The column of notifications in the table of scenarios, read: what a declarant heard from customs, in order.

The column is written by hand: `DMSACC | DMSTAX(1)`, `DMSRCV, DMSACC`, `DMSACC = Function Code 01`, letters changed
places (`DSMTAX`), under headings for the trader, for the community system, and for one of several declarations. Which
function code a name has is learnt from the example notifications, which carry it.
"""

import re
from collections import Counter
from dataclasses import dataclass

from lxml import etree

NAME = re.compile(r"D[MS]{2}([A-Z]{3})")
HEADING = re.compile(r"\b(trader|csp)\b[^:|]{0,40}:", re.IGNORECASE)
OF_ONE = re.compile(r"\bDec(?:laration ?)?(\d) ?:", re.IGNORECASE)
TAX = "TAX"
DEGREES = ("exactly", "in order", "other calculations", "other statuses")
REPRODUCED = DEGREES[:2]


@dataclass(frozen=True)
class Told:
    """What the declarant heard: names without their prefix, by the number of the declaration where customs tells them
    apart, else under nought."""

    by_declaration: dict[int, tuple[str, ...]]

    @property
    def all(self):
        return tuple(name for names in self.by_declaration.values() for name in names)


def codes(folder):
    """Name → function code, as the example notifications have them."""
    found = {}
    for path in sorted(folder.glob("*_DMS*.xml")):
        name = NAME.search(path.name).group(1)
        found[name] = int(etree.parse(str(path)).findtext("{*}Response/{*}FunctionCode"))
    return found


def told(column, names):
    """What the column says the declarant heard; nothing where it names none of these."""
    parts = OF_ONE.split(for_the_trader(column))
    named = {0: parts[0], **{int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}}
    letters = {"".join(sorted(name)): name for name in names}
    found = {
        number: tuple(letters[key] for key in map(_sorted, NAME.findall(text)) if key in letters)
        for number, text in named.items()
    }
    return Told({number: heard for number, heard in found.items() if heard})


def sent(folder, names):
    """What the notifications in a scenario's folder say was heard, in the order of their numbers; some have none."""
    numbered = {}
    for path in folder.rglob("*.xml"):
        if named := re.match(r"(\d+)[._ ]*_?(D[MS]{2}[A-Z]{3})", path.name):
            numbered.setdefault(int(named.group(1)), told(named.group(2), names))
    return Told({0: tuple(name for number in sorted(numbered) for name in numbered[number].all)} if numbered else {})


def holds(more, fewer):
    """Whether everything heard in the one was heard in the other."""
    return not Counter(fewer.all) - Counter(more.all)


def for_the_trader(column):
    """The column without what it says the community system heard."""
    parts = HEADING.split(column)
    said = [text for whose, text in zip(parts[1::2], parts[2::2], strict=True) if whose.lower() == "trader"]
    return " ".join([parts[0], *said])


def _sorted(name):
    return "".join(sorted(name))


def agrees(ours, theirs):
    """How far our stimuli, each with the names heard upon it, agree with theirs: `exactly`, `in order` where only
    calculations stand elsewhere upon the same stimulus, else where they part."""
    flat = tuple(name for names in ours for name in names)
    if flat == theirs:
        return "exactly"
    if statuses(flat) != statuses(theirs):
        return "other statuses"
    at = 0
    for names in ours:
        here = theirs[at : at + len(names)]
        if statuses(names) != statuses(here) or names.count(TAX) != here.count(TAX):
            return "other calculations"
        at += len(names)
    return "in order" if at == len(theirs) else "other calculations"


def statuses(names):
    """What was heard, without calculations."""
    return tuple(name for name in names if name != TAX)


def parted(ours, theirs, errors):
    """Why two sequences do not agree, in words that fit every scenario of the kind."""
    if "REJ" in ours and "REJ" not in theirs:
        return f"refused here only: {', '.join(errors) or 'by a rule of state'}"
    if statuses(ours) == statuses(theirs):
        here, there = ours.count(TAX), theirs.count(TAX)
        more = "more" if here and there else "any"
        return f"calculations: {more} {'here' if here > there else 'there'} only"
    only = here_and_there(ours, theirs)
    return f"statuses: {only}" if only else "the same in another order"


def here_and_there(ours, theirs):
    """The statuses that only one of two heard."""
    here, there = Counter(statuses(ours)), Counter(statuses(theirs))
    only = ((there - here, "there only"), (here - there, "here only"))
    return ", ".join(f"{' '.join(sorted(left.elements()))} {where}" for left, where in only if left)
