"""Those who act and those who are asked: mandates, operators' standing, and what agencies asked for."""

from typing import Annotated

import msgspec
import typer

from landsea.clearance.act import Refused
from landsea.errors import InputError

from .serve import File
from .upkeep import Data

mandate = typer.Typer(name="mandate", help="Mandates: who may act for whom.", no_args_is_help=True)
Party = Annotated[str, typer.Argument(help="The party, as its API key and its declarations name it.")]


@mandate.command()
def give(
    principal: Party,
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="Its JSON, as of POST /v1/mandates; - is input.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Put on record a mandate that a principal gave on paper."""
    from landsea.node.mandates import Giving

    from .scratch import standing_node, stated

    try:
        giving = msgspec.json.decode(file.read(), type=Giving)
        with standing_node(stated(settings, data)) as node:
            done = node.mandates.give(principal, giving)
    except (msgspec.MsgspecError, Refused) as error:
        raise InputError(f"the mandate cannot be given: {error}") from None
    typer.echo(f"{giving.agent} may act for {principal}: mandate {done.mandate}")


@mandate.command()
def revoke(
    principal: Party,
    number: Annotated[str, typer.Argument(metavar="MANDATE", help="The mandate.")],
    data: Data = None,
    settings: File = None,
) -> None:
    """Take back a mandate; what was lodged under it before stands."""
    from .scratch import standing_node, stated

    try:
        with standing_node(stated(settings, data)) as node:
            node.mandates.revoke(principal, number)
    except Refused as refused:
        raise InputError(str(refused)) from None
    typer.echo(f"Mandate {number} is in force no more.")


@mandate.command("list")
def listed(party: Party, data: Data = None, settings: File = None) -> None:
    """List the mandates a party gave and was given, a JSON line each."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        for one in node.mandates.listed(party):
            typer.echo(msgspec.json.encode(one))


def standing(
    operator: Annotated[str, typer.Argument(metavar="[OPERATOR]", help="Show this one's figures instead.")] = "",
    data: Data = None,
    settings: File = None,
) -> None:
    """Reckon every operator's grade from its own record, as wanted each night; or show one operator's figures."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        if not operator:
            typer.echo(f"{node.standings.reckon()} operators have a grade of today.")
            return
        grade, figures = node.standings.of(operator)
    typer.echo("\n".join([f"{operator}: {grade or 'not graded yet'}", *figures]))


def agencies(data: Data = None, settings: File = None) -> None:
    """Count the documents and examinations each agency asked for, of all declarations."""
    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        for one in node.agencies.figures():
            typer.echo(
                f"{one.agency}: {one.documents} documents for {one.declarations} declarations, {one.declared} of them "
                f"declared when lodged; {one.standing} good for a period; {one.examinations} examinations and samples"
            )
