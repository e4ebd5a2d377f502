"""The picture of the README: how a declaration travels through the node. `landsea picture` draws it anew."""

from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 1040, 420
INK, QUIET, LINE = "#1d2733", "#5a6775", "#b9c3cd"
CORE, SHELL, PROOF = "#e8f1ec", "#eef1f5", "#f7efe0"


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop: the verb, the module that does it, and what is true afterwards in a few words."""

    verb: str
    module: str
    truth: tuple[str, ...]
    pure: bool = True


HOPS = (
    Hop("read", "landsea.wire.read", ("rows exist", "nothing stored")),
    Hop("check", "landsea.checking.check", ("every rule", "has spoken")),
    Hop("assess", "landsea.tariff.assess", ("duties, each", "with its trace")),
    Hop("select", "landsea.risk.select", ("a control", "with reasons")),
    Hop("decide", "landsea.clearance.decide", ("release, examine,", "hold or reject")),
    Hop("commit", "landsea.node.commit", ("in the log,", "signed, durable"), pure=False),
    Hop("answer", "landsea.clearance.receipt", ("a receipt", "anyone can check")),
)


def picture() -> str:
    """The picture as SVG: seven hops in a row, what the core may see above them, the log below them."""
    body = [
        _text(WIDTH / 2, 34, "One declaration through one node", size=20, weight=600),
        *_core(),
        *(part for number, hop in enumerate(HOPS) for part in _hop(number, hop)),
        *_log(),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="t d" font-family="system-ui, sans-serif">\n'
        '<title id="t">Landsea: seven hops from a lodged declaration to a receipt</title>\n'
        '<desc id="d">A declaration is read, checked, assessed, selected and decided by pure functions of the lot, '
        "what the node knows and the edition of the law; then it is committed to the log in one transaction and "
        "answered with a receipt.</desc>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _left(number: int) -> float:
    return 28 + number * 142


def _core() -> list[str]:
    left, right = _left(0) - 10, _left(4) + 132
    return [
        _box(left, 96, right - left, 148, CORE),
        _text(left + 12, 84, "pure functions of (lot, known, edition): no clock, no dice, no files", anchor="start"),
        _text(_left(5) + 61, 84, "one transaction"),
        _text(_left(6) + 61, 84, "out of the door"),
    ]


def _hop(number: int, hop: Hop) -> list[str]:
    left = _left(number)
    fill = "#ffffff" if number < 5 else SHELL if not hop.pure else PROOF
    parts = [
        _box(left, 116, 122, 108, fill),
        _text(left + 61, 144, f"{number + 1}  {hop.verb}", size=16, weight=600),
        _text(left + 61, 165, hop.module.removeprefix("landsea."), size=11, family="ui-monospace, monospace"),
        *(_text(left + 61, 190 + 17 * line, words, size=12.5) for line, words in enumerate(hop.truth)),
    ]
    return parts if number == 6 else [*parts, _arrow(left + 122, 170, left + 140, 170)]


def _log() -> list[str]:
    """The log: leaves under the commit, a tree over them, and who looks at it."""
    last = _left(5) + 61
    leaves = [last - 58 * n for n in reversed(range(8))]
    parts = [
        _arrow(last, 224, last, 374),
        _text(362, 350, "transparency log", anchor="end", weight=600, fill=INK),
        _text(362, 370, "33 opaque bytes an entry", anchor="end"),
        _text(362, 388, "signed checkpoints, tiles", anchor="end"),
        _text(_left(6) + 132, 318, "auditor, bank, court:", anchor="end", weight=600, fill=INK),
        _text(_left(6) + 132, 336, "verify a receipt or the", anchor="end"),
        _text(_left(6) + 132, 353, "whole log, asking nobody", anchor="end"),
        _arrow(_left(6) + 61, 224, _left(6) + 61, 298),
    ]
    levels = [(leaves, 382.0)]
    while len(levels[-1][0]) > 1:
        below, y = levels[-1]
        above = [(below[n] + below[n + 1]) / 2 for n in range(0, len(below), 2)]
        for n, x in enumerate(below):
            parts.append(_line(x, y, above[n // 2], y - 36))
        levels.append((above, y - 36))
    for nodes, y in levels:
        parts += [
            f'<circle cx="{x:g}" cy="{y:g}" r="6" fill="{PROOF}" stroke="{INK}" stroke-width="1"/>' for x in nodes
        ]
    return parts


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {size} rx="8" fill="{fill}" stroke="{LINE}"/>'


def _text(x: float, y: float, words: str, **how: str | float) -> str:
    style = {"size": 12.5, "weight": 400, "anchor": "middle", "fill": QUIET, "family": "inherit", **how}
    if style["weight"] != 400:
        style["fill"] = INK
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{style["size"]:g}" font-weight="{style["weight"]}" '
        f'text-anchor="{style["anchor"]}" fill="{style["fill"]}" font-family="{style["family"]}">{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{LINE}"/>'


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    head = f"M{x2:g} {y2:g}l-7 -4v8z" if y1 == y2 else f"M{x2:g} {y2:g}l-4 -7h8z"
    return _line(x1, y1, x2, y2).replace(LINE, INK) + f'<path d="{head}" fill="{INK}"/>'
