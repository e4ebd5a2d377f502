"""What indicators see of an item: one row for each, and nothing of the company it travels in."""

import polars as pl
import pytest

from landsea.declaration.finding import no_findings
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Assessed, Known
from landsea.risk.features import Evidence, sheet_of
from landsea.risk.law import risk_laws

MICRO = 1_000_000


def assessed(*rows: tuple[int, str, bool | None, int | None, int | None]) -> Assessed:
    """Two items of one declaration each, with these assessments: item, tax, if granted, base, amount."""
    lot = lot_of(
        {
            "declarations": {
                "d": [0, 1],
                "type": ["IMA"] * 2,
                "message": ["declaration"] * 2,
                "administration": ["LA"] * 2,
            },
            "goods_items": {"d": [0, 1], "i": [0, 1]},
        }
    )
    schema = {"i": pl.UInt32, "tax": pl.String, "if_granted": pl.Boolean, "base": pl.Int128, "amount": pl.Int128}
    assessments = pl.DataFrame(rows, schema=schema, orient="row")
    return Assessed(lot, no_findings(), (), assessments)


def amounts(stage: Assessed, edition) -> list[tuple]:
    sheet = sheet_of(Evidence(stage, Known(), risk_laws(edition)["LA"]), frozenset({"value", "tax"}))
    return sheet.select("value", "tax").rows()


@pytest.mark.parametrize("order", [1, -1])
def test_value_and_tax_of_an_item_are_its_own_in_whatever_order_taxes_stand(order, edition):
    rows = [(0, "A00", None, 100 * MICRO, 7 * MICRO), (1, "A00", None, 50 * MICRO, 3 * MICRO)]
    rows += [(0, "B00", None, 107 * MICRO, 10 * MICRO), (1, "B00", None, 53 * MICRO, 5 * MICRO)]
    by_item = sorted(rows, key=lambda row: (row[0] * order, row[1]))
    assert amounts(assessed(*rows), edition) == [(100, 17), (50, 8)]
    assert amounts(assessed(*by_item), edition) == [(100, 17), (50, 8)]


def test_what_a_quota_would_save_is_not_counted_as_saved(edition):
    rows = [(0, "A00", True, 100 * MICRO, 0), (0, "A00", False, 100 * MICRO, 9 * MICRO), (1, "A00", None, MICRO, None)]
    assert amounts(assessed(*rows), edition) == [(100, 9), (1, 0)]


def test_an_item_nothing_was_assessed_for_has_no_tax_rather_than_none_due(edition):
    assert amounts(assessed((0, "A00", None, MICRO, MICRO)), edition)[1] == (None, None)
    assert amounts(assessed(), edition) == [(None, None), (None, None)]
