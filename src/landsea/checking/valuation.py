"""The value: prices, currencies, terms of delivery, additions (WTO Valuation Agreement; WCO 41A, 22B)."""

import polars as pl
from polars import col

from landsea.codes.country import currencies
from landsea.codes.locode import is_place
from landsea.codes.unit import is_unit

from .lists import CHARGES, INCOTERMS, SEA_TERMS
from .rule import ERROR, WARNING, Verdict, about, given, listed, matches, one_of

declared = about("declarations")
item = about("goods_items")
charge = about("charges")
rate = about("exchange_rates")
tax = about("taxes")

_PRICE = "Commodity/InvoiceLine/ItemChargeAmount"
_METHODS = ("1", "2", "3", "4", "5", "6")


@item("VAL-001", ERROR, _PRICE, "WTO Valuation Agreement art. 1: the price actually paid or payable")
def a_transaction_value_has_a_price() -> Verdict:
    """Imported goods valued by method 1 state the price paid or payable."""
    return Verdict(when=col("is_import") & col("by_transaction"), requires=given("item_amount"))


@item("VAL-002", ERROR, _PRICE, "WTO Valuation Agreement art. 1; WCO Data Model 3.6, 112")
def a_price_is_positive() -> Verdict:
    """The price of goods imported under method 1 is more than nothing; no price is below it."""
    least = pl.when(col("by_transaction") & col("is_import")).then(1).otherwise(0)
    return Verdict(when=given("item_amount"), requires=col("item_amount") >= least)


@item("VAL-003", ERROR, _PRICE, "ISO 4217; WCO Data Model 3.6, 112, 135")
def a_price_has_a_currency() -> Verdict:
    """A price names a currency that exists."""
    return Verdict(
        when=given("item_amount"),
        requires=listed("item_amount_currency", currencies).fill_null(False),
        found=col("item_amount_currency"),
    )


@item("VAL-004", ERROR, "CustomsValuation/MethodCode", "WTO Valuation Agreement arts. 1, 2, 3, 5, 6, 7; WCO 122")
def the_method_is_one_of_six() -> Verdict:
    """The method of valuation is one of the six of the Agreement, numbered 1 to 6."""
    return Verdict(when=given("valuation_method"), requires=one_of("valuation_method", *_METHODS))


@item("VAL-005", ERROR, "CustomsValuation/MethodCode", "WTO Valuation Agreement, General Introductory Commentary 1–2")
def home_use_names_the_method() -> Verdict:
    """Goods entered for home use by a full declaration name the method of valuation."""
    return Verdict(
        when=col("is_import") & col("is_full") & one_of("procedure", "40", "42", "44"),
        requires=given("valuation_method"),
    )


@item(
    "VAL-006", ERROR, "CustomsValueAmount", "WTO Valuation Agreement art. 7.2: no minimum or fictitious values; WCO 108"
)
def a_customs_value_is_positive() -> Verdict:
    """A customs value, where it is declared, is more than nothing."""
    return Verdict(when=given("customs_value"), requires=col("customs_value") > 0)


@item("VAL-007", ERROR, "CustomsValueAmount", "ISO 4217; WTO Valuation Agreement art. 9")
def a_customs_value_has_a_currency() -> Verdict:
    """A customs value names a currency that exists."""
    return Verdict(
        when=given("customs_value"),
        requires=listed("customs_value_currency", currencies).fill_null(False),
        found=col("customs_value_currency"),
    )


@item("VAL-008", ERROR, "StatisticalValueAmount", "UN International Merchandise Trade Statistics 2010, ch. 4; WCO 114")
def a_statistical_value_is_not_negative() -> Verdict:
    """A statistical value is not below nothing."""
    return Verdict(when=given("statistical_value"), requires=col("statistical_value") >= 0)


@item("VAL-009", ERROR, "StatisticalValueAmount", "ISO 4217; WCO Data Model 3.6, 114")
def a_statistical_value_has_a_currency() -> Verdict:
    """A statistical value names a currency that exists."""
    return Verdict(
        when=given("statistical_value"),
        requires=listed("statistical_value_currency", currencies).fill_null(False),
        found=col("statistical_value_currency"),
    )


@item("VAL-010", WARNING, "ValuationAdjustment/AdditionCode", "WTO Valuation Agreement art. 1.1 (a)–(d); WCO 188")
def the_four_questions_are_answered() -> Verdict:
    """The indicators of a transaction value are four digits 0 or 1: relation, restrictions, conditions, proceeds."""
    return Verdict(when=given("valuation_indicators"), requires=matches("valuation_indicators", "[01]{4}"))


