"""Origin: where goods belong, what rate that earns, and the proof (RKC Specific Annex K; RCEP ch. 3; WCO 92A)."""

import polars as pl
from polars import col

from landsea.codes.country import countries

from .rule import ERROR, WARNING, Verdict, about, given, listed, matches, one_of

item = about("goods_items")
origin = about("origins")
document = about("documents")
tax = about("taxes")

CLAIMED = (
    col("preference").str.contains("^[234]").fill_null(False)
)  # 1 is the erga omnes rate, 2 GSP, 3 and 4 agreements


@item(
    "ORG-001", ERROR, "Origin", "RKC Specific Annex K; WTO Agreement on Rules of Origin art. 1; WCO Data Model 3.6, 063"
)
def imported_goods_have_an_origin() -> Verdict:
    """Goods imported by a full declaration state their country of origin."""
    return Verdict(when=col("is_import") & col("is_full"), requires=given("origin") | given("preferential_origin"))


@item("ORG-002", ERROR, "Origin", "RCEP art. 3.2; ACFTA Rules of Origin, rule 2: originating goods of a Party")
def a_preference_rests_on_preferential_origin() -> Verdict:
    """Goods for which a preferential rate is claimed state a preferential origin."""
    return Verdict(when=CLAIMED, requires=given("preferential_origin"), found=col("preference"))


@item(
    "ORG-003",
    WARNING,
    "Commodity/DutyTaxFee/DutyRegimeCode",
    "RCEP art. 3.22; ACFTA Operational Certification Procedures",
)
def a_preferential_origin_is_for_a_preference() -> Verdict:
    """A preferential origin is stated where a preferential rate is claimed."""
    return Verdict(when=given("preferential_origin", "preference"), requires=CLAIMED, found=col("preference"))


@item("ORG-004", ERROR, "AdditionalDocument", "RCEP arts. 3.16, 3.22: proof of origin; ACFTA OCP: Form E")
def a_preference_has_a_proof_of_origin() -> Verdict:
    """Goods for which a preferential rate is claimed refer to a proof of origin."""
    return Verdict(when=CLAIMED, requires=col("has_origin_proof"))


@item(
    "ORG-005",
    ERROR,
    "Commodity/DutyTaxFee/DutyRegimeCode",
    "Union Customs Code data annex, 4/17; WCO Data Model 3.6, 164",
)
def the_preference_has_the_shape_of_one() -> Verdict:
    """A preference is three digits that begin with 1 to 4."""
    return Verdict(when=given("preference"), requires=matches("preference", r"[1-4]\d\d"), found=col("preference"))


@origin("ORG-010", ERROR, "CountryCode", "ISO 3166-1; WCO Data Model 3.6, 063")
def the_origin_is_a_country() -> Verdict:
    """A country of origin is a country code."""
    return Verdict(when=given("country"), requires=listed("country", countries))


@origin("ORG-011", ERROR, "CountryCode", "WCO Data Model 3.6, 063")
def an_origin_names_its_country() -> Verdict:
    """A statement of origin names a country."""
    return Verdict(when=pl.lit(True), requires=given("country"))


@origin("ORG-012", ERROR, "TypeCode", "WCO Data Model 3.6, 501")
def the_kind_of_origin_is_known() -> Verdict:
    """An origin is of kind 1, non-preferential, or 2, preferential."""
    return Verdict(when=given("type"), requires=one_of("type", "1", "2"))


@origin("ORG-013", ERROR, "TypeCode", "RKC Specific Annex K; WCO Data Model 3.6, 501")
def one_origin_of_a_kind() -> Verdict:
    """A goods item has one non-preferential and one preferential origin at most."""
    return Verdict(when=one_of("type", "1", "2"), requires=~col("repeated"))


@document(
    "ORG-020", ERROR, "EffectiveDateTime", "RCEP art. 3.16: valid for one year from issue; ACFTA OCP: twelve months"
)
def a_proof_of_origin_is_not_too_old() -> Verdict:
    """A proof of origin was issued within the year before the declaration."""
    return Verdict(
        when=col("is_supporting") & col("is_origin_proof") & given("effective_at", "age"),
        requires=col("age") <= pl.duration(days=366),
    )


@tax("ORG-030", ERROR, "QuotaOrderID", "Union Customs Code data annex, 8/1; WCO Data Model 3.6, 401")
def a_quota_has_an_order_number() -> Verdict:
    """A quota is claimed by an order number of six digits."""
    return Verdict(when=given("quota_order"), requires=matches("quota_order", r"\d{6}"))
