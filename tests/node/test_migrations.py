"""The store of an earlier release becomes that of this one, with all that is in it."""

import pytest
from sqlalchemy import inspect

from databases import quiet
from landsea.node import tables
from landsea.node.store import _engine, migrate
from lodged import declaration, lodgement

RELEASES = ["0001"]
"""The last revision of each release that was tagged; the newest is this one's until another is tagged."""


@pytest.mark.parametrize("revision", RELEASES)
def test_a_store_of_that_release_is_brought_to_the_newest_schema(settings, revision):
    settings.data.mkdir(parents=True)
    engine = _engine(settings)
    migrate(engine, revision)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO standing (operator, grade, since) VALUES ('CN1', 'AEO', '2020-02-29')")
        for number, state in enumerate(("advance-hold", "held", "cleared")):
            row = f"'M{number}', 'T', 'L', 'LA', 'd', '{state}', 1, 0, 1, 0, 1, 0"
            columns = (
                "mrn, sender, lrn, administration, dossier, state, outcome, control, version, document, decided, at"
            )
            connection.exec_driver_sql(f"INSERT INTO declarations ({columns}) VALUES ({row})")
    migrate(engine)
    with engine.connect() as connection:
        waits = connection.exec_driver_sql("SELECT awaits FROM declarations ORDER BY mrn").scalars().all()
        assert waits == ["arrival", "control", ""]
        assert connection.exec_driver_sql("SELECT grade FROM standing").scalar_one() == "AEO"
    assert set(inspect(engine).get_table_names()) == {*tables.metadata.tables, "alembic_version"}
    engine.dispose()


def test_a_restart_finds_everything_as_it_was(settings, edition):
    with quiet(settings, edition) as node:
        receipt = node.lodge(lodgement(declaration("L1"))).result(60)
        key, checkpoint = str(node.log.key), node.log.published("checkpoint")
    with quiet(settings, edition) as node:
        assert (str(node.log.key), node.log.published("checkpoint")) == (key, checkpoint)
        assert node.lodge(lodgement(declaration("L1"))).result(60).document == receipt.document
