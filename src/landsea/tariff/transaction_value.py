"""The transaction value: what was paid or is payable for the goods, completed by Article 8 (method 1).

WTO Valuation Agreement, Articles 1 and 8 with their Interpretative Notes. Whether an element of cost belongs to the
value, and whether the price contains it already, are two questions: the first is answered by `value_elements` and the
national basis (CIF or FOB, Article 8.2), the second by the invoice or else by the term of delivery. An element that
belongs and is not contained is added; one that does not belong but is contained, and shown apart, is taken out.
An addition that cannot be quantified leaves the transaction value undetermined (Article 8.3), never incomplete.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from landsea.tariff.ground import KEYS, Condition, scaled, step, unmet
from landsea.units import Range

GOODS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "price": pl.Int128(),  # paid or payable for the whole quantity, in the administration's currency
    "quantity": pl.Int128(),
    "weight": pl.Int128(),
    "incoterm": pl.String(),  # Incoterms 2020
    "sold": pl.Boolean(),  # false: no sale for export (gift, loan, hire, consignment, branch)
    "restriction": pl.String(),  # what limits disposal or use: law, territory, no-effect, other
    "conditioned": pl.Boolean(),  # the price hangs on something whose value cannot be told
    "proceeds_unknown": pl.Boolean(),  # a part of later proceeds goes to the seller and cannot be adjusted for
    "related": pl.Boolean(),  # buyer and seller, Article 15.4
    "uninfluenced": pl.Boolean(),  # the circumstances of the sale were examined, Article 1.2(a)
    "product": pl.String(),  # equal for identical goods, Article 15.2(a)
    "kind": pl.String(),  # equal for similar, interchangeable goods, Article 15.2(b)
    "producer": pl.String(),
    "origin": pl.String(),
    "level": pl.String(),  # commercial level: wholesale, retail …
    "exported_on": pl.Date(),
    "imported_on": pl.Date(),
    "transport": pl.Int128(),  # costs of Article 8.2 for one unit of quantity
    "reverse": pl.Boolean(),  # the importer asks for Article 6 before Article 5, Article 4
    "processed": pl.Boolean(),  # the importer asks for Article 5.2
}
CHARGES: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),  # null: for all items of d
    "element": pl.String(),  # of table value_elements
    "amount": pl.Int128(),  # null: incurred but not quantifiable
    "included": pl.Boolean(),  # in the price; null: as the term of delivery has it
    "distinguished": pl.Boolean(),  # shown apart from the price
    "spread_over": pl.Int128(),  # an assist: the quantity it serves, Note to Article 8.1(b)(ii)
    "by_weight": pl.Boolean(),  # shared among items by weight, not by price
}
TESTS: Final[dict[str, pl.DataType]] = {  # values accepted about the same time, Article 1.2(b)
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "test": pl.String(),  # unrelated, deductive, computed
    "amount": pl.Int128(),
}
_SHARES: Final = 10**15
_HUNDRED: Final = 10**8  # a hundred per cent, in millionths


@dataclass(frozen=True, slots=True, eq=False)
class ValueLaw:
    """How one administration applies the Agreement where the Agreement leaves it free. Percentages in millionths."""

    basis: str  # CIF or FOB, Article 8.2
    about_days: int  # what is "at or about the same time"
    alike: int  # how far quantities may differ and be substantially the same, per cent
    close: int  # how far a test value closely approximates, per cent
    usual_insurance: int | None  # per cent of price and transport, where none is stated; null: none is added
    elements: pl.DataFrame
    contents: pl.DataFrame
    bases: pl.DataFrame
    accepts: bool = False  # a value declared by methods 2 to 6 stands until an audit finds another


def transaction_values(
    goods: pl.DataFrame, charges: pl.DataFrame, tests: pl.DataFrame, law: ValueLaw
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The transaction value of the goods that have one (d, i, value), and the steps or the conditions not met."""
    elements = _elements(goods, charges, law)
    elements = pl.concat([elements, _usual_insurance(goods, elements, law)], how="diagonal")
    sums = elements.group_by(KEYS).agg(
        adjustment=pl.col("adjustment").sum(),
        unquantified=((pl.col("sign") == 1) & pl.col("amount").is_null()).any(),
        untold=pl.col("untold").any(),
        carried=(pl.col("element") == "freight").any(),
    )
    within = pl.col("contained_freight")
    rows = (
        goods.join(sums, on=KEYS, how="left", maintain_order="left")
        .join(_containing(law, "freight"), on="incoterm", how="left", maintain_order="left")
        .with_columns(
            value=pl.col("price") + pl.col("adjustment").fill_null(0),
            carriage_known=pl.lit(law.basis != "CIF")
            | pl.col("carried").fill_null(value=False)
            | within.fill_null(value=False)
            | pl.col("price").is_null(),
        )
        .with_columns(value=pl.when(pl.col("value").abs() < Range.AMOUNT).then("value"))
    )
    rows = rows.join(_close(rows, tests, law), on=KEYS, how="left", maintain_order="left")
    refusals = unmet(rows, _conditions())
    accepted = rows.join(refusals, on=KEYS, how="anti", maintain_order="left")
    kept = elements.filter(pl.col("adjustment") != 0).join(accepted.select(KEYS), on=KEYS, how="semi")
    what = pl.when(pl.col("adjustment") > 0).then(pl.lit("added")).otherwise(pl.lit("taken out"))
    steps = [
        step(accepted, "price", "1.1", pl.col("price"), pl.col("incoterm")),
        step(kept, what, pl.col("article"), pl.col("adjustment").abs(), pl.col("element")),
        step(accepted.filter("related"), "relation harmless", "1.2"),
        step(accepted, "method 1", "1.1", pl.col("value")),
        refusals,
    ]
    return accepted.select(*KEYS, "value"), steps


