"""The books: accounts, entries and transfers."""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, SmallInteger, Text

revision = "0003"
down_revision = "0002"

_ACCOUNT = ("kind", "currency", "holder", "instrument")


def upgrade() -> None:
    """The tables of the books exist, empty."""
    op.create_table(
        "accounts",
        *(Column(name, Text, primary_key=True) for name in _ACCOUNT),
        Column("balance", BigInteger, nullable=False),
        CheckConstraint("balance >= 0 OR kind IN ('assessed', 'bank', 'pledged')", name="never_overdrawn"),
    )
    op.create_index("accounts_by_holder", "accounts", ["holder"])
    op.create_table(
        "entries",
        Column("kind", Text, primary_key=True),
        Column("reference", Text, primary_key=True),
        Column("digest", LargeBinary, nullable=False),
        Column("leaf", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
    )
    op.create_table(
        "transfers",
        Column("entry_kind", Text, primary_key=True),
        Column("entry_reference", Text, primary_key=True),
        Column("number", SmallInteger, primary_key=True, autoincrement=False),
        *(Column(f"{side}_{name}", Text, nullable=False) for side in ("origin", "target") for name in _ACCOUNT),
        Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
    )
    op.create_index("transfers_by_origin", "transfers", ["origin_holder", "origin_instrument"])
    op.create_index("transfers_by_target", "transfers", ["target_holder", "target_instrument"])
