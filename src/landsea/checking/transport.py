"""Transport: means, modes, equipment, seals, places and route (WCO classes 15A, 10A, 46A, 31B, 44B, 81A)."""

import polars as pl
from polars import col

from landsea.codes.country import countries
from landsea.codes.equipment import container_check_digit_holds, is_plausible_seal
from landsea.codes.locode import is_place

from .check_digit import is_ship, is_wagon
from .lists import MODES
from .rule import ERROR, WARNING, Verdict, about, given, listed, one_of, passes

declared = about("declarations")
equipment = about("equipment")
seal = about("seals")
route = about("itinerary")

_CONSIGNMENT = "GoodsShipment/Consignment/"
_MODES = "UN/ECE Recommendation 19; UN/EDIFACT 8067"
# the first digit of a kind of identification is the mode it belongs to: 1 sea, 2 rail, 3 road, 4 air, 8 inland waterway
_KINDS = "Union Customs Code data annex, 7/7 and 7/9; WCO Data Model 3.6, T018, T034, T029"


@declared("TRN-001", ERROR, _CONSIGNMENT + "ContainerCode", "WCO Data Model 3.6, 096")
def the_container_indicator_is_yes_or_no() -> Verdict:
    """The container indicator is 0 or 1."""
    return Verdict(when=given("container_indicator"), requires=one_of("container_indicator", "0", "1"))


@declared("TRN-002", ERROR, _CONSIGNMENT + "TransportEquipment", "WCO Data Model 3.6, 096, 31B")
def goods_in_containers_name_them() -> Verdict:
    """Goods said to be in containers name the containers."""
    return Verdict(when=one_of("container_indicator", "1"), requires=col("has_equipment"))


@declared("TRN-003", ERROR, _CONSIGNMENT + "ContainerCode", "WCO Data Model 3.6, 096, 31B")
def goods_with_containers_say_so() -> Verdict:
    """Goods for which containers are named are said to be in containers."""
    return Verdict(when=col("has_equipment"), requires=col("container_indicator").ne_missing("0"))


@declared("TRN-004", ERROR, "BorderTransportMeans/ModeCode", _MODES)
def the_mode_at_the_border_is_known() -> Verdict:
    """The mode of transport at the border is a code of Recommendation 19."""
    return Verdict(when=given("border_means_mode"), requires=one_of("border_means_mode", *MODES))


@declared("TRN-005", ERROR, "BorderTransportMeans/ModeCode", _MODES + "; RKC General Annex 3.12")
def the_mode_at_the_border_is_given() -> Verdict:
    """A full declaration states the mode of transport at the border."""
    return Verdict(when=col("is_full"), requires=given("border_means_mode"))


@declared("TRN-006", ERROR, _CONSIGNMENT + "ArrivalTransportMeans/ModeCode", _MODES)
def the_mode_on_arrival_is_known() -> Verdict:
    """The mode of transport on arrival is a code of Recommendation 19."""
    return Verdict(when=given("arrival_means_mode"), requires=one_of("arrival_means_mode", *MODES))


@declared("TRN-007", ERROR, _CONSIGNMENT + "DepartureTransportMeans/ModeCode", _MODES)
def the_mode_on_departure_is_known() -> Verdict:
    """The mode of transport on departure is a code of Recommendation 19."""
    return Verdict(when=given("departure_means_mode"), requires=one_of("departure_means_mode", *MODES))


@declared("TRN-008", ERROR, "BorderTransportMeans/IdentificationTypeCode", _KINDS)
def the_border_means_fits_its_mode() -> Verdict:
    """The identification of the means of transport at the border is of a kind that belongs to its mode."""
    return Verdict(
        when=one_of("border_means_mode", "1", "2", "3", "4", "8") & given("border_means_id_type"),
        requires=col("border_means_id_type").str.slice(0, 1) == col("border_means_mode"),
    )


@declared("TRN-009", ERROR, _CONSIGNMENT + "DepartureTransportMeans/IdentificationTypeCode", _KINDS)
def the_departure_means_fits_its_mode() -> Verdict:
    """The identification of the means of transport on departure is of a kind that belongs to its mode."""
    return Verdict(
        when=one_of("departure_means_mode", "1", "2", "3", "4", "8") & given("departure_means_id_type"),
        requires=col("departure_means_id_type").str.slice(0, 1) == col("departure_means_mode"),
    )