@cache
def _conditions() -> tuple[Condition, ...]:
    """Article 1.1 and 1.2, in their order, then what completes the price."""

    def yes(column: str) -> pl.Expr:
        return pl.col(column).fill_null(value=False)

    def condition(code: str, article: str, sentence: str, met: pl.Expr) -> Condition:
        return Condition(code, article, sentence, met)

    harmless = pl.col("restriction").is_null() | pl.col("restriction").is_in(["law", "territory", "no-effect"])
    return (
        condition("no sale", "1.1", "The goods are sold for export.", ~pl.col("sold").eq_missing(pl.lit(value=False))),
        condition("no price", "1.1", "The price is known.", pl.col("price").is_not_null()),
        condition("restricted", "1.1(a)", "The buyer may dispose of the goods and use them.", harmless),
        condition("conditioned", "1.1(b)", "No condition of unknown value is set.", ~yes("conditioned")),
        condition("proceeds", "1.1(c)", "What later proceeds go to the seller is known.", ~yes("proceeds_unknown")),
        condition(
            "related",
            "1.2",
            "A relation between the parties did not influence the price, or a test value is close.",
            ~yes("related") | yes("uninfluenced") | yes("near"),
        ),
        condition("unquantified", "8.3", "Each addition is quantified.", ~yes("unquantified")),
        condition("terms unknown", "8.2", "What transport the price contains is told.", ~yes("untold")),
        condition("freight unknown", "8.2(a)", "Freight not in the price is stated.", pl.col("carriage_known")),
        condition("too large", "", "The value lies within what is reckoned exactly.", _reckoned()),
    )


def _reckoned() -> pl.Expr:
    return pl.col("value").is_not_null() | pl.col("price").is_null()


def _containing(law: ValueLaw, element: str) -> pl.DataFrame:
    """For every term of delivery whether its price contains the element: `contained_ELEMENT`."""
    contained = (pl.col("element") == element).any().alias(f"contained_{element}")
    return law.contents.group_by("incoterm").agg(contained)


