"""Declarations to lodge in tests, made here and synthetic, and what a receipt says of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from landsea.declaration.stage import Lodgement

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PARTY = "LA0100000001"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>DEC</md:WCOTypeName>
<md:ResponsibleCountryCode>LA</md:ResponsibleCountryCode>
<Declaration><FunctionCode>{function}</FunctionCode><FunctionalReferenceID>{lrn}</FunctionalReferenceID>{about}"""
_TAIL = "</Declaration></md:MetaData>"
_BODY = """<TypeCode>{type}</TypeCode><GoodsItemQuantity>1</GoodsItemQuantity>
<TotalPackageQuantity>20</TotalPackageQuantity><BorderTransportMeans><ModeCode>2</ModeCode></BorderTransportMeans>
<Declarant><ID>LA0100000001</ID></Declarant><Exporter><Name>Example Parts (synthetic)</Name><Address>
<CityName>Chongqing</CityName><CountryCode>CN</CountryCode><Line>1 Example Road</Line></Address></Exporter>
<GoodsShipment><Consignment><ContainerCode>1</ContainerCode><ArrivalTransportMeans><ID>X9571</ID>
<IdentificationTypeCode>21</IdentificationTypeCode></ArrivalTransportMeans><GoodsLocation><Name>LAVTE</Name>
<TypeCode>A</TypeCode><Address><TypeCode>U</TypeCode><CountryCode>LA</CountryCode></Address></GoodsLocation>
<TransportEquipment><SequenceNumeric>1</SequenceNumeric><ID>CSQU3054383</ID></TransportEquipment></Consignment>
<Destination><CountryCode>LA</CountryCode></Destination><ExportCountry><ID>CN</ID></ExportCountry>
<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>
<Commodity><Description>Steel parts for motor vehicles (synthetic)</Description><Classification><ID>87089900</ID>
<IdentificationTypeCode>TSP</IdentificationTypeCode></Classification><GoodsMeasure>
<GrossMassMeasure unitCode="KGM">1200</GrossMassMeasure>
<NetNetWeightMeasure unitCode="KGM">1100</NetNetWeightMeasure></GoodsMeasure>
<InvoiceLine><ItemChargeAmount currencyID="USD">{price}</ItemChargeAmount></InvoiceLine></Commodity>
<CustomsValuation><MethodCode>1</MethodCode></CustomsValuation>
<GovernmentProcedure><CurrentCode>40</CurrentCode><PreviousCode>00</PreviousCode></GovernmentProcedure>
<Origin><CountryCode>CN</CountryCode><TypeCode>1</TypeCode></Origin>
<Packaging><SequenceNumeric>1</SequenceNumeric><MarksNumbersID>LS 1/20</MarksNumbersID>
<QuantityQuantity>20</QuantityQuantity><TypeCode>CT</TypeCode></Packaging></GovernmentAgencyGoodsItem>
<Importer><ID>LA0100000001</ID></Importer><TradeTerms><ConditionCode>CIF</ConditionCode>
<LocationID>LAVTE</LocationID></TradeTerms></GoodsShipment>"""


def declaration(lrn, price="18500.00", kind="IMD"):
    """A declaration lodged before arrival (IMD), which can be amended, or at arrival (IMA)."""
    text = _HEAD.format(function=9, lrn=lrn, about="") + _BODY.format(type=kind, price=price) + _TAIL
    return text.encode()


def _request(lrn, mrn, kind, more=""):
    about = f"<ID>{mrn}</ID><TypeCode>{kind}</TypeCode>"
    return (_HEAD.format(function=13, lrn=lrn, about=about) + more + _TAIL).encode()


def amendment(lrn, mrn, price):
    """An amendment of the price of the goods item."""
    steps = "".join(
        f"<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>{code}</DocumentSectionCode>{tag}</Pointer>"
        for code, tag in (("42A", ""), ("67A", ""), ("68A", ""), ("23A", ""), ("79A", "<TagID>112</TagID>"))
    )
    return _request(
        lrn,
        mrn,
        "COR",
        f"<Amendment><ChangeReasonCode>21</ChangeReasonCode>{steps}</Amendment><GoodsShipment>"
        "<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric><Commodity><InvoiceLine>"
        f'<ItemChargeAmount currencyID="USD">{price}</ItemChargeAmount></InvoiceLine></Commodity>'
        "</GovernmentAgencyGoodsItem></GoodsShipment>",
    )


def invalidation(lrn, mrn):
    reason = "<Amendment><ChangeReasonCode>1</ChangeReasonCode></Amendment>"
    return _request(lrn, mrn, "INV", reason)


def presentation(lrn, mrn):
    return _request(lrn, mrn, "GPR")


def lodgement(body, sender=PARTY):
    return Lodgement(body, sender, NOON)


def shown(receipt):
    """The records of a receipt: (header, {group: content}) each."""
    for record in json.loads(receipt.document)["records"]:
        blobs = {s["group"]: json.loads(s["text"]) for s in record["shown"] if "text" in s}
        yield json.loads(record["header"]), blobs


def decisions(receipt):
    return [blobs["decision@1"] for header, blobs in shown(receipt) if header["kind"] == "decision"]


def mrn(receipt):
    return dict(next(shown(receipt))[0]["aliases"])["mrn"]


def calm_law(edition, country="LA", **laid_down):
    """The law of the edition, but this administration selects nobody, and has laid down this of itself."""
    documents = dict(edition.documents)
    documents[f"{country}/risk_profiles"] = {**documents[f"{country}/risk_profiles"], "profiles": [], "random": {}}
    documents[f"{country}/administration"] = {**documents[f"{country}/administration"], **laid_down}
    return replace(edition, digest=f"test:{country} selects nobody {sorted(laid_down.items())}", documents=documents)
