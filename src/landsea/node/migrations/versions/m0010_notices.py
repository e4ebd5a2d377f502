"""Notices: who subscribed to what is decided, and what still has to be sent to them."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """The tables of subscriptions and notices exist, empty."""
    op.create_table(
        "subscriptions",
        Column("id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("party", "role", "channel")),
        Column("sealed", LargeBinary, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in ("created", "failures", "due", "lease")),
    )
    for name in ("party", "role"):
        op.create_index(f"ix_subscriptions_{name}", "subscriptions", [name])
    op.create_table(
        "notices",
        Column("subscription", Text, primary_key=True),
        Column("leaf", BigInteger, primary_key=True, autoincrement=False),
        Column("records", SmallInteger, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("kind", "mrn")),
        Column("at", BigInteger, nullable=False),
    )
    op.create_index("ix_notices_at", "notices", ["at"])
