"""`landsea demo`: nodes in a scratch folder clear the demonstration, a day at the border is played through their doors,
and an outsider's tool checks every receipt."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from landsea.errors import BuildFault, EnvironmentFault

if TYPE_CHECKING:
    import socket

    from rich.console import Console

    from landsea.node.assemble import Node

    from .scratch import Corridor
    from .story import Day, Hands

PARTY = "demonstration"
ADDRESS = "127.0.0.1:8480"
BAR_FROM = 50  # files from which waiting is shown

Folder = Annotated[str, typer.Argument(metavar="[FOLDER]", help="Declarations of your own to clear as well.")]
Check = Annotated[bool, typer.Option("--check", help="End by itself once everything is checked, as CI wants it.")]


class Proof(NamedTuple):
    """What an outsider checks: what it is about, a receipt or an answer with one, the log's key, what was lodged."""

    name: str
    receipt: bytes
    vkey: str
    body: bytes | None


def demo(folder: Folder = "", check: Check = False) -> None:
    """Clear synthetic declarations of the corridor, play a day at the border, verify every receipt, and serve."""
    from landsea.node.clock import Clock

    from .door import address_of
    from .scratch import corridor
    from .shipped import shipped
    from .story import Hands, day_in
    from .table import answers, console

    out, day = console(), day_in(shipped("story"))
    hands = Hands(day.begins)
    with _law_without_draws() as law, corridor(Clock(source=hands), schedules=str(law)) as nodes:
        out.print(
            "Nodes of China and Laos stand in a scratch folder, which is gone when they stop. Their law is "
            f"illustrative, everybody and everything synthetic, and for them it is {day.begins:%d %B %Y}.\n"
        )
        lodged = list(_lodged(nodes, folder))
        out.print(answers([document for document, _ in lodged], timed=True, brief=True))
        proofs = [
            Proof(document["file"], bytes(document["receipt"]), str(nodes.of(body).log.key), body)
            for document, body in lodged
            if document["receipt"]
        ]
        with _door() as door:

            def told() -> None:
                proofs.extend(_played(out, nodes.first, address_of(door), (day, hands)))
                proofs.extend(_beside(out, nodes.first))
                out.print(f"\n{_verified(proofs)}\n{_audited(nodes.first)}\n")
                if not check:
                    _invite(out, nodes.first, address_of(door), lodged)

            _served(nodes.first, door, told, check=check)
        out.print("Checked." if check else "\nThe node has stopped; its folder is gone.")


@contextmanager
def _law_without_draws() -> Iterator[Path]:
    """The schedules with next to no random selection in them: a day that is told comes to the same each time."""
    from .shipped import shipped

    with TemporaryDirectory(prefix="landsea-") as folder:
        law = Path(folder) / "schedules"
        shutil.copytree(shipped("schedules"), law)
        for profiles in law.glob("*/risk_profiles.toml"):
            before, shares, after = re.split(r"(?ms)(^\[random\].*?)(?=^\[)", profiles.read_text("utf-8"))
            profiles.write_text(before + re.sub(r'"[0-9.]+"', '"0.000001"', shares) + after, "utf-8")
        yield law


def _lodged(nodes: "Corridor", folder: str) -> Iterator[tuple[dict[str, Any], bytes]]:
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
                documents = cleared(nodes, [body])
                documents[0]["milliseconds"] = (time.perf_counter() - began) * 1000
                numbers.learn([body], documents)
                yield documents[0], body.body
            progress(done, len(files))


def _played(out: "Console", node: "Node", address: str, story: "tuple[Day, Hands]") -> Iterator[Proof]:
    """The scenes of the day are told as they are played; what was answered is to be proved.

    Raises BuildFault where one comes to anything else than the story says, or an account does not end at nought.
    """
    from .shipped import shipped
    from .story import Stage
    from .table import account, heading, line

    day, hands = story
    keys = {name: node.access.grant(person.party, person.role) for name, person in day.people.items()}
    stage = Stage(address, day, shipped("story"), keys, hands.turn)
    for scene in day.scenes:
        out.print(heading(scene.title))
        for told in stage.play(scene):
            out.print(line(told))
    declarant = day.declarant
    statement, instruments = stage.statement(declarant), stage.instruments(declarant)
    out.print(heading("The account of the day, from the node's books"), account(statement, instruments, day.secured))
    if Decimal(statement["closing"]) or any(Decimal(one["reserved"]) for one in instruments):
        raise BuildFault(f"the account of the {declarant} does not end at nought")
    yield from (Proof(name, answer, str(node.log.key), body) for name, answer, body in stage.answers)


