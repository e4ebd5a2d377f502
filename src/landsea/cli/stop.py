"""`landsea stop`: the stop list from the command line, in the name of whose key is given: four eyes here too."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from landsea.errors import InputError

from .serve import File
from .upkeep import Data

if TYPE_CHECKING:
    from collections.abc import Callable

    from landsea.node.assemble import Node
    from landsea.node.stopping import Stopped

stop = typer.Typer(
    name="stop", help="The stop list: what officers control whatever risk profiles say.", no_args_is_help=True
)
Key = Annotated[str, typer.Option(envvar="OFFICER_KEY", metavar="KEY", help="The officer's API key.")]
Entry = Annotated[str, typer.Argument(help="The id of the entry.")]
Reference = Annotated[str, typer.Option(metavar="TEXT", help="The officer's own reference of this step.")]


@stop.command("list")
def listed(key: Key, data: Data = None, settings: File = None) -> None:
    """Show the stop list, with who asked for each entry and why."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        _officer(node, key)
        entries = node.stopping.listed()
    if not entries:
        typer.echo("The stop list is empty.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    names = ("id", "state", "kind", "value", "control", "valid_from", "valid_to", "asked_by", "reason")
    for name in names:
        table.add_column(name.replace("_", " "), no_wrap=name == "id")
    for one in entries:
        table.add_row(*(str(one[name] or "") for name in names))
    from rich.console import Console

    Console().print(table)


@stop.command("set")
def set_(
    key: Key,
    reference: Reference,
    file: Annotated[Path, typer.Argument(help="The entry as JSON, as POST /v1/stops takes it, without reference.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Ask for an entry; another officer confirms it."""
    from landsea.node.stopping import Entry as Said

    from .scratch import standing_node, stated

    try:
        said = msgspec.convert({**msgspec.json.decode(file.read_bytes()), "reference": reference}, Said)
    except (OSError, TypeError, msgspec.MsgspecError) as error:
        raise InputError(f"{file} holds no entry: {error}") from error
    with standing_node(stated(settings, data)) as node:
        done = _done(partial(node.stopping.ask, _officer(node, key), said))
    confirmed = f"landsea stop confirm {done.id} --reference TEXT"
    typer.echo(f"Entry {done.id} is {done.state}; another officer confirms it with `{confirmed}`.")


@stop.command()
def confirm(key: Key, reference: Reference, entry: Entry, data: Data = None, settings: File = None) -> None:
    """Confirm what another officer asked for."""
    from landsea.node.stopping import Step

    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        done = _done(partial(node.stopping.confirm, _officer(node, key), entry, Step(reference)))
    typer.echo(f"Entry {entry} is {done.state}; {done.intercepted} open declarations were intercepted.")


@stop.command()
def lift(  # noqa: PLR0913, PLR0917 - each is an option of the command
    key: Key,
    reference: Reference,
    entry: Entry,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is lifted.")] = "",
    data: Data = None,
    settings: File = None,
) -> None:
    """Ask to take an entry off the list; another officer confirms it."""
    from landsea.node.stopping import Step

    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        done = _done(partial(node.stopping.lift, _officer(node, key), entry, Step(reference, reason or None)))
    typer.echo(f"Entry {entry} is {done.state}.")


@stop.command()
def intercept(data: Data = None, settings: File = None) -> None:
    """Look through all open declarations once more, as on the day an entry begins that was set before."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        done, unread = node.stopping.intercept()
    left = f"; {unread} hold no document to look at" if unread else ""
    typer.echo(f"{done} open declarations were intercepted{left}.")


@stop.command()
def lapse(data: Data = None, settings: File = None) -> None:
    """End the suspensions for rights of others whose term is over without proceedings. Run it every day."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        done = node.rights.lapse()
    typer.echo(f"{done} suspensions lapsed; what waited for nothing else is released.")


def _done(made: "Callable[[], Stopped]") -> "Stopped":
    from landsea.clearance.act import Refused

    try:
        return made()
    except Refused as refused:
        raise InputError(str(refused)) from None


def _officer(node: "Node", key: str) -> str:
    caller = node.access.caller(key)
    if caller is None or caller.role != "officer":
        raise InputError("this is no officer's key in force; give one with --key or OFFICER_KEY")
    return caller.party
