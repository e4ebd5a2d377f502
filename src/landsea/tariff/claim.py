"""Claims on quotas: what the goods of a lot draw on shared stocks, and what is due once that is granted.

A claim is granted here, in the order of the lot, from the balances that were known. Whether these still hold when the
lot enters the log is for the node to see, under the lock of its log; so a claim is reckoned twice only near the end of
a quota. A lot that claims none costs nothing. Whoever is rejected draws nothing, nor does what a procedure suspends.

The law of a quota is the schedule's: `quotas` (quota_order, valid_from, valid_to, allocation, unit, opening) and, where
it is allocated by licence, `quota_licences` (licence, quota_order, holder, valid_from, valid_to, opening).
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Assessed, Known
from landsea.errors import BuildFault
from landsea.tariff import breach
from landsea.tariff.ground import shaped
from landsea.tariff.measure import Administration, tariffs_of
from landsea.tariff.quota import GRANTS, LICENCES, QUOTAS, grant, of_licence, of_period, settled
from landsea.units import decimal_text
from landsea.units.measurement import convert
from landsea.units.validity import in_force

BALANCES: Final[dict[str, pl.DataType]] = {  # the frame `stocks` of what is known
    "administration": pl.String(),
    "stock": pl.String(),
    "drawn": pl.Int64(),  # by all declarations so far, in millionths of its unit
}
RETURNED: Final[dict[str, pl.DataType]] = {  # the frame `returned`: what the version before drew
    "d": pl.UInt32(),
    "administration": pl.String(),
    "stock": pl.String(),
    "amount": pl.Int64(),
}
GRANTED: Final[dict[str, pl.DataType]] = GRANTS | {
    "administration": pl.String(),
    "opening": pl.Int128(),  # of the stock
    "unit": pl.String(),  # null: the value
}
_NONE: Final = pl.DataFrame(schema=GRANTED)
_QUANTITIES: Final = (("specific_base", None), ("tariff_quantity", None), ("net_mass", "KGM"), ("gross_mass", "KGM#G"))
"""Where a quantity may be declared, in the order looked in, and its unit where none is."""


class Settled(NamedTuple):
    """What is really due, what each claim was granted (`GRANTED`), and what there is to say of it."""

    assessments: pl.DataFrame
    grants: pl.DataFrame
    findings: pl.DataFrame


def settle(stage: Assessed, without: pl.Series, known: Known, edition: Edition) -> Settled:
    """The claims of the lot granted from the balances known, but those of the declarations `without` one.

    A settled assessment hangs on no claim any more (`if_granted` is null); of a claim granted in part both outcomes
    stay, each with its part. A claim that was not made keeps both, as they would be.
    """
    due = stage.assessments
    claims = _claims(stage.lot, due, without, edition)
    parts = [_granted(rows, code, known, edition) for (code,), rows in claims.group_by("administration")]
    grants = pl.concat([_NONE, *parts]).sort("d", "i", maintain_order=True)
    made = due.filter(pl.col("i").is_in(grants["i"].implode()))
    rest = due.filter(~pl.col("i").is_in(grants["i"].implode()))
    where = stage.lot["declarations"].select("d", "administration")
    made = made.join(where, on="d", maintain_order="left")
    tariffs = tariffs_of(edition)
    now = [
        _settled(rows.drop("administration"), grants, tariffs[str(code)].administration)
        for (code,), rows in made.group_by("administration", maintain_order=True)
    ]
    return Settled(pl.concat([rest, *now]), grants, _findings(grants))


def _settled(rows: pl.DataFrame, grants: pl.DataFrame, law: Administration) -> pl.DataFrame:
    """The rows as far as they hold. Of an item's taxes those without a claim stay as they are."""
    nothing = pl.lit(None, dtype=pl.Boolean)
    return settled(rows, grants, law.places, law.rounding).with_columns(if_granted=nothing)


def _claims(lot: Lot, due: pl.DataFrame, without: pl.Series, edition: Edition) -> pl.DataFrame:
    """What is claimed (`quota.CLAIMS`, and administration), in the order of the lot."""
    claimed = due.filter(
        pl.col("if_granted") & pl.col("quota_order").is_not_null() & (pl.col("state") != "suspended"),
        ~pl.col("d").is_in(without.implode()),
    )
    holder = pl.coalesce("importer_id", "declarant_id")
    made = lot["declarations"].select("d", "administration", on="applicable_on", holder=holder)
    goods = [column for name, _ in _QUANTITIES[1:] for column in (name, f"{name}_unit")]
    specific = lot["taxes"].drop_nulls("specific_base").unique("i", keep="first", maintain_order=True)
    rows = (
        claimed.unique("i", keep="first", maintain_order=True)
        .select("d", "i", "item", "quota_order", "base")
        .sort("d", "i")
        .join(made, on="d", maintain_order="left")
        .join(lot["goods_items"].select("i", *goods), on="i", maintain_order="left")
        .join(specific.select("i", "specific_base", "specific_base_unit"), on="i", how="left", maintain_order="left")
    )
    return _with_licence(_with_quantity(rows, edition), lot, edition)


