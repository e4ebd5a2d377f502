import json
from datetime import date

import pytest
from sqlalchemy import update

from landsea.errors import EnvironmentFault
from landsea.node import records, tables
from landsea.node.clock import Clock
from landsea.node.keys import open_keys
from landsea.node.log import Log
from landsea.node.seeds import Seeds
from landsea.node.store import Store
from landsea.risk.sampling import commitment

TODAY, TOMORROW = date(2026, 12, 31), date(2027, 1, 1)


@pytest.fixture
def node(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store, keys = Store(settings), open_keys(settings.data / "keys")
    log = Log(store, keys, Clock(), settings.log_origin)
    yield store, keys, log
    store.close()


def test_a_day_has_one_seed_and_the_next_days_is_committed_to_already(node):
    seed = Seeds(*node).of(TODAY, "sha256:0")
    other_process = Seeds(*node)
    assert other_process.of(TODAY, "sha256:0") == seed
    assert set(other_process.commitments()) == {"2026-12-31", "2027-01-01"}
    assert other_process.commitments()["2026-12-31"] == commitment(seed)
    assert other_process.of(TOMORROW, "sha256:0") != seed


def test_a_commitment_is_on_record_in_the_log(node):
    store, keys, log = node
    seeds = Seeds(*node)
    seeds.of(TODAY, "sha256:0")
    with store.reading() as connection:
        found = records.read(connection, keys, range(log.size(connection)))
    said = [json.loads(r.blobs[0].data) for r in found.values()]
    assert {s["day"]: s["commitment"] for s in said} == {d: c.hex() for d, c in seeds.commitments().items()}


def test_a_seed_nobody_drew_is_not_invented(node):
    assert Seeds(*node).opened(TODAY) is None


def test_a_seed_that_does_not_fit_its_commitment_is_refused(node):
    store, *_ = node
    Seeds(*node).of(TODAY, "sha256:0")
    with store.writing() as connection:
        connection.execute(update(tables.seeds).values(commitment=bytes(32)))
    with pytest.raises(EnvironmentFault, match="not the one committed to"):
        Seeds(*node).opened(TODAY)