def _elements(goods: pl.DataFrame, charges: pl.DataFrame, law: ValueLaw) -> pl.DataFrame:
    """Every charge on the item it falls on, with its article, its sign and the `adjustment` it makes."""
    inside = (pl.col("treatment") == "added") | ((pl.col("treatment") == "transport") & pl.lit(law.basis == "CIF"))
    of_terms = pl.col("element").is_in(law.contents["element"].drop_nulls().unique().implode())
    by_term = pl.when(~of_terms).then(False).when("known_term").then(pl.col("by_term").fill_null(value=False))
    apart = pl.col("distinguished").fill_null(value=False) & pl.col("amount").is_not_null()
    contained = pl.col("contained").fill_null(value=False)
    sign = pl.when(inside & ~contained).then(1).when(~inside & contained & apart).then(-1).otherwise(0)
    contents = law.contents.filter(pl.col("element").is_not_null())
    terms = law.contents.select("incoterm", known_term=pl.lit(value=True)).unique()
    return (
        _on_items(goods, charges)
        .join(law.elements, on="element", how="left", maintain_order="left")
        .join(goods.select(*KEYS, "incoterm"), on=KEYS, how="left", maintain_order="left")
        .join(contents.with_columns(by_term=True), on=["incoterm", "element"], how="left", maintain_order="left")
        .join(terms, on="incoterm", how="left", maintain_order="left")
        .with_columns(contained=pl.coalesce(pl.col("included"), by_term))
        .with_columns(sign=sign, untold=inside & pl.col("contained").is_null())
        .with_columns(adjustment=pl.col("amount") * pl.col("sign"))
        .select(*KEYS, "element", "article", "amount", "sign", "adjustment", "untold")
    )


def _on_items(goods: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """The charges of single items, spread over what they serve, and each item's share of those for all."""
    own = charges.filter(pl.col("i").is_not_null()).join(
        goods.select(*KEYS, "quantity"), on=KEYS, how="inner", maintain_order="left"
    )
    served = scaled(pl.col("amount"), pl.col("quantity"), pl.col("spread_over"))
    own = own.with_columns(amount=pl.when(pl.col("spread_over") > 0).then(served).otherwise("amount"))
    shared = charges.filter(pl.col("i").is_null()).drop("i").with_row_index("c")
    laid = shared.join(goods.select(*KEYS, "price", "weight"), on="d", maintain_order="left").with_columns(
        share=pl.when(pl.col("by_weight")).then("weight").otherwise("price")
    )
    # cumulative shares are cut, so that the parts sum to the whole to the last millionth
    some = pl.col("share").is_not_null().all().over("c") & (pl.col("share").sum().over("c") > 0)
    laid = laid.with_columns(share=pl.when(some).then("share").otherwise(1).cast(pl.Int128))
    part, whole = pl.col("share").cum_sum().over("c"), pl.col("share").sum().over("c")
    grain = whole // _SHARES + 1
    upto = scaled(pl.col("amount"), part // grain, pl.max_horizontal(whole // grain, pl.lit(1, dtype=pl.Int128)))
    last = pl.col("i") == pl.col("i").last().over("c")
    laid = laid.with_columns(upto=pl.when(last).then("amount").otherwise(upto))
    laid = laid.with_columns(amount=pl.col("upto") - pl.col("upto").shift(1, fill_value=0).over("c"))
    return pl.concat([own.select(*CHARGES), laid.select(*CHARGES)])


def _usual_insurance(goods: pl.DataFrame, elements: pl.DataFrame, law: ValueLaw) -> pl.DataFrame:
    """Insurance as usual, where the basis takes it in, the price leaves it out and nobody states any."""
    if law.basis != "CIF" or law.usual_insurance is None:
        return elements.clear()
    carried = elements.filter(pl.col("article").str.starts_with("8.2")).group_by(KEYS).agg(pl.col("adjustment").sum())
    insured = elements.filter(pl.col("element") == "insurance")
    bare = goods.join(insured, on=KEYS, how="anti").join(_containing(law, "insurance"), on="incoterm")
    rows = bare.filter(~pl.col("contained_insurance")).join(carried, on=KEYS, how="left")
    base = pl.col("price") + pl.col("adjustment").fill_null(0)
    amount = scaled(base, pl.lit(law.usual_insurance, dtype=pl.Int128), _HUNDRED)
    return rows.select(
        *KEYS,
        element=pl.lit("usual insurance"),
        article=pl.lit("8.2(c)"),
        amount=amount,
        sign=pl.lit(1, dtype=pl.Int32),
        adjustment=amount,
        untold=pl.lit(value=False),
    )


def _close(rows: pl.DataFrame, tests: pl.DataFrame, law: ValueLaw) -> pl.DataFrame:
    """The items a test value of which the value closely approximates, with `near`."""
    room = scaled(pl.col("amount"), pl.lit(law.close, dtype=pl.Int128), _HUNDRED)
    pairs = rows.select(*KEYS, "value").join(tests, on=KEYS)
    near = pairs.filter((pl.col("value") - pl.col("amount")).abs() <= room)
    return near.select(KEYS).unique().with_columns(near=True)
