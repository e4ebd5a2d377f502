"""Claims of preference: each is kept if it rests on a proof of origin that is good in its scheme, else dropped.

An item whose preference belongs to a scheme brings its proof among the documents declared: which paper is which kind of
proof says table `scheme_documents` (scheme, document, kind). The paper's date is its issue, that of a waybill the
exportation; a paper under an exemption code claims the waiver by value; a through bill of lading shows that the goods
stayed under control on their way. Exporters who may declare origin stand in table `declared_exporters`, first proofs of
back-to-back ones in `first_proofs`. What is dropped is charged at the general rate, and a finding says what it lacked.
Items that claim no scheme's preference cost nothing.
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.finding import no_findings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Known
from landsea.tariff import breach
from landsea.tariff.customs_value import converted, exchange
from landsea.tariff.first_proof import with_balances, with_returned
from landsea.tariff.ground import STEPS, shaped
from landsea.tariff.measure import FX_UNIT, tariffs_of
from landsea.tariff.proof_of_origin import FIRST_PROOFS, PROOFS, PROVED, REGISTER, ROUTES, Proved, prove, requirement
from landsea.units import divide

_KINDS: Final = ("back-to-back", "certificate", "approved-exporter", "certified-exporter")
"""Kinds of papers, the one that counts where an item brings several first."""
_THROUGH: Final = "through"
_WAYBILLS: Final = ("703", "704", "705", "720", "730", "740", "741")
_NOTHING: Final = Known()
_RETROSPECTIVE: Final = "(?i)issued retro(spectively|actively)"


class Claimed(NamedTuple):
    """The lot without the claims that were dropped, the proofs (`PROVED`), findings, and the steps (`ground.STEPS`)."""

    lot: Lot
    proofs: pl.DataFrame
    findings: pl.DataFrame
    steps: pl.DataFrame


def claimed(lot: Lot, edition: Edition, known: Known = _NOTHING) -> Claimed:
    """The preferences of the lot that rest on good proofs, given what is known to be drawn on first proofs."""
    unchanged = Claimed(lot, pl.DataFrame(schema=PROVED), no_findings(), pl.DataFrame(schema=STEPS))
    claims = _claims(lot, edition)
    if claims is None:
        return unchanged
    proved = proofs_of(lot, claims, edition, known)
    lost = claims.join(proved.proofs.select("i", "good", "why", "kind", "number"), on="i", how="left")
    lost = lost.filter(~pl.col("good").fill_null(value=False)).sort("i")
    if lost.is_empty():
        return unchanged._replace(proofs=proved.proofs, steps=proved.steps)
    kept = pl.when(~pl.col("i").is_in(lost["i"].implode())).then("preference").alias("preference")
    items = lot["goods_items"].with_columns(kept)
    return Claimed(lot.with_frames(goods_items=items), proved.proofs, _findings(lost), proved.steps)


def _claims(lot: Lot, edition: Edition) -> pl.DataFrame | None:
    """The items that claim the preference of a scheme, with what of them bears on it; None where none does."""
    stated = lot["goods_items"]["preference"]
    if stated.null_count() == len(stated) or not {"preferences", "schemes"} <= edition.tables.keys():
        return None
    schemes = edition.table("schemes")["scheme"].implode()
    regimes = edition.table("preferences").filter(pl.col("group").is_in(schemes))
    of_scheme = regimes.select("preference", scheme="group", administration="issuer")
    if not stated.is_in(of_scheme["preference"].unique().implode()).any():
        return None
    where = lot["declarations"].filter(pl.col("message") == "declaration", pl.col("direction") != "export")
    items = lot["goods_items"].select(
        *("d", "i", "preference", "net_mass"),
        item="n",
        origin=pl.coalesce("preferential_origin", "origin"),
        sent_from="export_country",
    )
    made = where.select(
        *("d", "administration", "export_country"), exporter="exporter_id", presented_on="applicable_on"
    )
    rows = items.join(made, on="d").join(of_scheme, on=["administration", "preference"])
    rows = rows.with_columns(exporting=pl.coalesce("sent_from", "export_country", "origin"), importing="administration")
    return None if rows.is_empty() else rows.sort("i")


def proofs_of(lot: Lot, claims: pl.DataFrame, edition: Edition, known: Known = _NOTHING) -> Proved:
    """The proofs that these claims bring, and whether they are good."""
    papers = _papers(lot, claims, edition)
    rank = pl.col("kind").cast(pl.Enum(_KINDS), strict=False).to_physical()
    best = papers.filter(pl.col("kind").is_in(_KINDS)).sort("i", rank, maintain_order=True).unique("i", keep="first")
    first = papers.filter(pl.col("kind") == "certificate").unique("i", keep="first", maintain_order=True)
    again = pl.col("kind") == "back-to-back"
    rows = (
        claims.join(best.select("i", "kind", "number", "issued_on", "retrospective", "exempt"), on="i")
        .join(first.select("i", certificate="number"), on="i", how="left")
        .join(_shipped(lot), on="d", how="left")
        .join(_worth(lot, claims.join(best.filter("exempt"), on="i", how="semi"), edition), on="i", how="left")
        .sort("i")
    )
    proofs = rows.with_columns(
        kind=pl.when("exempt").then(pl.lit("waiver")).otherwise("kind"),
        issuing="exporting",
        exported_on=pl.coalesce("shipped_on", "issued_on"),
        quantity="net_mass",
        first_proof=pl.when(again).then("certificate"),
        first_country=pl.when(again).then("origin"),
    )
    register, firsts = edition.tables.get("declared_exporters"), edition.tables.get("first_proofs")
    if firsts is not None and "stocks" in known.frames:
        proofs, firsts = with_returned(proofs, known), with_balances(firsts, known)
    return prove(
        proofs.select(name for name in PROOFS if name in proofs.columns),
        _routes(lot, claims, papers),
        None if register is None else register.select(list(REGISTER)),
        None if firsts is None else firsts.select(name for name in FIRST_PROOFS if name in firsts.columns),
        edition,
    )


def _papers(lot: Lot, claims: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The papers of each claim that bear on its origin: d, i, kind, number, issued_on, retrospective, exempt."""
    kinds = edition.table("scheme_documents").select("scheme", "document", "kind")
    declared = (
        lot["documents"]
        .filter(pl.col("d").is_in(claims["d"].implode()))
        .select(
            "d",
            "i",
            document=pl.concat_str(pl.col("category").fill_null(""), pl.col("type").fill_null("")),
            number="id",
            issued_on=pl.col("effective_at").dt.date(),
            retrospective=pl.col("name").str.contains(_RETROSPECTIVE).fill_null(value=False),
            exempt=pl.col("exemption").is_not_null(),
        )
    )
    asked = claims.select("d", "i", "scheme")
    own = declared.filter(pl.col("i").is_not_null()).drop("d").join(asked, on="i", maintain_order="left")
    common = declared.filter(pl.col("i").is_null()).drop("i").join(asked, on="d", maintain_order="left")
    papers = pl.concat([own, common], how="diagonal")
    return papers.join(kinds, on=["scheme", "document"], maintain_order="left").sort("i", maintain_order=True)


