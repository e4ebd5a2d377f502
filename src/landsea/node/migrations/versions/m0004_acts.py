"""Acts: what is done to declarations after they were lodged, and the names by which arrivals find them."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Declarations say what they wait for, as their states tell; the tables of acts exist, empty."""
    op.add_column("declarations", Column("awaits", Text, nullable=False, server_default=""))
    op.execute("UPDATE declarations SET awaits = 'arrival' WHERE state LIKE 'advance-%'")
    op.execute("UPDATE declarations SET awaits = 'control' WHERE state IN ('held', 'examination')")
    op.create_table(
        "acts",
        *(Column(name, Text, primary_key=True) for name in ("actor", "reference")),
        Column("digest", LargeBinary, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("mrn", "kind", "about", "place")),
        Column("proposed", SmallInteger, nullable=False),
        Column("leaf", BigInteger, nullable=False),
        *(Column(name, SmallInteger, nullable=False) for name in ("records", "told")),
    )
    op.create_index("ix_acts_mrn", "acts", ["mrn"])
    op.create_table("aliases", *(Column(name, Text, primary_key=True) for name in ("kind", "value", "mrn")))
    op.create_table(
        "arrivals",
        *(Column(name, Text, primary_key=True) for name in ("kind", "value", "actor", "reference")),
        Column("at", BigInteger, nullable=False),
    )
