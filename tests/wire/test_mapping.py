"""The compiled table leads where the element table leads."""

import pytest

from landsea.declaration.element import elements
from landsea.wire.mapping import declaration, place_at


def test_every_element_of_the_table_has_its_place():
    assert [place_at(e.path).at for e in elements()] == [e.at for e in elements()]


def test_children_stand_in_the_order_of_the_table_under_names_of_their_own():
    def walk(place):
        assert [part.at for part in place.parts] == sorted(part.at for part in place.parts)
        assert len(place.children) == len(place.parts)
        for part in place.parts:
            if part.children is not None:
                walk(part)

    walk(declaration())


def test_wco_ids_are_unique_among_siblings_so_that_a_pointer_leads_to_one_place():
    for e in elements():
        if e.is_class:
            ids = [
                (part.element.wco_id, part.children is None) for part in place_at(e.path).parts if part.element.wco_id
            ]
            assert len(ids) == len(set(ids)), e.path


def test_a_path_nobody_knows_is_an_error():
    for path in ("Declaration/Colour", "Declaration/ID/Colour"):
        with pytest.raises(KeyError):
            place_at(path)
