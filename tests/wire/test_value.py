"""Texts become exact values, or are refused."""

import datetime

import pytest

from landsea.wire.mapping import place_at
from landsea.wire.value import count, decimal, instant, written, zone

VIENTIANE = zone("Asia/Vientiane")
AMOUNT, MASS, COUNT = (
    place_at("Declaration/" + name) for name in ("InvoiceAmount", "TotalGrossMassMeasure", "GoodsItemQuantity")
)


@pytest.mark.parametrize(
    ("text", "code", "utc"),
    [
        ("20260102", "102", "20260101170000"),
        ("202601020304", "203", "20260101200400"),
        ("20260102030405", "204", "20260101200405"),
        ("202601020304+0800", "205", "20260101190400"),
        ("20260102030405-0330", "208", "20260102063405"),
        ("20260102030405Z", "304", "20260102030405"),
        ("20260102030405+01", "304", "20260102020405"),
        ("20260102030405UTC", "304", "20260102030405"),
        ("20260102030405+05:30", "304", "20260101213405"),
    ],
)
def test_an_instant_is_utc_whatever_its_format(text, code, utc):
    expected = datetime.datetime.strptime(utc + "+0000", "%Y%m%d%H%M%S%z")
    assert instant(text, code, VIENTIANE) == round(expected.timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20260230", "102"),
        ("2026010", "102"),
        ("20260102Z", "102"),
        ("20260102030405", "304"),
        ("20260102030405+15", "304"),
        ("20260102030405+0160", "304"),
        ("20260102250000Z", "304"),
        ("202601020304Z", "304"),
        ("00010101", "102"),
        ("99991231", "102"),
        ("٢٠٢٦٠١٠٢", "102"),
        ("", "102"),
    ],
)
def test_a_date_that_is_none_is_refused(text, code):
    with pytest.raises(ValueError, match=r"."):
        instant(text, code, VIENTIANE) if text else instant("?", code, VIENTIANE)


def test_a_format_nobody_agreed_on_is_refused():
    with pytest.raises(LookupError):
        instant("2026-01-02", "ISO", VIENTIANE)


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("1", AMOUNT, 1_000_000),
        ("-1.125", AMOUNT, -1_125_000),
        ("+00001.500000", AMOUNT, 1_500_000),
        ("9999999999999.999", AMOUNT, 9_999_999_999_999_999_000),
        ("9999999999999999", AMOUNT, 9_999_999_999_999_999_000_000),
        (".5", MASS, 500_000),
        ("0.000001", MASS, 1),
    ],
)
def test_a_decimal_is_exact(text, place, value):
    assert decimal(text, place) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1.0001", AMOUNT),
        ("99999999999999.999", AMOUNT),
        ("0.0000001", MASS),
        ("1e3", MASS),
        ("NaN", MASS),
        ("0x1", MASS),
    ],
)
def test_a_decimal_beyond_its_format_is_refused(text, place):
    with pytest.raises(ValueError, match=r"."):
        decimal(text, place)


def test_a_count_is_whole():
    assert count("00007", COUNT) == 7
    assert count("7.0", COUNT) == 7
    for text in ("7.5", "123456", "²"):
        with pytest.raises(ValueError, match=r"."):
            count(text, COUNT)


def test_an_instant_is_written_in_utc():
    assert written(datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=VIENTIANE)) == "20260101200405Z"