def _shipped(lot: Lot) -> pl.DataFrame:
    """The date of each declaration's waybill: d, shipped_on."""
    dated = lot["documents"].filter(pl.col("type").is_in(_WAYBILLS), pl.col("effective_at").is_not_null())
    return dated.group_by("d").agg(shipped_on=pl.col("effective_at").dt.date().min())


def _routes(lot: Lot, claims: pl.DataFrame, papers: pl.DataFrame) -> pl.DataFrame:
    """The countries on the way of each claim (`proof_of_origin.ROUTES`), as far as the itinerary tells them."""
    way = lot["itinerary"].drop_nulls("country").select("d", "country")
    through = papers.filter(pl.col("kind") == _THROUGH)["i"].implode()
    legs = claims.select("d", "i", "exporting", "importing").join(way, on="d", maintain_order="left")
    legs = legs.filter(~pl.col("country").is_in(pl.concat_list("exporting", "importing")))
    safe = pl.col("i").is_in(through)
    return shaped(legs.select("d", "i", "country", under_control=safe, non_manipulation=safe), ROUTES)


def _worth(lot: Lot, claims: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """What the goods of each claim's declaration are worth together, in the currency of the waiver: i, value."""
    waived = edition.table("schemes").select("scheme", waiver="waiver_currency")
    found = [pl.DataFrame(schema={"i": pl.UInt32(), "value": pl.Int128()})]
    for code, tariff in tariffs_of(edition).items():
        here = claims.filter(pl.col("importing") == code)
        if here.is_empty():
            continue
        days = here.select("d", on="presented_on").unique()
        goods = lot["goods_items"].select("d", "item_amount", currency="item_amount_currency").join(days, on="d")
        own = exchange(goods.lazy(), tariff).with_columns(worth=converted(pl.col("item_amount"))).collect()
        sums = own.group_by("d").agg(worth=pl.when(~pl.col("worth").is_null().any()).then(pl.col("worth").sum()))
        rows = here.select("d", "i", "scheme", on="presented_on").join(waived, on="scheme").join(sums, on="d")
        priced = exchange(rows.lazy(), tariff, "waiver").collect()
        value = divide(pl.col("worth") * FX_UNIT, pl.col("fx_unit"), "up")
        within = pl.col("worth") < 10**24
        found.append(priced.select("i", value=pl.when(within).then(value)))
    return pl.concat(found)


def _findings(lost: pl.DataFrame) -> pl.DataFrame:
    """What each claim that was dropped lacked."""
    rows = lost.select("scheme", "kind", "number", "why").iter_rows()
    texts = [
        f"{scheme} {kind or 'claim'}{' ' + number if number else ''}: {requirement(why)}"
        for scheme, kind, number, why in rows
    ]
    return breach.findings("TRF-012", lost.with_columns(said=pl.Series(texts, dtype=pl.String)), pl.col("said"))