@item("VAL-011", WARNING, "AdditionalDocument", "RKC General Annex 3.16; WTO Valuation Agreement art. 17, WCO D016")
def a_transaction_value_rests_on_an_invoice() -> Verdict:
    """Imported goods valued by method 1 refer to an invoice, among the documents or at the shipment."""
    return Verdict(
        when=col("is_import") & col("is_full") & col("by_transaction"),
        requires=col("has_invoice") | given("invoice_id"),
    )


@item("VAL-012", WARNING, "TransactionNatureCode", "UN International Merchandise Trade Statistics 2010; WCO 103")
def the_nature_of_the_transaction_of_an_item_is_known() -> Verdict:
    """The nature of the transaction of a goods item is a code that begins with 1 to 9."""
    return Verdict(when=given("transaction_nature"), requires=matches("transaction_nature", r"[1-9]\d?"))


@declared("VAL-020", ERROR, "InvoiceAmount", "WCO Data Model 3.6, 109")
def an_invoice_total_is_positive() -> Verdict:
    """The total of the invoice is more than nothing."""
    return Verdict(when=given("invoice_amount"), requires=col("invoice_amount") > 0)


@declared("VAL-021", ERROR, "InvoiceAmount", "ISO 4217; WCO Data Model 3.6, 109, 135")
def an_invoice_total_has_a_currency() -> Verdict:
    """The total of the invoice names a currency that exists."""
    return Verdict(
        when=given("invoice_amount"),
        requires=listed("invoice_amount_currency", currencies).fill_null(False),
        found=col("invoice_amount_currency"),
    )


@declared("VAL-022", WARNING, "InvoiceAmount", "WCO Data Model 3.6, 109, 112")
def the_prices_add_up_to_the_invoice() -> Verdict:
    """The total of the invoice is the sum of the items' prices where all are in its currency, within one unit."""
    currency = col("invoice_amount_currency")
    same = ((col("items_currency") == currency) & (col("last_currency") == currency)).fill_null(False)
    return Verdict(
        when=given("invoice_amount", "items_amount") & col("items_priced").fill_null(False) & same,
        requires=(col("invoice_amount") - col("items_amount")).abs() <= 1_000_000,
    )


@declared("VAL-023", WARNING, "InvoiceAmount", "WCO Data Model 3.6, 135: currency of the invoice")
def an_invoice_has_one_currency() -> Verdict:
    """The prices of a declaration's goods items are in one currency."""
    return Verdict(when=pl.lit(True), requires=col("in_one_currency"))


@declared("VAL-024", ERROR, "GoodsShipment/TradeTerms/ConditionCode", "ICC Incoterms 2020; WCO Data Model 3.6, 090")
def the_delivery_term_is_known() -> Verdict:
    """The terms of delivery are one of the eleven rules of Incoterms 2020."""
    return Verdict(when=given("incoterm"), requires=one_of("incoterm", *INCOTERMS))


@declared(
    "VAL-025",
    ERROR,
    "GoodsShipment/TradeTerms",
    "ICC Incoterms 2020, introduction: rule, named place, edition; WCO L001, L002",
)
def the_delivery_term_names_its_place() -> Verdict:
    """Terms of delivery name their place, by code or by name."""
    return Verdict(when=given("incoterm"), requires=given("incoterm_location") | given("trade_terms_location_name"))


@declared("VAL-026", WARNING, "GoodsShipment/TradeTerms/LocationID", "UN/LOCODE (UN/ECE Recommendation 16)")
def the_delivery_place_is_known() -> Verdict:
    """The place of delivery, where coded, is in the list of places."""
    return Verdict(when=given("incoterm_location"), requires=is_place(col("incoterm_location")))


@declared(
    "VAL-027",
    WARNING,
    "GoodsShipment/TradeTerms/ConditionCode",
    "ICC Incoterms 2020: rules for sea and inland waterway",
)
def a_sea_term_goes_by_water() -> Verdict:
    """FAS, FOB, CFR and CIF are used for carriage by sea or inland waterway."""
    return Verdict(
        when=one_of("incoterm", *SEA_TERMS) & given("border_means_mode"),
        requires=one_of("border_means_mode", "1", "6", "8"),
    )


@declared("VAL-028", ERROR, "GoodsShipment/TradeTerms", "ICC Incoterms 2020; WTO Valuation Agreement art. 8.2")
def a_transaction_value_states_its_terms() -> Verdict:
    """An import valued by method 1 states the terms of delivery, since they decide what is added to the price."""
    return Verdict(when=col("is_import") & col("is_full") & col("priced_by_transaction"), requires=given("incoterm"))


