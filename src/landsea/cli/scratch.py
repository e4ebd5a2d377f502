"""Nodes for the command line: one on a scratch folder that is gone afterwards, or one on a folder of the operator's."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from landsea.errors import InputError
from landsea.node.assemble import Node
from landsea.node.clock import Clock
from landsea.node.observation import Observation
from landsea.node.settings import Settings, settings


def stated(file: Path | None = None, data: Path | None = None, **changes: Any) -> Settings:
    """The settings of file and environment, with what was said on the command line put before both."""
    said = {name: value for name, value in {"data": data, **changes}.items() if value is not None}
    return settings(file, {**os.environ, **_as_environment(said)})


def _as_environment(said: dict[str, Any]) -> dict[str, str]:
    return {f"LANDSEA_{name.upper()}": str(value) for name, value in said.items()}


@contextmanager
def node_on(chosen: Settings, *, quiet: bool = False) -> Iterator[Node]:
    """A node with these settings, closed on leaving. A quiet one tells its events to nobody."""
    clock = Clock(chosen.clock_step)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        observation = Observation(clock, nowhere if quiet else sys.stderr)
        with Node(chosen, clock, observation=observation) as node:
            yield node


@contextmanager
def standing_node(chosen: Settings) -> Iterator[Node]:
    """The node that stands in its folder already. Raises InputError where there is none: only `serve` makes one."""
    if not (chosen.data / "keys").is_dir():
        raise InputError(f"there is no node in {chosen.data}; name its folder with --data (`landsea serve` makes one)")
    with node_on(chosen, quiet=True) as node:
        yield node


@contextmanager
def scratch_node(administration: str | None = None) -> Iterator[Node]:
    """A node on SQLite in a folder that is deleted on leaving, whatever the environment says of other nodes."""
    with TemporaryDirectory(prefix="landsea-", ignore_cleanup_errors=True) as folder:
        said = {"data": Path(folder) / "node", **({"administration": administration} if administration else {})}
        with node_on(settings(None, _as_environment(said)), quiet=True) as node:
            yield node
