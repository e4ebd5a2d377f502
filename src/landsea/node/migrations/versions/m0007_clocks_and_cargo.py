"""Clocks of declarations, cargo reports, and ways to what waits for an officer."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Text, text

revision = "0007"
down_revision = "0006"

WAITING = text(
    "state IN ('held', 'examination', 'advance-hold', 'advance-examine', 'amendment-requested',"
    " 'invalidation-requested')"
)


def upgrade() -> None:
    """The tables exist; a declaration of before has a clock that knows when it came, and not what it is of."""
    op.create_table(
        "clocks",
        Column("mrn", Text, primary_key=True),
        *(Column(name, Text) for name in ("office", "mode", "direction")),
        Column("express", SmallInteger, nullable=False),
        *(Column(name, Text) for name in ("exported_from", "commodity")),
        *(Column(name, BigInteger) for name in ("packages", "gross_mass")),
        Column("lodged", BigInteger, nullable=False),
        *(Column(name, BigInteger) for name in ("arrived", "released")),
        sqlite_with_rowid=False,  # one tree to look in, and not an index and then a table
    )
    lodged = "(SELECT MIN(records.at) FROM records WHERE records.dossier = declarations.dossier)"
    released = "CASE WHEN state IN ('released', 'cleared') THEN at END"
    known = f"SELECT mrn, 0, COALESCE({lodged}, at), {released} FROM declarations"  # noqa: S608
    op.execute(f"INSERT INTO clocks (mrn, express, lodged, released) {known}")
    _cargo()
    op.create_index("ix_aliases_mrn", "aliases", ["mrn"])
    op.create_index("declarations_waiting", "declarations", ["state"], sqlite_where=WAITING, postgresql_where=WAITING)
    reviews = text("kind IN ('review-requested', 'review-decided')")
    op.create_index("acts_of_review", "acts", ["mrn"], sqlite_where=reviews, postgresql_where=reviews)
    proposals = text("proposed = 1")
    op.create_index("acts_proposed", "acts", ["mrn"], sqlite_where=proposals, postgresql_where=proposals)


def _cargo() -> None:
    op.create_table(
        "cargo_reports",
        *(Column(name, Text, primary_key=True) for name in ("actor", "reference")),
        Column("version", BigInteger, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("mode", "means", "voyage", "place")),
        Column("expected", BigInteger),
        *(Column(name, BigInteger, nullable=False) for name in ("leaf", "at")),
        Column("dossier", Text, nullable=False),
    )
    op.create_table(
        "cargo_lines",
        *(Column(name, Text, primary_key=True) for name in ("actor", "reference")),
        Column("number", BigInteger, primary_key=True),
        *(Column(name, BigInteger) for name in ("packages", "gross_mass")),
    )
    op.create_table(
        "cargo_names",
        *(Column(name, Text, primary_key=True) for name in ("kind", "value", "actor", "reference")),
        Column("number", BigInteger, primary_key=True),
    )
    op.create_index("cargo_names_of_report", "cargo_names", ["actor", "reference"])
