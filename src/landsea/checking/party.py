"""Parties: who declares, for whom, who sends and who receives (RKC General Annex 3.6–3.8, ch. 8; WCO 57B, 74A)."""

import polars as pl
from polars import col

from landsea.codes import identity
from landsea.codes.country import countries
from landsea.codes.identity import is_eori, verdict

from .lists import AEO_ROLES, FISCAL_ROLES
from .rule import ERROR, WARNING, Verdict, about, given, listed, one_of, passes_in

declared = about("declarations")
party = about("parties")


def _could_be_given_out(country: str, number: str) -> bool:
    return verdict(country, number) not in (identity.Verdict.SHAPE, identity.Verdict.CHECK_DIGIT)


ROLED = ("DomesticDutyTaxParty", "AEOMutualRecognitionParty", "Agent")  # need no name, or have rules of their own


@declared("PTY-001", ERROR, "Declarant", "RKC General Annex 3.6–3.8; WCO Data Model 3.6, 57B")
def somebody_declares() -> Verdict:
    """The declarant is named: by an identification, or by name and address."""
    return Verdict(when=pl.lit(True), requires=col("declarant_named"))


@declared("PTY-002", ERROR, "GoodsShipment/Importer", "RKC General Annex 3.12; WCO Data Model 3.6, 74A")
def an_import_has_an_importer() -> Verdict:
    """An import names the importer: by an identification, or by name and address."""
    return Verdict(when=col("is_import") & col("is_full"), requires=col("importer_named"))


@declared("PTY-003", ERROR, "Exporter", "RKC General Annex 3.12; WCO Data Model 3.6, 57A")
def an_export_has_an_exporter() -> Verdict:
    """An export names the exporter: by an identification, or by name and address."""
    return Verdict(when=col("is_export") & col("is_full"), requires=col("exporter_named"))


@declared(
    "PTY-004", WARNING, "Exporter", "RKC General Annex 3.12; WTO Valuation Agreement art. 1: the seller; WCO 57A, 30A"
)
def an_import_has_a_sender() -> Verdict:
    """An import names who sent the goods, as exporter or as consignor."""
    return Verdict(when=col("is_import") & col("is_full"), requires=col("exporter_named") | col("consignor_named"))


@declared(
    "PTY-005", ERROR, "GoodsShipment/Consignee", "RKC General Annex 3.12; WCO SAFE Framework, advance data; WCO 27A"
)
def an_export_has_a_receiver() -> Verdict:
    """An export names who receives the goods, as consignee or as importer."""
    return Verdict(when=col("is_export") & col("is_full"), requires=col("consignee_named") | col("importer_named"))


@declared("PTY-006", ERROR, "Agent/FunctionCode", "RKC General Annex ch. 8: third parties; WCO Data Model 3.6, 102")
def an_agent_says_how_it_represents() -> Verdict:
    """An agent states whether it represents directly, 2, or indirectly, 3."""
    return Verdict(when=col("has_agent"), requires=one_of("agent_function", "2", "3"))


@declared("PTY-007", WARNING, "Agent", "RKC General Annex 3.6, 8.1: any person with the right to dispose; WCO 05A, 57B")
def who_declares_for_another_says_so() -> Verdict:
    """A declarant who is not the importer, or for exports the exporter, acts as agent and says so."""
    own = pl.when(col("is_import")).then("importer_id").when(col("is_export")).then("exporter_id")
    return Verdict(
        when=given("declarant_id") & own.is_not_null() & (own != col("declarant_id")).fill_null(False),
        requires=col("has_agent"),
        found=col("declarant_id"),
    )


@party("PTY-010", ERROR, "", "WCO Data Model 3.6, party identification or name")
def a_party_is_somebody() -> Verdict:
    """A party that stands in a declaration has an identification or a name."""
    return Verdict(when=~col("role").is_in(ROLED), requires=given("id") | given("name"))


@party("PTY-011", ERROR, "Address", "WCO Data Model 3.6, 04A")
def a_named_party_has_an_address() -> Verdict:
    """A party known by its name alone has an address with street, city and country."""
    return Verdict(when=given("name") & ~given("id"), requires=given("city", "country", "line"))


@party("PTY-012", ERROR, "Address/CountryCode", "ISO 3166-1; WCO Data Model 3.6, 242")
def an_address_lies_in_a_country() -> Verdict:
    """The country of an address is a country code."""
    return Verdict(when=given("country"), requires=listed("country", countries))


@party("PTY-013", WARNING, "ID", "WCO Guidelines on the Trader Identification Number, 2018; national registers")
def an_identification_is_well_formed() -> Verdict:
    """An identification is one its country's register could have given out, where the register's form is known."""
    return Verdict(
        when=given("register", "id"),
        requires=passes_in("register", "id", _could_be_given_out),
    )


@party("PTY-014", ERROR, "ID", "Union Customs Code art. 9; WCO Guidelines on the Trader Identification Number, 2018")
def an_eori_number_has_its_shape() -> Verdict:
    """An EORI number is a country code followed by at most fifteen letters or digits."""
    return Verdict(
        when=given("id") & one_of("role", "Declarant", "Agent", "Importer"),
        requires=is_eori(col("id")),
    )


@party(
    "PTY-015", ERROR, "ID", "Union Customs Code data annex, 3/40: FR1, the number issued where the goods are imported"
)
def an_importer_pays_tax_where_it_imports() -> Verdict:
    """The tax number of the importer, role FR1, was issued in the territory into which the goods are imported."""
    return Verdict(
        when=given("id") & one_of("role_code", "FR1") & one_of("role", "DomesticDutyTaxParty"),
        requires=col("territories").str.contains(col("id").str.slice(0, 2), literal=True),
    )


@party("PTY-016", ERROR, "RoleCode", "Union Customs Code data annex, 3/40; WCO Data Model 3.6, R005, R119")
def a_tax_party_has_a_role() -> Verdict:
    """A party to domestic taxes has an identification and one of the roles FR1 to FR5 or FR7."""
    return Verdict(
        when=one_of("role", "DomesticDutyTaxParty"), requires=given("id") & one_of("role_code", *FISCAL_ROLES)
    )


@party(
    "PTY-017", ERROR, "RoleCode", "UN/EDIFACT 3035; WCO SAFE Framework, mutual recognition; WCO Data Model 3.6, R143"
)
def an_authorised_operator_has_a_role() -> Verdict:
    """An authorised economic operator has its identification and the role it plays in the supply chain."""
    return Verdict(
        when=one_of("role", "AEOMutualRecognitionParty"), requires=given("id") & one_of("role_code", *AEO_ROLES)
    )


@party("PTY-018", WARNING, "Communication/TypeCode", "UN/EDIFACT 3155; WCO Data Model 3.6, 253, 240")
def an_address_of_communication_has_a_kind() -> Verdict:
    """A number or address of communication says of what kind it is."""
    return Verdict(when=given("communication_id"), requires=given("communication_type"))
