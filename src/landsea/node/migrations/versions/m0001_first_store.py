"""The first store: log, records, sealed blobs and their keys, lodgements, declarations, seeds, API keys."""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, SmallInteger, Text

revision = "0001"
down_revision = None


def _number(name: str, **options: object) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)  # type: ignore[arg-type]


def _bytes(name: str, **options: object) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, **options)  # type: ignore[arg-type]


def _text(name: str, **options: object) -> Column[str]:
    return Column(name, Text, nullable=False, **options)  # type: ignore[arg-type]


def _key(name: str, kind: type[BigInteger] | type[SmallInteger] = BigInteger) -> Column[int]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """The tables of the first release exist."""
    _evidence()
    _projections()
    op.create_table("seeds", Column("day", Text, primary_key=True), _bytes("commitment"), _bytes("wrapped"))
    op.create_table(
        "api_keys",
        Column("id", Text, primary_key=True),
        _bytes("digest"),
        _text("party"),
        _text("role"),
        _number("created"),
        Column("revoked", BigInteger),
    )


def _evidence() -> None:
    op.create_table(
        "log_head",
        Column("one", SmallInteger, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        _text("origin"),
        _text("vkey"),
        _number("size"),
        _number("at"),
        _bytes("frontier"),
        _bytes("checkpoint"),
    )
    op.create_table("tiles", _key("level", SmallInteger), _key("number"), _bytes("content"))
    op.create_table("checkpoints", _key("size"), _bytes("note"))
    op.create_table(
        "records",
        _key("leaf"),
        _text("id", unique=True),
        _text("kind"),
        _text("dossier", index=True),
        _number("at"),
        _bytes("salt"),
        _bytes("header"),
    )
    op.create_table("sealed", _key("leaf"), _bytes("box"))
    op.create_table("record_keys", _key("leaf"), _bytes("wrapped"))


def _projections() -> None:
    op.create_table(
        "lodgements",
        *(Column(name, Text, primary_key=True) for name in ("sender", "lrn", "function")),
        _bytes("digest"),
        _number("leaf"),
        Column("records", SmallInteger, nullable=False),
        Column("free", SmallInteger, nullable=False),
        Column("receipt", LargeBinary),
    )
    op.create_table(
        "declarations",
        Column("mrn", Text, primary_key=True),
        *(_text(name) for name in ("sender", "lrn", "administration")),
        _text("dossier", index=True),
        _text("state"),
        Column("outcome", SmallInteger, nullable=False),
        Column("control", SmallInteger, nullable=False),
        Column("ground", Text),
        *(_number(name) for name in ("version", "document", "decided", "at")),
    )
    op.create_index("declarations_by_reference", "declarations", ["lrn", "sender"])
    op.create_table("draws", Column("consignment", LargeBinary, primary_key=True), _number("draw"), _number("at"))
    op.create_table("standing", Column("operator", Text, primary_key=True), _text("grade"), _text("since"))
