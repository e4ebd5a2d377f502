"""Laws of lodging: the company a declaration travels in changes no answer, and nothing is ever done twice."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases import quiet
from landsea.node.seeds import Seeds
from landsea.node.settings import Settings
from landsea.transparency import audit
from lodged import decisions, declaration, lodgement, shown

LRNS = [f"L{n}" for n in range(6)]
BODIES = {lrn: declaration(lrn, price=f"{n + 1}000.00") for n, lrn in enumerate(LRNS)}
BODIES["L4"] = b"not xml"
BODIES["L5"] = BODIES["L5"].replace(b"<TotalPackageQuantity>20<", b"<TotalPackageQuantity>21<")


@pytest.fixture(scope="module", autouse=True)
def _one_seed():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Seeds, "of", lambda *_: b"s" * 32)
        yield


def here(folder):
    return Settings(data=Path(folder) / "node", administration="LA")


def answers(edition, lots):
    """What each reference was answered, on a node of its own."""
    said = {}
    with tempfile.TemporaryDirectory() as folder, quiet(here(folder), edition) as node:
        for lot in lots:
            for lrn, receipt in zip(lot, node.clear([lodgement(BODIES[lrn]) for lrn in lot]), strict=True):
                said.setdefault(lrn, []).append(receipt)
        seen = audit.audit(node.log.published, node.log.key)
    assert (seen.lie, seen.size) == (None, 2 * len(said))
    return said


def content(receipts):
    return [
        (decisions(r), [b.get("findings@1") for _, b in shown(r)], [b.get("duty@1") for _, b in shown(r)])
        for r in receipts
    ]


@settings(max_examples=5, deadline=None)
@given(st.permutations(LRNS), st.sets(st.integers(1, 5)))
def test_splitting_and_shuffling_lots_changes_no_answer(edition, order, cuts):
    bounds = [0, *sorted(cuts), len(order)]
    lots = [order[a:b] for a, b in pairwise(bounds)]
    one_by_one = answers(edition, [[lrn] for lrn in LRNS])
    together = answers(edition, lots)
    assert {lrn: content(r) for lrn, r in together.items()} == {lrn: content(r) for lrn, r in one_by_one.items()}


@settings(max_examples=5, deadline=None)
@given(st.lists(st.lists(st.sampled_from(LRNS), min_size=1, max_size=5), min_size=1, max_size=4))
def test_however_often_it_is_lodged_it_is_recorded_once(edition, lots):
    for receipts in answers(edition, lots).values():
        assert len({receipt.document for receipt in receipts}) == 1
        assert [receipt.repeated for receipt in receipts] == [False] + [True] * (len(receipts) - 1)
