"""The stop list on rows: which marks a declaration carries, and what an entry that touches it asks."""

import polars as pl
import pytest

from landsea.declaration.stage import Control
from landsea.errors import InputError
from landsea.risk.stops import STOPS, marked, marks, stopped

from .situation import declarations


def carried(**told):
    return {row[1:] for row in marks(declarations(told)).iter_rows()}


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("container", "csqu 305438-3", "CSQU3054383"),
        ("plate", "粤Ｂ·12 345", "粤B12345"),
        ("operator", "la-0100000001", "LA0100000001"),
        ("goods", "8708.99 / cn", "870899/CN"),
        ("goods", "0810", "0810/*"),
    ],
)
def test_a_mark_is_one_however_it_is_typed(kind, written, value):
    assert marked(kind, written) == value


@pytest.mark.parametrize(("kind", "value"), [("goods", "871/CN"), ("goods", "/CN"), ("plate", "?"), ("colour", "red")])
def test_what_would_stop_everything_or_nothing_is_refused(kind, value):
    with pytest.raises(InputError):
        marked(kind, value)


def test_a_declaration_carries_what_it_is_known_by():
    found = carried(
        importer="LA-1x",
        border_means_id="桂A 12345",
        containers=["CSQU305438-3"],
        ucr="26LA-U",
        papers=[("N820", "26CN0001")],
        items=[{"hs": "87089900", "origin": "CN"}],
    )
    assert found >= {
        (None, "operator", "LA1X"),
        (None, "establishment", "LA1X"),
        (None, "plate", "桂A12345"),
        (None, "container", "CSQU3054383"),
        (None, "ucr", "26LAU"),
        (None, "mrn", "26CN0001"),
        *((1, "goods", f"{code}/{origin}") for code in ("87", "8708", "870899", "87089900") for origin in ("CN", "*")),
    }


def test_only_declarations_carry_marks():
    assert carried(message="amendment", importer="LA1", ucr="U1", containers=["CSQU3054383"]) == set()


def test_an_entry_that_touches_is_a_hit():
    row = (0, None, "plate", "X9571", "abc", Control.PHYSICAL.value)
    (hit,) = stopped(pl.DataFrame([row], schema=STOPS, orient="row")).rows()
    assert hit == (0, None, "stop/abc", Control.PHYSICAL.value, "plate=X9571")
