"""Quotas: how much of each stock is drawn, and by which declarations."""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The tables exist, empty: nothing was drawn before quotas were granted here."""
    op.create_table(
        "quota_stocks",
        *(Column(name, Text, primary_key=True) for name in ("administration", "stock")),
        Column("quota_order", Text, nullable=False),
        Column("drawn", BigInteger, CheckConstraint("drawn >= 0"), nullable=False),
    )
    op.create_index("ix_quota_stocks_quota_order", "quota_stocks", ["quota_order"])
    op.create_table(
        "quota_draws",
        *(Column(name, Text, primary_key=True) for name in ("mrn", "administration", "stock")),
        Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
    )
