"""Laws of reading and writing, for declarations nobody thought of."""

import datetime

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from polars.testing import assert_frame_equal

from conftest import ROOT
from landsea.codes.edition import edition_of
from landsea.declaration.lot import concat, select
from landsea.declaration.stage import Document, Lodgement
from landsea.units import decimal_text
from landsea.wire import read, tree_of, write
from landsea.wire.mapping import DATE_TIME_STRING, declaration

EDITION = edition_of({})
NOW = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
BODIES = [path.read_bytes() for path in sorted((ROOT / "demonstration").glob("*.xml"))[:6]]
LETTERS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def lodged(*bodies):
    return read([Lodgement(body, "", NOW, message_profile="landsea") for body in bodies], EDITION)


def value(draw, place):
    if place.kind == "count":
        return str(draw(st.integers(1, 10**place.length - 1)))
    if place.kind in ("number", "measure", "amount"):
        digits = draw(st.integers(0, 10**place.length - 1))
        return decimal_text(digits * 10 ** (6 - place.decimals))
    shape = place.element.format
    if not shape.startswith("an"):
        alphabet = "ABCXYZ" if shape.startswith("a") else "0123456789"
        least = 1 if ".." in shape else place.length
        return draw(st.text(alphabet=alphabet, min_size=least, max_size=place.length))
    return draw(LETTERS.filter(bool))[: place.length]


@st.composite
def declarations(draw):
    """A declaration with a random part of everything the data model knows, and values of every format."""
    root = etree.Element(declaration().tag, nsmap={None: declaration().tag[1:].split("}")[0]})
    fill(draw, root, declaration(), 0.25)
    next(root.iter("{*}FunctionCode")).text = "9"
    return etree.tostring(root, encoding="UTF-8")


def fill(draw, holder, place, share):
    for part in place.parts:
        if not (part in place.required or draw(st.floats(0, 1)) < share):
            continue
        times = draw(st.integers(1, 3)) if part.repeats and part.children is not None else 1
        for _ in range(times):
            made = etree.SubElement(holder, part.tag)
            if part.children is not None:
                fill(draw, made, part, share)
            elif part.kind == "datetime":
                etree.SubElement(made, DATE_TIME_STRING, formatCode="304").text = "20260102030405Z"
            else:
                made.text = value(draw, part)
                if part.kind == "amount":
                    made.set("currencyID", "LAK")
    return holder


@quick
@given(declarations())
def test_rows_built_into_a_message_are_read_as_the_same_rows(body):
    first = lodged(body)
    assert first.findings.is_empty()
    second = lodged(write(Document(b"", "xml", tree_of(first.lot))))
    for name, frame in first.lot.frames.items():
        assert_frame_equal(frame, second.lot[name])


@quick
@given(declarations())
def test_a_message_and_its_json_twin_fill_the_same_rows(body):
    first = lodged(body)
    second = lodged(write(first.documents[0], "json"))
    for name, frame in first.lot.frames.items():
        assert_frame_equal(frame, second.lot[name])


@quick
@given(st.permutations(range(len(BODIES))), st.integers(1, len(BODIES) - 1))
def test_a_declaration_is_read_the_same_in_any_company(order, cut):
    together = lodged(*BODIES)
    bodies = [BODIES[k] for k in order]
    parts = concat([lodged(*bodies[:cut]).lot, lodged(*bodies[cut:]).lot])
    expected = select(together.lot, order)
    for name, frame in expected.frames.items():
        ignored = ["body"] if name == "declarations" else []
        assert_frame_equal(
            frame.drop(ignored), parts[name].drop(ignored), check_row_order=name in ("declarations", "goods_items")
        )


@quick
@given(st.sampled_from(BODIES), st.data())
def test_no_damage_to_a_message_stops_its_reader(body, data):
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
    result = lodged(bytes(damaged))
    assert len(result.lot) == 1
    if result.documents[0].tree is None:
        assert result.lot["declarations"]["message"].to_list() == ["unreadable"]


@quick
@given(st.binary(max_size=200))
def test_no_bytes_stop_a_reader(body):
    result = lodged(body)
    assert len(result.lot) == 1
    assert result.findings.filter(pl.col("severity") == 3).height >= 1
