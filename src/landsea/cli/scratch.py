"""Nodes for the command line: one on a scratch folder that is gone afterwards, or one on a folder of the operator's."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from landsea.node.assemble import Node
from landsea.node.clock import Clock
from landsea.node.observation import Observation
from landsea.node.settings import Settings, settings


def stated(file: Path | None = None, data: Path | None = None, **changes: Any) -> Settings:
    """The settings of file and environment, with what was said on the command line put before both."""
    given = {name: value for name, value in {"data": data, **changes}.items() if value is not None}
    return replace(settings(file, os.environ), **given)


@contextmanager
def node_on(chosen: Settings, *, quiet: bool = False) -> Iterator[Node]:
    """A node with these settings, closed on leaving. A quiet one tells its events to nobody."""
    clock = Clock(chosen.clock_step)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        observation = Observation(clock, nowhere if quiet else sys.stderr)
        with Node(chosen, clock, observation=observation) as node:
            yield node


@contextmanager
def scratch_node(administration: str | None = None) -> Iterator[Node]:
    """A node on SQLite in a folder that is deleted on leaving, whatever the environment says of other nodes."""
    with TemporaryDirectory(prefix="landsea-", ignore_cleanup_errors=True) as folder:
        chosen = Settings(data=Path(folder) / "node")
        with node_on(replace(chosen, administration=administration) if administration else chosen, quiet=True) as node:
            yield node
