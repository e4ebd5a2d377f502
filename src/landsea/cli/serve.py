"""`landsea serve`: the node answers under its address until it is told to stop."""

import socket
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the node; made on the first start.")]
File = Annotated[Path | None, typer.Option("--settings", metavar="FILE", help="Settings as TOML.")]
Listen = Annotated[str | None, typer.Option(metavar="ADDRESS:PORT", help="Where to listen, in place of the settings'.")]
Workers = Annotated[int | None, typer.Option(metavar="N", help="Processes that serve; 0: one for each core.")]


def serve(data: Data = None, settings: File = None, listen: Listen = None, workers: Workers = None) -> None:
    """Serve the node's HTTP interface until Ctrl-C or SIGTERM; what was taken is answered first."""
    from .door import address_of, listening, reserved, run, warmed
    from .scratch import node_on, stated
    from .workers import Crew

    chosen = stated(settings, data, listen=listen, workers=workers)

    def announce(door: socket.socket, key: object) -> None:
        typer.echo(f"The node of {chosen.administration} answers at {address_of(door)}.", err=True)
        typer.echo(f"Log key: {key}", err=True)
        typer.echo("Ctrl-C stops it; what it has taken is answered first.", err=True)

    if chosen.processes == 1:
        with node_on(chosen) as node, listening(chosen.listen) as door:
            warmed(node)
            announce(door, node.log.key)
            run(node, door)
    else:
        with reserved(chosen.listen) as door:
            with node_on(chosen) as node:  # the first start, if it is one, happens here and once
                key = node.log.key
            Crew(chosen, door).serve(lambda: announce(door, key))
    typer.echo("The node has stopped.", err=True)
