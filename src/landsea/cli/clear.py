"""`landsea clear`: every file named is cleared and answered, in the order given."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from landsea.node.assemble import Node
    from landsea.node.commit import Conflict, Receipt
    from landsea.window.sentence import Sentences

    from .intake import Named

PARTY = "command-line"
BAR_FROM = 50  # files from which waiting is shown

Paths = Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, archives, or - for standard input.")]
Form = Annotated[Literal["table", "json"], typer.Option("--format", help="A table to read, or JSON lines.")]
Admin = Annotated[str, typer.Option(metavar="XX", help="Administration addressed, in place of the message's own.")]
Profile = Annotated[str, typer.Option(metavar="NAME", help="Message profile, such as landsea or uk-dms.")]
Data = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The node's folder; without it, a node that is forgotten.")
]


def clear(paths: Paths, form: Form = "table", admin: Admin = "", profile: Profile = "", data: Data = None) -> None:
    """Clear declarations: each file is read, checked, assessed, selected, decided and recorded, and answered."""
    from .intake import bodies, files_of
    from .progress import bar
    from .scratch import node_on, scratch_node, stated
    from .table import answers, console

    files = files_of(paths)
    where = node_on(stated(data=data), quiet=True) if data else scratch_node(admin or None)
    said: list[dict[str, Any]] = []
    done = 0
    with where as node, bar("clearing", BAR_FROM) as progress:
        known_profile(node, profile)
        for lot in _lots(bodies(files), node.settings.lot):
            for document in cleared(node, lot, "" if data is None else PARTY, (admin or None, profile or None)):
                if form == "json":
                    _line(document)
                else:
                    said.append(document)
            done += len(lot)
            progress(done, max(done, len(files)))
    if form == "table":
        console().print(answers(said))


def cleared(
    node: "Node", lot: "Sequence[Named]", party: str, law: tuple[str | None, str | None] = (None, None)
) -> list[dict[str, Any]]:
    """The answers to these bodies, in order. Without a party each file is its own sender: none meets another."""
    from landsea.declaration.stage import Lodgement
    from landsea.window.sentence import sentences

    says, now = sentences(node.edition), node.clock.now()
    receipts = node.clear([Lodgement(one.body, party or one.name, now, *law) for one in lot])
    return [_document(one.name, receipt, says) for one, receipt in zip(lot, receipts, strict=True)]


def _document(name: str, receipt: "Receipt | Exception", says: "Sentences") -> dict[str, Any]:
    from landsea.node.commit import Conflict
    from landsea.window.answer import answer_in

    if isinstance(receipt, Conflict):
        return {"file": name, **_REFUSED, "findings": [_conflict(receipt, says)]}
    if isinstance(receipt, Exception):
        raise receipt
    return {"file": name, **answer_in(receipt.document).document(says)}


def _conflict(conflict: "Conflict", says: "Sentences") -> dict[str, Any]:
    from landsea.declaration.element import element
    from landsea.declaration.finding import Finding, Severity
    from landsea.declaration.pointer import pointer

    where = pointer(element("FunctionalReferenceID").at)
    return {**says.document(Finding("CLR-003", 1, Severity.ERROR, where, "", None)), "message": f"{conflict}."}


_REFUSED: dict[str, Any] = {
    "reference": None,
    "mrn": None,
    "outcome": "rejected",
    "control": None,
    "duties": [],
    "receipt": None,
}


def _lots(files: "Iterable[list[Named]]", size: int) -> "Iterator[list[Named]]":
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

    document = node.edition.documents["landsea/message_profiles"]
    profiles = [name for name, what in document.items() if isinstance(what, dict)]
    if profile and profile not in profiles:
        raise InputError(f"there is no message profile {profile!r}; there are {', '.join(profiles)}")


def _line(document: dict[str, Any]) -> None:
    from landsea.window.answer import encoded

    sys.stdout.buffer.write(encoded(document) + b"\n")
    sys.stdout.buffer.flush()
