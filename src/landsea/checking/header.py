"""The header: what names, counts and dates a declaration as a whole (WCO class 42A)."""

import polars as pl
from polars import col

from .check_digit import MRN, is_registration
from .rule import ERROR, INFORMATION, WARNING, Verdict, about, given, matches, one_of, passes

declared = about("declarations")
changed = about("amendments")
said = about("statements")

ANY = ("declaration", "amendment", "invalidation", "presentation")
ALLOWANCE = pl.duration(days=1)  # clocks differ, and a legal day begins earlier east of the node


@declared("HDR-001", ERROR, "", "WCO Data Model 3.6, document metadata: responsible country", ANY)
def an_administration_is_addressed() -> Verdict:
    """A message names the customs administration it is addressed to."""
    return Verdict(when=pl.lit(True), requires=given("administration"))


@declared("HDR-002", WARNING, "", "RKC General Annex 3.11; WTO TFA 1.1: the law applied is published")
def the_node_holds_the_law_of_the_administration() -> Verdict:
    """The edition holds measures of the administration addressed; otherwise nothing is assessed."""
    return Verdict(
        when=given("administration"),
        requires=col("has_law"),
        found=pl.format("{} (held: {})", col("administration"), col("schedules")),
    )


@declared("HDR-003", ERROR, "FunctionalReferenceID", "WCO Data Model 3.6, D026; RKC General Annex 3.12", ANY)
def the_declarant_gives_a_reference() -> Verdict:
    """A message carries the declarant's own reference."""
    return Verdict(when=pl.lit(True), requires=given("lrn"))


@declared("HDR-004", ERROR, "FunctionCode", "UN/EDIFACT 1225; WCO Data Model 3.6, 017")
def a_declaration_is_an_original() -> Verdict:
    """The function of a new declaration is 9, original."""
    return Verdict(when=given("function"), requires=col("function") == "9")


@declared("HDR-005", ERROR, "TypeCode", "WCO Data Model 3.6, D013; UN/EDIFACT 1001; RKC General Annex 3.11")
def the_type_is_stated() -> Verdict:
    """A declaration states its type: IM, EX, CO or TR, and behind it at most one letter for the kind of procedure."""
    return Verdict(when=pl.lit(True), requires=matches("type", "(IM|EX|CO|TR)[A-Z]?").fill_null(False))


@declared("HDR-006", ERROR, "GoodsItemQuantity", "WCO Data Model 3.6, 228")
def the_number_of_items_agrees() -> Verdict:
    """The number of goods items declared equals the number of goods items given."""
    return Verdict(
        when=given("goods_item_count") & (col("items") > 0), requires=col("goods_item_count") == col("items")
    )


@declared("HDR-007", ERROR, "GoodsItemQuantity", "WCO Data Model 3.6, 228; RKC General Annex 3.12")
def the_number_of_items_is_declared() -> Verdict:
    """A full declaration states how many goods items it has."""
    return Verdict(when=col("is_full"), requires=given("goods_item_count"))


@declared("HDR-008", ERROR, "GoodsShipment", "WCO Data Model 3.6, 68A; RKC General Annex 3.12")
def there_are_goods() -> Verdict:
    """A declaration has at least one goods item."""
    return Verdict(when=pl.lit(True), requires=col("items") > 0)


@declared("HDR-009", ERROR, "TotalGrossMassMeasure", "WCO Data Model 3.6, 131, 126")
def the_gross_mass_adds_up() -> Verdict:
    """The total gross mass is the sum of the items' gross masses, within one kilogram for rounding."""
    return Verdict(
        when=given("total_gross_mass", "items_gross_mass") & col("items_weighed"),
        requires=(col("total_gross_mass") - col("items_gross_mass")).abs() <= 1_000_000,
    )


@declared("HDR-010", ERROR, "TotalPackageQuantity", "WCO Data Model 3.6, 146, 144")
def the_packages_add_up() -> Verdict:
    """The total number of packages is the sum of the items' packages."""
    return Verdict(
        when=given("total_packages", "items_packages"), requires=col("total_packages") == col("items_packages")
    )


@declared("HDR-011", ERROR, "IssueDateTime", "WCO Data Model 3.6, D011; RKC General Annex 3.12", ANY)
def the_issue_date_has_come() -> Verdict:
    """The date of issue is not in the future, one day's allowance for clocks apart."""
    return Verdict(when=given("issued_at", "received_at"), requires=col("issued_at") <= col("received_at") + ALLOWANCE)


@declared("HDR-012", ERROR, "AcceptanceDateTime", "WCO Data Model 3.6, 023; RKC General Annex ch. 3", ANY)
def the_acceptance_date_has_come() -> Verdict:
    """The date of acceptance is not in the future, one day's allowance for clocks apart."""
    return Verdict(
        when=given("accepted_at", "received_at"), requires=col("accepted_at") <= col("received_at") + ALLOWANCE
    )


@declared("HDR-013", ERROR, "AcceptanceDateTime", "RKC General Annex ch. 4: the moment that determines the rates")
def law_was_in_force_at_acceptance() -> Verdict:
    """The date of acceptance is not before the first day for which the profile has law."""
    return Verdict(when=given("accepted_at", "first_day"), requires=col("accepted_at").dt.date() >= col("first_day"))


