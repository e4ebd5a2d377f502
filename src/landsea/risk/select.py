"""Hop 4: a control for every declaration, with reasons.

Two ways lead to a control: a profile hits, or the draw falls on it. The highest control wins, and what the draw fell on
stays in the row even where a profile asked for more, so that the random stratum is whole and estimates stay unbiased.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.stage import Assessed, Control, Known, Selected
from landsea.units import MICRO
from landsea.units.validity import in_force

from .features import sheet_of
from .law import RiskLaw, risk_laws
from .predicate import columns_of
from .profile import RANK, TriedProfile, compiled

SELECTIONS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "control": pl.UInt8(),  # Control
    "ground": pl.String(),  # of the control, for the trader; null where there is none
    "selected_by": pl.String(),  # profile, random or none: officers only
    "drawn": pl.UInt8(),  # Control the draw fell on: officers only
    "inclusion": pl.UInt32(),  # probability per million that this declaration is controlled: officers only
}
HITS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item, from 1; null where the header alone was judged
    "profile": pl.String(),  # id@version
    "control": pl.UInt8(),
    "values": pl.String(),  # the values the profile met, `name=value` separated by semicolons
}
DRAW: Final = {"d": pl.UInt32(), "draw": pl.UInt64()}


def select(assessed: Assessed, known: Known, edition: Edition) -> Selected:
    """Every declaration has a control in `selections`, and `hits` says which profiles asked for it and why.

    A declaration for which `known.draws` has no row takes no part in the random selection: its `inclusion` says so.
    """
    present = assessed.lot["declarations"]["administration"].unique()
    laws = [law for law in risk_laws(edition).values() if law.administration in present]
    hits = [_hits(assessed, known, law) for law in laws]
    all_hits = pl.concat([pl.DataFrame(schema=HITS), *hits]).sort("d", "item", "profile")
    return Selected(
        lot=assessed.lot,
        findings=assessed.findings,
        documents=assessed.documents,
        assessments=assessed.assessments,
        traces=assessed.traces,
        selections=_selections(assessed, known, laws, all_hits),
        hits=all_hits,
    )


@lru_cache(maxsize=16)
def _names(profiles: tuple[TriedProfile, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(columns_of(p.applies) for p in profiles))


def _hits(assessed: Assessed, known: Known, law: RiskLaw) -> pl.DataFrame:
    first, last = assessed.lot["declarations"].select(a=pl.min("applicable_on"), b=pl.max("applicable_on")).row(0)
    profiles = [p for p in law.profiles if last and p.valid_from <= last and (not p.valid_to or first < p.valid_to)]
    if not profiles:
        return pl.DataFrame(schema=HITS)
    sheet = sheet_of(assessed, known, law, _names(tuple(profiles)))
    days = {p.name: p.valid_from <= first and (not p.valid_to or last < p.valid_to) for p in profiles}
    truths = sheet.select(
        (compiled(p.applies) if days[p.name] else compiled(p.applies) & _valid(p)).alias(p.name) for p in profiles
    )
    struck = truths.select(pl.any_horizontal(pl.all())).to_series().fill_null(value=False)
    if not struck.any():
        return pl.DataFrame(schema=HITS)
    few, marks = sheet.filter(struck), truths.filter(struck)
    return pl.concat(_reasons(few.filter(marks[p.name].fill_null(value=False)), p) for p in profiles)


def _valid(profile: TriedProfile) -> pl.Expr:
    ends = pl.lit(profile.valid_to, pl.Date)
    day = pl.col("applicable_on")
    return (day >= profile.valid_from) & (ends.is_null() | (day < ends))


def _reasons(rows: pl.DataFrame, profile: TriedProfile) -> pl.DataFrame:
    values = (_written(name, rows.schema[name]) for name in sorted(columns_of(profile.applies)))
    return rows.select(
        "d",
        "item",
        profile=pl.lit(profile.name),
        control=pl.lit(profile.control.value, pl.UInt8),
        values=pl.concat_str(*values, separator="; "),
    )


def _written(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name).list.join(" ") if isinstance(kind, pl.List) else pl.col(name).cast(pl.String)
    return pl.concat_str(pl.lit(name + "="), column.fill_null("missing"))


def _selections(assessed: Assessed, known: Known, laws: list[RiskLaw], hits: pl.DataFrame) -> pl.DataFrame:
    rank = {control.value: rank for control, rank in RANK.items()}
    control = {rank: control for control, rank in rank.items()}
    asked = hits.group_by("d").agg(_asked=pl.col("control").replace_strict(rank, return_dtype=pl.UInt8).max())
    drawn = known.frame("draws", DRAW).select("d", "draw")
    rows = (
        assessed.lot["declarations"]
        .select("d", "administration", _judged=pl.col("message") == "declaration")
        .join(asked, on="d", how="left", maintain_order="left")
        .join(drawn, on="d", how="left", maintain_order="left")
        .with_columns(
            pl.col("_asked").fill_null(0),
            _drawn=pl.when("_judged").then(_by_law(laws, _drawn)).otherwise(0).fill_null(0).cast(pl.UInt8),
            _share=pl.when(pl.col("_judged") & pl.col("draw").is_not_null())
            .then(_by_law(laws, lambda law: pl.lit(law.random_share)))
            .otherwise(0)
            .cast(pl.UInt32),
        )
    )
    highest = pl.max_horizontal("_asked", "_drawn")
    to_control = control.__getitem__
    names = [Control(to_control(r)) for r in sorted(control)]
    codes = pl.Series(names, dtype=pl.UInt8).implode()
    return rows.select("d", codes=codes)
