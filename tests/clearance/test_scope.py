"""Scope: on which goods a row of a law table falls, and which of two rows speaks."""

import datetime

import polars as pl
import pytest

from clearance.told_lots import lot_told
from landsea.clearance.scope import fallen, nearest, reached, scope_of
from landsea.codes.edition import Edition
from landsea.errors import BuildFault

USUAL = {"issuer": "CN", "subject": "S", "direction": "import", "code": "*", "origin": "ERGA OMNES", "procedure": None}
USUAL |= {"valid_from": datetime.date(2020, 1, 1), "valid_to": None}
DATES = {"valid_from": pl.Date, "valid_to": pl.Date, "procedure": pl.String, "direction": pl.String}
GROUPS = pl.DataFrame({"issuer": ["CN", "CN", "LA"], "group": ["G", "G", "H"], "country": ["TH", "VN", "TH"]})
ITEM = {"code": "08106000", "origin": "TH", "procedure": "40"}


def speaking(*rows, declaration=None, item=None):
    """The numbers of those rows that fall on one item, and of those that speak."""
    table = pl.DataFrame([USUAL | row for row in rows], schema_overrides=DATES)
    law = Edition(f"{rows!r}", {"laws": table, "country_groups": GROUPS}, {})
    scope = scope_of(law, "laws", ("subject",))
    met = reached(lot_told([("declaration", declaration or {}), ("item", ITEM if item is None else item)]), scope)
    laws = fallen(met.items.select("cell", "on").unique(), met.codes, scope)
    return sorted(laws["law"]), nearest(laws, ("cell", "on"))["law"].to_list()


@pytest.mark.parametrize(
    ("row", "falls"),
    [
        ({}, True),
        ({"code": "08"}, True),
        ({"code": "08106000"}, True),
        ({"code": "081060001"}, False),
        ({"code": "81"}, False),
        ({"direction": "export"}, False),
        ({"direction": None}, True),
        ({"origin": "TH"}, True),
        ({"origin": "VN"}, False),
        ({"origin": "G"}, True),
        ({"procedure": "40"}, True),
        ({"procedure": "71 40"}, True),
        ({"procedure": "4"}, False),
        ({"issuer": "LA"}, False),
        ({"valid_from": datetime.date(2026, 7, 1)}, True),
        ({"valid_from": datetime.date(2026, 7, 2)}, False),
        ({"valid_to": datetime.date(2026, 7, 1)}, False),
        ({"valid_to": datetime.date(2026, 7, 2)}, True),
    ],
)
def test_a_row_falls_where_all_its_columns_hold(row, falls):
    assert speaking(row) == (([0], [0]) if falls else ([], []))


@pytest.mark.parametrize(
    ("rows", "speaks"),
    [
        ([{}, {"code": "08"}], [1]),
        ([{"code": "0810"}, {"code": "08", "origin": "TH"}], [0]),
        ([{"origin": "TH"}, {"origin": "G"}, {}], [0]),
        ([{}, {"origin": "G"}], [1]),
        ([{}, {"procedure": "40"}], [1]),
        ([{"origin": "G"}, {"procedure": "40"}], [0]),
        ([{}, {}], [0]),
        ([{"subject": "S"}, {"subject": "T", "code": "08"}], [0, 1]),
        ([{"code": "08", "valid_to": datetime.date(2026, 7, 1)}, {}], [1]),
        ([{"subject": None}, {"subject": None, "code": "08"}], [1]),
    ],
)
def test_of_rows_on_one_subject_the_nearest_speaks(rows, speaks):
    assert speaking(*rows)[1] == speaks


def test_what_is_not_declared_lies_outside_a_limit():
    assert speaking({"origin": "TH"}, {"procedure": "40", "code": "08"}, item={"code": "08106000"}) == ([], [])
    assert speaking({}, item={"origin": "TH"}) == ([], [])


def test_an_administration_without_rows_has_no_law():
    assert speaking({}, declaration={"administration": "GB"}) == ([], [])


def test_a_group_is_one_of_its_own_administration():
    with pytest.raises(BuildFault, match="'H' is no country"):
        speaking({"origin": "H"})
    assert speaking({"origin": "H", "issuer": "LA"}, declaration={"administration": "LA"}) == ([0], [0])
