"""`landsea serve`: the node answers under its address until it is told to stop."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from landsea.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from landsea.node.assemble import Node

Data = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the node; made on the first start.")]
File = Annotated[Path | None, typer.Option("--settings", metavar="FILE", help="Settings as TOML.")]
Listen = Annotated[str | None, typer.Option(metavar="ADDRESS:PORT", help="Where to listen, in place of the settings'.")]


def serve(data: Data = None, settings: File = None, listen: Listen = None) -> None:
    """Serve the node's HTTP interface until Ctrl-C or SIGTERM; what was taken is answered first."""
    from .scratch import node_on, stated

    with node_on(stated(settings, data, listen=listen)) as node, listening(node.settings.listen) as door:
        node.warm()
        address = address_of(door)
        typer.echo(f"The node of {node.settings.administration} answers at {address}.", err=True)
        typer.echo(f"Log key: {node.log.key}", err=True)
        typer.echo("Ctrl-C stops it; what it has taken is answered first.", err=True)
        run(node, door)
    typer.echo("The node has stopped.", err=True)


def listening(where: str) -> socket.socket:
    """A socket bound to `host:port`. Raises EnvironmentFault where the address is taken or not ours."""
    host, _, port = where.rpartition(":")
    if not port.isdecimal() or not host:
        raise InputError(f"{where!r} is no address to listen on; write HOST:PORT, such as 127.0.0.1:8480")
    try:
        door = socket.create_server((host.strip("[]"), int(port)), family=_family(host), backlog=2048)
    except (OSError, OverflowError) as error:
        raise EnvironmentFault(f"{where} cannot be listened on: {error}; choose another with --listen") from error
    # accepted connections inherit it; without, an answer's last bytes wait 40 ms for an acknowledgement
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address_of(door: socket.socket) -> str:
    """The address as others write it."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(node: "Node", door: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """The node is served on this socket until a signal says stop. `ready` is called once it answers."""
    import uvicorn

    from landsea.window import create_app

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals end the serving only: raised once more, as uvicorn does, they would end the node unfinished."""
            before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for number, reaction in before.items():
                    signal.signal(number, reaction)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(create_app(node), log_config=None, access_log=False, lifespan="off", server_header=False)
    Server(config).run(sockets=[door])
