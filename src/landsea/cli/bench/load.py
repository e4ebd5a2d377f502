"""A load generator of our own: keep-alive connections that each lodge one declaration after another.

It runs as a process of its own (`python -m landsea.cli.bench.load`), so that its work is not the node's, and talks to
127.0.0.1 only, for a bounded number of seconds.
"""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

LRN_MARK = b"@LRN@"


async def _client(port: int, head: bytes, body: tuple[bytes, bytes], numbers: "itertools.count[int]", end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    try:
        while time.perf_counter() < end:
            payload = body[0] + b"BENCH%015d" % next(numbers) + body[1]
            began = time.perf_counter()
            writer.write(head + b"%d\r\n\r\n" % len(payload) + payload)
            status = await reader.readline()
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            answer = await reader.readexactly(length)
            if status.split()[1] not in (b"200", b"201"):
                raise SystemExit(f"load: the node answered {status.decode().strip()}: {answer[:300].decode()}")
            waits.append(time.perf_counter() - began)
    finally:
        writer.close()
    return waits


async def _load(port: int, api_key: str, template: bytes, clients: int, seconds: float) -> dict[str, Any]:
    head = (
        f"POST /v1/declarations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {api_key}\r\n"
        "Content-Type: application/xml\r\nContent-Length: "
    ).encode()
    before, mark, after = template.partition(LRN_MARK)
    if not mark:
        raise SystemExit("load: the template has no reference mark")
    numbers = itertools.count(time.time_ns() % 10**14)
    began = time.perf_counter()
    runs = await asyncio.gather(
        *(_client(port, head, (before, after), numbers, began + seconds) for _ in range(clients))
    )
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

    Arguments: port, clients, seconds. Standard input: the API key on the first line, then the template.
    """
    port, clients, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    key, _, template = sys.stdin.buffer.read().partition(b"\n")
    sys.stdout.write(json.dumps(asyncio.run(_load(port, key.decode(), template, clients, seconds))))


if __name__ == "__main__":
    main()
