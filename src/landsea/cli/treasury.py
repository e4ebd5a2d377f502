"""What the treasury does from the command line: payments from a file, what is overdue, statements, and what is owed."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import InputError

from .serve import File
from .upkeep import Data

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY")]


def payments(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines of the bank, CSV or JSON.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Book what came in at the bank, each line once, and list the lines that pay nothing."""
    from landsea.node.bank import lines_in

    from .scratch import standing_node, stated

    lines = lines_in(file.read_bytes())
    with standing_node(stated(settings, data)) as node:
        done = node.treasury.confirm(lines)
    for one in done:
        if one.outcome == "unmatched":
            typer.echo(f"{one.reference}: {one.reason}: {one.detail}")
    count = {word: sum(one.outcome == word for one in done) for word in ("booked", "repeated", "unmatched")}
    typer.echo(f"{count['booked']} lines booked, {count['repeated']} booked before, {count['unmatched']} unmatched.")


def overdue(
    *,
    call: Annotated[bool, typer.Option("--call", help="Book them as paid by their guarantors.")] = False,
    data: Data = None,
    settings: File = None,
) -> None:
    """List what is secured, of goods released, and had to be paid before today; with --call the guarantors paid it."""
    from landsea.clearance.act import Refused

    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        found = node.treasury.overdue()
        for one in found:
            said = ""
            if call:
                try:
                    node.treasury.call(one)
                except Refused as refused:
                    said = f": not called, {refused}"
            typer.echo(f"{one.mrn} {one.instrument} {node.treasury.amount(one.amount)} due {one.falls_due}{said}")
    typer.echo(f"{len(found)} claims are overdue{' and called' if call and found else ''}.")


def statement(
    operator: Annotated[str, typer.Argument(help="Whose account.")],
    first: Day = None,
    last: Day = None,
    data: Data = None,
    settings: File = None,
) -> None:
    """Write an operator's statement as CSV: opening balance, every line, closing balance."""
    from landsea.node.statement import statement as stating

    from .scratch import standing_node, stated

    period = (first and first.date(), last and last.date())
    with standing_node(stated(settings, data)) as node, node.store.reading() as connection:
        typer.echo(stating(connection, operator, node.treasury.law, period).table(), nl=False)


def owed(
    before: Day = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what is not due yet.")] = False,
    data: Data = None,
    settings: File = None,
) -> None:
    """List supplementary declarations that are owed and overdue."""
    from landsea.node.supplementing import owed as owing

    from .scratch import standing_node, stated

    if before and everything:
        raise InputError("say --all or a day, not both")
    day: date | None = None if everything else (before or datetime.now(UTC)).date()
    with standing_node(stated(settings, data)) as node, node.store.reading() as connection:
        found = list(owing(connection, node.edition, None, day))
    for one in found:
        typer.echo(f"{one.mrn} {one.type} of {one.sender} due {one.due or 'once released'}")
    typer.echo(f"{len(found)} supplementary declarations are owed{'' if everything else ' and overdue'}.")
