"""What the tariff has to say when an amount cannot be reckoned, or is not what was claimed: its rules and their places.

An item with a finding that leaves an amount unknown has an assessment without amount, in state `unassessed`; an amount
is never put at zero for want of knowledge.
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.declaration.element import GOODS_ITEM_PATH
from landsea.declaration.finding import Severity, breaches


class Rule(NamedTuple):
    """A rule of the tariff: its severity, the element it points at, its requirement, and where that is laid down."""

    severity: Severity
    path: str
    sentence: str
    reference: str


_COMMODITY = f"{GOODS_ITEM_PATH}/Commodity"
_AMOUNT = f"{_COMMODITY}/InvoiceLine/ItemChargeAmount"
_TAX = f"{_COMMODITY}/DutyTaxFee"

RULES: Final = {
    "TRF-001": Rule(
        Severity.WARNING,
        _AMOUNT,
        "The currency of the amount has a rate of exchange published for the day.",
        "WTO Valuation Agreement, article 9",
    ),
    "TRF-002": Rule(
        Severity.ERROR,
        _AMOUNT,
        "An item whose taxes stand on its value has an invoice amount.",
        "WTO Valuation Agreement, article 1",
    ),
    "TRF-003": Rule(
        Severity.ERROR,
        f"{_COMMODITY}/Classification/ID",
        "The commodity code has a rate of each required tax on the day, for the origin declared.",
        "National tariff; Revised Kyoto Convention, General Annex, standard 4.1",
    ),
    "TRF-004": Rule(
        Severity.ERROR,
        f"{_COMMODITY}/GoodsMeasure/TariffQuantity",
        "Where a rate is charged on a quantity, the quantity is declared in a unit that converts to the rate's.",
        "WCO Data Model 130; UNECE Recommendation 20",
    ),
    "TRF-005": Rule(
        Severity.ERROR,
        _AMOUNT,
        "Amounts and quantities lie within what is reckoned exactly (below ten thousand million million).",
        "WCO Data Model, formats n..16",
    ),
    "TRF-006": Rule(
        Severity.WARNING,
        f"{_TAX}/DutyRegimeCode",
        "A preference claimed is one the tariff grants for the code and origin; else the general rate is charged.",
        "Revised Kyoto Convention, Specific Annex K",
    ),
    "TRF-007": Rule(
        Severity.WARNING,
        f"{_TAX}/QuotaOrderID",
        "A quota claimed is open for the code and origin on the day; else it is not drawn on.",
        "National tariff",
    ),
    "TRF-008": Rule(
        Severity.WARNING,
        f"{_COMMODITY}/Classification/ID",
        "A rate with a component found by the recipe of the goods is reckoned by an officer.",
        "National tariff, agricultural components",
    ),
    "TRF-009": Rule(
        Severity.WARNING,
        f"{_TAX}/DeductAmount",
        "A deduction is declared for a tax that admits it, in the administration's currency; else it is not made.",
        "WCO Data Model 111",
    ),
    "TRF-010": Rule(
        Severity.INFORMATION,
        "Declaration/CurrencyExchange/RateNumeric",
        "The administration's own rate of exchange is used, not the one declared.",
        "WTO Valuation Agreement, article 9",
    ),
    "TRF-011": Rule(
        Severity.ERROR,
        f"{GOODS_ITEM_PATH}/CustomsValuation/ChargeDeduction/ChargesTypeCode",
        "A charge is of a type the administration lists as added to or taken from the value.",
        "WTO Valuation Agreement, article 8",
    ),
    "TRF-012": Rule(
        Severity.WARNING,
        f"{_TAX}/DutyRegimeCode",
        "A preference claimed rests on a proof of origin for which this holds; else the general rate is charged. Amend "
        "the declaration with such a proof, or claim repayment once there is one.",
        "RCEP, articles 3.16 to 3.22; ASEAN-China FTA, operational certification procedures, and their like",
    ),
    "TRF-015": Rule(
        Severity.WARNING,
        f"{GOODS_ITEM_PATH}/CustomsValuation/MethodCode",
        "The value of goods that are not valued by their price is found by the first method that has what it needs; "
        "else an officer finds it.",
        "WTO Valuation Agreement, articles 1 to 7",
    ),
    "TRF-016": Rule(
        Severity.INFORMATION,
        f"{GOODS_ITEM_PATH}/CustomsValuation/MethodCode",
        "The value of these goods was found from what is known beside the declaration; this is how.",
        "WTO Valuation Agreement, articles 2 to 7 and 16",
    ),
    "TRF-014": Rule(
        Severity.WARNING,
        f"{GOODS_ITEM_PATH}/GovernmentProcedure/CurrentCode",
        "A relief claimed is one whose conditions the goods meet by what is declared; else they are charged.",
        "Revised Kyoto Convention, Specific Annexes B and G; Istanbul Convention, Annex E",
    ),
    "TRF-013": Rule(
        Severity.WARNING,
        f"{_TAX}/QuotaOrderID",
        "A quota claimed has as much left as is wanted, in its period or on the licence; else the rest is charged "
        "without it.",
        "GATT 1994, article XIII; WTO Agreement on Import Licensing Procedures, article 3",
    ),
}


def findings(rule: str, rows: pl.DataFrame, value: pl.Expr | None = None) -> pl.DataFrame:
    """One finding of the rule per row; rows have d, and item where the place is a goods item's.

    `value` is what was found there; an `at` column of the rows stands for the rule's own place.
    """
    stated = RULES[rule]
    return breaches(rule, stated.severity, stated.path, rows, value)
