"""Permits: authorisations, guarantees, and what special procedures need of them (RKC ch. 5; WCO 17C, 90A)."""

import polars as pl
from polars import col

from landsea.codes.country import currencies

from .lists import AUTHORISED, GUARANTEES, ONWARD_SUPPLY
from .rule import ERROR, WARNING, Verdict, about, given, listed, matches, one_of

item = about("goods_items")
authorisation = about("authorisations")
guarantee = about("guarantees")
tax = about("taxes")


@authorisation("PRM-001", ERROR, "ID", "WCO Data Model 3.6, R144")
def an_authorisation_has_a_holder() -> Verdict:
    """An authorisation names its holder."""
    return Verdict(when=pl.lit(True), requires=given("id"))


@authorisation("PRM-002", ERROR, "CategoryCode", "WCO Data Model 3.6, R145")
def an_authorisation_has_a_kind() -> Verdict:
    """An authorisation says what it is for."""
    return Verdict(when=pl.lit(True), requires=given("category"))


@authorisation("PRM-003", ERROR, "CategoryCode", "WCO Data Model 3.6, 17C")
def no_authorisation_stands_twice() -> Verdict:
    """An authorisation of one kind and holder is named once."""
    return Verdict(when=given("id", "category"), requires=~col("repeated"))


@authorisation(
    "PRM-004", ERROR, "ID", "RKC General Annex 5.2–5.5: who gives security; Union Customs Code art. 89, data annex 3/39"
)
def a_guarantor_has_part_in_the_declaration() -> Verdict:
    """The holder of a comprehensive guarantee has part in the declaration: as a party, or by another authorisation."""
    return Verdict(when=one_of("category", "CGU") & given("id"), requires=col("takes_part"))


@item(
    "PRM-010",
    ERROR,
    "GovernmentProcedure/CurrentCode",
    "RKC Specific Annexes D1 (2), E3, F1 (6), F2 (4), F3 (5), G1 (7): authorisation",
)
def a_special_procedure_is_authorised() -> Verdict:
    """Warehousing, processing, temporary admission and end use are authorised, or the declaration applies for it."""
    return Verdict(when=one_of("procedure", *AUTHORISED), requires=col("has_authorisation"), found=col("procedure"))


@item("PRM-011", ERROR, "GovernmentProcedure/CurrentCode", "RKC General Annex 5.1; Specific Annexes F1, G1: security")
def suspended_duties_are_secured() -> Verdict:
    """Goods whose duties are suspended or conditionally relieved are covered by a guarantee."""
    return Verdict(
        when=one_of("procedure", "51", "53") & col("is_import"), requires=col("has_guarantee"), found=col("procedure")
    )


@item(
    "PRM-012",
    ERROR,
    "GovernmentProcedure/CurrentCode",
    "Windsor Framework art. 5, annex 3; Council Directive 2006/112/EC art. 143(1)(d)",
)
def onward_supply_is_relieved_in_northern_ireland_only() -> Verdict:
    """Onward supply relief, 42 and 63, is claimed where goods enter Northern Ireland, which statement NIIMP says."""
    return Verdict(
        when=one_of("procedure", *ONWARD_SUPPLY), requires=col("onward_supply_stated"), found=col("procedure")
    )


@tax("PRM-020", ERROR, "Payment/MethodCode", "RKC General Annex 4.15–4.17: deferred payment, security")
def deferred_payment_is_authorised() -> Verdict:
    """Duties are deferred (E) under an authorisation to defer payment, or under a guarantee."""
    return Verdict(when=one_of("payment_method", "E"), requires=col("may_defer"))


@guarantee("PRM-030", ERROR, "SecurityDetailsCode", "RKC General Annex 5.2: forms of security; WCO Data Model 3.6, 101")
def a_guarantee_has_a_kind() -> Verdict:
    """A guarantee is of a known kind."""
    return Verdict(when=pl.lit(True), requires=one_of("security", *GUARANTEES))


@guarantee("PRM-031", ERROR, "ReferenceID", "WCO Data Model 3.6, 100, D014")
def a_guarantee_has_a_reference() -> Verdict:
    """A guarantee is referred to by its number."""
    return Verdict(when=pl.lit(True), requires=given("reference_id") | given("id"))


@guarantee("PRM-032", ERROR, "AmountAmount", "ISO 4217; WCO Data Model 3.6, 492")
def a_guaranteed_amount_is_money() -> Verdict:
    """The amount of a guarantee is not below nothing and names a currency that exists."""
    return Verdict(
        when=given("amount"),
        requires=(col("amount") >= 0) & listed("amount_currency", currencies).fill_null(False),
    )


@guarantee("PRM-033", WARNING, "GuaranteeOffice/ID", "WCO Data Model 3.6, G014; UN/LOCODE manual, country part")
def the_guarantee_office_is_coded() -> Verdict:
    """The office of guarantee is a country code followed by at least three letters or digits."""
    return Verdict(when=given("guarantee_office_id"), requires=matches("guarantee_office_id", "[A-Z]{2}[A-Z0-9]{3,}"))
