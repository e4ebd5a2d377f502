"""The door: the address a node listens on, and the serving behind it until it is told to stop."""

import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from landsea.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from landsea.node.assemble import Node

SPREAD = sys.platform == "linux"  # elsewhere several may listen under one address, but only one is given connections


def listening(where: str, *, shared: bool = False) -> socket.socket:
    """A socket bound to `host:port`. Raises EnvironmentFault where the address is taken or not ours.

    Where `shared`, several may listen under it, and the kernel spreads connections among them.
    """
    host, _, port = where.rpartition(":")
    if not port.isdecimal() or not host:
        raise InputError(f"{where!r} is no address to listen on; write HOST:PORT, such as 127.0.0.1:8480")
    at, family = (host.strip("[]"), int(port)), _family(host)
    try:
        door = socket.create_server(at, family=family, backlog=2048, reuse_port=shared)
    except (OSError, OverflowError) as error:
        raise EnvironmentFault(f"{where} cannot be listened on: {error}; choose another with --listen") from error
    # accepted connections inherit it; without, an answer's last bytes wait 40 ms for an acknowledgement
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


@contextmanager
def reserved(where: str) -> Iterator[socket.socket]:
    """A socket that keeps this address for the workers. Raises EnvironmentFault where it is taken or not ours."""
    with listening(where) as door:  # fails where anybody listens, even who would share
        if not SPREAD:
            yield door
            return
        address = door.getsockname()
    with socket.socket(door.family) as kept:  # it does not listen, or it would be given connections too
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            kept.setsockopt(socket.SOL_SOCKET, option, 1)
        kept.bind(address)
        yield kept


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address_of(door: socket.socket) -> str:
    """The address as others write it."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def warmed(node: "Node") -> None:
    """The node has loaded and compiled what it needs, and no sweep for garbage goes through that again."""
    node.warm()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def run(
    node: "Node",
    door: socket.socket,
    ready: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """The node is served on this socket until a signal says stop, or `stopped` is true.

    `ready` is called once it answers. A signal that this process ignores stays ignored.
    """
    import uvicorn

    from landsea.window import create_app

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals end the serving only: raised once more, as uvicorn does, they would end the node unfinished."""
            numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) != signal.SIG_IGN]
            before = {number: signal.signal(number, self.handle_exit) for number in numbers}
            try:
                yield
            finally:
                for number, reaction in before.items():
                    signal.signal(number, reaction)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def on_tick(self, counter: int) -> bool:
            return await super().on_tick(counter) or stopped()

    app = create_app(node)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False
    )
    with node.noticing():
        Server(config).run(sockets=[door])
