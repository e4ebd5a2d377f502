"""The cases of `tests/cases/checking.txt`: a rule, a situation in changes to the valid base, and what must be found.

A block is `RULE broken` or `RULE met`, one change a line (`as NAME` takes a variant of the base), a blank line, and the
findings expected, `RULE place value`, or `nothing`. Blocks are parted by `---`.
"""

import pathlib
from dataclasses import dataclass

import polars as pl

from landsea.checking.check import check
from landsea.codes.edition import Edition
from landsea.declaration.finding import findings_of, no_findings
from landsea.declaration.stage import Checked, Known, Lodged

from .situation import Situation, amended, lot_from, variants

FOLDER = pathlib.Path(__file__).parents[1] / "cases"
VARIANTS = variants((FOLDER / "checking_base.txt").read_text("utf-8"))


@dataclass(frozen=True)
class Case:
    """One case as written."""

    rule: str
    broken: bool
    changes: tuple[str, ...]
    expected: tuple[str, ...]

    @property
    def situation(self) -> Situation:
        """The base with the case's changes made."""
        situation = amended({}, VARIANTS[""])
        for line in self.changes:
            situation = amended(situation, VARIANTS[line[3:]] if line.startswith("as ") else [line])
        return situation

    def lodged(self) -> tuple[Lodged, Known]:
        """The situation as a lot of one, and what the node knows: `@earlier = held` or `none`, if it was asked."""
        situation = self.situation
        earlier = situation.pop("earlier", None)
        rows = {"d": [0] if earlier == "held" else []}
        known = {"earlier": pl.DataFrame(rows, schema={"d": pl.UInt32})} if earlier else {}
        return Lodged(lot_from([situation]), no_findings()), Known(0, known)

    def checked(self, edition: Edition) -> Checked:
        """The situation, checked."""
        return check(*self.lodged(), edition)


def told(checked: Checked) -> list[str]:
    """The findings as a case writes them."""
    return [" ".join(filter(None, (f.rule, f.where, f.value))) for f in findings_of(checked.findings)] or ["nothing"]


def cases() -> list[Case]:
    """All cases of the file, in its order."""
    blocks = (FOLDER / "checking.txt").read_text("utf-8").split("\n---\n")
    return [_case(block) for block in blocks]


def _case(block: str) -> Case:
    lines = "\n".join(line.strip() for line in block.splitlines() if not line.startswith("#")).strip().split("\n")
    given, expected = lines[: lines.index("")], lines[lines.index("") + 1 :]
    rule, outcome = given[0].split()
    assert outcome in ("broken", "met"), given[0]
    return Case(rule, outcome == "broken", tuple(given[1:]), tuple(expected))
