"""Declarations that claim a preference on a back-to-back proof of origin, for tests: Thai parts from Viet Nam."""

from lodged import declaration, shown

FIRST = "E-TH-2026-0001"
STOCK = f"ACFTA proof {FIRST}"
_CLAIM = "<DutyTaxFee><DutyRegimeCode>302</DutyRegimeCode></DutyTaxFee>"
_ORIGIN = b"<Origin><CountryCode>%s</CountryCode><TypeCode>%s</TypeCode></Origin>"
_DATED = (
    '<EffectiveDateTime><p:DateTimeString xmlns:p="urn:wco:datamodel:WCO:Declaration_DS:DMS:2" formatCode="102">'
    "{day}</p:DateTimeString></EffectiveDateTime>"
)


def _paper(kind, number, day):
    dated = _DATED.format(day=day)
    return (
        f"<AdditionalDocument><CategoryCode>N</CategoryCode>{dated}<ID>{number}</ID><TypeCode>{kind}</TypeCode>"
        "</AdditionalDocument>"
    )


def to_china_by_way_of_viet_nam(lrn, mass, kind="IMA", procedure="40"):
    """Parts of this net mass in kilograms, on a back-to-back proof of Viet Nam that rests on the first of Thailand."""
    papers = _paper("954", f"B-{lrn}", "20261101") + _paper("861", FIRST, "20260302")
    body = declaration(lrn, price="1000.00", kind=kind)
    for old, new in (
        (b'currencyID="USD"', b'currencyID="CNY"'),
        (b"<GoodsMeasure>", f"{_CLAIM}<GoodsMeasure>".encode()),
        (b"<CountryCode>LA</CountryCode>", b"<CountryCode>CN</CountryCode>"),
        (b"<ExportCountry><ID>CN</ID>", b"<ExportCountry><ID>VN</ID>"),
        (b"<Commodity>", papers.encode() + b"<Commodity>"),
        (b"<CurrentCode>40<", f"<CurrentCode>{procedure}<".encode()),
        (_ORIGIN % (b"CN", b"1"), _ORIGIN % (b"TH", b"1") + _ORIGIN % (b"TH", b"2")),
        (b'KGM">1100<', f'KGM">{mass}<'.encode()),
        (b'KGM">1200<', f'KGM">{mass + 100}<'.encode()),
    ):
        assert old in body, old
        body = body.replace(old, new)
    return body


def regime(receipt):
    """Under which preference the last decision charges the goods, and what it says of the proof."""
    found = [blobs for header, blobs in shown(receipt) if header["kind"] == "decision"][-1]
    (duty,) = (tax["regime"] for tax in found["duty@1"]["taxes"] if tax["tax"] == "A00")
    said = [one["value"] for one in found.get("findings@1", {"findings": []})["findings"] if one["rule"] == "TRF-012"]
    return duty, said
