"""A paper as PDF (PDF/A-2u, for archives), set by Typst, which brings Latin and Cyrillic fonts and shapes all scripts.

PDF/A forbids a glyph that is not there, so the setter refuses where the machine lacks a font for a script, and never
prints empty boxes. What cannot be set is then replaced by the name of its script, and the paper says so. The same paper
on the same machine gives the same bytes: its date is that of the decision, and no other clock is asked.
"""

import json
import re
import unicodedata
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

import typst

from .content import Paper
from .html import CHECK
from .qr import qr

STANDARD: Final = "a-2u"
_PROBE: Final = b"""
#set text(font: "Libertinus Serif")
#set document(title: "probe", date: datetime(year: 2026, month: 1, day: 1))
#sys.inputs.text"""
_NO_GLYPH: Final = "could not be displayed"


def as_pdf(paper: Paper, *, fonts: bool = True) -> bytes:
    """The paper as a PDF document; without `fonts` those of the machine are left aside."""
    lacking = sorted(script for script, letters in _scripts(paper).items() if not _settable(letters, fonts=fonts))
    shown = _without(paper, lacking)
    stamp = datetime.fromisoformat(paper.at)
    said: dict[str, Any] = {
        **asdict(shown),
        "at": [stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second],
        "check": CHECK,
        "lacking": _excuse(lacking),
    }
    inputs = {"paper": json.dumps(said, ensure_ascii=False), "qr": qr(paper.link)}
    made = typst.compile(
        _sheet(), format="pdf", pdf_standards=STANDARD, sys_inputs=inputs, ignore_system_fonts=not fonts
    )
    assert isinstance(made, bytes)  # noqa: S101 - one document, not pages of pictures
    return made


@cache
def _sheet() -> bytes:
    return resources.files(__package__).joinpath("sheet.typ").read_bytes()


def script(letter: str) -> str:
    """The script this letter belongs to, by the first word of its name; nothing for those of English and for space."""
    if letter.isascii() or letter.isspace():
        return ""
    name = unicodedata.name(letter, "UNKNOWN").split()[0].partition("-")[0]
    return "Chinese" if name == "CJK" else name.capitalize()


def _scripts(paper: Paper) -> dict[str, str]:
    """The letters of the paper that may lack a font, by script."""
    found: dict[str, set[str]] = {}
    for letter in set("".join(paper.texts())):
        if name := script(letter):
            found.setdefault(name, set()).add(letter)
    return {name: "".join(sorted(letters)) for name, letters in found.items()}


@lru_cache(maxsize=1024)
def _settable(letters: str, *, fonts: bool) -> bool:
    try:
        inputs = {"text": letters}
        typst.compile(_PROBE, format="pdf", pdf_standards=STANDARD, sys_inputs=inputs, ignore_system_fonts=not fonts)
    except typst.TypstError as refused:
        if _NO_GLYPH not in str(refused):
            raise
        return False
    return True


def _without(paper: Paper, lacking: list[str]) -> Paper:
    """The paper with every run of these scripts replaced by its name."""
    if not lacking:
        return paper

    def told(text: str) -> str:
        for one in lacking:
            letters = "".join(re.escape(letter) for letter in sorted(set(text)) if script(letter) == one)
            if letters:
                text = re.sub(f"[{letters}](?:[{letters}\\s]*[{letters}])?", f"[{one} script]", text)
        return text

    own = (paper.titles[0], *(one for one in paper.titles[1:] if told(one) == one))
    facts = tuple((name, told(said)) for name, said in paper.facts)
    goods = tuple(tuple(told(one) for one in row) for row in paper.goods)
    return replace(paper, authority=told(paper.authority), titles=own, facts=facts, goods=goods)


def _excuse(lacking: list[str]) -> str:
    if not lacking:
        return ""
    return (
        f"The machine that printed this has no font for {', '.join(lacking)} letters; where they stand in the "
        "declaration, the paper names the script. The HTML form of this paper shows them."
    )
