"""`landsea notices`: what is owed to subscribers is sent, beside the processes that serve or in their place."""

import signal
import threading
from typing import Annotated

import typer

from .serve import File
from .upkeep import Data


def notices(
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
    data: Data = None,
    settings: File = None,
) -> None:
    """Send the notices that are owed, until Ctrl-C or SIGTERM. `landsea serve` does so too; both may run."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        if once:
            typer.echo(f"{sum(iter(node.sending.once, -1))} notices are sent or given up.")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        typer.echo("Sending notices; Ctrl-C stops it after the ones in hand.", err=True)
        with node.noticing():
            stop.wait()
