"""Supplementary declarations: the second step of what was declared simply or incompletely first.

A declarant with good reason, or an authorised one, declares provisionally and gets the goods; what was left out is
declared afterwards, each time or for a whole period at once (Revised Kyoto Convention, General Annex, 3.13, 3.32 and
transitional 3.32; TFA 7.3 and 7.7). The third letter of a type tells: B and E are occasional, C and F regular (E and F
before arrival); X supplements B and E, Y supplements C and F, Z an entry in the declarant's records.

What is owed, and until when, is `[supplementary]` of an administration's law: `types` whose release leaves a
supplementary declaration owed, `days` after release, and `periodic`, those of them that are owed for a calendar month
at once, so many days after its end. Without it nothing is owed. The claims on the first declarations stand; the
supplementary one is claimed only what its assessment comes to beyond them, or they are claimed so much less.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot
from landsea.units import decimal_text

from .breach import findings
from .condition import Condition
from .revenue import Account, Balance, Claim, Kind, Transfer, assessed, moved

SUPPLEMENTARY: Final = "^(IM|EX|CO)[XYZ]$"
"""Types of supplementary declarations."""
_IS_SUPPLEMENTARY: Final = pl.col("type").str.contains(SUPPLEMENTARY)
_DECLARED: Final = pl.col("message") == "declaration"
_FIRST: Final = pl.col("version").fill_null(1) == 1
_OWED_BEFORE: Final = pl.col("known_awaits").str.contains(Condition.SUPPLEMENT.value, literal=True)


def is_supplementary() -> pl.Expr:
    """Whether a row of `declarations` is a supplementary declaration; null is none."""
    return (_DECLARED & _IS_SUPPLEMENTARY).fill_null(value=False)


def letters(types: pl.Series) -> frozenset[str]:
    """The third letters of these types: few, so that what most lots have not costs them nothing."""
    return frozenset(kind[2:3] for kind in types.unique() if kind)


@lru_cache(maxsize=16)
def _simple(edition: Edition) -> Mapping[str, str]:
    """Administration → the letters of the types whose release leaves something owed."""
    laws = edition.named("administration").items()
    return {issuer: law["supplementary"]["types"] for issuer, law in laws if "supplementary" in law}


def owes(edition: Edition, rows: pl.DataFrame, types: frozenset[str]) -> pl.Expr:
    """Whether the release of a row leaves a supplementary declaration owed: as its type says, or as it did before.

    `types` are the `letters` of the rows."""
    simple = _simple(edition)
    later = rows["known_awaits"].null_count() < rows.height
    if not later and types.isdisjoint("".join(simple.values())):
        return pl.lit(value=False)
    kinds = [f"{issuer}{letter}" for issuer, own in simple.items() for letter in own]
    kind = pl.col("administration") + pl.col("type").str.slice(2)
    anew = _DECLARED & _FIRST
    return (anew & kind.is_in(kinds)).fill_null(value=False) | (~anew & _OWED_BEFORE).fill_null(value=False)


def falls_due(kind: str, released_on: date, law: Mapping[str, Any]) -> date:
    """The last day for what supplements a declaration of this type, released on that day."""
    terms = law.get("supplementary", {})
    days = timedelta(days=int(terms.get("days", 10)))
    if kind[2:3] not in set(terms.get("periodic", "")):
        return released_on + days
    return released_on.replace(day=monthrange(released_on.year, released_on.month)[1]) + days


def shared(balance: Balance, claim: Claim, total: int, firsts: Sequence[Claim]) -> list[Transfer]:
    """The claims on these declarations together are `total` from now on: what is more is claimed of the supplementary
    one, what is less comes off it, and then off the first ones in order."""
    held = {one: _claim(balance, one) for one in firsts}
    left = total - sum(held.values())
    wanted = {claim: max(0, left)}
    for one in firsts:
        less = min(held[one], max(0, -left))
        left += less
        if less:
            wanted[one] = held[one] - less
    made: list[Transfer] = []
    for one, amount in wanted.items():
        after = moved(balance, made)
        now = lambda account, after=after: after.get(account, balance(account))  # noqa: E731
        made += assessed(now, one.mrn, one.currency, amount, one.operator)
    return made


def _claim(balance: Balance, one: Claim) -> int:
    return sum(balance(Account(kind, one.currency, one.mrn)) for kind in (Kind.DUE, Kind.COLLECTED))


MASS, AMOUNT, UNKNOWN = "CLR-301", "CLR-302", "CLR-303"
_TOTALS: Final = {MASS: ("net_mass", "net_mass_unit"), AMOUNT: ("item_amount", "item_amount_currency")}


def unknown(rows: pl.DataFrame) -> pl.DataFrame:
    """A finding for each of these supplementary declarations (d, and the `value` they refer to)."""
    return findings(UNKNOWN, rows, pl.col("value"))


def differences(supplementary: Lot, firsts: Lot, d: int) -> pl.DataFrame:
    """Where the supplementary declaration of row `d` differs from the first ones together, by heading of six digits:
    the finding has both values. What the first ones left out is not a difference."""
    now, first = (lot["goods_items"].with_columns(_HEADING) for lot in (supplementary, firsts))
    found = [no_findings()]
    for rule, (column, unit) in _TOTALS.items():
        left_out = first.group_by("heading").agg(pl.col(column).is_null().all()).filter(column)["heading"]
        both = _summed(now.filter(pl.col("d") == d), column, unit).join(
            _summed(first, column, unit), on=["heading", "unit"], how="full", coalesce=True, suffix="_first"
        )
        differ = pl.col("total").ne_missing(pl.col("total_first")) & ~pl.col("heading").is_in(left_out.implode())
        said = [
            f"{heading}: {_told(before)} declared first, {_told(total)} now, {named}"
            for heading, named, total, before in both.filter(differ).sort("heading", "unit").iter_rows()
        ]
        rows = pl.DataFrame({"d": [d] * len(said), "value": said}, schema={"d": pl.UInt32, "value": pl.String})
        found.append(findings(rule, rows.with_columns(item=pl.lit(1, pl.UInt32)), pl.col("value")))
    return pl.concat(found)


_HEADING: Final = pl.col("commodity_code").str.slice(0, 6).alias("heading")


def _summed(items: pl.DataFrame, column: str, unit: str) -> pl.DataFrame:
    given = items.filter(pl.col(column).is_not_null())
    return given.group_by("heading", pl.col(unit).alias("unit")).agg(pl.col(column).sum().alias("total"))


def _told(amount: int | None) -> str:
    return "nothing" if amount is None else decimal_text(amount)


def referred(lot: Lot) -> list[tuple[int, str]]:
    """The rows of supplementary declarations, each with every number it refers to as a previous document, in order; an
    empty one where it refers to nothing."""
    declared = lot["declarations"]
    if letters(declared["type"]).isdisjoint("XYZ"):  # nearly always
        return []
    rows = declared.filter(is_supplementary()).select("d")
    papers = lot["documents"].filter(pl.col("role") == "previous").select("d", "id").drop_nulls()
    named = rows.join(papers.unique(maintain_order=True), on="d", how="left", maintain_order="left_right")
    pairs: Iterable[tuple[int, str]] = named.with_columns(pl.col("id").fill_null("")).iter_rows()
    return list(pairs)
