"""Security instruments, and the supplementary declarations that are owed."""

from alembic import op
from sqlalchemy import BigInteger, Column, SmallInteger, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Both tables exist, empty."""
    op.create_table(
        "instruments",
        Column("name", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("kind", "holder", "guarantor", "currency", "last_day")),
        Column("leaf", BigInteger, nullable=False),
    )
    op.create_index("ix_instruments_holder", "instruments", ["holder"])
    op.create_index("accounts_by_instrument", "accounts", ["instrument"])
    op.create_table(
        "owed",
        Column("mrn", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("sender", "administration", "type", "settled_by")),
        Column("closed", SmallInteger, nullable=False),
    )
    op.create_index("ix_owed_settled_by", "owed", ["settled_by"])
