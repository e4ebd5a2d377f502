"""Regional value content: what of a good's materials originates, by value, and what share of the good is regional.

RCEP Article 3.5, ATIGA Article 29 and their like. Build-down (indirect): (FOB - VNM) / FOB; build-up (direct): (VOM +
labour + overhead + profit + other cost) / FOB. Materials that originate in any party count as originating where the
good is made (cumulation); under ATIGA Article 30.2 a material that does not originate brings in its regional content
if that is at least a fifth. What packs, accompanies or serves the good counts by its role.
"""

from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.tariff.ground import KEYS
from landsea.tariff.scheme import with_membership
from landsea.units import divide

MATERIALS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "m": pl.UInt32(),
    "hs6": pl.String(),
    "value": pl.Int128(),
    "weight": pl.Int128(),
    "origin": pl.String(),
    "originating": pl.Boolean(),  # proved to originate under the same scheme
    "content": pl.Int128(),  # else the regional value content it has, per cent, for partial cumulation
    "role": pl.String(),  # null: a material; or one of _ROLES
}
ROLES: Final = pl.DataFrame(  # whether such goods count in the value content and in the change of classification
    [
        ("material", True, True, "value-content"),
        ("retail-packing", True, False, "packing"),
        ("transport-packing", False, False, "packing"),
        ("accessory", True, False, "accessories"),
        ("indirect", False, False, "indirect-materials"),
    ],
    schema={"role": pl.String, "valued": pl.Boolean, "classified": pl.Boolean, "subject": pl.String},
    orient="row",
)
HUNDRED: Final = 10**8  # a hundred per cent, in millionths


def parts_of(materials: pl.DataFrame, goods: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The materials with how their role counts, whether they are `foreign`, and what they add to `vnm` and `vom`."""
    of_good = goods.select(*KEYS, "scheme", "party", "on", "partial_from", fob="fob")
    rows = (
        materials.with_columns(pl.col("role").fill_null("material"))
        .join(ROLES, on="role", how="left", maintain_order="left")
        .with_columns(pl.col("valued", "classified").fill_null(value=True))
        .join(of_good, on=KEYS, maintain_order="left")
    )
    rows = with_membership(rows, edition, "origin", "on", "regional")
    own = pl.col("regional") & pl.col("originating").fill_null(value=False)
    partly = pl.col("regional") & (pl.col("content") >= pl.col("partial_from"))
    portion = divide(pl.col("value") * pl.col("content"), HUNDRED, "truncate")
    nothing = pl.lit(0, dtype=pl.Int128)
    value = pl.when("valued").then("value").otherwise(nothing)
    return rows.with_columns(
        foreign=~own, counted=value, partly=pl.when("valued", ~own, partly).then(portion).otherwise(nothing)
    ).with_columns(
        vnm=pl.when("foreign").then(pl.col("counted") - pl.col("partly")).otherwise(nothing),
        vom=pl.when("foreign").then("partly").otherwise("counted"),
    )


def with_value_content(goods: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """The goods with the values of their materials and their regional value content either way, null where unknown."""
    sums = parts.group_by(KEYS).agg(
        pl.when(~pl.col("counted").is_null().any()).then(pl.col("vnm").sum()).alias("vnm"),
        pl.when(~pl.col("counted").is_null().any()).then(pl.col("vom").sum()).alias("vom"),
        abroad=(pl.col("foreign") & (pl.col("valued") | pl.col("classified"))).any(),
        materials=pl.len(),
    )
    rows = goods.join(sums, on=KEYS, how="left", maintain_order="left")
    spent = pl.sum_horizontal(pl.col(name).fill_null(0) for name in ("vom", "labour", "overhead", "profit", "other"))
    told_costs = pl.any_horizontal(pl.col(name).is_not_null() for name in ("labour", "overhead", "profit", "other"))
    down, up = pl.col("method").ne_missing(pl.lit("build-up")), pl.col("method").ne_missing(pl.lit("build-down"))
    untold = pl.col("materials").is_null() & ~pl.col("wholly_obtained").fill_null(value=False)
    return rows.with_columns(
        inside_down=pl.when(down & (pl.col("fob") > 0)).then(pl.col("fob") - pl.col("vnm")),
        inside_up=pl.when(up & told_costs & pl.col("vom").is_not_null() & (pl.col("fob") > 0)).then(spent),
        why=pl.when(pl.col("why").is_null() & untold).then(pl.lit("no materials")).otherwise("why"),
    ).with_columns(
        build_down=divide(pl.col("inside_down") * HUNDRED, pl.col("fob"), "truncate"),
        build_up=divide(pl.col("inside_up") * HUNDRED, pl.col("fob"), "truncate"),
    )
