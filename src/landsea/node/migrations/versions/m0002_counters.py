"""Counters stand in the database: every process of a node tells the same, and a restart forgets nothing."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The table of counters exists; each begins at nought."""
    op.create_table(
        "counters",
        Column("name", Text, primary_key=True),
        Column("label", Text, primary_key=True),
        Column("value", BigInteger, nullable=False),
    )