@declared("TRN-010", ERROR, _CONSIGNMENT + "ArrivalTransportMeans/IdentificationTypeCode", _KINDS)
def the_arrival_means_fits_its_mode() -> Verdict:
    """The identification of the means of transport on arrival is of a kind that belongs to its mode."""
    return Verdict(
        when=one_of("arrival_means_mode", "1", "2", "3", "4", "8") & given("arrival_means_id_type"),
        requires=col("arrival_means_id_type").str.slice(0, 1) == col("arrival_means_mode"),
    )


@declared("TRN-011", ERROR, "BorderTransportMeans/ID", "WCO Data Model 3.6, T006, T018")
def a_kind_of_identification_has_an_identification() -> Verdict:
    """The means of transport at the border has an identification where its kind is named."""
    return Verdict(when=given("border_means_id_type"), requires=given("border_means_id"))


@declared("TRN-012", ERROR, "BorderTransportMeans/RegistrationNationalityCode", "ISO 3166-1; WCO Data Model 3.6, T014")
def the_means_is_registered_in_a_country() -> Verdict:
    """The nationality of the means of transport at the border is a country code."""
    return Verdict(when=given("border_means_nationality"), requires=listed("border_means_nationality", countries))


@declared("TRN-013", WARNING, "BorderTransportMeans/ID", "IMO resolution A.1117(30): ship identification number")
def an_imo_number_has_its_check_digit() -> Verdict:
    """A ship identified by its IMO number has seven digits, the last a check on the others."""
    return Verdict(
        when=one_of("border_means_id_type", "10") & given("border_means_id"),
        requires=passes("border_means_id", is_ship),
    )


@declared("TRN-014", WARNING, "BorderTransportMeans/ID", "UIC 438-2: twelve-digit wagon number, last digit a check")
def a_wagon_number_has_its_check_digit() -> Verdict:
    """A wagon is identified by twelve digits, the last a check on the others."""
    return Verdict(
        when=one_of("border_means_id_type", "20") & given("border_means_id"),
        requires=passes("border_means_id", is_wagon),
    )


@declared(
    "TRN-015",
    ERROR,
    _CONSIGNMENT + "GoodsLocation/Address/CountryCode",
    "WCO Data Model 3.6, 64A; RKC General Annex ch. 6",
)
def the_goods_lie_in_the_country_addressed() -> Verdict:
    """The place where the goods may be examined lies in the country of the administration addressed."""
    return Verdict(
        when=given("goods_location_country", "administration"),
        requires=col("goods_location_country") == col("administration"),
    )


@declared("TRN-016", WARNING, _CONSIGNMENT + "LoadingLocation/ID", "UN/LOCODE (UN/ECE Recommendation 16)")
def the_place_of_loading_is_known() -> Verdict:
    """The place of loading, where it is coded, is in the list of places."""
    return Verdict(when=given("loading_location_id"), requires=is_place(col("loading_location_id")))


@declared("TRN-017", ERROR, "GoodsShipment/Destination/CountryCode", "ISO 3166-1; WCO Data Model 3.6, 465")
def the_shipment_goes_to_a_country() -> Verdict:
    """The country of destination is a country code."""
    return Verdict(when=given("destination"), requires=listed("destination", countries))


@declared("TRN-018", ERROR, "GoodsShipment/ExportCountry/ID", "ISO 3166-1; WCO Data Model 3.6, 062")
def the_shipment_comes_from_a_country() -> Verdict:
    """The country of export is a country code."""
    return Verdict(when=given("export_country"), requires=listed("export_country", countries))


@declared("TRN-019", ERROR, "GoodsShipment/ExportCountry/ID", "RKC Specific Annex C; WCO Data Model 3.6, 062")
def goods_leave_the_country_addressed() -> Verdict:
    """Goods exported leave from the country of the administration addressed."""
    return Verdict(
        when=col("is_export") & given("export_country", "administration") & listed("export_country", countries),
        requires=col("export_country") == col("administration"),
    )


