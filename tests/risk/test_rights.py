"""Suspicion of an infringement on rows: names as whole words, in whatever script, on goods the application names."""

import polars as pl
import pytest

from landsea.declaration.lot import lot_of
from landsea.risk.rights import RIGHTS, protected, suspected


def goods(*items, message="declaration"):
    """A declaration of goods items: code, description, marks on the package."""
    frames = {
        "declarations": {"d": [0], "message": [message]},
        "goods_items": {
            "d": [0] * len(items),
            "i": range(len(items)),
            "n": range(1, len(items) + 1),
            "description": [one[1] for one in items],
        },
        "classifications": {
            "d": [0] * len(items),
            "i": range(len(items)),
            "n": [1] * len(items),
            "id": [one[0] for one in items],
            "id_type": ["TSP"] * len(items),
        },
        "packages": {
            "d": [0] * len(items),
            "i": range(len(items)),
            "n": [1] * len(items),
            "marks": [one[2] for one in items],
        },
    }
    return lot_of(frames)


def rights(*named):
    rows = [(right, protected(mark), code) for right, mark, code in named]
    return pl.DataFrame(rows, schema=RIGHTS, orient="row")


def hits(lot, *named):
    return suspected(lot, rights(*named)).select("item", "stop").rows()


@pytest.mark.parametrize(
    ("mark", "text", "met"),
    [
        ("Zephyr X", "shoes ZEPHYR-X, new", True),
        ("Zephyr X", "zephyr xl shoes", False),
        ("NIX", "phoenix shoes", False),
        ("NIX", "ＮＩＸ shoes", True),
        ("熊猫", "大熊猫玩具", True),
        ("熊猫", "猫玩具", False),
    ],
)
def test_a_name_is_met_as_whole_words_or_where_a_script_has_none_anywhere(mark, text, met):
    assert bool(hits(goods(("640399", text, None)), ("R", mark, ""))) is met


def test_only_goods_that_the_application_names_are_met_each_by_its_own_rights():
    lot = goods(("640399", "NIX shoes", None), ("870899", "parts", "NIX 1/20"), ("870899", "parts", "20"))
    assert hits(lot, ("A", "NIX", "64"), ("B", "NIX", "8708"), ("C", "OTHER", "")) == [(1, "A"), (2, "B")]


def test_where_nothing_is_protected_or_nothing_declared_nothing_is_met():
    assert hits(goods(("640399", "NIX", None))) == []
    assert hits(goods(("640399", "NIX", None), message="amendment"), ("A", "NIX", "")) == []
