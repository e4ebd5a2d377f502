"""Rights of others that are protected here, and suspensions of release for their holders."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Both tables exist, empty."""
    op.create_table(
        "rights",
        Column("id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("holder", "hs", "marks")),
        *(Column(name, BigInteger, nullable=False) for name in ("since", "until", "record")),
    )
    op.create_table(
        "suspensions",
        *(Column(name, Text, primary_key=True) for name in ("mrn", "right")),
        *(Column(name, Text, nullable=False) for name in ("holder", "began", "until", "state")),
        Column("leaf", BigInteger, nullable=False),
    )
    op.create_index("ix_suspensions_holder", "suspensions", ["holder"])
