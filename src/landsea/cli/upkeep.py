"""What an operator does now and then: keys for callers, replaying decisions, erasing what is past its term."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import BuildFault, InputError

from .serve import File

Data = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the node.")]

apikey = typer.Typer(
    name="apikey", help="API keys: who may speak to the node, and in which role.", no_args_is_help=True
)


@apikey.command()
def grant(
    party: Annotated[str, typer.Argument(help="Whom the key is for, as it will stand in records.")],
    role: Annotated[str, typer.Argument(help="trader, officer, auditor, operator, carrier, treasury or agency.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Make a key for this party in this role. It is shown once."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        typer.echo(node.access.grant(party, role))


@apikey.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The eight characters after landsea_ in the key.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Let a key open nothing any more."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        node.access.revoke(key_id)
    typer.echo(f"Key {key_id} opens nothing any more.")


def erase(
    mrn: Annotated[str, typer.Argument(metavar="[MRN]", help="One declaration; without it, all past their term.")] = "",
    ground: Annotated[str, typer.Option(metavar="TEXT", help="The legal ground, as it will stand on record.")] = "",
    data: Data = None,
    settings: File = None,
) -> None:
    """Erase the content of records for good: all that are past their term, or those of one declaration."""
    from .scratch import standing_node, stated

    if mrn and not ground:
        raise InputError("to erase before the term is over needs its legal ground; say it with --ground")
    with standing_node(stated(settings, data)) as node:
        retention = node.retention
        dossiers = [retention.dossier_of(mrn)] if mrn else retention.due(node.clock.now())
        digest = node.edition.digest
        records = sum(retention.erase(one, ground or "end of the term of retention", digest) for one in dossiers)
        draws = 0 if mrn else retention.forgotten(node.clock.now())
    typer.echo(f"{records} records of {len(dossiers)} dossiers are erased; their headers and leaves stay.")
    if draws:
        typer.echo(f"{draws} draws of the random selection are past their term and forgotten.")


def replay(data: Data = None, settings: File = None) -> None:
    """Decide again what was decided, from what is on record, and list every difference."""
    from landsea.node.replay import replay as again

    from .progress import bar
    from .scratch import standing_node, stated

    same = different = 0
    obstacles: Counter[str] = Counter()
    with standing_node(stated(settings, data)) as node, bar("replaying", 1000) as progress:
        for done, one in enumerate(again(node.lodging), start=1):
            progress(done, max(done, 1000))
            if one.obstacle:
                obstacles[one.obstacle] += 1
            for group, item, then, now in one.differences:
                typer.echo(f"{one.record} {group} item {item}\n  then {then.decode()}\n  now  {now.decode()}")
            different += bool(one.differences)
            same += not one.differences and not one.obstacle
    left = "".join(f"; {count} not replayed: {why}" for why, count in obstacles.items())
    typer.echo(f"{same} decisions replayed to the same bytes, {different} to others{left}.")
    if different:
        raise BuildFault(f"{different} decisions differ; the lines above say in what")
