"""Documents: what supports a declaration and what went before it (RKC General Annex 3.16–3.19; WCO 02A, 99A)."""

import polars as pl
from polars import col

from landsea.codes.unit import is_unit

from .check_digit import MRN, is_registration
from .rule import ERROR, INFORMATION, WARNING, Verdict, about, given, matches, one_of, passes

document = about("documents")
item = about("goods_items")
declared = about("declarations")


@document("DOC-001", ERROR, "TypeCode", "WCO Data Model 3.6, D006, D019")
def a_document_has_a_type() -> Verdict:
    """A document says of what type it is."""
    return Verdict(when=pl.lit(True), requires=given("type"))


@document("DOC-002", WARNING, "TypeCode", "UN/EDIFACT 1001")
def an_international_type_is_known() -> Verdict:
    """A document of category N has a type of the international list."""
    return Verdict(when=one_of("category", "N"), requires=~col("is_unlisted"))


@document("DOC-003", WARNING, "ID", "RKC General Annex 3.16, 3.17; WCO Data Model 3.6, D005, 360")
def a_supporting_document_has_a_number_or_a_reason() -> Verdict:
    """A supporting document has a number, or says why there is none."""
    return Verdict(when=col("is_supporting"), requires=given("id") | given("exemption") | given("name"))


@document("DOC-004", ERROR, "ID", "WCO Data Model 3.6, D018")
def a_previous_document_has_a_number() -> Verdict:
    """A previous document has a number."""
    return Verdict(when=col("is_previous"), requires=given("id"))


@document("DOC-005", WARNING, "ID", "RKC General Annex 3.16: no more documents than needed")
def no_document_stands_twice() -> Verdict:
    """A document is referred to once in a place."""
    return Verdict(when=given("id", "type"), requires=~col("repeated"))


@document("DOC-006", ERROR, "LineNumeric", "WCO Data Model 3.6, 171")
def a_line_of_a_previous_document_is_counted_from_one() -> Verdict:
    """The line of a previous document is counted from 1."""
    return Verdict(when=given("line"), requires=col("line") >= 1)


@document("DOC-007", INFORMATION, "ID", "EU CTC registration number: ISO 6346 letter values, modulus 11")
def a_previous_registration_number_has_its_check_digit() -> Verdict:
    """A previous document that is a registration number of 18 characters has its check digit."""
    return Verdict(
        when=col("is_previous")
        & one_of("type", "MRN", "SDE", "820", "821", "822", "830")
        & matches("id", MRN).fill_null(False),
        requires=passes("id", is_registration),
    )


@document("DOC-008", ERROR, "EffectiveDateTime", "WCO Data Model 3.6, 276; RKC General Annex 3.16")
def a_document_is_in_effect() -> Verdict:
    """A document was issued before the declaration, one day's allowance for clocks apart."""
    return Verdict(when=given("effective_at", "age"), requires=col("age") >= -pl.duration(days=1))


@document("DOC-009", ERROR, "WriteOff/QuantityQuantity", "WCO Data Model 3.6, 502")
def what_is_written_off_is_positive() -> Verdict:
    """The quantity written off a licence is more than nothing."""
    return Verdict(when=given("writeoff_quantity"), requires=col("writeoff_quantity") > 0)


@document("DOC-010", ERROR, "WriteOff/QuantityQuantity", "UN/ECE Recommendation 20; WCO Data Model 3.6, 502")
def the_unit_written_off_is_known() -> Verdict:
    """The unit of a quantity written off is a code of Recommendation 20, a national qualifier behind # apart."""
    return Verdict(
        when=given("writeoff_quantity_unit"),
        requires=is_unit(col("writeoff_quantity_unit")),
        found=col("writeoff_quantity_unit"),
    )


@document("DOC-011", WARNING, "ID", "WCO UCR Guidelines; ISO 15459-1")
def a_declaration_ucr_has_its_shape() -> Verdict:
    """A declaration's unique consignment reference, type DCR, is a year digit, a country code and a reference."""
    return Verdict(
        when=col("is_previous") & one_of("type", "DCR") & given("id"),
        requires=matches("id", r"\d[A-Z]{2}[A-Z0-9\-()/.]{3,32}"),
    )


@item(
    "DOC-020", ERROR, "PreviousDocument", "RKC Specific Annexes D1, E1, F1–F3, G1: discharge; WCO Data Model 3.6, 99A"
)
def goods_from_a_procedure_say_where_they_stand() -> Verdict:
    """Goods that were under another procedure refer to the document of that procedure."""
    return Verdict(
        when=given("previous_procedure") & (col("previous_procedure") != "00"),
        requires=col("has_previous_document"),
        found=col("previous_procedure"),
    )


@declared(
    "DOC-021",
    WARNING,
    "GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument",
    "RKC General Annex 3.16; UN/EDIFACT 1001",
)
def a_shipment_has_a_transport_document() -> Verdict:
    """A full declaration of imported goods refers to a transport document."""
    return Verdict(when=col("is_import") & col("is_full"), requires=col("has_transport_document"))


@declared("DOC-022", ERROR, "GoodsShipment/PreviousDocument", "RKC General Annex 3.13; Union Customs Code art. 167")
def a_supplementary_declaration_names_the_first() -> Verdict:
    """A supplementary declaration, type Y or Z, refers to the simplified declaration or entry in records before it."""
    return Verdict(
        when=matches("type", "(IM|EX|CO)[YZ]").fill_null(False),
        requires=col("has_previous_document"),
        found=col("type"),
    )
