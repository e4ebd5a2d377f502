"""What is measured is what is said to be measured."""

import pytest

from landsea.checking.check import check
from landsea.cli.bench.figure import Figure, rate
from landsea.cli.bench.lots import lodged
from landsea.declaration.stage import Known


def test_the_lot_to_measure_with_has_the_samples_shape_and_no_fault(edition):
    lot = lodged(edition, 5)
    assert lot.lot["goods_items"].height == 5
    assert lot.lot["documents"].height == 5 * 4
    assert lot.lot["declarations"]["lrn"].n_unique() == 5
    assert check(lot, Known(), edition).findings.is_empty()


@pytest.mark.parametrize(("unit", "ratio"), [("items/s", 0.5), ("s", 2.0)])
def test_a_ratio_of_one_is_the_limit_for_rates_and_durations(unit, ratio):
    assert Figure("one", 10, unit, 20).ratio == ratio


def test_a_figure_without_a_limit_has_no_ratio():
    assert Figure("one", 10, "GB").ratio is None


def test_a_rate_counts_what_each_run_does():
    runs = []
    assert rate(100, lambda: runs.append(1), 0, 2) > 0
    assert len(runs) == 3  # one to warm up
