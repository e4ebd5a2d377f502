"""`landsea queue` and `landsea measure`: what waits for an officer, and how long releases took."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from landsea.errors import InputError

from .serve import File
from .upkeep import Data


class Form(StrEnum):
    """How figures are given."""

    TABLE = "table"
    JSON = "json"


As = Annotated[Form, typer.Option("--format", help="table, or json for a program.")]
LATE = {"missed": "bold red", "running": "", "paused": "dim", "waiting": "dim"}


def queue(
    data: Data = None,
    settings: File = None,
    office: Annotated[str, typer.Option(metavar="CODE", help="Only of this office.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many to show.")] = 20,
    form: As = Form.TABLE,
) -> None:
    """Show what waits for an officer, in the order of work: perishable goods first, then what has least time left."""
    from landsea.window.queue import MEANING, clock_document

    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        page = node.queue.page(limit, 1, office)
    entries = [{**one, "clock": clock_document(one["clock"])} for one in page.entries]
    if form is Form.JSON:
        typer.echo(msgspec.json.encode({"total": page.total, "entries": entries}))
        return
    if not entries:
        typer.echo("Nothing waits for an officer.")
        return
    _shown(_queue(entries))
    zone = entries[0]["clock"]["timezone"]
    typer.echo(f"\n{page.total} in all. Times are local ({zone}). {MEANING}")


def _queue(entries: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for name in ("", "declaration", "left", "target", "what to do"):
        table.add_column(name, no_wrap=name != "what to do", justify="right" if name in ("", "left") else "left")
    for one in entries:
        clock = one["clock"]
        style = LATE.get(clock["state"], "")
        due = clock["due_local"]
        target = f"{due[:16].replace('T', ' ')}{' (closed)' if clock['out_of_hours'] else ''}" if due else "–"
        goods = Text("perishable ", "bold") if clock["target"] == "perishable" else Text("")
        control = f"{one['control']}: " if one["control"] else ""
        table.add_row(str(one["place"]), one["mrn"], Text(_left(clock), style), target, goods + control + one["action"])
    return table


def _left(clock: dict[str, Any]) -> str:
    """How much time is left, as a person says it."""
    stopped = {"waiting": "not arrived", "paused": "stands still", "unmeasured": "no target", "closed": "closed"}
    if clock["state"] in stopped:
        return stopped[clock["state"]]
    minutes = clock["minutes_left"]
    return f"{_hours(abs(minutes) * 60)} late" if minutes < 0 or clock["state"] == "missed" else _hours(minutes * 60)


def measure(
    data: Data = None,
    settings: File = None,
    by: Annotated[str, typer.Option(metavar="GROUPS", help="mode, office, chapter; several with commas.")] = "mode",
    days: Annotated[int, typer.Option(min=1, metavar="N", help="Of what was lodged in the last N days.")] = 36500,
    form: As = Form.TABLE,
) -> None:
    """Show how long releases took, interval by interval (T0 to T3 of a time release study), from the node's records."""
    from landsea.node.study import GROUPS, Studying, document

    from .scratch import standing_node, stated

    groups = tuple(name for name in by.split(",") if name)
    if strange := sorted(set(groups) - set(GROUPS)):
        raise InputError(f"releases are not told apart by {strange[0]}; there are {', '.join(GROUPS)}")
    with standing_node(stated(settings, data)) as node:
        now = node.clock.now()
        told = document(Studying(node.store).of(now - timedelta(days=days), now + timedelta(days=1), groups), groups)
    if form is Form.JSON:
        typer.echo(msgspec.json.encode(told))
        return
    if told["figures"]:
        _shown(_study(told))
        measured = {one["interval"] for one in told["figures"]}
        typer.echo("".join(f"\n{name}: {what}" for name, what in told["intervals"].items() if name in measured))
    typer.echo(f"\n{told['declarations']} import declarations; hours and minutes; median and p90 by nearest rank.")
    if told["out_of_order"]:
        typer.echo(f"{told['out_of_order']} intervals had their events in a wrong order and are not counted.")


def _study(told: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    numbers = ("count", "missing", "shortest", "median", "p90", "longest")
    for name in (*told["by"], "interval", *numbers):
        table.add_column(name, no_wrap=True, justify="right" if name in numbers else "left")
    for one in told["figures"]:
        times = (_hours(one[name]) for name in numbers[2:])
        groups = (str(one["group"][name] or "not stated") for name in told["by"])
        table.add_row(*groups, one["interval"], str(one["count"]), str(one["missing"]), *times)
    return table


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}"


def _shown(table: Table) -> None:
    from .table import console

    console().print(table)
