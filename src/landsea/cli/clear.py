"""`landsea clear`: every file named is cleared and answered, in the order given."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from landsea.node.assemble import Node
    from landsea.window.sentence import Sentences

    from .intake import Named

PARTY = "command-line"
BAR_FROM = 50  # files from which waiting is shown


def clear(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, archives, or - for standard input.")],
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="A table to read, or JSON lines.")] = "table",
    admin: Annotated[str, typer.Option(metavar="XX", help="Administration addressed, in place of the message's own.")] = "",
    profile: Annotated[str, typer.Option(metavar="NAME", help="Message profile, such as landsea or uk-dms.")] = "",
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Clear on the node in this folder; else on one that is forgotten.")
    ] = None,
) -> None:
    """Clear declarations: each file is read, checked, assessed, selected, decided and recorded, and answered."""
    from .intake import bodies, files_of
    from .scratch import node_on, scratch_node, stated
    from .table import answers, console

    files = files_of(paths)
    where = node_on(stated(data=data), quiet=True) if data else scratch_node(admin or None)
    said: list[dict[str, Any]] = []
    with where as node, _bar(len(files)) as advance:
        known_profile(node, profile)
        for lot in _lots(bodies(files), node.settings.lot):
            for document in cleared(node, lot, "" if data is None else PARTY, (admin or None, profile or None)):
                if form == "json":
                    _line(document)
                else:
                    said.append(document)
            advance(len(lot))
    if form == "table":
        console().print(answers(said))


def cleared(
    node: "Node", lot: "Sequence[Named]", party: str, law: tuple[str | None, str | None] = (None, None)
) -> list[dict[str, Any]]:
    """The answers to these bodies, in order. Without a party each file is its own sender, so that none meets another."""
    from landsea.window.sentence import sentences

    says = sentences(node.edition)
    senders = party or [one.name for one in lot]
    receipts = node.clear([one.body for one in lot], senders, *law)
    return [_document(one.name, receipt, says) for one, receipt in zip(lot, receipts, strict=True)]


def _document(name: str, receipt: "Receipt | Exception", says: "Sentences") -> dict[str, Any]:
    from landsea.node.commit import Conflict
    from landsea.window.answer import answer_in

    if isinstance(receipt, Conflict):
        refused = Finding(REFERENCE, 1, Severity.ERROR, pointer(element(LRN).at), "", str(receipt))
        return {"file": name, "reference": None, **_REFUSED, "findings": [says.document(refused)]}
    if isinstance(receipt, Exception):
        raise receipt
    return {"file": name, **answer_in(receipt.document).document(says)}


def _lots(files: "Iterator[list[Named]]", size: int) -> "Iterator[list[Named]]":
    """The bodies in lots of at most `size`, read as they are needed."""
    lot: list[Named] = []
    for named in files:
        for one in named:
            lot.append(one)
            if len(lot) == size:
                yield lot
                lot = []
    if lot:
        yield lot


def known_profile(node: "Node", profile: str) -> None:
    """Nothing, if the node's edition has this message profile. Raises InputError, naming those it has."""
    from landsea.errors import InputError

    profiles = [name for name, what in node.edition.documents["landsea/message_profiles"].items() if isinstance(what, dict)]
    if profile and profile not in profiles:
        raise InputError(f"there is no message profile {profile!r}; there are {', '.join(profiles)}")


def _line(document: dict[str, Any]) -> None:
    from landsea.window.answer import encoded

    sys.stdout.buffer.write(encoded(document) + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def _bar(files: int) -> Iterator[Callable[[int], None]]:
    """Shows on standard error how far it is, where somebody looks and it takes a while."""
    if files < BAR_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("clearing", total=files)
        yield lambda count: progress.advance(task, count)
