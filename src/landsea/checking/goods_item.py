"""The goods item: what the goods are, how much of them, how packed, under which procedure (WCO 68A, 23A, 93A)."""

import polars as pl
from polars import col

from landsea.codes.country import countries
from landsea.codes.package import is_package
from landsea.codes.unit import is_unit

from .lists import VAGUE
from .rule import ERROR, WARNING, Verdict, about, given, listed, matches, one_of

item = about("goods_items")
package = about("packages")
classification = about("classifications")
dangerous = about("dangerous_goods")
procedure = about("procedures")

_MASS = "Commodity/GoodsMeasure/"


@item("GDS-001", ERROR, "SequenceNumeric", "WCO Data Model 3.6, 006")
def items_are_numbered_from_one() -> Verdict:
    """Goods items are numbered 1, 2, 3 … in the order they stand."""
    return Verdict(when=given("sequence"), requires=col("sequence") == col("n"))


@item("GDS-002", ERROR, "Commodity/Description", "WCO Data Model 3.6, 137; RKC General Annex 3.12")
def goods_are_described() -> Verdict:
    """Each goods item of a full declaration describes the goods."""
    return Verdict(when=col("is_full"), requires=given("description"))


@item("GDS-003", WARNING, "Commodity/Description", "WCO SAFE Framework: unacceptable descriptions of goods")
def the_description_says_what_they_are() -> Verdict:
    """A description tells the goods apart; a word such as goods, parts or samples alone does not."""
    plain = col("description").str.to_lowercase().str.strip_chars(" .")
    return Verdict(when=given("description"), requires=~plain.is_in(VAGUE))


@item("GDS-004", ERROR, "Commodity/Classification", "HS Convention art. 3; WCO Data Model 3.6, 145")
def goods_are_classified() -> Verdict:
    """Each goods item of a full declaration has a commodity code."""
    return Verdict(when=col("is_full"), requires=col("classified"))


@item("GDS-005", ERROR, "Commodity/Classification/ID", "HS Convention art. 3: six digits without change")
def the_commodity_code_has_six_digits() -> Verdict:
    """A commodity code begins with the six digits of the Harmonized System."""
    return Verdict(
        when=given("commodity_code"), requires=matches("commodity_code", r"\d{6,}"), found=col("commodity_code")
    )


@item("GDS-006", ERROR, "Commodity/Classification/ID", "HS Convention, Nomenclature")
def the_subheading_exists() -> Verdict:
    """The first six digits of a commodity code are a subheading of this or an earlier edition of the nomenclature."""
    return Verdict(
        when=matches("commodity_code", r"\d{6}(?s:.*)").fill_null(False)
        & ~col("commodity_code").str.slice(0, 2).is_in(["98", "99"]),
        requires=col("is_current") | given("successors"),
        found=col("commodity_code"),
    )


@item(
    "GDS-007", WARNING, "Commodity/Classification/ID", "HS Convention art. 16: amendments in force from 1 January 2022"
)
def the_subheading_is_current() -> Verdict:
    """The first six digits of a commodity code are of the edition in force; an earlier code has successors."""
    return Verdict(
        when=given("commodity_code"),
        requires=~given("successors"),
        found=pl.format("{} (now {})", col("hs6"), col("successors")),
    )


@item("GDS-008", ERROR, _MASS + "GrossMassMeasure", "WCO Data Model 3.6, 126; RKC General Annex 3.12")
def the_gross_mass_is_given() -> Verdict:
    """Each goods item of a full declaration states its gross mass."""
    return Verdict(when=col("is_full"), requires=given("gross_mass"))


@item("GDS-009", ERROR, _MASS + "GrossMassMeasure", "WCO Data Model 3.6, 126")
def the_gross_mass_is_positive() -> Verdict:
    """A gross mass is more than nothing."""
    return Verdict(when=given("gross_mass"), requires=col("gross_mass") > 0)


@item("GDS-010", ERROR, _MASS + "NetNetWeightMeasure", "WCO Data Model 3.6, 128, 126: net is without packing")
def the_net_mass_is_within_the_gross_mass() -> Verdict:
    """The net mass of a goods item does not exceed its gross mass."""
    return Verdict(
        when=given("net_mass", "gross_mass") & (col("gross_mass") > 0), requires=col("net_mass") <= col("gross_mass")
    )