@declared("TRN-020", ERROR, "GoodsShipment/Destination/CountryCode", "RKC Specific Annex C; WCO Data Model 3.6, 465")
def goods_exported_go_abroad() -> Verdict:
    """Goods exported are bound for another country than that of the administration addressed."""
    return Verdict(
        when=col("is_export") & given("destination", "administration"),
        requires=col("destination") != col("administration"),
    )


@declared("TRN-021", ERROR, _CONSIGNMENT + "GoodsLocation", "WCO Data Model 3.6, 64A; RKC General Annex 3.25, 3.33")
def the_place_of_the_goods_is_stated() -> Verdict:
    """A full declaration says where the goods are, or will be, for examination."""
    return Verdict(
        when=col("is_full"),
        requires=given("goods_location_id") | given("goods_location_name") | given("goods_location_line"),
    )


@declared("TRN-022", ERROR, "GoodsShipment/Warehouse/TypeCode", "RKC Specific Annex D1; WCO Data Model 3.6, L112, L019")
def a_warehouse_has_a_kind() -> Verdict:
    """A warehouse that is named has a kind, and a kind has a warehouse."""
    return Verdict(
        when=given("warehouse_id") | given("warehouse_type"), requires=given("warehouse_id", "warehouse_type")
    )


@equipment("TRN-030", ERROR, "ID", "WCO Data Model 3.6, 159")
def equipment_has_a_number() -> Verdict:
    """Transport equipment is named by its number."""
    return Verdict(when=pl.lit(True), requires=given("id"))


@equipment("TRN-031", WARNING, "ID", "ISO 6346: freight containers, coding and identification")
def a_container_number_has_its_check_digit() -> Verdict:
    """A container number is an owner's code, a category letter, six digits and a check digit."""
    return Verdict(when=given("id"), requires=container_check_digit_holds(col("id")).fill_null(False))


@equipment("TRN-032", ERROR, "ID", "WCO Data Model 3.6, 159")
def no_container_stands_twice() -> Verdict:
    """A container is named once in a consignment, and once in a goods item."""
    return Verdict(when=given("id"), requires=~col("repeated"))


@equipment(
    "TRN-033", ERROR, "ID", "WCO Data Model 3.6, 159: equipment of the commodity is equipment of the consignment"
)
def a_container_of_an_item_is_one_of_the_consignment() -> Verdict:
    """A container named at a goods item is among those of the consignment, where the consignment names any."""
    return Verdict(when=given("i", "id") & col("consignment_has_equipment"), requires=col("in_consignment"))


@seal("TRN-040", ERROR, "ID", "WCO Data Model 3.6, 165; ISO 17712")
def a_seal_has_a_number() -> Verdict:
    """A seal is named by its number."""
    return Verdict(when=pl.lit(True), requires=given("id"))


@seal("TRN-042", WARNING, "ID", "ISO 17712, marking: each seal bears an identifier of its own")
def a_seal_number_could_be_on_a_seal() -> Verdict:
    """The number of a seal is three to twenty letters and digits, not all alike; a word is none."""
    return Verdict(when=given("id"), requires=is_plausible_seal(col("id")))


@seal("TRN-041", WARNING, "ID", "ISO 17712: a seal's number is unique")
def no_seal_stands_twice() -> Verdict:
    """A seal is on one container, and is named once there."""
    return Verdict(when=given("id"), requires=~col("repeated"))


@route("TRN-050", ERROR, "SequenceNumeric", "WCO Data Model 3.6, 006")
def the_route_is_numbered_from_one() -> Verdict:
    """The countries of the route are numbered 1, 2, 3 … in the order they stand."""
    return Verdict(when=given("sequence"), requires=col("sequence") == col("n"))


@route("TRN-051", ERROR, "RoutingCountryCode", "ISO 3166-1; WCO Data Model 3.6, 064")
def the_route_runs_through_countries() -> Verdict:
    """Each step of the route names a country that exists."""
    return Verdict(when=pl.lit(True), requires=listed("country", countries).fill_null(False))
