"""Assessment of duties and taxes: what is due on each goods item, with its trace.

Items are matched with measures and rates of exchange once per distinct combination of what decides (`KEY`), then every
amount is reckoned in columns, tax by tax in the administration's sequence. Where an item claims a quota, it is assessed
twice, as granted and as refused; which of the two holds is known only when the claim is granted.
"""

from dataclasses import fields
from typing import Any, Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Assessed, Checked, Known
from landsea.tariff import breach, trace
from landsea.tariff.customs_value import charges_of, customs_value, exchange, unknown_charges
from landsea.tariff.measure import Administration, Tariff, match, tariff_of
from landsea.tariff.tax import Due, due

SCHEMA: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item within its declaration, from 1
    "tax": pl.String(),
    "measure": pl.String(),  # its id in the schedule; null where none applies though one must
    "regime": pl.String(),  # the preference it was charged under; null: the general rate
    "if_granted": pl.Boolean(),  # null: no quota is claimed; true and false: the two outcomes of the claim
    "quota_order": pl.String(),
    "base": pl.Int128(),
    "quantity": pl.Int128(),
    "unit": pl.String(),
    "rate": pl.String(),
    "amount": pl.Int128(),  # rounded as the administration names it; null where it could not be reckoned
    "currency": pl.String(),
    "state": pl.String(),  # payable, suspended (by the procedure), unassessed
}
KEY: Final = (
    *("direction", "on", "commodity_code", "origin", "preferential_origin"),
    *("preference", "quota_order", "currency"),
)


def assess(checked: Checked, known: Known, edition: Edition) -> Assessed:
    """Duties and taxes of every declaration to an administration with a schedule; others have none, as checking says.

    Nothing that bears on a first assessment is `known`: quotas are claimed here and granted at commit.
    """
    del known
    tariff = tariff_of(edition)
    addressed = checked.lot["declarations"]["administration"].unique().sort().to_list()
    parts = [
        _assess_one(checked.lot, tariff, tariff.administrations[a]) for a in addressed if a in tariff.administrations
    ]
    before = {field.name: getattr(checked, field.name) for field in fields(Checked)}
    before["findings"] = pl.concat([checked.findings, *(f for part in parts for f in part.findings)])
    assessments = [frame for part in parts for frame in part.assessments]
    traces = [frame for part in parts for frame in part.traces]
    return Assessed(
        **before,
        assessments=pl.concat(assessments) if assessments else pl.DataFrame(schema=SCHEMA),
        traces=pl.concat(traces) if traces else trace.no_traces(),
    )


def claims(assessments: pl.DataFrame) -> pl.DataFrame:
    """What the assessments draw on quotas if granted: one row per item and quota, with the quantity or else the value.

    Columns d, i, item, quota_order, quantity, unit, base.
    """
    granted = assessments.filter(pl.col("if_granted") & pl.col("quota_order").is_not_null())
    return granted.unique(["i", "quota_order"], keep="first", maintain_order=True).select(
        "d", "i", "item", "quota_order", "quantity", "unit", "base"
    )


def _assess_one(lot: Lot, tariff: Tariff, administration: Administration) -> Due:
    cases, keys = _cases(lot, administration)
    keys = exchange(keys, tariff)
    matched = match(keys, tariff)
    cases, refused = _without_closed_quotas(cases, matched)
    valued, findings = _valued(lot, cases, keys, tariff, administration)
    result = Due(
        [], _value_steps(valued, administration), [*findings, *refused, *_claims_without_ground(valued, matched)]
    )
    due_before: dict[str, pl.Series] = {}
    for place, tax in enumerate(administration.taxes, start=1):
        chosen = matched.filter(pl.col("tax") == tax.code)
        measured = keys.select("k").join(chosen, on="k", how="left", maintain_order="left")["measure"]
        rows = valued.with_columns(measure=measured.gather(valued["k"]))
        due_before[tax.code] = due(rows, due_before, (lot, tariff, administration, tax, place), result)
    return result


