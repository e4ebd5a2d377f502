"""Lots to measure with: one synthetic declaration of the shape real ones have, repeated with its own references.

Real declarations of the WCO shape carry one goods item as a rule and four to five documents an item; so does this one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from landsea.codes.edition import Edition
from landsea.codes.nomenclature import subheadings
from landsea.declaration.lot import Lot
from landsea.declaration.stage import Lodged, Lodgement
from landsea.wire import read

from .load import LRN_MARK

ADMINISTRATION = "LA"

ITEM = """<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>{documents}
<Commodity><Description>Steel screws (synthetic)</Description>
<Classification><ID>73181500</ID><IdentificationTypeCode>TSP</IdentificationTypeCode></Classification>
<GoodsMeasure><GrossMassMeasure unitCode="KGM">1200</GrossMassMeasure>
<NetNetWeightMeasure unitCode="KGM">1100</NetNetWeightMeasure></GoodsMeasure>
<InvoiceLine><ItemChargeAmount currencyID="USD">18500.00</ItemChargeAmount></InvoiceLine></Commodity>
<CustomsValuation><MethodCode>1</MethodCode></CustomsValuation>
<GovernmentProcedure><CurrentCode>40</CurrentCode><PreviousCode>00</PreviousCode></GovernmentProcedure>
<Origin><CountryCode>CN</CountryCode><TypeCode>1</TypeCode></Origin>
<Packaging><SequenceNumeric>1</SequenceNumeric><MarksNumbersID>LS 1/20</MarksNumbersID>
<QuantityQuantity>20</QuantityQuantity><TypeCode>CT</TypeCode></Packaging></GovernmentAgencyGoodsItem>"""

DOCUMENTS = (("N", "380", "INV-2026-1"), ("N", "271", "PL-2026-1"), ("N", "720", "RWB-1"), ("N", "861", "CO-1"))

DECLARATION = f"""<?xml version="1.0" encoding="UTF-8"?>
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>DEC</md:WCOTypeName>
<md:ResponsibleCountryCode>LA</md:ResponsibleCountryCode>
<Declaration><FunctionCode>9</FunctionCode><FunctionalReferenceID>{LRN_MARK.decode()}</FunctionalReferenceID>
<TypeCode>IMA</TypeCode><GoodsItemQuantity>1</GoodsItemQuantity><TotalPackageQuantity>20</TotalPackageQuantity>
<BorderTransportMeans><ModeCode>2</ModeCode></BorderTransportMeans>
<Declarant><ID>100000001000</ID></Declarant>
<Exporter><Name>Example Parts (synthetic)</Name><Address><CityName>Chongqing</CityName><CountryCode>CN</CountryCode>
<Line>1 Example Road</Line></Address></Exporter>
<GoodsShipment><Consignment><ContainerCode>1</ContainerCode>
<ArrivalTransportMeans><ID>X9571</ID><IdentificationTypeCode>21</IdentificationTypeCode></ArrivalTransportMeans>
<GoodsLocation><Name>LAVTE</Name><TypeCode>A</TypeCode><Address><TypeCode>U</TypeCode><CountryCode>LA</CountryCode>
</Address></GoodsLocation>
<TransportEquipment><SequenceNumeric>1</SequenceNumeric><ID>CSQU3054383</ID></TransportEquipment></Consignment>
<Destination><CountryCode>LA</CountryCode></Destination><ExportCountry><ID>CN</ID></ExportCountry>
{ITEM}<Importer><ID>100000001000</ID></Importer>
<TradeTerms><ConditionCode>CIP</ConditionCode><LocationID>LAVTE</LocationID></TradeTerms></GoodsShipment>
</Declaration></md:MetaData>""".format(
    documents="".join(
        f"<AdditionalDocument><CategoryCode>{c}</CategoryCode><ID>{i}</ID><TypeCode>{t}</TypeCode></AdditionalDocument>"
        for c, t, i in DOCUMENTS
    )
)


def template() -> bytes:
    """The synthetic declaration as WCO XML, its reference left as `LRN_MARK`."""
    return DECLARATION.encode()


def lodged(edition: Edition, count: int) -> Lodged:
    """A lot of `count` such declarations, each with its own reference, code, value and documents, as if read from one
    body each.
    """
    one = read([Lodgement(template().replace(LRN_MARK, b"BENCH"), "bench", datetime.now(UTC), None, None)], edition)
    return Lodged(repeated(one.lot, count, codes(edition)), one.findings.clear(), ())


def codes(edition: Edition) -> list[str]:
    """Commodity codes of eight digits on which the schedule of the lot's administration lays shares of the value."""
    measures = edition.table("measures").filter(pl.col("issuer") == ADMINISTRATION, pl.col("code") != "*")
    plain = measures.group_by("code").agg(pl.col("rate").str.contains(r"^([0-9.]+ %|Free)$").all())
    headings = tuple(plain.filter("rate")["code"])
    return sorted(f"{one}00" for one in subheadings() if one.startswith(headings))


def repeated(lot: Lot, count: int, commodity_codes: Sequence[str]) -> Lot:
    """The lot of one declaration `count` times over: rows renumbered; references, codes and values their own."""
    items = lot["goods_items"].height
    times = pl.DataFrame({"_k": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    number = pl.col("_k").cast(pl.String).str.zfill(15)
    code = pl.lit(pl.Series(commodity_codes)).gather(pl.col("_k") % len(commodity_codes))
    own = {
        "declarations": {"body": pl.col("_k") + pl.col("body"), "lrn": pl.lit("BENCH") + number},
        "goods_items": {
            "item_amount": pl.col("item_amount") + pl.col("_k").cast(pl.Int128) % 9973 * 1_000_000,
            "commodity_code": code,
        },
        "classifications": {"id": code},
        "documents": {"id": pl.col("id") + "-" + number},
    }
    frames = {}
    for name, frame in lot.frames.items():
        changed = {"d": pl.col("_k") + pl.col("d"), **own.get(name, {})}
        if "i" in frame.columns:
            changed["i"] = pl.col("_k") * items + pl.col("i")
        cast = {column: value.cast(frame.schema[column]) for column, value in changed.items()}
        grown = times.join(frame, how="cross").with_columns(**cast).select(frame.columns)
        # a reader gives every row its own value, where a join may keep one for all
        frames[name] = grown.gather(pl.int_range(grown.height, eager=True)) if grown.height else grown
    return Lot(frames)
