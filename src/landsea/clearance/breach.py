"""What clearance has to say of establishments and of those who act for others: its rules and their places."""

from typing import Final, NamedTuple

import polars as pl

from landsea.declaration.element import GOODS_ITEM_PATH
from landsea.declaration.finding import Severity, breaches


class Rule(NamedTuple):
    """A rule of clearance: its severity, the element it points at, its requirement, and where that is laid down."""

    severity: Severity
    path: str
    sentence: str
    reference: str


_PAPER: Final = f"{GOODS_ITEM_PATH}/AdditionalDocument/ID"
_CODE: Final = f"{GOODS_ITEM_PATH}/Commodity/Classification/ID"
_WHO: Final = "Declaration/Declarant/ID"
_LIST: Final = "National list of registered establishments; GACC Decree 280 of 2025 for food to China from 1 June 2026"
_KYOTO: Final = "RKC General Annex 8.2: who may act for another, and who answers"

_MASS: Final = f"{GOODS_ITEM_PATH}/Commodity/GoodsMeasure/NetNetWeightMeasure"
_PRICE: Final = f"{GOODS_ITEM_PATH}/Commodity/InvoiceLine/ItemChargeAmount"
_TWO_STEPS: Final = "RKC General Annex 3.13, 3.14: a provisional or incomplete declaration is completed within a term"

RULES: Final = {
    "CLR-101": Rule(
        Severity.ERROR, _CODE, "Goods of listed kinds name the registered establishment they come from.", _LIST
    ),
    "CLR-102": Rule(
        Severity.ERROR, _PAPER, "The number of an establishment is of the pattern its register gives out.", _LIST
    ),
    "CLR-103": Rule(Severity.ERROR, _PAPER, "The establishment stands in the register, as the kind wanted.", _LIST),
    "CLR-104": Rule(
        Severity.ERROR,
        _PAPER,
        "The registration of the establishment is in force on the day, and not suspended.",
        _LIST,
    ),
    "CLR-105": Rule(Severity.ERROR, _PAPER, "The goods are among those the establishment is registered for.", _LIST),
    "CLR-106": Rule(Severity.ERROR, _PAPER, "The establishment lies in the country of origin of the goods.", _LIST),
    "CLR-201": Rule(Severity.ERROR, _WHO, "Who acts for another was given a mandate, or is a licensed broker.", _KYOTO),
    "CLR-202": Rule(
        Severity.ERROR, _WHO, "The mandate is in force at acceptance: begun, not ended and not revoked.", _KYOTO
    ),
    "CLR-203": Rule(
        Severity.ERROR,
        _WHO,
        "The mandate covers the office, and the procedure and commodity of each goods item.",
        _KYOTO,
    ),
    "CLR-204": Rule(
        Severity.WARNING, _WHO, "A licensed broker has a mandate; without one the broker alone answers.", _KYOTO
    ),
    "CLR-205": Rule(
        Severity.WARNING, _WHO, "Who is acted for has an identity; otherwise the declarant alone answers.", _KYOTO
    ),
    "CLR-301": Rule(
        Severity.WARNING, _MASS, "A supplementary declaration has the net mass that was declared first.", _TWO_STEPS
    ),
    "CLR-302": Rule(
        Severity.WARNING, _PRICE, "A supplementary declaration has the price that was declared first.", _TWO_STEPS
    ),
    "CLR-303": Rule(
        Severity.ERROR,
        "Declaration/GoodsShipment/PreviousDocument/ID",
        "What a supplementary declaration refers to is a declaration of the same declarant that it is owed for.",
        _TWO_STEPS,
    ),
}


def findings(rule: str, rows: pl.DataFrame, value: pl.Expr | None = None) -> pl.DataFrame:
    """One finding of the rule per row; rows have d, and item and n where the place is a goods item's."""
    stated = RULES[rule]
    return breaches(rule, stated.severity, stated.path, rows, value)
