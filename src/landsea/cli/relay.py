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
    from landsea.node.observation import Observation

EVERY = 2.0  # seconds between two looks at a folder in which nothing moves
HEARTBEAT = 60.0  # seconds after which a relay that has nothing to tell says that it is there
COUNTED = ("declarations", "repeated", "declined", "doubtful", "done", "refused", "left")


def relay(
    folder: Annotated[Path, typer.Argument(help="The folder the national system drops its files into.")],
    once: Annotated[bool, typer.Option("--once", help="Take what lies there now, and end.")] = False,
    data: Data = None,
    settings: File = None,
) -> None:
    """Relay the declarations a national system drops, until Ctrl-C or SIGTERM: each is recorded once, and answered.

    With --once the exit code is 1 where something was refused or cannot be right; report.tsv in the folder names it.
    """
    from landsea.node.legacy import DropFolder, adapters
    from landsea.node.relay import relay_of

    from .scratch import node_on, stated

    with node_on(stated(settings, data)) as node:
        watched = DropFolder(folder, relay_of(node), adapters(node.edition, node.settings.administration))
        if once:
            told = _all_of(watched)
            typer.echo(_sentence(told))
            if told["refused"] or told["declined"] or told["doubtful"]:
                typer.echo(f"Look at {folder / 'report.tsv'}.", err=True)
                raise typer.Exit(1)
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        typer.echo(f"Watching {folder}; Ctrl-C stops it after the lot in hand.", err=True)
        _watch(watched, stop, node.observation)


def _watch(watched: "DropFolder", stop: threading.Event, observation: "Observation") -> None:
    """Pass after pass until `stop`: one line for each in which something moved, and a heartbeat where nothing does."""
    last = time.monotonic()

    def heard() -> bool:
        nonlocal last
        if time.monotonic() - last >= HEARTBEAT:
            observation.tell("relay alive", waiting=len(watched.waiting()))
            last = time.monotonic()
        return stop.is_set()

    while not heard():
        told = watched.once(heard)
        if told["done"] or told["refused"]:
            observation.tell("relay pass", **{name: told[name] for name in COUNTED})
            last = time.monotonic()
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
        f"{told['declarations']} declarations recorded, {told['repeated']} known before, {told['declined']} declined, "
        f"{told['doubtful']} doubtful; {told['done']} files done, {told['refused']} refused, "
        f"{told['left']} still being written."
    )
