"""A paper, or a page of the same look, as HTML: one file, black on white, nothing fetched from anywhere."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from .content import Paper
from .qr import qr

STYLE: Final = """
@page { size: A4; margin: 14mm 18mm }
* { box-sizing: border-box }
body { color: #000; background: #fff; font: 10.5pt/1.3 "Libertinus Serif", "Noto Serif", Georgia, serif;
  max-width: 174mm; margin: 8mm auto; padding: 0 4mm }
header { display: grid; grid-template-columns: 1fr 34mm; gap: 6mm; border-bottom: 1.5pt solid #000;
  padding-bottom: 3mm }
header svg { width: 34mm; height: 34mm; display: block }
h1 { font-size: 22pt; line-height: 1.15; margin: 1mm 0 }
p { margin: 1.5mm 0 }
.own { font-size: 14pt }
.mrn, .mark, td.figure { font-family: "DejaVu Sans Mono", "Noto Sans Mono", monospace }
.mrn { font-size: 17pt; font-weight: bold; overflow-wrap: anywhere }
.said { font-size: 13pt; font-weight: bold; margin: 4mm 0 2mm }
.sample { border: 1pt solid #000; padding: 1mm 2mm }
dl { display: grid; grid-template-columns: 46mm 1fr; margin: 3mm 0; gap: .6mm 2mm }
dt { font-weight: bold } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 3mm 0 }
th, td { text-align: left; vertical-align: top; border-bottom: .5pt solid #000; padding: .8mm 1.5mm .8mm 0;
  overflow-wrap: anywhere }
th { border-bottom-width: 1pt }
td.figure, th.figure { text-align: right; white-space: nowrap; font-size: 10pt }
tr { break-inside: avoid } thead { display: table-header-group }
.blank { border-bottom: .5pt solid #000; padding: 4mm 0 .5mm; margin: 0 }
footer { border-top: 1pt solid #000; margin-top: 6mm; padding-top: 2mm; font-size: 9.5pt; break-inside: avoid }
@media print { body { margin: 0; padding: 0; max-width: none } }
"""
"""The whole style; a page allows this one by its digest and no other."""
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""The Content-Security-Policy under which a paper loads all it has: nothing."""


def as_html(paper: Paper) -> str:
    """The paper as an HTML document."""
    body = [
        "<header><div>",
        f"<p>{escape(paper.authority)}</p><h1>{escape(paper.titles[0])}</h1>",
        *(f'<p class="own">{escape(one)}</p>' for one in paper.titles[1:]),
        f'<p class="mrn">{escape(paper.mrn)}</p><p>Paper {escape(paper.number)}</p></div>',
        f'<div role="img" aria-label="QR code of {escape(paper.link)}">{qr(paper.link)}</div></header>',
        *([SAMPLE] if paper.illustrative else []),
        f'<p class="said">{escape(paper.sentence)}</p>',
        listed(paper.facts),
        _table(paper.heading, paper.goods),
        f"<p>{escape(paper.more)}</p>" if paper.more else "",
        _sums(paper.sums),
        *(f'<p class="blank">{escape(one)}:</p>' for one in paper.blanks),
        f'<footer><p>{CHECK}</p><p class="mark">{escape(paper.mark)}</p><p>{escape(paper.link)}</p></footer>',
    ]
    return page(f"{paper.titles[0]} {paper.mrn}", body)


CHECK: Final = (
    "The code leads to the proof that this decision is on record, and says whether it still stands. The mark there is "
    "the one below; an officer opens this paper under its MRN and compares what is printed."
)
SAMPLE: Final = (
    '<p class="sample">Made with an illustrative schedule: synthetic, without legal effect, and no document of the '
    "administration named.</p>"
)


def page(title: str, body: Iterable[str]) -> str:
    """An HTML document with this title, these parts and the style of papers."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}"><style>{STYLE}</style></head>\n<body>'
        + "\n".join(one for one in body if one)
        + "</body></html>\n"
    )


def listed(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what is said of each, as a list of terms."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in facts) + "</dl>"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    last = len(heading) - 1
    named = "".join(f"<th{' class=figure' if at == last else ''}>{escape(one)}</th>" for at, one in enumerate(heading))
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=figure' if at == last else ''}>{escape(one)}</td>" for at, one in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{named}</tr></thead><tbody>{body}</tbody></table>"


def _sums(sums: Sequence[tuple[str, str]]) -> str:
    if not sums:
        return ""
    rows = "".join(f'<tr><td>{escape(name)}</td><td class="figure">{escape(sum_)}</td></tr>' for name, sum_ in sums)
    return f"<table><tbody>{rows}</tbody></table>"
