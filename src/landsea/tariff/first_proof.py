"""First proofs of origin as shared stocks: what back-to-back proofs drew of each, and what those of a lot draw.

A back-to-back proof covers no more than is left of the first proof it rests on, whole or not at all (RCEP Article 3.19
and its like). What is drawn is a stock like a quota's, named by the issuing country and `RCEP proof NUMBER`. It is
reckoned here from the balances known; that it still holds when the lot enters the log is for the node to see. Goods
under a suspending procedure draw nothing yet, nor does what is charged at the general rate.
"""

from functools import lru_cache
from typing import Final

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known
from landsea.errors import BuildFault
from landsea.tariff.claim import BALANCES, RETURNED
from landsea.tariff.ground import shaped

DRAWN: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "administration": pl.String(),  # the country that issued the first proof
    "stock": pl.String(),
    "opening": pl.Int128(),  # its quantity
    "before": pl.Int128(),  # what was left when it was this item's turn
    "wanted": pl.Int128(),
    "granted": pl.Int128(),  # all that is wanted, or nothing
    "charged": pl.Boolean(),  # whether the goods are charged by it now, so that it is drawn
}


def stocks_named(lot: Lot, edition: Edition) -> list[str]:
    """The stocks that back-to-back proofs of the lot may rest on; a lot without such papers costs a column test."""
    stated, papers = lot["goods_items"]["preference"], lot["documents"]
    if stated.null_count() == len(stated) or papers.is_empty() or "scheme_documents" not in edition.tables:
        return []
    again, first = _kinds(edition)
    if not papers["type"].is_in(again["type"].implode()).any():
        return []
    named = papers.select("d", "id", document=pl.concat_str(pl.col("category").fill_null(""), "type"))
    resting = named.join(again, on="document", how="semi")["d"].implode()
    rows = named.filter(pl.col("d").is_in(resting)).drop_nulls("id").join(first, on="document")
    return rows.select(of_proof("id")).unique().to_series().sort().to_list()


@lru_cache(maxsize=4)
def _kinds(edition: Edition) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The papers that are back-to-back proofs, and those that may be the first proofs of their schemes."""
    kinds = edition.table("scheme_documents").select("scheme", "document", "kind", type=pl.col("document").str.slice(1))
    again = kinds.filter(pl.col("kind") == "back-to-back")
    return again, kinds.filter(pl.col("kind") == "certificate", pl.col("scheme").is_in(again["scheme"].implode()))


def of_proof(number: str = "first_proof") -> pl.Expr:
    """The name of the stock of a first proof."""
    return pl.concat_str("scheme", pl.lit(" proof "), number).alias("stock")


def with_balances(first_proofs: pl.DataFrame, known: Known) -> pl.DataFrame:
    """The ledger with what was `drawn` on each. Raises BuildFault where one is for more than a node can count."""
    if (large := first_proofs.filter(pl.col("first_quantity") >= 1 << 63)).height:
        raise BuildFault(f"first proof {large['first_proof'][0]} is for more than a node can count")
    drawn = known.frame("stocks", BALANCES).select("stock", "drawn", first_country="administration")
    named = first_proofs.select(pl.exclude("drawn")).with_columns(of_proof())
    return named.join(drawn, on=["stock", "first_country"], how="left", maintain_order="left")


def with_returned(proofs: pl.DataFrame, known: Known) -> pl.DataFrame:
    """The proofs with what the version before drew on the same first proof: it is given back at their turn."""
    back = known.frame("returned", RETURNED).select("d", "stock", returned="amount", first_country="administration")
    return proofs.with_columns(of_proof()).join(
        back, on=["d", "stock", "first_country"], how="left", maintain_order="left"
    )


def drawn_by(proofs: pl.DataFrame, due: pl.DataFrame) -> pl.DataFrame:
    """What the proofs (`proof_of_origin.PROVED`) draw, given what is due on the goods (`DRAWN`)."""
    resting = proofs.drop_nulls("first_proof") if proofs.height else proofs
    if resting.is_empty():
        return pl.DataFrame(schema=DRAWN)
    granted = pl.col("drawn")
    before = pl.col("left") - granted.cum_sum().over("d", "scheme", "first_proof", "first_country") + granted
    charged = due.filter(pl.col("regime").is_not_null(), pl.col("state") != "suspended")["i"].unique()
    rows = resting.with_columns(
        of_proof(),
        administration="first_country",
        opening="first_quantity",
        before=before,
        granted=granted,
        charged=pl.col("i").is_in(charged.implode()) | ~pl.col("good"),
    )
    return shaped(rows, DRAWN)
