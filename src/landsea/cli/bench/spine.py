"""The figures of the spine: one node, from the body lodged to the receipt, the log audited, a million from Parquet."""

import hashlib
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from lxml import etree

from landsea.clearance.pipeline import clear
from landsea.cli.scratch import node_on
from landsea.codes.edition import Edition
from landsea.declaration.stage import Known, Lodged, Lodgement
from landsea.node.assemble import Node
from landsea.node.commit import Shown
from landsea.node.law import edition_in
from landsea.node.lodging import boxed, sealed_of
from landsea.node.parquet import write
from landsea.node.recording import names
from landsea.node.settings import Settings
from landsea.transparency.audit import audit
from landsea.wire import read

from .figure import Figure, rate
from .load import LRN_MARK
from .lots import codes, lodged, repeated, template

CLIENTS = (1, 64, 256)
LARGE = 50_000  # items from which on a lot is measured once only


def spine(*, quick: bool, postgres: str, workers: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Every figure of the spine, as it is measured. `quick` takes smaller lots and shorter loads.

    `postgres` is the URL of an empty database; without one the figures on PostgreSQL are left out. Lodging is
    served by so many `workers`, 0 for one a core.
    """
    edition = edition_in("")
    for count in (1, 100, 10_000, 100_000 if quick else 1_000_000):
        tell(f"hops on lots of {count:,}")
        yield from hops(edition, count)
    tell("reading XML")
    yield reading(edition)
    with tempfile.TemporaryDirectory(prefix="landsea-bench-") as folder:
        tell("commits")
        yield from committing(Path(folder) / "commit", edition, 2_000 if quick else 10_000)
        count = 20_000 if quick else 1_000_000
        tell(f"{count:,} declarations from Parquet")
        yield from bulk(Path(folder) / "bulk", edition, count)
        databases = {"sqlite": "", **({"postgres": postgres} if postgres else {})}
        for name, url in databases.items():
            for clients in CLIENTS:
                tell(f"lodging on {name} by {clients}")
                where = Settings(data=Path(folder) / name, database=url, administration="LA", workers=workers)
                yield from lodging(where, name, clients, 3 if quick else 10)


def hops(edition: Edition, count: int) -> Iterator[Figure]:
    """Hops 2 to 5 on a lot of this many goods items, by the clock and by processor time; the limit reads each column of
    the lot once.
    """
    lot = lodged(edition, count)
    draws = pl.DataFrame({"d": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    draws = draws.with_columns(draw=pl.col("d").hash(), key=pl.lit(b""))
    known = Known(0, {"draws": draws})
    least = 1 if count > LARGE else 3
    limit_is = "one hash of each column of the lot"
    for suffix, clock in (("", time.perf_counter), ("_of_a_core", time.process_time)):
        reach = rate(count, lambda: clear(lot, known, edition), 1, least, clock)
        limit = rate(count, lambda: [one.select(pl.all().hash().sum()) for one in lot.lot.frames.values()], clock=clock)
        yield Figure(f"hops_items_per_second_{count}{suffix}", reach, "items/s", limit, limit_is)


def reading(edition: Edition) -> Figure:
    """Hop 1 on XML bodies, 256 at a time; the limit parses them and does nothing with the trees."""
    bodies = [template().replace(LRN_MARK, b"R%d" % n) for n in range(256)]
    now = datetime.now(UTC)
    lodgements = [Lodgement(body, "bench", now) for body in bodies]
    limit = rate(256, lambda: [etree.fromstring(body) for body in bodies])
    return Figure(
        "read_xml_per_second", rate(256, lambda: read(lodgements, edition)), "declarations/s", limit, "lxml parse only"
    )


def committing(folder: Path, edition: Edition, count: int) -> Iterator[Figure]:
    """Hop 6 for lots of 256: sealing, encrypting, the transaction with its receipts; then an audit of that log.

    The limit of a commit inserts bytes of the same size in one transaction; that of an audit hashes the leaves and
    as many nodes.
    """
    with node_on(Settings(data=folder, administration="LA"), quiet=True) as node:
        took, size = 0.0, 0
        lot = lodged(edition, 256)
        for number in range(count // 256):
            named = _named(lot, number)
            decided, drafts = node.lodging.drafted(
                named, names(named.lot["declarations"], [b"%032d" % n for n in range(256)])
            )
            began = time.perf_counter()
            sealed = sealed_of(drafts)
            cases = [draft.case for draft in drafts]
            boxes = boxed(node.ledger.keys, cases, sealed)
            node.ledger.commit(cases, boxes, Shown(decided, sealed))
            took += time.perf_counter() - began
            size = sum(len(box.box) + len(box.header) for box in itertools.chain.from_iterable(boxes)) // 256
        done = count // 256 * 256
        limit = _insert_only(folder / "limit.sqlite", size, done)
        yield Figure("commit_per_second", done / took, "declarations/s", limit, "SQLite insert of the same bytes")
        yield auditing(node)


def auditing(node: Node) -> Figure:
    """The log of the node audited from what it publishes; the limit hashes as many leaves and nodes."""
    leaves = audit(node.log.published, node.log.key).leaves
    reach = rate(leaves, lambda: audit(node.log.published, node.log.key))
    block = bytes(65)
    limit = rate(leaves, lambda: [hashlib.sha256(block).digest() for _ in range(2 * leaves)])
    return Figure("audit_leaves_per_second", reach, "leaves/s", limit, "SHA-256 of leaves and nodes only")


def bulk(folder: Path, edition: Edition, count: int) -> Iterator[Figure]:
    """Declarations from Parquet to committed records, all hops; the limit reads the files and writes them again."""
    lot = lodged(edition, 1)
    write(repeated(lot.lot, count, codes(edition)), folder / "lot")
    began = time.perf_counter()
    for file in (folder / "lot").glob("*.parquet"):
        pl.read_parquet(file).write_parquet(folder / "copy.parquet")
    limit = time.perf_counter() - began
    script = (
        "import sys, pathlib; from landsea.cli.bench.spine import bulk_run; "
        "bulk_run(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", script, str(folder / "lot"), str(folder / "node")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:  # noqa: S603 - our own interpreter and code
        memory = _peak_memory(run)
        told = json.loads(run.stdout.read() if run.stdout else b"")
    took = time.perf_counter() - began
    if told != {"recorded": count}:
        raise SystemExit(f"bench: of {count} declarations {told} came through")
    scale = 1_000_000 / count
    yield Figure("million_parquet_seconds", took * scale, "s", limit * scale, "Parquet read and written again")
    yield Figure("million_parquet_peak_memory", memory / 1e9, "GB")


def bulk_run(lot: Path, data: Path) -> None:
    """The lot in this folder is committed to a fresh node; what came through is printed."""
    with node_on(Settings(data=data, administration="LA"), quiet=True) as node:
        sys.stdout.write(json.dumps(node.bulk(lot, "bench")))


def _peak_memory(run: "subprocess.Popen[bytes]") -> int:
    """Bytes the process and its workers held together at most, shared pages counted once, looked at until it ends."""
    peak = 0
    while run.poll() is None:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        with suppress(OSError):  # one may end while it is looked at
            held = [_held(pid) for pid in (str(run.pid), *children.read_text().split())]
            peak = max(peak, sum(held))
        time.sleep(0.3)
    return peak


def _held(pid: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def lodging(where: Settings, database: str, clients: int, seconds: int) -> Iterator[Figure]:
    """Lodgements over HTTP, fsync on, from body to recorded receipt; the limit answers `/v1/health` as often.

    The load generator is `landsea.cli.bench.load`, a process of its own on the same machine.
    """
    from .serving import served

    with served(where) as (port, key):
        script = [sys.executable, "-m", "landsea.cli.bench.load", str(port), str(clients)]
        limit = _load([*script, str(min(seconds, 3)), "health"], key)["per_second"]
        told = _load([*script, str(seconds), "lodge"], key)
    suffix = f"{database}_{clients}"
    yield Figure(
        f"lodge_per_second_{suffix}", told["per_second"], "declarations/s", limit, "GET /v1/health, as many clients"
    )
    yield Figure(f"lodge_p50_ms_{suffix}", told["p50_ms"], "ms")
    yield Figure(f"lodge_p99_ms_{suffix}", told["p99_ms"], "ms")


def _load(command: list[str], key: str) -> dict[str, float]:
    run = subprocess.run(command, input=key.encode() + b"\n" + template(), capture_output=True, check=False)  # noqa: S603
    if run.returncode:
        raise SystemExit(f"bench: the load generator failed: {run.stderr.decode().strip()[-300:]}")
    told: dict[str, float] = json.loads(run.stdout)
    return told


def _named(lot: Lodged, number: int) -> Lodged:
    lrn = pl.lit(f"N{number}-") + pl.col("d").cast(pl.String)
    return replace(lot, lot=lot.lot.with_frames(declarations=lot.lot["declarations"].with_columns(lrn=lrn)))


def _insert_only(file: Path, size: int, count: int) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE limits (one INTEGER PRIMARY KEY, box BLOB)")
    rows = [(bytes(size),)] * 256
    began = time.perf_counter()
    for _ in range(count // 256):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO limits (box) VALUES (?)", rows)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return count / took
