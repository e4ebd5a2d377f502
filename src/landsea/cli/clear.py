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
    from .numbers import Numbers
    from .scratch import Corridor

PARTY = "command-line"
BAR_FROM = 50  # files from which waiting is shown
NAMED = 5  # files passed over that are named

Paths = Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, archives, or - for standard input.")]
Form = Annotated[Literal["table", "json"], typer.Option("--format", help="A table to read, or JSON lines.")]
Admin = Annotated[str, typer.Option(metavar="XX", help="Administration addressed, in place of the message's own.")]
Profile = Annotated[str, typer.Option(metavar="NAME", help="Message profile, such as landsea or uk-dms.")]
Data = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The node's folder; without it, a node that is forgotten.")
]


def clear(paths: Paths, form: Form = "table", admin: Admin = "", profile: Profile = "", data: Data = None) -> None:
    """Clear declarations: each file is read, checked, assessed, selected, decided and recorded, and answered."""
    from .intake import bodies, files_of, passed_over
    from .numbers import Numbers
    from .progress import bar
    from .scratch import corridor, node_on, stated
    from .table import answers, console

    files = files_of(paths)
    _say_passed_over(passed_over(paths))
    law = (admin.upper() or None, profile or None)
    where = node_on(stated(data=data), quiet=True) if data else corridor(first=_code(admin))
    said: list[dict[str, Any]] = []
    numbers, done = Numbers(), 0
    with where as node, bar("clearing", BAR_FROM) as progress:
        known_administration(node, admin)
        known_profile(node, profile)
        for lot in _lots(bodies(files, "" if data is None else PARTY), node.settings.lot, numbers):
            documents = cleared(node, lot, law)
            numbers.learn(lot, documents)
            if form == "json":
                _lines(documents)
            else:
                said += documents
            done += len(lot)
            progress(done, max(done, len(files)))
    if form == "table":
        console().print(answers(said))


def cleared(
    node: "Node | Corridor", lot: "Sequence[Named]", law: tuple[str | None, str | None] = (None, None)
) -> list[dict[str, Any]]:
    """The answers to these bodies, in order; `law` is the administration and the message profile said, if any."""
    from landsea.declaration.stage import Lodgement
    from landsea.window.sentence import sentences

    says, now = sentences(node.edition), node.clock.now()
    receipts = node.clear([Lodgement(one.body, one.sender, now, *law) for one in lot])
    return [_document(one.name, receipt, says) for one, receipt in zip(lot, receipts, strict=True)]


def _say_passed_over(files: "Sequence[Path]") -> None:
    """One line on standard error names the files that were not read, so that standard output has answers only."""
    if files:
        named = ", ".join(file.name for file in files[:NAMED]) + (", …" if len(files) > NAMED else "")
        typer.echo(f"{len(files)} file{'s' * (len(files) > 1)} passed over: {named}", err=True)


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


def _lots(files: "Iterable[list[Named]]", size: int, numbers: "Numbers") -> "Iterator[list[Named]]":
    """The bodies in lots of at most `size`, read as they are needed; one that awaits a number begins a lot."""
    from .numbers import awaits

    lot: list[Named] = []
    for named in files:
        for one in named:
            if lot and (len(lot) == size or awaits(one)):
                yield lot
                lot = []
            lot.append(numbers.filled(one))
    if lot:
        yield lot


def _code(admin: str) -> str | None:
    """What was said, if it has the form of a country's code; a scratch node cannot be that of anything else."""
    return admin.upper() if len(admin) == 2 and admin.isascii() and admin.isalpha() else None


def known_administration(node: "Node | Corridor", admin: str) -> None:
    """Nothing, if the node's edition knows this administration. Raises InputError, naming those whose law it has."""
    from landsea.errors import InputError

    if admin and admin.upper() not in node.edition.named("administration"):
        held = node.edition.table("measures")["issuer"].unique().sort()
        raise InputError(f"--admin: there is no law of {admin!r}; there are {', '.join(held)}")


def known_profile(node: "Node | Corridor", profile: str) -> None:
    """Nothing, if the node's edition has this message profile. Raises InputError, naming those it has."""
    from landsea.errors import InputError

    document = node.edition.documents["landsea/message_profiles"]
    profiles = [name for name, what in document.items() if isinstance(what, dict)]
    if profile and profile not in profiles:
        raise InputError(f"there is no message profile {profile!r}; there are {', '.join(profiles)}")


def _lines(documents: list[dict[str, Any]]) -> None:
    from landsea.window.answer import encoded

    sys.stdout.buffer.writelines(encoded(document) + b"\n" for document in documents)
    sys.stdout.buffer.flush()
