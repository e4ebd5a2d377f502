"""`landsea rules` and `landsea picture`: what the project publishes of itself, drawn from the code."""

from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import InputError

Write = Annotated[bool, typer.Option("--write", help="Put it where the checkout keeps it, in place of the old.")]


def rules(write: Write = False) -> None:
    """Print every rule of checking as published: id, version, severity, subject, pointer, reference, requirement."""
    from landsea.checking.catalogue import published

    _give(published().write_csv(), "schedules/landsea/rules.csv", write)


def picture(write: Write = False) -> None:
    """Print the picture of the README as SVG."""
    from .picture import picture as drawn

    _give(drawn(), "docs/picture.svg", write)


def _give(text: str, file: str, write: bool) -> None:
    if not write:
        typer.echo(text, nl=False)
        return
    place = Path(__file__).parents[3] / file
    if not place.parent.is_dir():
        raise InputError(f"this is no checkout of landsea: there is no folder {place.parent}")
    place.write_text(text, "utf-8")
    typer.echo(f"{file} is written; its manifest counts the rows" if file.endswith(".csv") else f"{file} is written")
