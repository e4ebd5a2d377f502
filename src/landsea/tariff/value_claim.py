"""Values that are not plain: what is declared by methods 2 to 6, or sold on terms that bar the transaction value.

Such an item is valued by the Agreement's methods in their order (`valuation.values`) from what is known beside the
declaration (frames `value_accepted`, `value_sales` …, by the names of `Evidence`), and a finding tells how. Where that
gives no value there is none: the item is unassessed, and a finding says what is lacking. What is known bears on the
declaration it was gathered for alone (`d`): nobody's goods are valued by what another lodged. That buyer and seller are
related is no ground to doubt the price (Article 1.2(a)). Items at a plain price cost nothing.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known
from landsea.tariff import breach
from landsea.tariff.comparable_value import ACCEPTED, PRICE_LISTS
from landsea.tariff.computed_value import COSTS, OTHERS
from landsea.tariff.deductive_value import RESALE, SALES
from landsea.tariff.ground import KEYS
from landsea.tariff.measure import Tariff
from landsea.tariff.transaction_value import CHARGES, TESTS
from landsea.tariff.valuation import Evidence, value_law, value_steps, values
from landsea.units import to_places

_OF: Final[dict[str, pl.DataType]] = {"d": pl.UInt32()}
FRAMES: Final[Mapping[str, dict[str, pl.DataType]]] = {
    "charges": CHARGES,
    "tests": TESTS,
    "accepted": _OF | ACCEPTED,
    "price_lists": _OF | PRICE_LISTS,
    "sales": _OF | SALES,
    "resale": _OF | RESALE,
    "costs": _OF | COSTS,
    "others": _OF | OTHERS,
}
"""What may be known: name in `Evidence` → columns, of which `d` is the declaration it bears on."""
_METHODS: Final = ("2", "3", "4", "5", "6")
_BARRED: Final = r"^.(1|.1|..1)"
"""Indicators (related, restricted, conditioned, proceeds) of which one bars the transaction value."""
_LACKING: Final = {
    "2": "no accepted value of identical goods is known",
    "3": "no accepted value of similar goods is known",
    "4": "no sale of such goods here is known",
    "5": "the cost of making the goods is not known",
    "6": "no basis for a reasonable value is known",
}


class Doubts(NamedTuple):
    """Of the items that are not at a plain price: i, doubted, other (the value, null: none); findings; steps."""

    values: pl.DataFrame
    findings: pl.DataFrame
    steps: pl.DataFrame


def evidence_in(known: Known) -> Evidence:
    """The evidence there is among what is known."""
    return Evidence(**{name: known.frames.get(f"value_{name}") for name in FRAMES})


def doubtful(lot: Lot, *, accepts: bool = False) -> pl.DataFrame | None:
    """The goods items that are not at a plain price; None where all are. Where an administration `accepts` the values
    that are declared by other methods, only those without one."""
    items = lot["goods_items"]
    method, indicators = items["valuation_method"], items["valuation_indicators"]
    plain = method.null_count() + (method == "1").sum() == len(method)
    if plain and indicators.null_count() == len(indicators):
        return None
    claimed = pl.col("valuation_method").is_in(_METHODS)
    if accepts:
        claimed &= pl.col("item_amount").is_null()
    marked = claimed | pl.col("valuation_indicators").str.contains(_BARRED)
    return items.filter(marked.fill_null(value=False))


def doubts_of(lot: Lot, cases: pl.DataFrame, evidence: Evidence, tariff: Tariff, edition: Edition) -> Doubts | None:
    """The values of the cases that are not at a plain price; None where all are."""
    if doubtful(lot) is None or "value_elements" not in edition.tables:
        return None
    items = doubtful(lot, accepts=value_law(edition, tariff.administration.code).accepts)
    if items is None:
        return None
    rows = items.select(
        "i", "valuation_method", "valuation_indicators", quantity="net_mass", weight="gross_mass", product="description"
    )
    once = cases.unique("i", keep="first", maintain_order=True)
    goods = once.join(rows, on="i", maintain_order="left")
    return None if goods.is_empty() else _valued(goods, evidence, tariff, edition)


def _valued(goods: pl.DataFrame, evidence: Evidence, tariff: Tariff, edition: Edition) -> Doubts:
    law = tariff.administration
    declared = pl.col("valuation_method").is_in(_METHODS).fill_null(value=False)

    def said(place: int) -> pl.Expr:
        return (pl.col("valuation_indicators").str.slice(place, 1) == "1").fill_null(value=False)

    paid = pl.col("invoiced") + pl.col("additions") if "additions" in goods.columns else pl.col("invoiced")
    asked = goods.with_columns(
        price=pl.when(~declared).then(paid),
        incoterm=pl.lit("CIF"),  # what the basis adds has been added
        restriction=pl.when(said(1)).then(pl.lit("other")),
        conditioned=said(2),
        proceeds_unknown=said(3),
        product=_of_its_own("product"),
        kind=_of_its_own("commodity_code"),
        imported_on="on",
        exported_on="on",
        reverse=pl.col("valuation_method") == "5",
    )
    found = values(asked, _scoped(evidence), value_law(edition, law.code))
    rounded = to_places(pl.col("value"), law.places, law.value_rounding)
    valued = found.values.select("i", other=rounded, doubted=pl.lit(value=True))
    lost = goods.join(valued.filter(pl.col("other").is_null()), on="i", maintain_order="left")
    by = found.values.filter(pl.col("method") > 1).select("i")
    told = _told(goods.join(by, on="i", maintain_order="left"), found.steps)
    return Doubts(valued, pl.concat([_findings(lost, found.steps), told]), found.steps)


def _of_its_own(column: str) -> pl.Expr:
    """What names goods, so that it names those of one declaration only."""
    return pl.concat_str(pl.col("d").cast(pl.String), pl.lit(" "), column)


def _scoped(evidence: Evidence) -> Evidence:
    frames = {name: getattr(evidence, name) for name in FRAMES}
    scoped = {
        name: frame.with_columns(_of_its_own(one).alias(one) for one in ("product", "kind") if one in frame.columns)
        for name, frame in frames.items()
        if frame is not None and "i" not in frame.columns
    }
    return Evidence(**{**frames, **{name: frame.drop("d") for name, frame in scoped.items()}})


def _told(valued: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """How each item came to a value that is not its price."""
    if valued.is_empty():
        return no_findings()
    own = (steps.filter(pl.col("d") == d, pl.col("i") == i) for d, i in valued.select(KEYS).iter_rows())
    texts = ["; ".join(value_steps(rows)) for rows in own]
    return breach.findings("TRF-016", valued.with_columns(said=pl.Series(texts, dtype=pl.String)), pl.col("said"))


def _findings(lost: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """What each item without a value lacks: by its declared method, and why not the price paid."""
    texts = []
    for d, i, method in lost.select(*KEYS, "valuation_method").iter_rows():
        own = [] if method in _LACKING else value_steps(steps.filter(pl.col("d") == d, pl.col("i") == i))
        texts.append("; ".join([*own, _LACKING.get(method, "no other value is known")]))
    return breach.findings("TRF-015", lost.with_columns(said=pl.Series(texts, dtype=pl.String)), pl.col("said"))
