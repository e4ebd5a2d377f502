"""A time release study from the node's own records: what happened when to its declarations, and the figures of it.

An arrival counts where it is on record: that goods were declared at arrival does not say when they came. A control is
ordered when an officer says so, or else as soon as the goods are both here and declared.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import polars as pl

from landsea.declaration.lot import UTC
from landsea.measurement.release_time import INTERVALS, figures, release_times

from .clock import micros
from .store import Store

GROUPS: Final = ("mode", "office", "chapter")
"""By what declarations are told apart."""
_NAMES: Final = ("sea", "rail", "road", "air", "mail", "multimodal", "fixed", "inland-water")
MODES: Final = dict(zip("12345678", _NAMES, strict=True))
"""UN/ECE Recommendation 19: mode of transport."""
_ACTS: Final = {
    "removed": ("removed",),
    "examined": ("examined",),
    "paid": ("paid", "secured"),
    "intercepted": ("intercepted",),
}
"""Event of the study → the acts it is read from."""
_CLOCKS: Final = {
    **dict.fromkeys(("mrn", "mode", "office", "commodity"), pl.String()),
    **dict.fromkeys(("lodged", "arrived", "released"), pl.Int64()),
}
_ROWS: Final = f"SELECT {', '.join(_CLOCKS)} FROM clocks WHERE direction = 'import' AND lodged >= ? AND lodged < ?"  # noqa: S608
_KINDS: Final = ", ".join(f"'{kind}'" for kinds in _ACTS.values() for kind in kinds)
_MADE: Final = (
    "SELECT acts.mrn, acts.kind, records.at FROM clocks JOIN acts ON acts.mrn = clocks.mrn"  # noqa: S608
    f" JOIN records ON records.leaf = acts.leaf WHERE acts.kind IN ({_KINDS}) AND acts.proposed = 0"
    " AND clocks.lodged >= ? AND clocks.lodged < ?"
)


class Study(NamedTuple):
    """Figures by group and interval (`release_time.figures`), of how many declarations, and what was out of order."""

    figures: pl.DataFrame
    declarations: int
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Studying:
    """What makes studies of the records of a node."""

    store: Store

    def of(self, since: datetime, until: datetime, by: tuple[str, ...] = ()) -> Study:
        """The study of the imports lodged from one instant until before another, by some of `GROUPS`."""
        period = (micros(since), micros(until))
        with self.store.reading() as connection:
            found = (self.store.rows(connection, query, period) for query in (_ROWS, _MADE))
            declared, made = (
                pl.DataFrame(rows, schema=schema, orient="row")
                for rows, schema in zip(found, (_CLOCKS, _ACTED), strict=True)
            )
        rows = declared.with_row_index("d").with_columns(
            mode=pl.col("mode").replace(MODES), chapter=pl.col("commodity").str.head(2)
        )
        measured = release_times(rows, _events(rows, made))
        return Study(figures(measured.times, rows, by), rows.height, measured.findings)


_ACTED: Final = {"mrn": pl.String(), "kind": pl.String(), "at": pl.Int64()}


def _events(rows: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """What happened when: kinds of event as the intervals of the study name them."""
    named = {kind: event for event, kinds in _ACTS.items() for kind in kinds}
    acts = made.join(rows.select("d", "mrn"), on="mrn").select("d", pl.col("kind").replace_strict(named), "at")
    early = pl.col("arrived") > pl.col("lodged")  # lodged before arrival: accepted when the goods are presented
    here = pl.when(early).then("arrived").otherwise("lodged")
    told = {"lodged": pl.col("lodged"), "arrived": pl.col("arrived"), "released": pl.col("released")}
    told |= {"accepted": here, "assessed": pl.col("lodged")}
    parts = [rows.select("d", kind=pl.lit(kind), at=at).drop_nulls("at") for kind, at in told.items()]
    return pl.concat([*parts, acts, _ordered(rows.select("d", at=here), acts)]).with_columns(pl.col("at").cast(UTC))


def _ordered(here: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Since when a control was ordered, of what was examined."""
    examined = acts.filter(pl.col("kind") == "examined").select("d").unique()
    stopped = acts.filter(pl.col("kind") == "intercepted").group_by("d").agg(stopped=pl.col("at").min())
    rows = examined.join(here, on="d").join(stopped, on="d", how="left")
    return rows.select("d", kind=pl.lit("ordered"), at=pl.coalesce("stopped", "at"))


def document(study: Study, by: tuple[str, ...]) -> dict[str, Any]:
    """The study as JSON: the intervals with their meaning, and a figure for every group and interval that has one."""
    told = study.figures.with_columns(pl.col("total").cast(pl.Int64)).to_dicts()
    return {
        "declarations": study.declarations,
        "by": list(by),
        "unit": "second",
        "intervals": {one.name: one.meaning for one in INTERVALS},
        "figures": [{"group": {name: one.pop(name) for name in by}, **one} for one in told if one["count"]],
        "out_of_order": study.findings.filter(pl.col("rule") == "MSR-001").height,
    }
