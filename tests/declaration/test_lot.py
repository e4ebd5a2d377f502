"""What the rows around a declaration and a goods item say of it: the derived columns of a lot."""

import pytest

from landsea.declaration.lot import DERIVED, concat, derive, lot_of

HEADERS = {"d": [0, 1]}
ITEMS = {"d": [0, 0], "i": [0, 1]}


def rows(i, **columns):
    return {"d": [0] * len(i), "i": i, **columns}


def column(name, frames):
    lot = lot_of({"declarations": HEADERS, "goods_items": ITEMS, **frames})
    frame = next(frame for frame, columns in DERIVED.items() if name in columns)
    return lot[frame][name].to_list()


@pytest.mark.parametrize(
    ("kind", "exit_office", "direction"),
    [
        ("IMA", None, "import"),
        ("EXD", None, "export"),
        ("COA", None, "import"),
        ("COA", "CN5301", "export"),
        ("XX", "CN5301", None),
        (None, None, None),
    ],
)
def test_the_first_letters_of_the_type_say_which_way_the_goods_go(kind, exit_office, direction):
    header = {"d": [0], "type": [kind], "exit_office": [exit_office]}
    assert column("direction", {"declarations": header}) == [direction]


def test_the_first_party_of_a_role_speaks_for_the_declaration_even_if_it_says_nothing():
    parties = {"d": [0, 0, 1, 1], "i": [None] * 4, "role": ["Agent", "Agent", "Agent", "Importer"]}
    parties |= {"id": ["A", "B", None, "C"], "function": [None, "3", "2", None]}
    assert column("agent_id", {"parties": parties}) == ["A", None]
    assert column("agent_function", {"parties": parties}) == [None, "2"]
    assert column("importer_id", {"parties": parties}) == [None, "C"]


def test_a_party_of_one_goods_item_does_not_speak_for_the_declaration():
    assert column("exporter_id", {"parties": rows([0, None], role=["Exporter"] * 2, id=["X", "Y"])}) == ["Y", None]


@pytest.mark.parametrize(
    ("kinds", "codes", "expected"),
    [
        (["TRC", "TSP"], ["0010", "73181500"], "731815000010"),
        (["TSP", "HS"], ["73181500", "731815"], "73181500"),
        (["TRC", "ZZZ"], ["0010", "9"], "0010"),
        (["ZZZ", "TSP"], ["9", None], "9"),
    ],
)
def test_the_commodity_code_is_the_national_line_with_its_statistical_suffix_or_what_was_given(kinds, codes, expected):
    assert column("commodity_code", {"classifications": rows([1, 1], id_type=kinds, id=codes)}) == [None, expected]


def test_the_procedure_is_the_one_that_names_what_went_before():
    procedures = {"procedures": rows([0, 0, 1], current=["C07", "40", "10"], previous=[None, "71", None])}
    assert column("procedure", procedures) == ["40", None]
    assert column("previous_procedure", procedures) == ["71", None]


def test_the_plain_origin_comes_before_the_preferential_one():
    origins = {"origins": rows([0, 0, 1], country=["LA", "CN", "TH"], type=["2", None, "2"])}
    assert column("origin", origins) == ["CN", "TH"]
    assert column("preferential_origin", origins) == ["LA", "TH"]


def test_the_first_claim_of_any_tax_stands_for_the_goods_item():
    taxes = {"taxes": rows([0, 0, 0], regime=[None, "300", "100"], quota_order=[None, None, "09"])}
    assert column("preference", taxes) == ["300", None]
    assert column("quota_order", taxes) == ["09", None]


def test_what_stands_at_header_level_says_nothing_of_a_goods_item():
    assert column("origin", {"origins": rows([None, 1], country=["LA", "CN"])}) == [None, "CN"]


def test_columns_derived_anew_replace_the_old_ones():
    lot = lot_of({"declarations": HEADERS | {"type": ["IMA", "EXA"]}, "goods_items": ITEMS})
    again = derive(lot.with_frames(declarations=lot["declarations"].reverse()))
    assert again["declarations"]["direction"].to_list() == ["export", "import"]
    assert again["declarations"].columns == lot["declarations"].columns


def test_lots_of_one_put_together_keep_a_body_each():
    lone = lot_of({"declarations": {"d": [0], "body": [0]}, "goods_items": {"d": [0], "i": [0]}})
    together = concat([lone, lone, lone])
    assert together["declarations"]["body"].to_list() == [0, 1, 2]
    assert together["goods_items"].select("d", "i").rows() == [(0, 0), (1, 1), (2, 2)]