def _with_quantity(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The claims with the quantity in the unit of the quota: the first declared one that converts to it."""
    periods = edition.tables.get("quotas", pl.DataFrame(schema=QUOTAS | {"issuer": pl.String()}))
    opened = periods.select("quota_order", "valid_from", "valid_to", to="unit", administration="issuer")
    found = rows.join(opened, on=["administration", "quota_order"]).filter(in_force(pl.col("on")))
    units = (pl.coalesce(f"{name}_unit", pl.lit(usual, dtype=pl.String)) for name, usual in _QUANTITIES)
    measured = [
        convert(pl.col(name), unit, pl.col("to"), "up") for (name, _), unit in zip(_QUANTITIES, units, strict=True)
    ]
    found = found.select("i", quantity=pl.coalesce(measured), unit="to")
    return rows.join(found.unique("i", keep="first"), on="i", how="left", maintain_order="left")


def _with_licence(rows: pl.DataFrame, lot: Lot, edition: Edition) -> pl.DataFrame:
    """The claims with the licence among the documents of the item or its declaration that is one on this quota."""
    licences = edition.tables.get("quota_licences")
    if licences is None:
        return rows.with_columns(licence=pl.lit(None, dtype=pl.String))
    issued = licences.select("licence", "quota_order", "holder", administration="issuer")
    papers = lot["documents"].filter(pl.col("id").is_in(issued["licence"].implode())).select("d", "i", licence="id")
    asked = rows.select("d", "i", "quota_order", "holder", "administration")
    held = asked.join(papers.rename({"i": "of"}), on="d").filter(pl.col("of").is_null() | (pl.col("of") == pl.col("i")))
    held = held.join(issued, on=["licence", "quota_order", "holder", "administration"], maintain_order="left")
    first = held.unique("i", keep="first", maintain_order=True).select("i", "licence")
    return rows.join(first, on="i", how="left", maintain_order="left")


def _granted(claims: pl.DataFrame, administration: object, known: Known, edition: Edition) -> pl.DataFrame:
    """The claims on stocks of one administration (`GRANTED`)."""
    here = pl.col("administration") == administration
    drawn = known.frame("stocks", BALANCES).filter(here).select("stock", "drawn")
    periods, licences = (_left(edition, kind, str(administration), drawn) for kind in _KINDS)
    done = grant(claims, periods, licences, known.frame("returned", RETURNED).filter(here))
    openings = pl.concat([periods.select("stock", "opening"), licences.select("stock", "opening")])
    grants = done.grants.join(claims.select("i", "administration", "unit"), on="i", maintain_order="left")
    return shaped(grants.join(openings, on="stock", how="left", maintain_order="left"), GRANTED)


class _Kind(NamedTuple):
    """A table of stocks: its columns but the opening, and how each is named."""

    table: str
    schema: Mapping[str, pl.DataType]
    stock: Callable[[], pl.Expr]


_KINDS: Final = (_Kind("quotas", QUOTAS, of_period), _Kind("quota_licences", LICENCES, of_licence))


def _left(edition: Edition, kind: _Kind, administration: str, drawn: pl.DataFrame) -> pl.DataFrame:
    """The stocks of a table with their `opening` and what is left of it: never less than nothing, whatever was drawn
    before an opening was lowered.
    """
    rows = edition.tables.get(kind.table, pl.DataFrame(schema={"issuer": pl.String(), "opening": pl.Int128()}))
    own = shaped(rows.filter(pl.col("issuer") == administration), {**kind.schema, "opening": pl.Int128()})
    if (large := own.filter(pl.col("opening") >= 1 << 63)).height:
        raise BuildFault(
            f"{administration}/{kind.table}.csv: {large['quota_order'][0]} opens with more than a node can count"
        )
    left = pl.max_horizontal(pl.col("opening") - pl.col("drawn").fill_null(0), pl.lit(0, dtype=pl.Int128))
    named = own.with_columns(kind.stock()).join(drawn, on="stock", how="left", maintain_order="left")
    return named.with_columns(balance=left)


def _findings(grants: pl.DataFrame) -> pl.DataFrame:
    """What every claim that was not granted in full came to, and why."""
    short = grants.filter(pl.col("why").is_not_null())
    texts = [
        f"{decimal_text(granted)} of {decimal_text(wanted)}{' ' + unit if unit else ''}: {why}"
        for granted, wanted, unit, why in short.select("granted", "wanted", "unit", "why").iter_rows()
    ]
    return breach.findings("TRF-013", short.with_columns(said=pl.Series(texts, dtype=pl.String)), pl.col("said"))