@item("GDS-011", ERROR, _MASS + "NetNetWeightMeasure", "WCO Data Model 3.6, 128")
def the_net_mass_is_positive() -> Verdict:
    """A net mass is more than nothing."""
    return Verdict(when=given("net_mass"), requires=col("net_mass") > 0)


@item("GDS-012", ERROR, _MASS + "GrossMassMeasure", "UN/ECE Recommendation 20; WCO Data Model 3.6, 126, 128")
def masses_are_in_kilograms() -> Verdict:
    """Gross and net mass are in kilograms, KGM, where a unit is named."""
    return Verdict(
        when=given("gross_mass_unit") | given("net_mass_unit"),
        requires=one_of("gross_mass_unit", "KGM", None) & one_of("net_mass_unit", "KGM", None),
        found=pl.coalesce("gross_mass_unit", "net_mass_unit"),
    )


@item("GDS-013", ERROR, _MASS + "TariffQuantity", "WCO Data Model 3.6, 130")
def the_supplementary_quantity_is_positive() -> Verdict:
    """A supplementary quantity is more than nothing."""
    return Verdict(when=given("tariff_quantity"), requires=col("tariff_quantity") > 0)


@item("GDS-014", ERROR, _MASS + "TariffQuantity", "UN/ECE Recommendation 20")
def the_supplementary_unit_is_known() -> Verdict:
    """The unit of a supplementary quantity is a code of Recommendation 20, a national qualifier behind # apart."""
    return Verdict(
        when=given("tariff_quantity_unit"),
        requires=is_unit(col("tariff_quantity_unit")),
        found=col("tariff_quantity_unit"),
    )


@item(
    "GDS-015", ERROR, "GovernmentProcedure", "WCO Data Model 3.6, 166, 161; RKC General Annex ch. 2: customs procedure"
)
def a_procedure_is_requested() -> Verdict:
    """Each goods item names the procedure requested and the one before it, 00 where there was none."""
    return Verdict(when=pl.lit(True), requires=given("procedure", "previous_procedure"))


@item("GDS-016", ERROR, "GovernmentProcedure/CurrentCode", "WCO Data Model 3.6, 166; RKC Specific Annexes A–J")
def the_procedure_is_known() -> Verdict:
    """The procedure requested is in the list of procedures."""
    return Verdict(when=given("procedure"), requires=col("procedure_known"), found=col("procedure"))


@item("GDS-017", ERROR, "GovernmentProcedure/PreviousCode", "WCO Data Model 3.6, 161; RKC Specific Annexes A–J")
def the_previous_procedure_is_known() -> Verdict:
    """The previous procedure is in the list of procedures."""
    return Verdict(
        when=given("previous_procedure"),
        requires=col("previous_known"),
        found=col("previous_procedure"),
    )


@item("GDS-018", ERROR, "GovernmentProcedure/CurrentCode", "RKC Specific Annexes B and C: importation, exportation")
def the_procedure_fits_the_direction() -> Verdict:
    """The procedure requested is one for imports in an import, one for exports in an export."""
    return Verdict(
        when=col("procedure_known") & (col("typed_import") | col("typed_export")),
        requires=(col("typed_import") & col("serves_import")) | (col("typed_export") & col("serves_export")),
        found=col("procedure"),
    )


@item(
    "GDS-019",
    ERROR,
    "GovernmentProcedure/PreviousCode",
    "RKC Specific Annexes B2, C: re-importation, exportation",
)
def what_returns_has_been_somewhere() -> Verdict:
    """Re-exportation and re-importation follow a procedure; their previous procedure is not 00."""
    return Verdict(
        when=one_of("procedure", "31", "61", "63") & col("previous_known"),
        requires=col("previous_procedure") != "00",
        found=col("previous_procedure"),
    )


@item("GDS-020", ERROR, "GovernmentProcedure/PreviousCode", "RKC Specific Annexes; Union Customs Code data annex, 1/10")
def home_use_follows_no_home_use() -> Verdict:
    """Goods released for home use are not entered for it again: 40, 42 and 44 do not follow one another."""
    return Verdict(
        when=one_of("procedure", "40", "42", "44") & given("previous_procedure"),
        requires=~one_of("previous_procedure", "40", "42", "44"),
        found=col("previous_procedure"),
    )


