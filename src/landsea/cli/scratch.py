"""Nodes for the command line: one on a scratch folder that is gone afterwards, or one on a folder of the operator's."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from landsea.codes.edition import Edition
from landsea.declaration.stage import Lodgement
from landsea.errors import InputError
from landsea.node.assemble import Node
from landsea.node.clock import Clock
from landsea.node.commit import Receipt
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


class Corridor:
    """Scratch nodes, one of each administration that messages are addressed to; each stands from when it is asked."""

    def __init__(
        self, opened: Callable[[str | None, Edition | None], Node], first: str | None, edition: Edition | None
    ) -> None:
        self.first = opened(first, edition)
        self.edition, self.clock, self.settings = self.first.edition, self.first.clock, self.first.settings
        self._opened = opened
        self._nodes = {self.settings.administration: self.first}

    def of(self, body: bytes) -> Node:
        """The node of whom the envelope of this message names; the first, where it names nobody whose law is known."""
        found = _ADDRESSEE.search(body)
        named = found[1].decode() if found else ""
        if named not in self._nodes and named in self.edition.named("administration"):
            self._nodes[named] = self._opened(named, self.edition)
        return self._nodes.get(named, self.first)

    def clear(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        """The receipts of these, each of its own node, or why there is none, in order."""
        to = [self.first if one.administration else self.of(one.body) for one in lodgements]
        answers = {
            id(node): iter(node.clear([one for one, own in zip(lodgements, to, strict=True) if own is node]))
            for node in dict.fromkeys(to)
        }
        return [next(answers[id(node)]) for node in to]


_ADDRESSEE = re.compile(rb"ResponsibleCountryCode\W+([A-Z]{2})\b")


@contextmanager
def corridor(
    clock: Clock | None = None, first: str | None = None, edition: Edition | None = None, **said: str
) -> Iterator[Corridor]:
    """Scratch nodes with these settings, in a folder that is deleted on leaving; the first of the administration said,
    all by the edition said or else that of the settings."""
    with ExitStack() as stack, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="landsea-", ignore_cleanup_errors=True)))

        def opened(administration: str | None, edition: Edition | None) -> Node:
            own = {"administration": administration} if administration else {}
            chosen = settings(None, _as_environment({"data": folder / (administration or "node"), **said, **own}))
            time = clock or Clock(chosen.clock_step)
            return stack.enter_context(Node(chosen, time, edition, Observation(time, nowhere)))

        yield Corridor(opened, first, edition)
