"""Text cases of what happened when: a title, the source, declarations with their events, a blank line, what is told.

`declaration LA 081060 office=Boten` begins a declaration of that administration with those goods; the lines below it
are its events, `2026-06-01 08:00 arrived`, as the administration's clocks showed them, or with a distance from UTC,
`2026-06-01T08:00+06:30 arrived`, or with a day as paper has it, `01/06/2569 08:00 arrived`. `lodged=0 released=60` on
the line itself is an event so many seconds after a fixed instant. Other lines are a word and its settings.
"""

import datetime
import pathlib
import re
import zoneinfo
from dataclasses import dataclass, field

import polars as pl
import pytest

from landsea.units.calendar import paper_date

FOLDER = pathlib.Path(__file__).parent / "cases"
START = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
AT = pl.Datetime("us", "UTC")
ZONES = {
    "CN": "Asia/Shanghai",
    "GB": "Europe/London",
    "KH": "Asia/Phnom_Penh",
    "KZ": "Asia/Almaty",
    "LA": "Asia/Vientiane",
    "MM": "Asia/Yangon",
    "SG": "Asia/Singapore",
    "VN": "Asia/Ho_Chi_Minh",
}


@dataclass
class Story:
    """A case as written: declarations with their settings, events (d, kind, at, query), further words, what is told."""

    source: str
    declarations: list[dict] = field(default_factory=list)
    events: list[tuple] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def frame_of_events(self):
        schema = {"d": pl.UInt32, "kind": pl.String, "at": AT, "query": pl.String}
        return pl.DataFrame(self.events, schema=schema, orient="row")

    def word(self, word):
        """What stands behind the word in its first line."""
        return next(rest for first, rest in self.words if first == word)


def instant(text, administration):
    """The instant a text names: with a distance from UTC, or as the clocks of the administration show it."""
    if "/" in text:
        day, _, clock = text.partition(" ")
        text = f"{paper_date(day)} {clock}"
    told = datetime.datetime.fromisoformat(text)
    return (told if told.tzinfo else told.replace(tzinfo=zoneinfo.ZoneInfo(ZONES[administration]))).astimezone(
        datetime.UTC
    )


def stories(name, kinds):
    """The cases of a file as parameters; an event of none of these kinds is a mistake of the file."""
    blocks = re.split(r"^# ", (FOLDER / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)
    return [_story(block, set(kinds)) for block in blocks[1:]]


def _story(block, kinds):
    title, _, rest = block.partition("\n")
    situation, _, expected = rest.strip().partition("\n\n")
    first, *lines = situation.splitlines()
    assert first.startswith("source "), title
    story = Story(first, expected=expected.strip().splitlines())
    for line in lines:
        word, _, said = line.partition(" ")
        if word == "declaration":
            _declare(story, said.split())
        elif when := re.fullmatch(r"(\d{4}-\d\d-\d\d[ T][\d:.+-]+|\d+/\d+/\d+ \d\d:\d\d) (\S+)(?: (\S+))?", line):
            text, kind, query = when.groups()
            assert kind in kinds, title
            at = instant(text, story.declarations[-1]["administration"])
            story.events.append((len(story.declarations) - 1, kind, at, query))
        else:
            story.words.append((word, said))
    return pytest.param(story, id=title.strip())


def _declare(story, said):
    settings = dict(word.split("=", 1) for word in said if "=" in word)
    administration, *codes = [word for word in said if "=" not in word]
    d = len(story.declarations)
    for kind in [key for key, value in settings.items() if value.isdigit()]:
        story.events.append((d, kind, START + datetime.timedelta(seconds=int(settings.pop(kind))), None))
    story.declarations.append({"d": d, "administration": administration, "codes": codes, **settings})