@declared("HDR-014", WARNING, "ID", "WCO Data Model 3.6, D014: assigned by customs")
def a_new_declaration_has_no_number_of_customs() -> Verdict:
    """A new declaration carries no registration number; customs assigns it."""
    return Verdict(when=pl.lit(True), requires=~given("mrn"))


@declared("HDR-015", ERROR, "DeclarationOfficeID", "WCO Data Model 3.6, 065; RKC General Annex 3.1")
def the_declaration_office_is_of_the_administration() -> Verdict:
    """The office of declaration is an office of the administration addressed: its code begins with the country's."""
    return Verdict(
        when=given("declaration_office", "administration"),
        requires=col("declaration_office").str.starts_with(col("administration")),
    )


@declared("HDR-016", WARNING, "ExitOffice/ID", "WCO Data Model 3.6, G005; UN/LOCODE manual, country part")
def the_exit_office_is_coded() -> Verdict:
    """The office of exit is a country code followed by at least three letters or digits."""
    return Verdict(when=given("exit_office"), requires=matches("exit_office", "[A-Z]{2}[A-Z0-9]{3,}"))


@declared("HDR-017", WARNING, "PresentationOffice/ID", "WCO Data Model 3.6, G015; UN/LOCODE manual, country part")
def the_presentation_office_is_coded() -> Verdict:
    """The office of presentation is a country code followed by at least three letters or digits."""
    return Verdict(when=given("presentation_office"), requires=matches("presentation_office", "[A-Z]{2}[A-Z0-9]{3,}"))


@declared("HDR-018", WARNING, "SupervisingOffice/ID", "WCO Data Model 3.6, G012; UN/LOCODE manual, country part")
def the_supervising_office_is_coded() -> Verdict:
    """The supervising office is a country code followed by at least three letters or digits."""
    return Verdict(when=given("supervising_office"), requires=matches("supervising_office", "[A-Z]{2}[A-Z0-9]{3,}"))


@declared("HDR-019", WARNING, "GoodsShipment/UCR/ID", "WCO UCR Guidelines; ISO 15459-1", ANY)
def the_consignment_reference_has_the_shape_of_a_ucr() -> Verdict:
    """A unique consignment reference is a year digit, a country code and a reference of its issuer, at most 35 long."""
    return Verdict(when=given("ucr"), requires=matches("ucr", r"\d[A-Z]{2}[A-Z0-9\-()/.]{3,32}"))


@declared("HDR-020", WARNING, "", "WCO Data Model, version 3.6", ANY)
def the_model_version_is_the_one_read() -> Verdict:
    """A message names version 3 of the data model."""
    return Verdict(
        when=given("model_version"), requires=matches("model_version", r"3(\.\d+)?"), found=col("model_version")
    )


@declared(
    "HDR-021", INFORMATION, "ID", "EU CTC and WCO D014: registration number, ISO 6346 letter values, modulus 11", ANY
)
def the_registration_number_has_its_check_digit() -> Verdict:
    """A registration number of 18 characters ends with the check digit of the others."""
    return Verdict(when=matches("mrn", MRN).fill_null(False), requires=passes("mrn", is_registration))


@declared("HDR-030", ERROR, "ID", "WCO Data Model 3.6, D014; RKC General Annex 3.27", ANY[1:])
def a_change_names_the_declaration() -> Verdict:
    """An amendment, invalidation or presentation names the declaration it is about by its registration number."""
    return Verdict(when=pl.lit(True), requires=given("mrn"))


@declared("HDR-031", WARNING, "FunctionCode", "UN/EDIFACT 1225", ANY[1:])
def a_change_has_the_function_of_a_change() -> Verdict:
    """The function of an amendment, invalidation or presentation is 1, 4, 5 or 13."""
    return Verdict(when=given("function"), requires=one_of("function", "1", "4", "5", "13"))


@declared(
    "HDR-032", ERROR, "Amendment", "WCO Data Model 3.6, 06A; RKC General Annex 3.27", ("amendment", "invalidation")
)
def a_change_says_what_and_why() -> Verdict:
    """An amendment or invalidation has at least one entry that says what is changed and why."""
    return Verdict(when=pl.lit(True), requires=col("has_amendment"))


@changed("HDR-033", WARNING, "ChangeReasonCode", "WCO Data Model 3.6, 099; RKC General Annex 3.27", ANY[1:])
def a_change_gives_its_reason() -> Verdict:
    """Each entry of an amendment has a reason."""
    return Verdict(when=pl.lit(True), requires=given("reason"))


@declared("HDR-034", ERROR, "ID", "RKC General Annex 3.27", ANY[1:])
def the_declaration_to_be_changed_is_known() -> Verdict:
    """The declaration an amendment, invalidation or presentation is about is one this node holds."""
    return Verdict(when=given("mrn") & col("earlier_asked"), requires=col("earlier_known"))


@said("HDR-040", ERROR, "StatementCode", "WCO Data Model 3.6, 226, 225", ANY)
def a_statement_says_something() -> Verdict:
    """An additional statement has a code or a text."""
    return Verdict(when=pl.lit(True), requires=given("code") | given("text"))
