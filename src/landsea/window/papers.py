"""Papers over HTTP: the sheets of a declaration for those concerned, and the proof a sheet's code leads to for anyone.

The proof shows header and place in the log of the decision a paper was printed from, that the node signed for it, and
whether a paper of the kind would still be printed; not one goods item, party or amount. Its address has the record's
id, 64 bits of which nobody can guess: who holds it holds the paper.
"""

from html import escape
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.errors import Relays
from landsea.node.access import Caller

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .paper import PAPERS, Absent, issuer_of, paper
from .paper.content import absence, fours, number
from .paper.html import POLICY, as_html, listed, page
from .problem import Problem, described

if TYPE_CHECKING:
    from landsea.node.assemble import Node
    from landsea.node.paper import Basis, Proof

routes = APIRouter(tags=["papers"])
HTML, PDF = "text/html", "application/pdf"
_CLOSED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": POLICY,
    "Vary": "Accept",
}


@routes.get(
    "/v1/declarations/{mrn}/papers/{name}",
    operation_id="paper",
    response_class=Response,
    responses={
        200: {"content": {HTML: {}, PDF: {}}},
        **described("no-key", "not-allowed", "not-found", "no-paper", "relays", "erased"),
    },
)
def printed(request: Request, mrn: str, name: str, caller: Caller = Depends(allowed("paper"))) -> Response:  # noqa: B008
    """A paper of this declaration: `release-note`, `examination-order` or `gate-pass`, as HTML; as PDF where `Accept`
    prefers it or the name ends in `.pdf`."""
    node = node_of(request)
    kind, _, form = name.partition(".")
    if kind not in PAPERS or form not in ("", "html", "pdf"):
        raise Problem("not-found", f"There is no such paper; there are {', '.join(PAPERS)}.")
    if caller.role not in PAPERS[kind].roles:
        raise Problem("not-allowed", f"The role {caller.role} has no {kind}.")
    basis = _basis(node, mrn, caller)
    try:
        made = paper(kind, basis, issuer_of(node))
    except Absent as absent:
        raise Problem("no-paper", f"There is no {kind}: {absent}.") from None
    wanted = request.headers.get("accept", "").partition(",")[0]
    if form == "pdf" or (not form and PDF in wanted):
        from .paper.pdf import as_pdf

        named = {"Content-Disposition": f'inline; filename="{made.number}.pdf"'}
        return Response(as_pdf(made), media_type=PDF, headers=_CLOSED | named)
    return Response(as_html(made), media_type=HTML, headers=_CLOSED)


def _basis(node: "Node", mrn: str, caller: Caller) -> "Basis":
    declared = node.register.declared(mrn) if mrn.isprintable() else None
    if declared and caller.role == "trader" and caller.party != declared.sender:
        declared = None
    if declared and caller.role == "carrier" and not node.papers.brought(mrn, caller.party):
        declared = None
    if declared is None:
        raise Problem("not-found", f"There is no declaration {mrn[:70]} that you may see.")
    try:
        return node.papers.basis(declared)
    except Relays as relays:
        raise Problem("relays", f"{relays}.".capitalize()) from None


_PROOF: dict[str, Any] = {
    "type": "object",
    "required": ["record", "papers", "in_force", "receipt"],
    "properties": {
        "record": {"type": "string"},
        "in_force": {"type": "boolean", "description": "Whether it is the last decision on its declaration"},
        "papers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["paper", "number", "mark", "stands"],
                "properties": {
                    "paper": {"enum": list(PAPERS)},
                    "number": {"type": "string"},
                    "mark": {"type": ["string", "null"], "description": "Null where a later version was lodged"},
                    "stands": {"type": "boolean", "description": "Whether such a paper would be printed now"},
                },
            },
        },
        "receipt": {"type": "object", "description": "landsea/receipt/1, with nothing of the content shown"},
    },
}


@routes.get(
    "/v1/proof/{record}",
    operation_id="proof",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _PROOF}, HTML: {}}}, **described("not-found", "erased")},
)
def proof(request: Request, record: str) -> Response:
    """What proves the decision a paper was printed from: anyone who holds the paper may see it."""
    node = node_of(request)
    found = node.papers.proof(record) if record.isprintable() else None
    if found is None:
        raise Problem("not-found", "There is no decision of this id.")
    told = [_told(kind, found, node.settings.administration) for kind in PAPERS if _printed(kind, found)]
    if HTML in request.headers.get("accept", ""):
        return Response(_page(found, told), media_type=HTML, headers=_CLOSED)
    members = {"record": found.own.record, "in_force": found.own.leaf == found.standing.leaf, "papers": told}
    return Response(encoded({**members, "receipt": msgspec.Raw(found.evidence)}), media_type=JSON, headers=_CLOSED)


def _printed(kind: str, found: "Proof") -> bool:
    return absence(kind, found.own.told) is None


def _told(kind: str, found: "Proof", country: str) -> dict[str, Any]:
    own, same = found.own, found.own.told["version"] == found.standing.told["version"]
    return {
        "paper": kind,
        "number": number(kind, country, own.leaf),
        "mark": fours(own.mark(kind)) if same else None,
        "stands": same and absence(kind, found.standing.told) is None,
    }


def _page(found: "Proof", papers: list[dict[str, Any]]) -> str:
    receipt = msgspec.json.decode(found.evidence)
    (place,) = receipt["records"]
    body = ["<h1>On record</h1>"]
    for one in papers:
        word = "STANDS" if one["stands"] else "NO LONGER STANDS"
        title = f"{one['paper'].replace('-', ' ').capitalize()} {one['number']}"
        body += [
            f'<p class="said">{escape(title)}: {word}</p>',
            f'<p class="mark">{escape(one["mark"] or "another version of the declaration was lodged since")}</p>',
        ]
    if not papers:
        body.append('<p class="said">Nothing is printed from this decision.</p>')
    facts = [
        ("Decided", found.own.at.isoformat(timespec="seconds")),
        ("Record", found.own.record),
        ("Entry of the log", str(place["index"])),
        ("Log", str(receipt["node"])),
        ("Key of the log", str(receipt["vkey"])),
    ]
    note = (
        "The mark is that of the genuine paper. It does not show that what is printed beside it was not altered: an "
        "officer opens the paper under its MRN and compares. The same address gives programs the proof itself, for "
        "landsea verify to check."
    )
    return page("On record", [*body, listed(facts), f"<footer><p>{note}</p></footer>"])
