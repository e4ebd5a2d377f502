"""The tables of a node's database, one schema for SQLite and PostgreSQL.

Three of them are the evidence: `log_head`, `tiles` and `records` (with `sealed` and `record_keys`). All others are
projections or promises that point at a leaf of the log. Instants are whole microseconds since 1970 in UTC.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData()


def _table(name: str, *columns: SchemaItem) -> Table:
    return Table(name, metadata, *columns)


log_head = _table(
    "log_head",  # one row; its lock orders everything that enters the log
    Column("one", SmallInteger, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
)
tiles = _table(
    "tiles",  # by `transparency.tile`: bundles of entries stand at level -1; the last of a level grows until it is full
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
checkpoints = _table(
    "checkpoints",  # each one ever signed, by the size of the log: the receipts of its lot stand under it
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)
records = _table(
    "records",
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("dossier", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("header", LargeBinary, nullable=False),
)
sealed = _table(
    "sealed",  # the blobs of a record and their salts, encrypted under the record's own key
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("box", LargeBinary, nullable=False),
)
record_keys = _table(
    "record_keys",  # apart from what they open, so that erasing touches these rows only
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
)
lodgements = _table(
    "lodgements",  # who lodged what under which reference; the stored receipt answers every repeat
    Column("sender", Text, primary_key=True),
    Column("lrn", Text, primary_key=True),
    Column("function", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("leaf", BigInteger, nullable=False),  # of the message's record; those that follow from it stand behind
    Column("records", SmallInteger, nullable=False),
    Column("free", SmallInteger, nullable=False),  # 1: rejected or invalidated, the reference may be used again
    Column("receipt", LargeBinary),  # sealed under the key of the message's record; null until first asked for
)
declarations = _table(
    "declarations",  # where each declaration stands, and its document now in force
    Column("mrn", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("lrn", Text, nullable=False),
    Column("administration", Text, nullable=False),
    Column("dossier", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("control", SmallInteger, nullable=False),
    Column("ground", Text),
    Column("version", BigInteger, nullable=False),
    Column("document", BigInteger, nullable=False),  # leaf of the record that holds it
    Column("decided", BigInteger, nullable=False),  # leaf of the decision in force
    Column("at", BigInteger, nullable=False),
    Column("awaits", Text, nullable=False, server_default=""),  # conditions of release still open
    Index("declarations_by_reference", "lrn", "sender"),
)
acts = _table(
    "acts",  # what was done to declarations after they were lodged: each reference of an actor once
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("mrn", Text, nullable=False, index=True),  # empty: of an arrival, which may name several
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),  # what later acts have to know of it
    Column("place", Text, nullable=False),  # of the declaration before it: state and version
    Column("proposed", SmallInteger, nullable=False),  # 1: a second officer has to confirm it
    Column("leaf", BigInteger, nullable=False),  # of its record
    Column("records", SmallInteger, nullable=False),  # 2: a decision stands behind it
    Column("told", SmallInteger, nullable=False),  # how many of them, from the end, the declarant reads
)
aliases = _table(
    "aliases",  # by which an arrival may name goods declared before they arrived
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("mrn", Text, primary_key=True),
)
arrivals = _table(
    "arrivals",  # of goods, by all that names them; declarations lodged later find them here
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
seeds = _table(
    "seeds",  # of random selection: the commitment is public at once, the seed opened to the auditor
    Column("day", Text, primary_key=True),
    Column("commitment", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
draws = _table(
    "draws",  # of the random selection, by consignment: to cancel and lodge again does not roll again
    Column("consignment", LargeBinary, primary_key=True),
    Column("draw", BigInteger, nullable=False),  # the 64 bits, read as signed
    Column("at", BigInteger, nullable=False),
)
standing = _table(
    "standing",
    Column("operator", Text, primary_key=True),
    Column("grade", Text, nullable=False),
    Column("since", Text, nullable=False),
)
counters = _table(
    "counters",  # of what the node did, for monitoring; they grow in the transaction that does it
    Column("name", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
accounts = _table(
    "accounts",  # of the books (`clearance.revenue`): what stands on each, in the smallest unit of its currency
    *(Column(name, Text, primary_key=True) for name in ("kind", "currency", "holder", "instrument")),
    Column("balance", BigInteger, nullable=False),
    CheckConstraint("balance >= 0 OR kind IN ('assessed', 'bank', 'pledged')", name="never_overdrawn"),
    Index("accounts_by_holder", "holder"),
)
entries = _table(
    "entries",  # why transfers were made: each reference of a kind is entered once
    Column("kind", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("leaf", BigInteger, nullable=False),  # of the record that says why
    Column("at", BigInteger, nullable=False),
)
transfers = _table(
    "transfers",
    Column("entry_kind", Text, primary_key=True),
    Column("entry_reference", Text, primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    *(
        Column(f"{side}_{name}", Text, nullable=False)
        for side in ("origin", "target")
        for name in ("kind", "currency", "holder", "instrument")
    ),
    Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
    Index("transfers_by_origin", "origin_holder", "origin_instrument"),
    Index("transfers_by_target", "target_holder", "target_instrument"),
)
api_keys = _table(
    "api_keys",  # of a key only its digest is held
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("party", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)
