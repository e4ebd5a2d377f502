"""What agencies are asked, and who may act for whom."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The tables exist, empty; of declarations lodged before, whoever lodged them answers."""
    op.create_table(
        "asked",
        *(Column(name, Text, primary_key=True) for name in ("agency", "mrn")),
        *(Column(name, BigInteger, nullable=False) for name in ("documents", "declared", "standing", "examinations")),
    )
    op.create_index("ix_asked_mrn", "asked", ["mrn"])
    op.create_table(
        "mandates",
        Column("mandate", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("administration", "principal", "agent", "representation")),
        *(Column(name, Text) for name in ("procedures", "codes", "offices")),
        Column("given_at", BigInteger, nullable=False),
        *(Column(name, BigInteger) for name in ("ends_at", "revoked_at")),
        Column("leaf", BigInteger, nullable=False),
    )
    op.create_index("ix_mandates_principal", "mandates", ["principal"])
    op.create_index("ix_mandates_agent", "mandates", ["agent"])
    op.add_column("declarations", Column("liable", Text, nullable=False, server_default=""))
