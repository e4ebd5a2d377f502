"""`landsea cargo`: a carrier's manifest as a table becomes cargo reports, each line told against what is declared."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import InputError

from .serve import File
from .upkeep import Data


def cargo(
    file: Annotated[Path, typer.Argument(help="A table in CSV, a row for each line of the manifest.")],
    carrier: Annotated[str, typer.Option(metavar="PARTY", help="Whose manifest it is, as it will stand on record.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Lodge the cargo reports in a table, and show for each line whether its goods are declared."""
    from landsea.clearance.act import Refused
    from landsea.clearance.cargo_report import COLUMNS, reports
    from landsea.node.cargo import Standing

    from .scratch import standing_node, stated

    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            found = reports(csv.DictReader(table))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} is no table in UTF-8: {error}") from None
    if not found:
        raise InputError(f"{file} has no rows; its columns are {', '.join(COLUMNS)}")

    def told(lines: list[Standing]) -> Iterator[str]:
        for one in lines:
            names = ", ".join(f"{kind} {value}" for kind, value in sorted(one.line.names))
            differs = "".join("; {} reported {}, declared {}".format(d.measure, *d.written()) for d in one.differences)
            yield f"  {one.line.key[2]:>4}  {one.result:<14}  {names}{differs}"

    with standing_node(stated(settings, data)) as node:
        for report in found:
            try:
                kept = node.cargo.lodge(carrier, report)
            except Refused as refused:
                raise InputError(f"{file}: {refused}") from None
            lines = node.cargo.standing(carrier, report.reference) or []
            again = ", as before" if kept.repeated else ""
            typer.echo(f"{report.reference} version {kept.version}: {len(lines)} lines{again}")
            for line in told(lines):
                typer.echo(line)