@item("GDS-021", ERROR, "Destination/CountryCode", "ISO 3166-1; WCO Data Model 3.6, 465")
def the_item_goes_to_a_country() -> Verdict:
    """The country of destination of a goods item is a country code."""
    return Verdict(when=given("destination"), requires=listed("destination", countries))


@item("GDS-022", ERROR, "ExportCountry/ID", "ISO 3166-1; WCO Data Model 3.6, 062")
def the_item_comes_from_a_country() -> Verdict:
    """The country of export of a goods item is a country code."""
    return Verdict(when=given("export_country"), requires=listed("export_country", countries))


@item("GDS-023", ERROR, "Packaging", "WCO Data Model 3.6, 93A; RKC General Annex 3.12")
def the_packing_is_stated() -> Verdict:
    """Each goods item of a full declaration says how the goods are packed, unpacked and bulk included."""
    return Verdict(when=col("is_full"), requires=col("packed"))


@package("GDS-030", ERROR, "TypeCode", "UN/ECE Recommendation 21; WCO Data Model 3.6, 141")
def the_package_type_is_known() -> Verdict:
    """The type of package is a code of Recommendation 21."""
    return Verdict(when=given("type"), requires=is_package(col("type")))


@package("GDS-031", ERROR, "TypeCode", "WCO Data Model 3.6, 141")
def the_package_type_is_given() -> Verdict:
    """Packages have a type."""
    return Verdict(when=pl.lit(True), requires=given("type"))


@package("GDS-032", ERROR, "QuantityQuantity", "WCO Data Model 3.6, 144")
def packages_are_counted() -> Verdict:
    """Packages other than bulk are counted; nought stands for goods packed together with those of another item."""
    return Verdict(
        when=given("type") & ~col("type").str.starts_with("V").fill_null(False),
        requires=given("quantity") & (col("quantity").fill_null(-1) >= 0),
    )


@package("GDS-033", WARNING, "MarksNumbersID", "UN/ECE Recommendation 15; WCO Data Model 3.6, 142")
def packages_are_marked() -> Verdict:
    """Packages other than bulk and unpacked goods state their shipping marks, or that there are none."""
    loose = one_of("type", "NE", "NF", "NG") | col("type").str.starts_with("V").fill_null(False)
    return Verdict(when=given("type") & ~loose, requires=given("marks"))


@package("GDS-034", WARNING, "SequenceNumeric", "WCO Data Model 3.6, 006")
def packages_are_numbered_from_one() -> Verdict:
    """The packages of a goods item are numbered 1, 2, 3 … in the order they stand."""
    return Verdict(when=given("sequence"), requires=col("sequence") == col("n"))


@classification("GDS-040", ERROR, "ID", "WCO Data Model 3.6, 145")
def a_classification_has_a_code() -> Verdict:
    """A classification states its code."""
    return Verdict(when=pl.lit(True), requires=given("id"))


@classification("GDS-041", ERROR, "IdentificationTypeCode", "UN/EDIFACT 7143; WCO Data Model 3.6, 337")
def one_classification_of_a_kind() -> Verdict:
    """A goods item is classified once in the nomenclature and once in the national tariff."""
    return Verdict(when=one_of("id_type", "TSP", "TRC", "HS", "SRZ"), requires=~col("repeated"))


@dangerous("GDS-050", ERROR, "UNDGID", "UN Model Regulations on the Transport of Dangerous Goods, 3.2; WCO 506")
def dangerous_goods_have_a_un_number() -> Verdict:
    """Dangerous goods are named by a UN number of four digits."""
    return Verdict(when=pl.lit(True), requires=matches("un_number", r"\d{4}").fill_null(False))


@procedure("GDS-060", ERROR, "CurrentCode", "WCO Data Model 3.6, 166")
def no_additional_procedure_twice() -> Verdict:
    """A goods item names each procedure once."""
    return Verdict(when=given("current"), requires=~col("repeated"))
