"""`landsea demo`: a node in a scratch folder clears the demonstration, and an outsider's tool checks every receipt."""

import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landsea.errors import BuildFault, EnvironmentFault

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from landsea.node.assemble import Node

PARTY = "demonstration"
ADDRESS = "127.0.0.1:8480"
BAR_FROM = 50  # files from which waiting is shown

Folder = Annotated[str, typer.Argument(metavar="[FOLDER]", help="Declarations of your own to clear as well.")]
Check = Annotated[bool, typer.Option("--check", help="End by itself once everything is checked, as CI wants it.")]


def demo(folder: Folder = "", check: Check = False) -> None:
    """Clear synthetic declarations of the corridor, verify every receipt, and serve the node's interface."""
    from .door import address_of
    from .scratch import scratch_node
    from .table import answers, console

    out = console()
    began = time.perf_counter()
    with scratch_node() as node:
        out.print(
            f"A node stands in a scratch folder after {time.perf_counter() - began:.1f} s. Its law is illustrative,"
        )
        out.print("the bundled declarations are synthetic, and all of it is gone when the node stops.\n")
        lodged = list(_lodged(node, folder))
        out.print(answers([document for document, _ in lodged], timed=True))
        out.print(f"\n{_verified(node, lodged)}\n{_audited(node)}\n")
        with _door() as door:
            key = node.access.grant(PARTY, "trader")
            mrn = next(document["mrn"] for document, _ in lodged if document["mrn"])
            asked = f"{address_of(door)}/v1/declarations/{mrn}"
            if not check:
                out.print(f"The node answers at {address_of(door)}. Ask it, in another terminal:\n")
                out.print(f"  curl -H 'Authorization: Bearer {key}' \\\n    {asked}\n", soft_wrap=True)
            _serve(node, door, (asked, key) if check else None)
        out.print("Checked." if check else "\nThe node has stopped; its folder is gone.")


def _lodged(node: "Node", folder: str) -> "Iterator[tuple[dict[str, Any], bytes]]":
    """Each file's answer with the time it took, and the body as it was lodged."""
    from .clear import cleared
    from .intake import bodies, files_of
    from .numbers import Numbers
    from .progress import bar
    from .shipped import shipped

    ours = shipped("demonstration")
    files = files_of([str(ours), *([folder] if folder else [])])
    numbers = Numbers()
    with bar("clearing", BAR_FROM) as progress:
        for done, named in enumerate(bodies(files), start=1):
            for one in named:
                bundled = Path(one.name).parent == ours
                body = numbers.filled(replace(one, name=Path(one.name).name, party=PARTY) if bundled else one)
                began = time.perf_counter()
                documents = cleared(node, [body])
                documents[0]["milliseconds"] = (time.perf_counter() - began) * 1000
                numbers.learn([body], documents)
                yield documents[0], body.body
            progress(done, len(files))


def _verified(node: "Node", lodged: list[tuple[dict[str, Any], bytes]]) -> str:
    """What to say once each receipt was checked by the stand-alone verifier, in a process of its own.

    Raises BuildFault, with what the verifier said, for the first that does not hold.
    """
    from .shipped import shipped

    verifier = shipped("verifier") / "landsea_verify.py"
    began = time.perf_counter()

    def verdict(folder: Path, number: int) -> subprocess.CompletedProcess[str]:
        document, body = lodged[number]
        receipt, lodged_body = folder / f"{number}.receipt", folder / f"{number}.body"
        receipt.write_bytes(bytes(document["receipt"]))
        lodged_body.write_bytes(body)
        command = [
            sys.executable,
            "-I",
            str(verifier),
            str(receipt),
            "--vkey",
            str(node.log.key),
            "--body",
            str(lodged_body),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own verifier

    proved = [number for number, (document, _) in enumerate(lodged) if document["receipt"]]
    with TemporaryDirectory(prefix="landsea-") as folder, ThreadPoolExecutor(2) as pool:
        for number, said in zip(proved, pool.map(lambda n: verdict(Path(folder), n), proved), strict=True):
            if said.returncode:
                raise BuildFault(
                    f"the receipt of {lodged[number][0]['file']} does not hold: {said.stdout}{said.stderr}"
                )
    took = time.perf_counter() - began
    return f"{len(proved)} receipts verified by {verifier.name}, each in a process of its own, in {took:.1f} s."


def _audited(node: "Node") -> str:
    """What to say once the log was rebuilt from its public files. Raises BuildFault for a lie found."""
    from landsea.transparency.audit import audit

    found = audit(node.log.published, node.log.key)
    if found.lie:
        raise BuildFault(f"the log does not hold: {found.lie.sentence}")
    return f"The log was rebuilt from its public files: {found.size} entries, all under the signed root."


def _door() -> "socket.socket":
    """The usual address, or any other that is free."""
    from .door import listening

    try:
        return listening(ADDRESS)
    except EnvironmentFault:
        return listening("127.0.0.1:0")


def _serve(node: "Node", door: "socket.socket", check: tuple[str, str] | None) -> None:
    """The node is served until Ctrl-C; where `check` names an address and a key, until that has been asked once."""
    from .door import run

    if check is None:
        typer.echo("Ctrl-C stops it.")
        run(node, door)
        return
    with ThreadPoolExecutor(1) as pool:
        asked: list[Future[int]] = []
        run(node, door, lambda: asked.append(pool.submit(_asked, *check)))
    if asked[0].result() != 200:
        raise BuildFault(f"{check[0]} answered with status {asked[0].result()}")


def _asked(address: str, key: str) -> int:
    """The status of the answer; afterwards this process is told to stop, as Ctrl-C would."""
    import httpx2

    try:
        return httpx2.get(address, headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code
    finally:
        signal.raise_signal(signal.SIGINT)
