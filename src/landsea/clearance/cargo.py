"""Cargo: what a carrier reports of the goods on board, and how it stands against what was declared of them.

Theory. A cargo report (WCO; the manifest of UN/CEFACT) names a means of transport and, line by line, the goods under
one transport contract, before they arrive (Revised Kyoto Convention, Specific Annex A, Chapter 1). A declaration and a
line are of the same goods where they share a name, and the strongest name they share decides: the number of the
declaration, then the UCR, then the transport document, and last the container, which says least: it comes again, and
holds goods of many. So a container only counts near in time, and not where both sides name transport documents that
differ.

One line may be declared in parts, and one declaration may cover several lines. Lines and declarations that hang
together are therefore compared as one: what is reported of all against what is declared of all, within a tolerance that
is data. Whether goods may leave is asked of the same whole.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from landsea.codes.edition import Edition
from landsea.units import MICRO, decimal_text

from .condition import Condition
from .state import State

KINDS: Final = ("mrn", "ucr", "waybill", "container")
"""Kinds of name, the strongest first."""
NEAR: Final = 30 * 24 * 3600 * 1_000_000
"""How far apart, in microseconds, a report and a declaration may be for a container to join them."""
Name = tuple[str, str]
Measure = Literal["packages", "gross_mass"]


class Line(NamedTuple):
    """A line of a cargo report: its key, its names, when it was reported, packages and millionths of kilograms."""

    key: tuple[str, str, int]
    names: frozenset[Name]
    at: int
    packages: int | None
    gross_mass: int | None


class Declared(NamedTuple):
    """A declaration, as far as it bears on cargo."""

    mrn: str
    names: frozenset[Name]
    at: int
    packages: int | None
    gross_mass: int | None
    state: str
    awaits: str
    version: int = 1


class Together(NamedTuple):
    """Lines and declarations that hang together."""

    lines: tuple[Line, ...]
    declared: tuple[Declared, ...]

    def named(self) -> Iterator[Line | Declared]:
        """All of them, each with its names."""
        yield from self.lines
        yield from self.declared


class Result(StrEnum):
    """How lines stand against declarations; fixed codes."""

    DECLARED = "declared"
    NOT_DECLARED = "not-declared"
    DIFFERS = "differs"
    OVER_DECLARED = "over-declared"


class Difference(NamedTuple):
    """What is reported and what is declared of a measure, beyond the tolerance."""

    measure: Measure
    reported: int
    declared: int

    def written(self) -> tuple[str, str]:
        """What is reported and what is declared, as decimal texts: packages, or kilograms."""
        if self.measure == "packages":
            return str(self.reported), str(self.declared)
        return decimal_text(self.reported), decimal_text(self.declared)


def together(lines: Sequence[Line], declared: Sequence[Declared]) -> list[Together]:
    """The lines with the declarations of their goods, each of both once; declarations without a line are left out."""
    named: dict[Name, list[int]] = {}
    for n, one in enumerate(declared):
        for name in one.names:
            named.setdefault(name, []).append(n)
    head = list(range(len(lines) + len(declared)))  # of each, which other one it hangs together with

    def root(n: int) -> int:
        while head[n] != n:
            n = head[n]
        return n

    for n, line in enumerate(lines):
        for other in _of(line, declared, named):
            a, b = sorted((root(n), root(len(lines) + other)))
            head[b] = a
    found: dict[int, tuple[list[Line], list[Declared]]] = {root(n): ([], []) for n in range(len(lines))}
    for n, line in enumerate(lines):
        found[root(n)][0].append(line)
    for n, one in enumerate(declared, start=len(lines)):
        if root(n) in found:
            found[root(n)][1].append(one)
    return [Together(tuple(some), tuple(others)) for some, others in found.values()]


def _of(line: Line, declared: Sequence[Declared], named: Mapping[Name, Sequence[int]]) -> set[int]:
    """The declarations of the goods of this line, by the strongest name that leads to any."""
    for kind in KINDS:
        found = {n for name in line.names if name[0] == kind for n in named.get(name, ())}
        if kind == "container":
            found = {n for n in found if abs(declared[n].at - line.at) <= NEAR and not _other(line, declared[n])}
        if found:
            return found
    return set()


def _other(line: Line, one: Declared) -> bool:
    """Whether both name transport documents; theirs are not the same, or the container would not have been asked."""
    return all(any(kind == "waybill" for kind, _ in names) for names in (line.names, one.names))


class Tolerance(NamedTuple):
    """How far a measure may differ: so many millionths of a hundredth of what is reported, and no less than `least`."""

    percent: int
    least: int

    def admits(self, reported: int, declared: int) -> bool:
        """Whether the difference is within."""
        return abs(reported - declared) <= max(self.least, abs(reported) * self.percent // (100 * MICRO))


def tolerances(edition: Edition, administration: str) -> dict[Measure, Tolerance]:
    """Measure → the tolerance of this administration, or else of all."""
    rows = edition.table("cargo_tolerances").sort("administration", nulls_last=False)
    own = rows.filter(rows["administration"].is_null() | (rows["administration"] == administration))
    scale = {"packages": MICRO, "gross_mass": 1}  # packages are counted whole
    return {
        measure: Tolerance(percent, least // scale[measure])
        for measure, percent, least in own.select("measure", "percent", "least").iter_rows()
    }


def differences(of: Together, within: Mapping[Measure, Tolerance]) -> list[Difference]:
    """The measures that differ beyond the tolerance; one that somebody did not state is not compared."""
    found = []
    for measure, tolerance in within.items():
        reported, declared = _sum(of.lines, measure), _sum(of.declared, measure)
        if of.declared and reported is not None and declared is not None and not tolerance.admits(reported, declared):
            found.append(Difference(measure, reported, declared))
    return found


def _sum(rows: Iterable[Line | Declared], measure: str) -> int | None:
    stated = [getattr(row, measure) for row in rows]
    return None if None in stated else sum(stated)


def result(of: Together, differing: Collection[Difference]) -> Result:
    """How the lines stand against what was declared."""
    if not of.declared:
        return Result.NOT_DECLARED
    if any(one.declared > one.reported for one in differing):
        return Result.OVER_DECLARED
    return Result.DIFFERS if differing else Result.DECLARED


class Gate(NamedTuple):
    """Whether goods may leave, and else what they wait for."""

    open: bool
    waits_for: tuple[str, ...]


NOT_DECLARED: Final = "declaration"
"""What goods wait for that nobody, or not all of them anybody, declared."""
CUSTOMS: Final = "customs"
"""What a carrier hears where customs looks at goods, in whatever way: never that a control is ordered, nor which."""
LET_GO: Final = frozenset({State.RELEASED, State.CLEARED, State.AMENDMENT_REQUESTED, State.INVALIDATION_REQUESTED})
_HEARD: Final = {Condition.CONTROL.value: CUSTOMS, Condition.ANSWER.value: CUSTOMS}


def gate(whole: Sequence[Together], loose: Sequence[Declared], differing: Collection[Difference] = ()) -> Gate:
    """Whether everything that hangs together here may leave: each line is declared and each declaration released.

    `loose` are declarations asked for that no line names; `differing` what fewer packages than reported are declared
    for. What is waited for is told as a carrier may hear it.
    """
    waits = {NOT_DECLARED for one in whole if not one.declared}
    waits |= {NOT_DECLARED for one in differing if one.measure == "packages" and one.declared < one.reported}
    for one in [*(row for some in whole for row in some.declared), *loose]:
        if one.state not in LET_GO:
            waits |= set(_conditions(one))
    open_ = not waits and bool(whole or loose)
    return Gate(open_, tuple(sorted(waits)) if whole or loose else (NOT_DECLARED,))


def _conditions(one: Declared) -> Iterator[str]:
    said = [_HEARD.get(word, word.partition("/")[0]) for word in one.awaits.split()]
    yield from said or [CUSTOMS]
