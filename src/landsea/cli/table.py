"""Answers as a person reads them: a table of all, then each that needs attention, the sentence first."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from .story import Told

Document = Mapping[str, Any]

STYLES = {
    "released": "green",
    "accepted": "green",
    "held": "yellow",
    "examine": "yellow",
    "rejected": "red",
    "unreadable": "red",
    "not-a-declaration": "red",
}
GRAVITY = {"error": "red", "warning": "yellow", "information": "dim"}
TO_DO = frozenset({"held", "examine"})
UNSAID = "Present the goods, or what is asked for, at the office"  # before arrival no control is told
NAME = 24  # columns that the name of a file has at least
SHOWN = 12  # findings of one declaration in a table; JSON has all


def answers(documents: Sequence[Document], *, timed: bool = False, brief: bool = False) -> RenderableType:
    """All answers: the table, the findings of those that have any worth reading, and one line that counts; `brief`
    leaves the findings out."""
    documents = _named_shortly(documents)
    if brief:
        more = Text("`landsea clear demonstration` says every finding, and what to do about it.", "dim")
        return Group(_table(documents, timed), Text(), _counted(documents), more)
    to_do = [_to_do(d) for d in documents if d["outcome"] in TO_DO]
    noted = [_noted(d) for d in documents if any(f["severity"] != "information" for f in d["findings"])]
    table: list[RenderableType] = [_table(documents, timed)]
    if any(d["findings"] for d in documents):
        table.append(Text("E error, W warning, I information", "dim"))
    return Group(*table, *([Text(), *to_do] if to_do else []), *noted, Text(), _counted(documents))


def _named_shortly(documents: Sequence[Document]) -> list[Document]:
    """The same with names without the folder that all of them have in common."""
    folders = {Path(d["file"]).parent for d in documents}
    common = f"{os.path.commonpath(folders)}/" if folders and all(map(Path.is_absolute, folders)) else ""
    if len(folders) == 1 and not common:
        common = f"{folders.pop()}/"
    return [{**d, "file": d["file"].removeprefix(common)} for d in documents]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of a file on one line; where there is no room, without its middle: both ends tell files apart."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        shown, room = self.text, options.max_width
        if cell_len(shown) > room:
            tail = room // 2
            shown = set_cell_size(shown, room - 1 - tail) + "…" + set_cell_size(shown[::-1], tail)[::-1]
        yield Text(shown, no_wrap=True, overflow="crop")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        length = cell_len(self.text)
        return Measurement(min(length, NAME), length)


def _table(documents: Sequence[Document], timed: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("declaration", min_width=min(NAME, max((cell_len(d["file"]) for d in documents), default=0)))
    table.add_column("outcome", no_wrap=True)
    table.add_column("to pay", justify="right", no_wrap=True)
    table.add_column("found", no_wrap=True)
    if timed:
        table.add_column("ms", justify="right", no_wrap=True)
    for d in documents:
        why = "duties" if _to_cover(d) else d["control"]
        outcome = Text(f"{d['outcome']}, {why}" if why else d["outcome"], STYLES[d["outcome"]])
        cells: list[RenderableType] = [_Name(d["file"]), outcome, _due(d), _findings(d)]
        table.add_row(*cells, *([f"{d['milliseconds']:.0f}"] if timed else []))
    return table


def _to_cover(document: Document) -> bool:
    """Whether goods are kept for their duties, and for no control."""
    return "duties" in document.get("awaits", ()) and document["control"] in (None, "audit")


def _due(document: Document) -> str:
    """What is to be paid, by currency; nothing is due on what was not taken up."""
    sums: dict[str, Decimal] = {}
    for duty in document["duties"]:
        if duty["state"] == "payable" and document["outcome"] != "rejected":
            sums[duty["currency"]] = sums.get(duty["currency"], Decimal()) + Decimal(duty["amount"])
    return ", ".join(f"{currency} {amount:,}" for currency, amount in sums.items()) or "–"


def _findings(document: Document) -> Text:
    counts = Counter(f["severity"] for f in document["findings"])
    said = [Text(f"{counts[s]} {s[0].upper()}", GRAVITY[s]) for s in GRAVITY if counts[s]]
    return Text(" ").join(said) if said else Text("–", "dim")


def _to_do(document: Document) -> Text:
    """What the declarant must do about goods that customs keeps, and by what law."""
    action, law = (document["action"] or UNSAID).rstrip("."), document["law"]
    if _to_cover(document):
        law = None
    outcome = Text(document["outcome"], STYLES[document["outcome"]])
    return Text.assemble((document["file"], "bold"), " ", outcome, f": {action}{f' ({law})' if law else ''}.")


def heading(title: str) -> RenderableType:
    """The title of a part of what is told."""
    return Text(f"\n{title}", "bold")


def line(told: "Told") -> RenderableType:
    """One step of a story: when, who, what, and behind it where that led."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=12, no_wrap=True)
    grid.add_column(min_width=10, no_wrap=True)
    grid.add_column(overflow="fold")
    said = Text(told.does)
    if told.came_to:
        said = Text.assemble(told.does, (f"\n→ {told.came_to}", "cyan"))
    grid.add_row(Text(f"{told.at:%d %b %H:%M}", "dim"), Text(told.who), said)
    return grid


def account(statement: Document, instruments: Sequence[Document], secured: Decimal) -> RenderableType:
    """An operator's account line by line, what was secured, and what stands on its instruments of security now."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("day", no_wrap=True)
    table.add_column("entry", no_wrap=True)
    table.add_column("declaration", no_wrap=True)
    for name in (statement["currency"], "balance"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in statement["lines"]:
        amounts = (f"{Decimal(one[name]):,}" for name in ("amount", "balance"))
        table.add_row(one["at"][:10], one["kind"], one["mrn"], *amounts)
    held = ", ".join(
        f"{one['instrument']} {Decimal(one['free']):,} free, {one['reserved']} reserved" for one in instruments
    )
    return Group(table, Text(f"Secured meanwhile: {secured:,}. Now: {held}."))


def _noted(document: Document) -> RenderableType:
    """One declaration's findings: each sentence, with its rule behind it."""
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    worth = [f for f in document["findings"] if f["severity"] != "information"]
    for finding in worth[:SHOWN]:
        said = Text.assemble(finding["message"], (f"  {finding['rule']}", "dim"))
        lines.add_row(Text(finding["severity"], GRAVITY[finding["severity"]]), said)
    if len(worth) > SHOWN:
        lines.add_row("", Text(f"and {len(worth) - SHOWN} more; --format json gives all", "dim"))
    head = Text.assemble("\n", (document["file"], "bold"), "  ", (document["outcome"], STYLES[document["outcome"]]))
    return Group(head, Padding(lines, (0, 0, 0, 2)))


def _counted(documents: Sequence[Document]) -> Text:
    counts = Counter(d["outcome"] for d in documents)
    said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in STYLES if counts[outcome])
    return Text(f"{len(documents)} answered: {said}" if documents else "Nothing to answer.", no_wrap=False)


def console(width: int | None = None) -> Console:
    """Where tables are written: standard output, plain where it is no terminal."""
    return Console(width=width, highlight=False, soft_wrap=False)
