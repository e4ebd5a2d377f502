"""A node served for the load generator, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landsea.node.settings import Settings


@contextmanager
def served(where: Settings) -> Iterator[tuple[int, str]]:
    """The port and an API key of a node with these settings; it is stopped on leaving."""
    command = [sys.executable, "-m", "landsea.cli.bench.serving", str(where.data), where.database]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise SystemExit("bench: the node did not start")
        told = json.loads(line)
        yield told["port"], told["key"]
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    """Serves a node on this data folder and database; its port and a trader's API key are printed as one JSON line."""
    from landsea.cli.scratch import node_on
    from landsea.cli.serve import listening, run

    data, database = sys.argv[1], sys.argv[2]
    chosen = Settings(data=Path(data), database=database, administration="LA")
    with node_on(chosen, quiet=True) as node, listening("127.0.0.1:0") as door:
        key = node.access.grant("bench", "trader")

        node.warm()

        def ready() -> None:
            sys.stdout.write(json.dumps({"port": door.getsockname()[1], "key": key}) + "\n")
            sys.stdout.flush()

        run(node, door, ready)


if __name__ == "__main__":
    main()
