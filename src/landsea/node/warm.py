"""Warming: what is loaded or compiled once is so before the first declaration, which then waits no longer."""

import json
from datetime import datetime
from typing import Final

from landsea.declaration.stage import Lodgement

_ITEM: Final = {
    "SequenceNumeric": "1",
    "AdditionalDocument": [{"CategoryCode": "N", "ID": "1", "TypeCode": "380"}],
    "Commodity": {
        "Classification": [{"ID": "73181500", "IdentificationTypeCode": "TSP"}],
        "DutyTaxFee": [{"TypeCode": "A00", "DutyRegimeCode": "100", "Payment": {"MethodCode": "A"}}],
        "GoodsMeasure": {"GrossMassMeasure": {"value": "1", "unitCode": "KGM"}, "NetNetWeightMeasure": "1"},
        "InvoiceLine": {"ItemChargeAmount": {"value": "1", "currencyID": "USD"}},
    },
    "CustomsValuation": {"MethodCode": "1"},
    "GovernmentProcedure": [{"CurrentCode": "40", "PreviousCode": "00"}],
    "Origin": [{"CountryCode": "CN", "TypeCode": "1"}],
    "Packaging": [{"SequenceNumeric": "1", "QuantityQuantity": "1", "TypeCode": "CT"}],
}
_DECLARATION: Final = {
    "FunctionCode": "9",
    "FunctionalReferenceID": "WARMING",
    "TypeCode": "IMA",
    "GoodsItemQuantity": "1",
    "BorderTransportMeans": {"ModeCode": "2", "RegistrationNationalityCode": "CN"},
    "Declarant": {"ID": "1"},
    "Exporter": {"Name": "Example (synthetic)", "Address": {"CountryCode": "CN"}},
    "GoodsShipment": {
        "Consignment": {
            "ContainerCode": "1",
            "GoodsLocation": {"Name": "LAVTE", "TypeCode": "A", "Address": {"TypeCode": "U", "CountryCode": "LA"}},
            "LoadingLocation": {"ID": "CNCKG"},
            "TransportEquipment": [{"SequenceNumeric": "1", "ID": "CSQU3054383", "Seal": [{"ID": "LS1"}]}],
        },
        "GovernmentAgencyGoodsItem": [_ITEM],
        "PreviousDocument": [{"CategoryCode": "Z", "ID": "1", "TypeCode": "DCR"}],
        "TradeTerms": {"ConditionCode": "CIP", "LocationID": "LAVTE"},
    },
}


def warming(administration: str, at: datetime) -> Lodgement:
    """A synthetic declaration that asks for most of what is loaded once; it is decided and thrown away."""
    return Lodgement(json.dumps({"Declaration": _DECLARATION}).encode(), "", at, administration)