@declared(
    "VAL-029",
    ERROR,
    "GoodsShipment/CustomsValuation/FreightChargeAmount",
    "WTO Valuation Agreement art. 8.2 (a); ISO 4217",
)
def freight_is_an_amount_of_money() -> Verdict:
    """A freight charge is not below nothing and names a currency that exists."""
    return Verdict(
        when=given("freight_charge"),
        requires=(col("freight_charge") >= 0) & listed("freight_charge_currency", currencies).fill_null(False),
    )


@declared(
    "VAL-030",
    WARNING,
    "GoodsShipment/TransactionNatureCode",
    "UN International Merchandise Trade Statistics 2010; WCO 103",
)
def the_nature_of_the_transaction_is_known() -> Verdict:
    """The nature of the transaction is a code that begins with 1 to 9."""
    return Verdict(when=given("transaction_nature"), requires=matches("transaction_nature", r"[1-9]\d?"))


@charge("VAL-040", ERROR, "ChargesTypeCode", "WTO Valuation Agreement art. 8; WCO Data Model 3.6, 371")
def a_charge_says_what_for() -> Verdict:
    """An addition or deduction says what it is for."""
    return Verdict(when=pl.lit(True), requires=given("type"))


@charge(
    "VAL-041", WARNING, "ChargesTypeCode", "Union Customs Code data annex, 4/9, after WTO Valuation Agreement art. 8"
)
def the_charge_is_known() -> Verdict:
    """An addition or deduction has a code of the list."""
    return Verdict(when=given("type"), requires=one_of("type", *CHARGES))


@charge(
    "VAL-042",
    ERROR,
    "OtherChargeDeductionAmount",
    "WTO Valuation Agreement art. 8.3: objective and quantifiable data; ISO 4217",
)
def a_charge_is_an_amount_of_money() -> Verdict:
    """An addition or deduction is an amount not below nothing in a currency that exists."""
    return Verdict(
        when=pl.lit(True),
        requires=(col("amount").fill_null(-1) >= 0) & listed("amount_currency", currencies).fill_null(False),
    )


@rate("VAL-050", ERROR, "RateNumeric", "WTO Valuation Agreement art. 9; WCO Data Model 3.6, 118")
def a_rate_of_exchange_is_positive() -> Verdict:
    """A rate of exchange is given and more than nothing."""
    return Verdict(when=pl.lit(True), requires=col("rate").fill_null(0) > 0)


@rate("VAL-051", ERROR, "CurrencyTypeCode", "ISO 4217; WCO Data Model 3.6, 135")
def a_rate_of_exchange_is_for_a_currency() -> Verdict:
    """A rate of exchange is for a currency that exists."""
    return Verdict(when=pl.lit(True), requires=listed("currency", currencies).fill_null(False))


@rate("VAL-052", ERROR, "CurrencyTypeCode", "WTO Valuation Agreement art. 9")
def a_currency_has_one_rate() -> Verdict:
    """A declaration gives each currency one rate of exchange."""
    return Verdict(when=given("currency"), requires=~col("repeated"))


@tax("VAL-060", ERROR, "SpecificTaxBaseQuantity", "UN/ECE Recommendation 20; WCO Data Model 3.6, 129")
def the_unit_of_a_specific_base_is_known() -> Verdict:
    """The unit of a specific tax base is a code of Recommendation 20, its qualifier behind # apart, or a currency."""
    return Verdict(
        when=given("specific_base_unit"),
        requires=is_unit(col("specific_base_unit")) | listed("specific_base_unit", currencies),
        found=col("specific_base_unit"),
    )


@tax("VAL-061", ERROR, "AdValoremTaxBaseAmount", "WCO Data Model 3.6, 116; ISO 4217")
def an_ad_valorem_base_is_an_amount_of_money() -> Verdict:
    """A tax base by value is not below nothing and names a currency that exists."""
    return Verdict(
        when=given("ad_valorem_base"),
        requires=(col("ad_valorem_base") >= 0) & listed("ad_valorem_base_currency", currencies).fill_null(False),
    )


@tax("VAL-062", ERROR, "SpecificTaxBaseQuantity", "WCO Data Model 3.6, 129")
def a_specific_base_is_not_negative() -> Verdict:
    """A tax base by quantity is not below nothing."""
    return Verdict(when=given("specific_base"), requires=col("specific_base") >= 0)
