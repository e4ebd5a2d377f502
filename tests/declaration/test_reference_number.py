"""Reference numbers by their standards."""

import re

import polars as pl
import pytest

from conftest import SHARED, needs_shared
from landsea.declaration.reference_number import check_character, is_ducr, is_lrn, is_mrn, is_ucr, mrn, mrn_checks
from landsea.errors import InputError


def holds(expression, *texts):
    return pl.select(expression(pl.lit(pl.Series(list(texts), dtype=pl.String)))).to_series().to_list()


def test_the_check_digit_is_the_one_of_iso_6346():
    assert check_character("CSQU305438") == "3"  # the example of the standard
    assert check_character("MSKU601167") == "2"


def test_an_mrn_issued_here_passes_its_own_check():
    numbers = [mrn(2026, "LA", serial, "VTE") for serial in (0, 1, 35, 36, 10**9, 36**10 - 1)]
    assert numbers[0].startswith("26LAVTE0000000000")
    assert len(set(numbers)) == len(numbers)
    assert {len(n) for n in numbers} == {18}
    assert all(holds(mrn_checks, *numbers))


def test_one_wrong_digit_breaks_an_mrn():
    number = mrn(2026, "CN", 0)
    wrong = [number[:k] + str((int(number[k]) + 1) % 10) + number[k + 1 :] for k in (0, 1, 14, 15, 16, 17)]
    assert not any(holds(mrn_checks, *wrong))
    assert all(holds(is_mrn, *wrong))


def test_what_has_not_the_shape_of_an_mrn_checks_as_false_and_never_as_unknown():
    assert holds(mrn_checks, "", "26CN", "26cn00000000000001", "26CN0000000000000A", "x" * 18) == [False] * 5
    assert holds(is_mrn, None) == [None]


@pytest.mark.parametrize(
    ("country", "serial", "office"), [("CHN", 1, ""), ("C1", 1, ""), ("cn", 1, ""), ("CN", -1, "")]
)
def test_no_mrn_is_issued_out_of_shape(country, serial, office):
    with pytest.raises(InputError, match="has room for"):
        mrn(2026, country, serial, office)


def test_a_serial_number_that_has_no_room_is_refused():
    assert len(mrn(2026, "CN", 35, "ABCDEFGHIJKL")) == 18
    for office in ("ABCDEFGHIJKL", "ABCDEFGHIJKLM"):
        with pytest.raises(InputError, match="has room for"):
            mrn(2026, "CN", 36, office)


def test_local_references_are_short_and_printable():
    assert holds(is_lrn, "A", "A" * 22, "TT_IM01b v1.7", "A" * 23, "", " A", "A\n", "é") == [
        *(True, True, True),
        *(False, False, False, False, False),
    ]


def test_consignment_references_name_year_and_country():
    assert holds(is_ucr, "6CN9151000012345-RAIL01", "6CNA", "26CN1", "6CN", "6CN" + "A" * 32, "6cn1") == [
        *(True, True),
        *(False, False, False, False),
    ]
    assert holds(
        is_ducr, "6GB123456789012-A1", "6GB12345678901-A1", "6GB123456789012", "6GB123456789012-" + "A" * 20
    ) == [
        True,
        *(False, False, False),
    ]


@needs_shared
def test_most_numbers_customs_really_issued_pass_and_the_rest_are_placeholders():
    text = "".join(p.read_text("utf-8", "ignore") for p in (SHARED / "samples/wco/scenarios").rglob("*_DMSACC*.xml"))
    issued = sorted(set(re.findall(r"<ID>(\d\d[A-Z]{2}[A-Z0-9]{14})</ID>", text)))
    assert len(issued) > 30
    assert sum(holds(mrn_checks, *issued)) > 0.9 * len(issued)
