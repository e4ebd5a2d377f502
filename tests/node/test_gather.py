from datetime import UTC, date, datetime

import polars as pl
import pytest

from landsea.declaration.finding import no_findings
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Lodged
from landsea.node import tables
from landsea.node.clock import Clock
from landsea.node.gather import gather
from landsea.node.keys import open_keys
from landsea.node.log import Log
from landsea.node.store import Store

SEED = b"s" * 32


@pytest.fixture
def node(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings)
    yield store, Log(store, open_keys(settings.data / "keys"), Clock(), settings.log_origin)
    store.close()


def lodged(rows, parties=()):
    columns = {c: [row.get(c) for row in rows] for row in rows for c in row}
    declarations = {"d": range(len(rows)), "received_at": [datetime(2026, 1, 1, tzinfo=UTC)] * len(rows), **columns}
    named = {"d": [0] * len(parties), "n": [1] * len(parties), "role": ["Importer"] * len(parties), "id": parties}
    return Lodged(lot_of({"declarations": declarations, "parties": named}), no_findings())


def declare(node, *rows):
    store, _ = node
    with store.writing() as connection:
        store.insert(
            connection,
            tables.declarations,
            [(m, s, lrn, "CN", "d", "released", 1, 0, None, 1, 0, 1, at, "", "") for m, s, lrn, at in rows],
        )


def test_an_amendment_finds_the_declaration_it_names(node):
    declare(node, ("M1", "broker", "L1", 1), ("M2", "broker", "L2", 2))
    known = gather(
        *node, lodged([{"sender": "broker", "mrn": "M2", "lrn": "A1"}, {"sender": "broker", "lrn": "L9"}]), SEED
    )
    assert known.frames["earlier"].select("d", "mrn", "state").rows() == [(0, "M2", "released")]


def test_nobody_finds_anothers_declaration(node):
    declare(node, ("M1", "broker", "L1", 1))
    known = gather(*node, lodged([{"sender": "thief", "mrn": "M1"}, {"sender": "thief", "lrn": "L1"}]), SEED)
    assert known.frames["earlier"].is_empty()


def test_without_an_mrn_the_last_under_the_same_reference_counts(node):
    declare(node, ("M1", "broker", "L1", 1), ("M2", "broker", "L1", 2), ("M3", "other", "L1", 3))
    known = gather(*node, lodged([{"sender": "broker", "lrn": "L1"}]), SEED)
    assert known.frames["earlier"]["mrn"].to_list() == ["M2"]


def test_a_draw_once_made_stands_on_any_later_day(node):
    store, _ = node
    lot = lodged([{"sender": "broker", "ucr": "U1"}, {"sender": "broker", "ucr": "U2"}])
    first = gather(*node, lot, SEED).frames["draws"]
    assert first["new"].to_list() == [True, True]
    kept = first.with_columns(pl.col("draw").reinterpret(signed=True))
    with store.writing() as connection:
        store.insert(connection, tables.draws, [(key, draw, 0) for key, draw in kept.select("key", "draw").rows()])
    later = gather(*node, lot, b"t" * 32).frames["draws"]
    assert later["draw"].to_list() == first["draw"].to_list()
    assert later["new"].to_list() == [False, False]


def test_the_standing_of_the_operators_named_is_known(node):
    store, _ = node
    with store.writing() as connection:
        store.insert(connection, tables.standing, [("CN1", "AEO", "2020-02-29"), ("CN2", "AEO", "2021-01-01")])
    known = gather(*node, lodged([{"sender": "b"}], ["CN1", "CN3"]), SEED)
    assert known.frames["standing"].rows() == [("CN1", "AEO", date(2020, 2, 29))]


def test_more_declarations_than_one_query_may_name_are_found(node):
    declare(node, *((f"M{n}", "b", f"L{n}", n) for n in range(5_003)))
    known = gather(*node, lodged([{"sender": "b", "lrn": f"L{n}"} for n in range(5_003)]), SEED)
    assert known.frames["earlier"]["mrn"].to_list() == [f"M{n}" for n in range(5_003)]
