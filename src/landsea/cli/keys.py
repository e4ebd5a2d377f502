"""`landsea keys`: which keys a node uses, and putting new ones in their place."""

from typing import Annotated, cast

import typer

from landsea.errors import InputError

from .serve import Data, File

keys = typer.Typer(name="keys", help="The node's own keys: which are in use, and rotation.", no_args_is_help=True)


@keys.command()
def show(data: Data = None, settings: File = None) -> None:
    """Name the key in use for each purpose, by its id; and the log's as those who check receipts need it."""
    from landsea.node.keys import PURPOSES

    from .scratch import standing_node, stated

    with standing_node(stated(settings, data)) as node:
        for purpose in PURPOSES:
            if purpose != "log":
                typer.echo(f"{purpose:<9} {node.ledger.keys.id(purpose).hex()}")
        typer.echo(f"{'log':<9} {node.log.in_force()}")


@keys.command()
def rotate(
    purpose: Annotated[str, typer.Argument(help="log, batch, seal, data, seed or profiles.")] = "log",
    data: Data = None,
    settings: File = None,
) -> None:
    """Put a new key in the place of the one in use. The old one stays: what it signed or sealed holds and opens.

    The log is signed by the new key from its next checkpoint on, in every running process.
    """
    from landsea.node.keys import PURPOSES, Purpose
    from landsea.node.rotation import replaced, rotated

    from .scratch import standing_node, stated

    if purpose not in PURPOSES:
        raise InputError(f"there is no key for {purpose!r}; there are those for {', '.join(PURPOSES)}")
    with standing_node(stated(settings, data)) as node:
        if purpose == "log":
            typer.echo(f"The log is signed by {rotated(node.store, node.ledger.keys, node.log, node.edition.digest)}")
            typer.echo("Publish it where you published the last one. Receipts given before hold by the key they name.")
        else:
            typer.echo(f"The key for {purpose} is now {replaced(node.ledger.keys, cast('Purpose', purpose))}.")
            typer.echo("Restart what runs of this node, so that it uses it.")
    typer.echo("Back up the key folder now.")
