"""The RCEP country of origin, where the importing party's rates differ between parties.

RCEP Article 2.6. It is the exporting party if the good acquired its originating status there: for a good produced
exclusively from originating materials, if more was done there than minimal operations; for a good in the importing
party's appendix, if a fifth of its value was added there. Else it is the party that contributed most by value of the
originating materials. Instead of it the importer may claim the highest rate among the parties that contributed, if
that can be proved, or the highest among all parties (paragraph 6).
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.tariff.ground import KEYS, STEPS, numbered, shaped, step, told
from landsea.units import divide

GOODS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "party": pl.String(),  # the exporting party
    "fob": pl.Int128(),
    "criterion": pl.String(),  # by which the good originates: WO, PE, or an alternative of its rule
    "more_than_minimal": pl.Boolean(),  # done in the exporting party beyond the operations of paragraph 5
    "appendix": pl.Boolean(),  # identified in the importing party's appendix, paragraph 3
}
CONTRIBUTIONS: Final[dict[str, pl.DataType]] = {  # the materials of a good
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "origin": pl.String(),
    "originating": pl.Boolean(),
    "value": pl.Int128(),
}
COUNTRIES: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "country": pl.String(),  # null where nobody contributed originating materials
    "domestic": pl.Int128(),  # value added in the exporting party, per cent in millionths
    "ground": pl.String(),  # acquired, additional, highest
    "contributors": pl.String(),  # the parties that contributed originating materials, for paragraph 6(a)
}
_LEAST: Final = 20 * 10**6
_HUNDRED: Final = 10**8
_SENTENCES: Final = {
    "domestic": "the exporting party added {amount} % of the value",
    "minimal": "nothing but minimal operations was done in the exporting party",
    "too little": "less than 20 % of the value was added in the exporting party",
    "acquired": "the country of origin is {detail}, where the good acquired its status",
    "additional": "the country of origin is {detail}, where a fifth of the value was added",
    "highest": "the country of origin is {detail}, which contributed most of the originating materials: {amount}",
    "unknown": "no party contributed originating materials: the highest rate of all parties applies",
}


class Placed(NamedTuple):
    """The RCEP country of origin of each good (`COUNTRIES`) and how it was found (`ground.STEPS`)."""

    countries: pl.DataFrame
    steps: pl.DataFrame


def countries_of_origin(goods: pl.DataFrame, contributions: pl.DataFrame) -> Placed:
    """The country of every originating good (`GOODS`), from its materials (`CONTRIBUTIONS`)."""
    rows = _with_contributions(shaped(goods, GOODS), shaped(contributions, CONTRIBUTIONS))
    added = pl.when(pl.col("fob") > 0).then(pl.col("fob") - pl.col("foreign").fill_null(0))
    appendix = pl.col("appendix").fill_null(value=False)
    enough = (added * _HUNDRED >= _LEAST * pl.col("fob")).fill_null(value=False)
    worked = pl.col("criterion").ne_missing(pl.lit("PE")) | pl.col("more_than_minimal").fill_null(value=False)
    ground = (
        pl.when(appendix & enough).then(pl.lit("additional"))
        .when(~appendix & worked).then(pl.lit("acquired"))
        .when(pl.col("most").is_not_null()).then(pl.lit("highest"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
    placed = rows.with_columns(domestic=divide(added * _HUNDRED, pl.col("fob"), "truncate"), ground=ground)
    here = pl.col("ground").is_in(["additional", "acquired"])
    placed = placed.with_columns(country=pl.when(here).then("party").otherwise("most"))
    worth = pl.when(pl.col("ground") == "highest").then("worth")
    steps = [
        step(placed.filter(appendix).drop_nulls("domestic"), "domestic", "2.6.3", pl.col("domestic")),
        step(placed.filter(~appendix & ~worked), "minimal", "2.6.5"),
        step(placed.filter(appendix & ~enough), "too little", "2.6.3"),
        step(placed, pl.col("ground"), _article(), worth, pl.col("country")),
    ]
    return Placed(shaped(placed, COUNTRIES), numbered(steps))


def _with_contributions(rows: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """The goods with the value of what is `foreign` to the exporting party, and who contributed the `most`."""
    used = given.join(rows.select(*KEYS, "party"), on=KEYS, maintain_order="left")
    originating = pl.col("originating").fill_null(value=False)
    own = (originating & (pl.col("origin") == pl.col("party"))).fill_null(value=False)
    foreign = used.filter(~own).group_by(KEYS).agg(foreign=pl.col("value").sum())
    by_party = used.filter(originating & pl.col("origin").is_not_null()).group_by(*KEYS, "origin")
    ordered = by_party.agg(pl.col("value").sum()).sort("value", "origin", descending=[True, False])
    most = ordered.group_by(KEYS, maintain_order=True).agg(
        most=pl.col("origin").first(),
        worth=pl.col("value").first(),
        contributors=pl.col("origin").sort().str.join(" "),
    )
    joined = rows.join(foreign, on=KEYS, how="left", maintain_order="left")
    return joined.join(most, on=KEYS, how="left", maintain_order="left")


def country_steps(steps: pl.DataFrame) -> list[str]:
    """The steps to the country of origin as sentences, each with its paragraph."""
    return told(shaped(steps, STEPS), _SENTENCES)


def _article() -> pl.Expr:
    articles = {"acquired": "2.6.2", "additional": "2.6.3", "highest": "2.6.4", "unknown": "2.6.6(b)"}
    return pl.col("ground").replace_strict(articles, return_dtype=pl.String)
