"""Text cases: a title, the source of the case, the situation, a blank line, what is expected.

A line of a situation is a word and settings, `goods price=1000 incoterm=FOB`; the settings are read by the types of the
frame they fill. The first line says `source …`: an article, an official worked example, or how it was reckoned by hand.
"""

import datetime
import pathlib
import re
import shlex
from dataclasses import dataclass

import polars as pl
import pytest

from landsea.units import micro

FOLDER = pathlib.Path(__file__).parents[1] / "cases"


@dataclass(frozen=True)
class Case:
    """One case as written."""

    source: str
    situation: tuple[tuple[str, dict[str, str]], ...]  # word, settings
    expected: list[str]

    def settings(self, word):
        """The settings of every line that begins with the word."""
        return [settings for first, settings in self.situation if first == word]

    def rows(self, word, schema, **usual):
        """The lines that begin with the word as a frame; settings not given are as usual, or null."""
        lines = self.settings(word)
        for line in lines:
            assert set(line) <= set(schema), f"{word}: no such column {set(line) - set(schema)}"
        return pl.DataFrame(
            {
                name: [_value(line[name], kind) if name in line else usual.get(name) for line in lines]
                for name, kind in schema.items()
            },
            schema=schema,
        )


def _value(text, kind):
    if kind == pl.Int128:
        return micro(text)
    if kind == pl.Date:
        return datetime.date.fromisoformat(text)
    if kind == pl.Boolean:
        return {"yes": True, "no": False}[text]
    return int(text) if kind.is_integer() else text


def cases(name, words):
    """The cases of a file as parameters; a line that begins with none of these words is a mistake of the file."""
    blocks = re.split(r"^# ", (FOLDER / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)
    return [_case(block, set(words)) for block in blocks[1:]]


def _case(block, words):
    title, _, rest = block.partition("\n")
    situation, _, expected = rest.strip().partition("\n\n")
    first, *lines = situation.splitlines()
    assert first.startswith("source "), title
    parts = [shlex.split(line) for line in lines]
    assert {part[0] for part in parts} <= words, title
    told = tuple((word, dict(setting.split("=", 1) for setting in settings)) for word, *settings in parts)
    return pytest.param(Case(first, told, expected.strip().splitlines()), id=title.strip())
