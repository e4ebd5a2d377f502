"""Where the pointers of an amendment lead."""

import pytest

from landsea.declaration.amendment import CHANGE_REASONS, FIXED, target
from landsea.declaration.element import elements, knows


def test_every_element_can_be_pointed_at_and_is_found_again():
    for e in elements():
        if not e.wco_id:
            continue
        parts = e.path.split("/")
        ends = range(1, len(parts) + (1 if e.is_class else 0))
        classes = [next(c for c in elements() if c.path == "/".join(parts[:end])) for end in ends]
        found = target([(c.wco_id, 3) for c in classes], "" if e.is_class else e.wco_id)
        assert found is not None
        assert found.element == e
        assert found.positions == tuple(3 if c.repeats else 1 for c in classes)
        assert found.classes == tuple(classes)


@pytest.mark.parametrize(
    ("steps", "tag"),
    [
        ([], ""),
        ([], "146"),
        ([("67A", 1)], ""),
        ([("42A", 1), ("68A", 1)], ""),
        ([("42A", 1)], "999"),
        ([("42A", 1)], "67A"),
    ],
)
def test_a_pointer_to_nowhere_leads_nowhere(steps, tag):
    assert target(steps, tag) is None


def test_a_position_that_is_missing_is_the_first():
    found = target([("42A", None), ("67A", None), ("68A", None)])
    assert found.positions == (1, 1, 1)


def test_what_is_fixed_is_in_the_table_and_holds_what_identifies_a_declaration():
    assert all(knows(path) for path in FIXED)
    assert {"Declaration/ID", "Declaration/FunctionalReferenceID"} <= FIXED


def test_reasons_fit_the_element_that_carries_them():
    assert all(len(code) <= 3 for code in CHANGE_REASONS)
