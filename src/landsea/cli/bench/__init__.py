"""`landsea bench`: each figure with the limit measured in the same run."""

import json
import sys
from typing import Annotated, Literal

import typer

bench = typer.Typer(help="Measure this machine: each figure with the limit measured in the same run.")

Quick = Annotated[bool, typer.Option("--quick", help="Smaller lots and shorter loads; a few minutes less.")]
Form = Annotated[Literal["table", "json"], typer.Option("--format", help="A table to read, or one JSON object.")]
Workers = Annotated[int, typer.Option(metavar="N", help="Processes that serve while it is lodged; 0: one a core.")]
Postgres = Annotated[str, typer.Option(metavar="URL", help="An empty PostgreSQL database to measure on too.")]


@bench.callback()
def about() -> None:
    """Measure this machine: each figure with the limit measured in the same run."""


@bench.command("spine")
def on_spine(quick: Quick = False, form: Form = "table", postgres: Postgres = "", workers: Workers = 0) -> None:
    """One node: reading, hops, commits, the log's audit, a million from Parquet, lodging over HTTP."""
    from .spine import spine as measured

    def tell(what: str) -> None:
        if sys.stderr.isatty():
            typer.echo(f"  measuring {what} …", err=True)

    figures = []
    for figure in measured(quick=quick, postgres=postgres, workers=workers, tell=tell):
        figures.append(figure)
        if form == "table":
            ratio = "" if figure.ratio is None else f"  {figure.ratio:7.3f} of {figure.limit:,.0f} ({figure.limit_is})"
            typer.echo(f"{figure.name:<42} {figure.value:>14,.1f} {figure.unit:<15}{ratio}")
    if form == "json":
        typer.echo(json.dumps({figure.name: figure.document() for figure in figures}))
