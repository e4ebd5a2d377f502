"""`landsea explain`: how the duties on a declaration come about, step by step, in sentences."""

from typing import Annotated

import typer

Paths = Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, archives, or - for standard input.")]
Admin = Annotated[str, typer.Option("--admin", metavar="XX", help="Administration, in place of the message's own.")]
Folder = Annotated[str, typer.Option("--schedules", metavar="FOLDER", help="The law; without it, the one shipped.")]


def explain(paths: Paths, admin: Admin = "", schedules: Folder = "") -> None:
    """Tell how every amount comes about, from the invoice on: proof of origin, value, each tax, relief, by the law of
    today. Nothing is declared. Of a quota both outcomes are told, for what is left of it only the node knows.
    """
    from datetime import UTC, datetime

    from landsea.declaration.stage import Lodgement
    from landsea.node.law import edition_in
    from landsea.tariff import explain as told
    from landsea.wire import read

    from .intake import bodies, files_of

    edition, now = edition_in(schedules), datetime.now(UTC)
    for named in (one for many in bodies(files_of(paths), "") for one in many):
        lot = read([Lodgement(named.body, "", now, admin.upper() or None)], edition).lot
        typer.echo(named.name)
        for d in range(len(lot)):
            for sentence in told(lot, edition, d) or ["no duty or tax is reckoned on this"]:
                typer.echo(f"  {sentence}")
