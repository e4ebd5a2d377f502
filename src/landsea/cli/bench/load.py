"""A load generator of our own: keep-alive connections that each lodge one declaration after another.

It runs as a process of its own (`python -m landsea.cli.bench.load`), so that its work is not the node's, and talks to
127.0.0.1 only, for a bounded number of seconds.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

LRN_MARK = b"@LRN@"


async def _client(port: int, requests: Iterator[bytes], end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    try:
        while time.perf_counter() < end:
            request = next(requests)
            began = time.perf_counter()
            writer.write(request)
            status = await reader.readline()
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            answer = await reader.readexactly(length)
            if status.split()[1] not in (b"200", b"201", b"204"):
                raise SystemExit(f"load: the node answered {status.decode().strip()}: {answer[:300].decode()}")
            waits.append(time.perf_counter() - began)
    finally:
        writer.close()
    return waits


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


async def _load(port: int, requests: Iterator[bytes], clients: int, seconds: float) -> dict[str, Any]:
    began = time.perf_counter()
    runs = await asyncio.gather(*(_client(port, requests, began + seconds) for _ in range(clients)))
    took = time.perf_counter() - began
    waits = sorted(itertools.chain.from_iterable(runs))
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
    sys.stdout.write(json.dumps(asyncio.run(_load(port, requests, clients, seconds))))


if __name__ == "__main__":
    main()