def _cases(lot: Lot, administration: Administration) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The items to assess, twice where they claim a quota, and the distinct keys they have; `k` joins the two."""
    here = lot["declarations"].select(
        "d",
        on="applicable_on",
        direction=pl.when(pl.col("direction") == "export").then(pl.lit("export")).otherwise(pl.lit("import")),
        ours=(pl.col("administration") == administration.code) & (pl.col("message") == "declaration"),
    )
    columns = ("d", "i", "n", *KEY[2:-1], "item_amount", "item_amount_currency", "procedure")
    items = (
        lot["goods_items"]
        .select(columns)
        .rename({"n": "item", "item_amount_currency": "currency"})
        .join(here, on="d", how="left", maintain_order="left")
    )
    if not items["ours"].all():
        items = items.filter("ours")
    claimed = pl.col("quota_order").is_not_null()
    cases = items.drop("ours").with_columns(
        claimed="quota_order",
        if_granted=pl.when(claimed).then(pl.lit(value=False)),
        quota_order=pl.lit(None, pl.String),
    )
    if items["quota_order"].null_count() < items.height:
        granted = cases.filter(pl.col("claimed").is_not_null())
        granted = granted.with_columns(quota_order="claimed", if_granted=pl.lit(value=True))
        cases = pl.concat([cases, granted])
    decisive = [name for name in KEY if cases[name].null_count() < cases.height] or ["on"]
    keys = cases.select(decisive).unique(maintain_order=True).with_row_index("k")
    cases = cases.join(keys, on=decisive, how="left", nulls_equal=True, maintain_order="left")
    absent = [pl.lit(None, dtype=cases.schema[name]).alias(name) for name in KEY if name not in decisive]
    return cases, keys.with_columns(absent).with_columns(administration=pl.lit(administration.code))


def _without_closed_quotas(cases: pl.DataFrame, matched: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cases without those that claim a quota no measure opens; such an item is assessed once."""
    if not cases["if_granted"].any():
        return cases, []
    open_keys = matched.filter(pl.col("m_quota_order").is_not_null())["k"]
    closed = cases.filter(pl.col("if_granted") & ~pl.col("k").is_in(open_keys.implode()))
    stays = ~pl.col("if_granted").fill_null(value=False) | pl.col("k").is_in(open_keys.implode())
    once = pl.col("i").is_in(closed["i"].implode())
    cases = cases.filter(stays).with_columns(if_granted=pl.when(~once).then("if_granted"))
    return cases, [breach.findings("TRF-007", closed, pl.col("claimed"))]


def _valued(
    lot: Lot, cases: pl.DataFrame, keys: pl.DataFrame, tariff: Tariff, administration: Administration
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cases with their customs value, and the findings of those that have none."""
    rates = keys.select("fx", "fx_per").select(pl.all().gather(cases["k"]))
    cases = cases.with_columns(rates, administration=pl.lit(administration.code)).with_row_index("r")
    valued = customs_value(cases, charges_of(lot, cases, tariff, administration), administration)
    findings = []
    if valued["value"].null_count():
        lost = valued.filter(pl.col("value").is_null())
        amount, rate = pl.col("item_amount"), pl.col("fx")
        findings += [
            breach.findings("TRF-001", lost.filter(amount.is_not_null() & rate.is_null()), pl.col("currency")),
            breach.findings("TRF-002", lost.filter(amount.is_null())),
            breach.findings(
                "TRF-005", lost.filter(amount.is_not_null() & rate.is_not_null() & pl.col("additions").is_not_null())
            ),
            *_charges_unknown(lot, cases, tariff, administration),
        ]
    if lot["exchange_rates"].height:
        declared = lot["exchange_rates"].filter(pl.col("d").is_in(cases["d"].unique().implode()))
        findings.append(breach.findings("TRF-010", declared, pl.col("currency")))
    return valued, findings


def _charges_unknown(
    lot: Lot, cases: pl.DataFrame, tariff: Tariff, administration: Administration
) -> list[pl.DataFrame]:
    unknown = unknown_charges(lot, cases, tariff, administration)
    items = cases.select("i", "item").unique("i")
    placed = unknown.join(items, on="i", how="left", maintain_order="left")
    no_type = placed.filter(pl.col("sign").is_null())
    no_rate = placed.filter(pl.col("sign").is_not_null())
    return [
        breach.findings("TRF-011", no_type, pl.col("type")),
        breach.findings("TRF-001", no_rate.drop("n"), pl.col("currency")),
    ]


def _claims_without_ground(cases: pl.DataFrame, matched: pl.DataFrame) -> list[pl.DataFrame]:
    """Preferences claimed that no measure grants; claims of the general regime (1..) are none."""
    if cases["preference"].null_count() == cases.height:
        return []
    granted = matched.filter(pl.col("m_preference").is_not_null())["k"].unique()
    general = pl.col("preference").str.starts_with("1")
    lost = cases.filter(~general & ~pl.col("k").is_in(granted.implode()) & ~pl.col("if_granted").fill_null(value=False))
    return [breach.findings("TRF-006", lost, pl.col("preference"))]


def _value_steps(valued: pl.DataFrame, administration: Administration) -> list[pl.DataFrame]:
    own = pl.lit(f"{administration.currency} for ")
    unit: Any = pl.concat_str(own, pl.col("fx_per"), pl.lit(" "), "currency")
    foreign = valued if (valued["currency"] != administration.currency).any() else valued.clear()
    foreign = foreign.filter(pl.col("currency") != administration.currency)
    return [
        trace.steps(
            foreign, "converted", 1, a=pl.col("item_amount"), b=pl.col("fx"), result=pl.col("invoiced"), unit=unit
        ),
        trace.steps(valued, "charged", 2, a=pl.col("invoiced"), b=pl.col("additions"), result=pl.col("value")),
    ]
