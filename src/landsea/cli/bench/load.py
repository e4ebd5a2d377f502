"""A load generator of our own: keep-alive connections that each lodge one declaration after another.

It runs as a process of its own (`python -m landsea.cli.bench.load`), so that its work is not the node's, and talks to
127.0.0.1 only, for a bounded number of seconds.
"""

import itertools
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

LRN_MARK = b"@LRN@"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Client:
    """One connection with at most one request under way: closed loop, as a sender that waits for each answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = b""
        self.began = 0.0

    def ask(self, request: bytes) -> None:
        self.answer, self.began = b"", time.perf_counter()
        self.socket.sendall(request)  # fits in the empty buffer of the socket

    def answered(self) -> bool:
        """Whether what came by now is a whole answer. Ends the run where it is a refusal."""
        part = self.socket.recv(1 << 17)
        self.answer += part
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if found else None
        if part and (length is None or len(body) < int(length[1])):
            return False
        if head[9:12] not in (b"200", b"201", b"204"):
            raise SystemExit(f"load: the node answered {(head[:80] + body[:300]).decode(errors='replace')}")
        return True


def _lodgements(port: int, api_key: str, template: bytes) -> Iterator[bytes]:
    head = (
        f"POST /v1/declarations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {api_key}\r\n"
        "Content-Type: application/xml\r\nContent-Length: "
    ).encode()
    before, mark, after = template.partition(LRN_MARK)
    if not mark:
        raise SystemExit("load: the template has no reference mark")
    for number in itertools.count(time.time_ns() % 10**14):
        body = before + b"BENCH%015d" % number + after
        yield head + b"%d\r\n\r\n" % len(body) + body


def _load(port: int, requests: Iterator[bytes], clients: int, seconds: float) -> dict[str, Any]:
    began = time.perf_counter()
    waits: list[float] = []
    with selectors.DefaultSelector() as selector:
        for client in [_Client(port) for _ in range(clients)]:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask(next(requests))
        while selector.get_map():
            for key, _ in selector.select():
                client = key.data
                if not client.answered():
                    continue
                now = time.perf_counter()
                waits.append(now - client.began)
                if now < began + seconds:
                    client.ask(next(requests))
                else:
                    selector.unregister(client.socket)
                    client.socket.close()
    took = time.perf_counter() - began
    waits.sort()
    return {
        "lodged": len(waits),
        "per_second": len(waits) / took,
        "p50_ms": waits[len(waits) // 2] * 1e3,
        "p99_ms": waits[min(len(waits) - 1, len(waits) * 99 // 100)] * 1e3,
    }


def main() -> None:
    """Lodges for the given seconds and prints what was measured as one JSON object.

    Arguments: port, clients, seconds, what (`lodge` or `health`). Standard input: the API key on the first line, then
    the template.
    """
    port, clients, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    key, _, template = sys.stdin.buffer.read().partition(b"\n")
    if sys.argv[4] == "lodge":
        requests = _lodgements(port, key.decode(), template)
    else:
        requests = itertools.repeat(f"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    sys.stdout.write(json.dumps(_load(port, requests, clients, seconds)))


if __name__ == "__main__":
    main()
