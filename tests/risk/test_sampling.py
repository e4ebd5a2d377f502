"""Random selection: uniform, not to be steered, checkable by the auditor, and not rolled again for the same goods."""

import hashlib
import hmac

import polars as pl
import pytest

from landsea.errors import InputError
from landsea.risk.sampling import commitment, consignments, draws

from .situation import declarations

SEED = bytes(range(32))
ITEMS = [{"hs": "24022000"}]


def drawn(*told, seed=SEED):
    return draws(declarations(*told), seed)["draw"].to_list()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"ucr": "6CN-1"}, {"ucr": "6CN-1", "lrn": "OTHER", "items": [], "containers": ["X"]}),
        ({"papers": [("740", "A"), ("705", "B")]}, {"papers": [("705", "B"), ("740", "A")], "lrn": "OTHER"}),
        ({"containers": ["C1", "C2"]}, {"containers": ["C2", "C1"], "invoice_id": "I-2"}),
        (
            {"importer": "I", "invoice_id": "1", "items": ITEMS},
            {"importer": "I", "invoice_id": "1", "items": ITEMS * 2},
        ),
    ],
)
def test_to_cancel_and_lodge_again_does_not_roll_again(first, again):
    one, two = drawn({"declarant": "D"} | first, {"declarant": "D"} | again)
    assert one == two


@pytest.mark.parametrize(
    "other",
    [
        {"declarant": "E", "ucr": "6CN-1"},
        {"declarant": "D", "ucr": "6CN-2"},
        {"declarant": "D", "papers": [("740", "6CN-1")]},
        {"declarant": "D", "containers": ["6CN-1"]},
    ],
)
def test_other_goods_have_another_draw(other):
    one, two = drawn({"declarant": "D", "ucr": "6CN-1"}, other)
    assert one != two


def test_the_draw_is_the_published_formula():
    lot = declarations({"declarant": "LA77", "ucr": "6CN-1"})
    named = b"\0\0\0\4LA77" + len(b"ucr:6CN-1").to_bytes(4) + b"ucr:6CN-1"
    expected = hmac.new(SEED, b"landsea/draw/1" + named, hashlib.sha256).digest()[:8]
    assert draws(lot, SEED)["draw"].to_list() == [int.from_bytes(expected)]
    assert commitment(SEED) == hashlib.sha256(b"landsea/seed/1" + SEED).digest()


def test_another_day_has_other_draws_but_an_earlier_draw_of_the_same_goods_stands():
    lot = declarations({"declarant": "D", "ucr": "U"}, {"declarant": "D", "ucr": "V"})
    monday, tuesday = draws(lot, SEED), draws(lot, SEED[::-1])
    assert not set(monday["draw"]) & set(tuesday["draw"])
    assert monday["key"].equals(tuesday["key"])
    kept = draws(lot, SEED[::-1], monday.select("key", "draw").head(1))
    assert kept["draw"].to_list() == [monday["draw"][0], tuesday["draw"][1]]


def test_draws_are_uniform_and_each_declaration_has_one():
    lot = declarations(*({"declarant": "D", "ucr": f"U{n}"} for n in range(2_000)))
    found = draws(lot, SEED)
    assert found["d"].to_list() == list(range(2_000))
    quarters = (found["draw"] // 2**62).value_counts()["count"].to_list()
    assert min(quarters) > 410  # 500 expected, four standard deviations are 77
    assert max(quarters) < 590


def test_a_body_nobody_could_read_has_a_draw_too():
    assert consignments(declarations({"message": "unreadable", "items": []})) == [("broker", "trade:|||||")]


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33)])
def test_a_seed_has_thirty_two_bytes(seed):
    with pytest.raises(InputError, match="32 bytes"):
        commitment(seed)
    with pytest.raises(InputError, match="32 bytes"):
        draws(declarations({}), seed)


def test_a_row_order_changes_no_draw():
    lot = declarations(*({"declarant": "D", "ucr": f"U{n}"} for n in range(5)))
    alone = [drawn({"declarant": "D", "ucr": f"U{n}"})[0] for n in range(5)]
    assert draws(lot, SEED).select(pl.col("draw")).to_series().to_list() == alone
