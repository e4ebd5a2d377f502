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
    text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData()


WAITING = text(
    "state IN ('held', 'examination', 'advance-hold', 'advance-examine', 'amendment-requested',"
    " 'invalidation-requested')"
)
_REVIEWS = text("kind IN ('review-requested', 'review-decided')")
_PROPOSALS = text("proposed = 1")
_LET_IN = text("released IS NOT NULL AND direction = 'import'")


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
    Column("liable", Text, nullable=False, server_default=""),  # who owes its duties; empty: the sender
    Index("declarations_by_reference", "lrn", "sender"),
    Index("declarations_waiting", "state", sqlite_where=WAITING, postgresql_where=WAITING),
)
clocks = _table(
    "clocks",  # of each declaration: what bears on the time of its release, and when what happened to it
    Column("mrn", Text, primary_key=True),
    Column("office", Text),
    Column("mode", Text),  # of transport at the border
    Column("direction", Text),
    Column("express", SmallInteger, nullable=False),
    Column("exported_from", Text),
    Column("commodity", Text),  # the first perishable one, else the first
    Column("packages", BigInteger),
    Column("gross_mass", BigInteger),  # millionths of a kilogram
    Column("lodged", BigInteger, nullable=False),
    Column("arrived", BigInteger),
    Column("released", BigInteger),
    Index("clocks_by_commodity", "commodity", "released", sqlite_where=_LET_IN, postgresql_where=_LET_IN),
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
    Index("acts_of_review", "mrn", sqlite_where=_REVIEWS, postgresql_where=_REVIEWS),
    Index("acts_proposed", "mrn", sqlite_where=_PROPOSALS, postgresql_where=_PROPOSALS),
)
aliases = _table(
    "aliases",  # by which an arrival, or a cargo report, may name goods that were declared
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("mrn", Text, primary_key=True, index=True),
)
arrivals = _table(
    "arrivals",  # of goods, by all that names them; declarations lodged later find them here
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
cargo_reports = _table(
    "cargo_reports",  # of carriers, by a reference of theirs: the version in force
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("mode", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("voyage", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("expected", BigInteger),
    Column("leaf", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("dossier", Text, nullable=False),
)
cargo_lines = _table(
    "cargo_lines",
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("packages", BigInteger),
    Column("gross_mass", BigInteger),  # millionths of a kilogram
)
cargo_names = _table(
    "cargo_names",  # by which a line is known: mrn, ucr, container, waybill
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Index("cargo_names_of_report", "actor", "reference"),
)
drafts = _table(
    "drafts",  # of declarations, on no record; what is in them lies sealed
    Column("party", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("form", Text, nullable=False),
    Column("about", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)
stops = _table(
    "stops",  # the stop list: what is controlled whatever risk profiles say; reasons stand in the records only
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("control", SmallInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),  # the instant it ends at; null: until it is lifted
    Column("state", Text, nullable=False),
    Column("officer", Text, nullable=False),  # who asked for the last change that another officer has to confirm
    Column("record", BigInteger, nullable=False),  # leaf of the record that set it
    Column("changed", BigInteger, nullable=False),  # leaf of the record of its last change
    Index("stops_by_value", "kind", "value"),
)
rights = _table(
    "rights",  # of others, protected on their holders' application; what else they said stands in the record
    Column("id", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("hs", Text, nullable=False),
    Column("marks", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("record", BigInteger, nullable=False),
)
suspensions = _table(
    "suspensions",  # of release, for the holder of a right
    Column("mrn", Text, primary_key=True),
    Column("right", Text, primary_key=True),
    Column("holder", Text, nullable=False, index=True),
    Column("began", Text, nullable=False),
    Column("until", Text, nullable=False),  # the last day
    Column("state", Text, nullable=False),
    Column("leaf", BigInteger, nullable=False),  # of the record of the last act on it
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
    Index("accounts_by_instrument", "instrument"),
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
instruments = _table(
    "instruments",  # of security: whose each is and how long it is good; its amounts stand on its accounts
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False, index=True),
    Column("guarantor", Text, nullable=False),  # who pays when it is called
    Column("currency", Text, nullable=False),
    Column("last_day", Text, nullable=False),  # on which it may be reserved on, as ISO date
    Column("leaf", BigInteger, nullable=False),
)
owed = _table(
    "owed",  # supplementary declarations, one for each simplified declaration that was taken up
    Column("mrn", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("administration", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("settled_by", Text, nullable=False, index=True),  # MRN of the supplementary declaration; empty until it came
    Column("closed", SmallInteger, nullable=False),  # 1: the first declaration was told
)
quota_stocks = _table(
    "quota_stocks",  # what is drawn of each, in millionths of its unit; what it opened with stands in the schedule
    Column("administration", Text, primary_key=True),
    Column("stock", Text, primary_key=True),
    Column("quota_order", Text, nullable=False, index=True),
    Column("drawn", BigInteger, CheckConstraint("drawn >= 0"), nullable=False),
)
quota_draws = _table(
    "quota_draws",  # by declarations; given back when one is amended, invalidated or rejected
    Column("mrn", Text, primary_key=True),
    Column("administration", Text, primary_key=True),
    Column("stock", Text, primary_key=True),
    Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
)
value_lists = _table(
    "value_lists",  # of customs, for the valuation of goods: which record lists what for them
    Column("goods", Text, primary_key=True),  # a commodity code, or a description
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
)
asked = _table(
    "asked",  # which agencies have a say in a declaration, and how much each asks of it
    Column("agency", Text, primary_key=True),
    Column("mrn", Text, primary_key=True, index=True),
    *(Column(name, BigInteger, nullable=False) for name in ("documents", "declared", "standing", "examinations")),
)
mandates = _table(
    "mandates",  # by which a principal lets an agent act, from an instant to an instant
    Column("mandate", Text, primary_key=True),
    Column("administration", Text, nullable=False),
    Column("principal", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False, index=True),
    Column("representation", Text, nullable=False),
    *(Column(name, Text) for name in ("procedures", "codes", "offices")),
    Column("given_at", BigInteger, nullable=False),
    *(Column(name, BigInteger) for name in ("ends_at", "revoked_at")),
    Column("leaf", BigInteger, nullable=False),  # of the record that gave it
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
subscriptions = _table(
    "subscriptions",  # of parties to notices; where they go and the secret they are signed with lie sealed
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False, index=True),
    Column("role", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),  # in a row
    Column("due", BigInteger, nullable=False),  # not tried again before
    Column("lease", BigInteger, nullable=False),  # one sender has it until then; 0: none
)
notices = _table(
    "notices",  # still to be sent, in the order of the log; what they say is read from the record
    Column("subscription", Text, primary_key=True),
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),  # of the last decision it tells of
    Column("records", SmallInteger, nullable=False),  # that end with this one
    Column("kind", Text, nullable=False),
    Column("mrn", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)
