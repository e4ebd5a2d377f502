"""Drafts of declarations, and the stop list."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Both tables exist, empty."""
    op.create_table(
        "drafts",
        *(Column(name, Text, primary_key=True) for name in ("party", "name")),
        Column("version", BigInteger, nullable=False),
        Column("form", Text, nullable=False),
        *(Column(name, LargeBinary, nullable=False) for name in ("about", "content")),
        *(Column(name, BigInteger, nullable=False) for name in ("bytes", "at")),
    )
    op.create_index("ix_drafts_at", "drafts", ["at"])
    op.create_table(
        "stops",
        Column("id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("kind", "value")),
        Column("control", SmallInteger, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger),
        *(Column(name, Text, nullable=False) for name in ("state", "officer")),
        *(Column(name, BigInteger, nullable=False) for name in ("record", "changed")),
    )
    op.create_index("stops_by_value", "stops", ["kind", "value"])
