"""A node served for the load generator, by `landsea serve` as an operator has it."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from landsea.cli.scratch import node_on
from landsea.node.settings import FIELDS, Settings

SERVE = [sys.executable, "-c", "from landsea.cli import main; main()", "serve", "--listen", "127.0.0.1:0"]


@contextmanager
def served(where: Settings) -> Iterator[tuple[int, str]]:
    """The port and a trader's API key of a node with these settings; it is stopped on leaving."""
    with node_on(where, quiet=True) as node:
        key = node.access.grant("bench", "trader")
    said = {f"LANDSEA_{name.upper()}": str(getattr(where, name)) for name in FIELDS}
    process = subprocess.Popen(SERVE, env={**os.environ, **said}, stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        lines = process.stderr or iter(())
        told = next((line for line in lines if " answers at " in line), None)
        if told is None:
            raise SystemExit("bench: the node did not start")
        threading.Thread(target=deque, args=(lines, 0), daemon=True).start()  # a full pipe would stop the node
        yield int(told.strip().rstrip(".").rpartition(":")[2]), key
    finally:
        process.terminate()
        process.wait(30)
