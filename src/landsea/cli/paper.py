"""`landsea paper`: a release note, an examination order or a gate pass, ready to be printed."""

from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import InputError, Relays

from .serve import File
from .upkeep import Data


def paper(
    mrn: Annotated[str, typer.Argument(help="The number customs gave.")],
    kind: Annotated[str, typer.Argument(help="release-note, examination-order or gate-pass.")],
    pdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as PDF; without it, HTML is printed.")
    ] = None,
    data: Data = None,
    settings: File = None,
) -> None:
    """Write a paper of a declaration, as HTML or into a PDF file."""
    from landsea.window.paper import PAPERS, Absent, issuer_of
    from landsea.window.paper import paper as made_of
    from landsea.window.paper.html import as_html
    from landsea.window.paper.pdf import as_pdf

    from .scratch import standing_node, stated

    if kind not in PAPERS:
        raise InputError(f"there is no paper {kind!r}; there are {', '.join(PAPERS)}")
    with standing_node(stated(settings, data)) as node:
        declared = node.register.declared(mrn)
        if declared is None:
            raise InputError(f"this node has no declaration {mrn}")
        try:
            made = made_of(kind, node.papers.basis(declared), issuer_of(node))
        except (Absent, Relays) as reason:
            raise InputError(f"there is no {kind} of {mrn}: {reason}") from None
    if pdf is None:
        typer.echo(as_html(made), nl=False)
        return
    pdf.write_bytes(as_pdf(made))
    typer.echo(f"{made.titles[0]} {made.number} of {mrn} is written.", err=True)
