"""Claims of relief in a declaration: what its codes claim, the facts they are tried by, and what is then due.

A relief is claimed by an additional procedure code (table `relief_claims`: code, claimed). What else bears on it stands
in the declaration: the procedure and the export that went before, the nature of the transaction, the months goods are
to stay (a statement under code `MONTHS`). A claim whose conditions are not met is charged, and a finding says so. Items
that claim no relief cost nothing.
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot
from landsea.tariff import breach
from landsea.tariff.ground import STEPS
from landsea.tariff.measure import Administration, tariffs_of
from landsea.tariff.relief import FACTS, Reliefs, relieve

MONTHS: Final = "MONTHS"
"""Code of the statement that says how many months the goods are to stay."""
_UNALTERED: Final = ("10", "11", "23")
"""Procedures of the export before under which goods are not worked on abroad."""
_FREE_OF_CHARGE: Final = "3"
"""First figure of the nature of transactions without payment."""


class Relieved(NamedTuple):
    """What is due after relief, the findings, and the steps (`ground.STEPS`)."""

    assessments: pl.DataFrame
    findings: pl.DataFrame
    steps: pl.DataFrame


def relieved(lot: Lot, due: pl.DataFrame, edition: Edition) -> Relieved:
    """The assessments (`assess.SCHEMA`) with the reliefs that items claim and whose conditions they meet."""
    claims = _claims(lot, edition) if due.height and "relief_claims" in edition.tables else None
    nothing = pl.DataFrame(schema=STEPS)
    if claims is None:
        return Relieved(due, no_findings(), nothing)
    facts, findings, steps = _facts(lot, claims, due, edition), [no_findings()], [nothing]
    for (code,), rows in facts.group_by("administration", maintain_order=True):
        law = tariffs_of(edition)[str(code)].administration
        done: Reliefs = relieve(due, rows.select(list(FACTS)), edition, law.places, law.rounding)
        due = done.assessments
        refused = rows.filter(pl.col("claimed").is_not_null(), ~pl.col("i").is_in(done.granted["i"].implode()))
        findings.append(breach.findings("TRF-014", refused, pl.concat_str("code", pl.lit(" "), "claimed")))
        steps.append(done.steps)
    return Relieved(due, pl.concat(findings), pl.concat(steps))


def _claims(lot: Lot, edition: Edition) -> pl.DataFrame | None:
    """The items that claim a relief: i, code, claimed; None where none does."""
    codes = edition.table("relief_claims")
    more = lot["procedures"]["current"]
    if not more.is_in(codes["code"].implode()).any():
        return None
    rows = lot["procedures"].filter(pl.col("i").is_not_null()).select("i", code="current")
    found = rows.join(codes.select("code", "claimed"), on="code", maintain_order="left")
    return found.unique("i", keep="first", maintain_order=True)


def _facts(lot: Lot, claims: pl.DataFrame, due: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The facts of every claim (`relief.FACTS`), with item and code."""
    on = pl.col("applicable_on")
    where = (
        lot["declarations"]
        .filter(pl.col("administration").is_in(list(tariffs_of(edition))))
        .select("d", "administration", on=on, nature="transaction_nature")
    )
    goods = lot["goods_items"].select(
        *("d", "i", "procedure", "previous_procedure", "origin", "commodity_code"),
        item="n",
        own_nature="transaction_nature",
    )
    rows = goods.join(claims, on="i", maintain_order="left").join(where, on="d", maintain_order="left")
    totals = [_totals(due, tariff.administration) for tariff in tariffs_of(edition).values()]
    for more, key in ((pl.concat(totals), ["d", "administration"]), (_exported(lot), ["d"]), (_stay(lot), ["i"])):
        rows = rows.join(more, on=key, how="left", maintain_order="left")
    nature = pl.coalesce("own_nature", "nature")
    return rows.with_columns(
        commercial_value=~nature.str.starts_with(_FREE_OF_CHARGE).fill_null(value=False),
        unchanged=pl.col("previous_procedure").is_in(_UNALTERED),
        months_abroad=_months(pl.col("exported_on"), pl.col("on")),
    )


def _totals(due: pl.DataFrame, law: Administration) -> pl.DataFrame:
    """Value and first tax of each declaration to the administration, quotas refused: both null if part is unknown."""
    first = due.filter(pl.col("tax") == law.taxes[0].code, ~pl.col("if_granted").fill_null(value=False))

    def total(name: str) -> pl.Expr:
        return pl.when(~pl.col(name).is_null().any()).then(pl.col(name).sum())

    sums = first.group_by("d").agg(consignment_value=total("base"), consignment_duty=total("amount"))
    return sums.with_columns(administration=pl.lit(law.code))


def _exported(lot: Lot) -> pl.DataFrame:
    """The day of the export that each declaration names as its previous document: d, exported_on."""
    before = lot["documents"].filter(pl.col("role") == "previous", pl.col("effective_at").is_not_null())
    return before.group_by("d").agg(exported_on=pl.col("effective_at").dt.date().min())


def _stay(lot: Lot) -> pl.DataFrame:
    """The months that goods are to stay: i, months_here."""
    said = lot["statements"].filter(pl.col("code") == MONTHS, pl.col("i").is_not_null())
    months = pl.col("text").str.extract(r"^\s*(\d{1,3})\b").cast(pl.Int64)
    return said.unique("i", keep="first", maintain_order=True).select("i", months_here=months)


def _months(since: pl.Expr, until: pl.Expr) -> pl.Expr:
    """The months from one day to another, a begun one counted."""
    whole = (until.dt.year() - since.dt.year()).cast(pl.Int64) * 12 + until.dt.month() - since.dt.month()
    return whole + (until.dt.day() > since.dt.day()).cast(pl.Int64)
