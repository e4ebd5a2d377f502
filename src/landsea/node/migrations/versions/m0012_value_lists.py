"""What customs lists for the valuation of goods, and released imports by their commodity."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text, text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """The table exists, empty; the index too."""
    op.create_table(
        "value_lists",
        Column("goods", Text, primary_key=True),
        Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    )
    released = text("released IS NOT NULL AND direction = 'import'")
    op.create_index(
        "clocks_by_commodity", "clocks", ["commodity", "released"], sqlite_where=released, postgresql_where=released
    )