def _beside(out: "Console", node: "Node") -> Iterator[Proof]:
    """The same day in Laos is told: a node beside the national system relays what that decided, and decides nothing."""
    from .beside import relayed
    from .shipped import shipped
    from .table import heading, line

    out.print(heading("The same day in Laos: the national system decides, the node stands beside it"))
    for told, proofs in relayed(node.edition, shipped("story")):
        out.print(line(told))
        yield from (Proof(*proof) for proof in proofs)


def _verified(proofs: Sequence[Proof]) -> str:
    """What to say once each receipt was checked by the stand-alone verifier, in a process of its own.

    Raises BuildFault, with what the verifier said, for the first that does not hold.
    """
    from .shipped import shipped

    verifier = shipped("verifier") / "landsea_verify.py"
    began = time.perf_counter()

    def verdict(folder: Path, number: int) -> subprocess.CompletedProcess[str]:
        proof, named = proofs[number], folder / f"{number}.receipt"
        named.write_bytes(proof.receipt)
        command = [sys.executable, "-I", str(verifier), str(named), "--vkey", proof.vkey]
        if proof.body is not None:
            (folder / f"{number}.body").write_bytes(proof.body)
            command += ["--body", str(folder / f"{number}.body")]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own verifier

    with TemporaryDirectory(prefix="landsea-") as folder, ThreadPoolExecutor(2) as pool:
        verdicts = pool.map(lambda number: verdict(Path(folder), number), range(len(proofs)))
        for proof, said in zip(proofs, verdicts, strict=True):
            if said.returncode:
                raise BuildFault(f"the receipt of {proof.name} does not hold: {said.stdout}{said.stderr}")
    took = time.perf_counter() - began
    return f"{len(proofs)} receipts verified by {verifier.name}, each in a process of its own, in {took:.1f} s."


def _audited(node: "Node") -> str:
    """What to say once the log was rebuilt from its public files. Raises BuildFault for a lie found."""
    from landsea.transparency.audit import audit

    found = audit(node.log.published, node.log.key)
    if found.lie:
        raise BuildFault(f"the log does not hold: {found.lie.sentence}")
    return f"The log was rebuilt from its public files: {found.size} entries, all under the signed root."


def _invite(out: "Console", node: "Node", address: str, lodged: Iterable[tuple[dict[str, Any], bytes]]) -> None:
    """Whoever looks on is told how to ask the node, and how it stops."""
    key = node.access.grant(PARTY, "trader")
    mrn = next(document["mrn"] for document, _ in lodged if document["mrn"])
    asked = f"{address}/v1/declarations/{mrn}"
    out.print(f"The node answers at {address}. Ask it, in another terminal:\n")
    out.print(f"  curl -H 'Authorization: Bearer {key}' \\\n    {asked}\n", soft_wrap=True)
    out.print("Papers lie under its /papers/release-note and /papers/gate-pass. Ctrl-C stops it.")


def _door() -> "socket.socket":
    """The usual address, or any other that is free."""
    from .door import listening

    try:
        return listening(ADDRESS)
    except EnvironmentFault:
        return listening("127.0.0.1:0")


def _served(node: "Node", door: "socket.socket", told: Callable[[], None], *, check: bool) -> None:
    """The node is served until Ctrl-C, or where it is a `check`, until all is told. Raises what the telling raises."""
    from .door import run

    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[None]] = []

        def over() -> bool:
            return bool(begun) and begun[0].done() and (check or begun[0].exception() is not None)

        run(node, door, lambda: begun.append(pool.submit(told)), over)
    for one in begun:
        one.result()
