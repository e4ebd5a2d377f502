"""The language of risk profiles: what it admits, what it refuses and where, and that text and tree are the same."""

import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landsea.errors import InputError
from landsea.risk.indicator import LANGUAGE
from landsea.risk.predicate import (
    ADMITS,
    LISTS,
    MOST_DEPTH,
    MOST_LISTED,
    MOST_NODES,
    Criterion,
    Join,
    Not,
    bearing_on,
    columns_of,
    parse,
    text_of,
)

CASES = pathlib.Path(__file__).parents[1] / "cases" / "risk_predicate.txt"


def cases() -> list[tuple[str, str]]:
    text = CASES.read_text("utf-8").split("\n\n", 1)[1]
    return [tuple(part.strip().split("\n\n")) for part in text.split("----")]


@pytest.mark.parametrize(("written", "expected"), cases())
def test_a_predicate_is_understood_or_refused_at_the_character(written, expected):
    if expected.startswith("error "):
        at, why = expected.removeprefix("error ").split(": ", 1)
        with pytest.raises(InputError) as refused:
            parse(written, LANGUAGE)
        assert str(refused.value) == f"predicate, character {at}: {why}"
    else:
        assert text_of(parse(written, LANGUAGE)) == expected


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
NUMBERS = st.integers(-(10**12), 10**12)


@st.composite
def criteria(draw):
    test = draw(st.sampled_from(sorted(ADMITS)))
    column = draw(st.sampled_from([name for name, kind in sorted(LANGUAGE.items()) if kind in ADMITS[test]]))
    if test in ("is missing", "is true"):
        return Criterion(column, test)
    values = st.lists(
        NUMBERS if LANGUAGE[column] == "number" else TEXTS, min_size=1, max_size=4 if test in LISTS else 1
    )
    return Criterion(column, test, tuple(draw(values)))


NODES = st.recursive(
    criteria(),
    lambda part: st.one_of(
        part.map(Not),
        st.builds(Join, st.sampled_from(["and", "or"]), st.lists(part, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def depth_of(node) -> int:
    match node:
        case Criterion():
            return 0
        case Not(part):
            return 1 + depth_of(part)
        case Join(_, parts):
            return 1 + max(map(depth_of, parts))


@given(NODES.filter(lambda node: depth_of(node) < MOST_DEPTH))
def test_a_predicate_written_out_is_read_back_the_same(node):
    assert parse(text_of(node), LANGUAGE) == node


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from([*sorted(LANGUAGE), *sorted(ADMITS), "and", "or", "not", "(", ")", '"x"', "1.5", ","]),
        max_size=30,
    ).map(" ".join)
)
def test_any_text_is_a_predicate_or_an_input_error(text):
    try:
        columns = columns_of(parse(text, LANGUAGE))
    except InputError:
        columns = frozenset()
    assert columns <= set(LANGUAGE)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("(" * (MOST_DEPTH + 1) + "new_operator" + ")" * (MOST_DEPTH + 1), "nested deeper"),
        ("(" * 1_900 + "new_operator" + ")" * 1_900, "nested deeper"),
        ("not " * (MOST_DEPTH + 1) + "new_operator", "nested deeper"),
        (" and ".join(["new_operator"] * (MOST_NODES + 1)), "parts"),
        ("hs in (" + ", ".join(['"1"'] * (MOST_LISTED + 1)) + ")", "at most 500 values"),
        (f'hs = "{"1" * 71}"', "at most 70 characters"),
        (f"net_mass < {'9' * 20}", "larger"),
        (" " * 4_001, "characters"),
    ],
)
def test_no_predicate_costs_more_than_is_known_beforehand(text, bound):
    with pytest.raises(InputError, match=bound):
        parse(text, LANGUAGE)


def test_what_a_predicate_demands_of_one_column_holds_wherever_it_holds():
    node = parse('hs starts_with "24" and (origin = "LA" or hs = "2402") and not hs contains "99"', LANGUAGE)
    assert text_of(bearing_on(node, "hs")) == 'hs starts_with "24" and not hs contains "99"'
    assert bearing_on(parse('hs = "24" or new_operator', LANGUAGE), "hs") is None
    assert (
        text_of(bearing_on(parse('hs = "24" and new_operator or hs = "25"', LANGUAGE), "hs"))
        == 'hs = "24" or hs = "25"'
    )
