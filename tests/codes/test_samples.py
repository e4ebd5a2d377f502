"""The code lists on real declarations that nobody here wrote: codes right, stale and made up."""

from collections import Counter
from functools import cache

import polars as pl
from lxml import etree

from conftest import SHARED, needs_shared
from landsea.codes import country, document, equipment, nomenclature, package, unit

pytestmark = needs_shared


@cache
def values() -> dict[str, Counter[str]]:
    """Parent/element → the values in all well-formed declarations of the samples."""
    found: dict[str, Counter[str]] = {}
    for path in sorted((SHARED / "samples" / "wco" / "scenarios").rglob("*.xml")):
        try:
            tree = etree.parse(path)
        except etree.XMLSyntaxError:
            continue
        if not tree.xpath("//*[local-name()='Declaration'][*[local-name()='FunctionCode']]"):
            continue
        for element in tree.iter("{*}*"):
            parent = element.getparent()
            name = ("" if parent is None else etree.QName(parent).localname + "/") + etree.QName(element).localname
            found.setdefault(name, Counter())[(element.text or "").strip()] += 1
            for attribute, value in element.attrib.items():
                found.setdefault(f"@{attribute}", Counter())[value] += 1
    return found


def unlisted(name, expression):
    frame = pl.DataFrame({"v": list(values()[name])})
    return set(frame.filter(~expression(pl.col("v")))["v"])


def test_every_package_code_is_listed():
    assert values()["Packaging/TypeCode"].total() > 100
    assert not unlisted("Packaging/TypeCode", package.is_package)


def test_units_that_only_a_customs_union_knows_are_told_apart():
    assert unlisted("@unitCode", unit.is_unit) <= {"ASV", "KTC", "EAS", "GBP", "GP1"}
    assert "KGM#G" in values()["@unitCode"]


def test_every_country_and_currency_is_one_or_plainly_made_up(edition):
    codes = {code for code in values()["Origin/CountryCode"] if code}
    assert len(codes) > 10
    assert len(codes - country.country_codes(edition)) < len(codes) / 5
    assert set(values()["@currencyID"]) <= country.currencies()


def test_stale_commodity_codes_are_found_and_say_what_they_became(edition):
    codes = {code for code in values()["Classification/ID"] if len(code) in {6, 8} and code.isdigit()}
    stale = {code[:6] for code in codes} - nomenclature.subheadings()
    assert len(codes) > 50
    assert "970200" in stale
    assert nomenclature.became(edition, "970200")


def test_containers_of_another_form_are_no_containers_of_iso_6346():
    frame = pl.DataFrame({"v": list(values()["TransportEquipment/ID"])})
    shaped = frame.filter(equipment.is_container(pl.col("v")))
    assert 0 < shaped.height < frame.height
    assert shaped.select(equipment.container_check_digit_holds(pl.col("v"))).to_series().null_count() == 0


def test_document_categories_are_listed(edition):
    known = document.categories(edition, "additional")
    assert set(values()["AdditionalDocument/CategoryCode"]) <= known
    assert set(values()["PreviousDocument/CategoryCode"]) <= document.categories(edition, "previous")


def test_most_of_the_codes_that_hs_2022_ended_are_correlated(edition):
    folder = SHARED / "data" / "customs_declarations"
    rows = pl.concat([pl.read_csv(p, infer_schema=False) for p in sorted(folder.glob("*.csv"))], how="diagonal")
    codes = rows.select(pl.col("HS6 Code").str.zfill(6)).to_series()
    stale = codes.filter(~codes.is_in(pl.Series(sorted(nomenclature.subheadings())).implode()))
    correlated = [code for code in stale if nomenclature.became(edition, code)]
    assert len(correlated) / len(stale) > 0.9
