"""`landsea relay`: the files a national system drops are recorded and answered; it decides, this node advises."""

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .serve import Data, File

if TYPE_CHECKING:
    from collections import Counter

    from landsea.node.legacy import DropFolder

EVERY = 2.0  # seconds between two looks at a folder in which nothing moves


def relay(
    folder: Annotated[Path, typer.Argument(help="The folder the national system drops its files into.")],
    once: Annotated[bool, typer.Option("--once", help="Take what lies there now, and end.")] = False,
    data: Data = None,
    settings: File = None,
) -> None:
    """Relay the declarations a national system drops, until Ctrl-C or SIGTERM: each is recorded once, and answered."""
    from landsea.node.legacy import DropFolder, adapters
    from landsea.node.relay import relay_of

    from .scratch import node_on, stated

    with node_on(stated(settings, data)) as node:
        watched = DropFolder(folder, relay_of(node), adapters(node.edition, node.settings.administration))
        if once:
            typer.echo(_sentence(_all_of(watched)))
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        typer.echo(f"Watching {folder}; Ctrl-C stops it after the lot in hand.", err=True)
        while not stop.is_set():
            told = watched.once(stop.is_set)
            if told["done"] or told["refused"]:
                typer.echo(_sentence(told), err=True)
            else:
                stop.wait(EVERY)


def _all_of(watched: "DropFolder") -> "Counter[str]":
    """What lies there is taken; what was just written gets one more look once it has had time to come to rest."""
    told = watched.once()
    if told.pop("left", 0):
        time.sleep(watched.settle)
        told += watched.once()
    return told


def _sentence(told: "Counter[str]") -> str:
    return (
        f"{told['declarations']} declarations recorded, {told['repeated']} known before; "
        f"{told['done']} files done, {told['refused']} refused, {told['left']} still being written."
    )
